/*
 * What `npm run screenshots` runs: makes the pictures of the README from the
 * running demo (`npm start`), as it is right after its start.
 */
import { join } from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';
import { appUrl } from '../../src/demo/addresses';
import { checkDemoRuns } from '../../src/demo/checkDemoRuns';
import { browserOptions, guestIsSignedIn } from '../../src/run/browser';

/** npm runs the scripts of the root there. */
const folder = join(process.cwd(), 'plugins/image-scan/docs');

interface Picture {
  file: string;
  colorScheme: 'light' | 'dark';
  viewport: { width: number; height: number };
  open(page: Page): Promise<void>;
}

const pictures: Picture[] = [
  {
    file: 'card-light.png',
    colorScheme: 'light',
    viewport: { width: 1280, height: 680 },
    async open(page) {
      await page.goto(`${appUrl}/catalog/default/component/storefront`);
      await page.getByText('Up to date').first().waitFor();
    },
  },
  {
    file: 'update-dark.png',
    colorScheme: 'dark',
    viewport: { width: 1280, height: 900 },
    async open(page) {
      await page.goto(`${appUrl}/catalog/default/component/payments`);
      await page.getByRole('button', { name: 'Update now' }).click();
      await page.getByText('Commit message').waitFor();
    },
  },
];

async function take(browser: Browser, picture: Picture): Promise<void> {
  const { file, colorScheme, viewport, open } = picture;
  const context = await browser.newContext({
    colorScheme,
    viewport,
    reducedMotion: 'reduce',
    storageState: guestIsSignedIn,
  });
  const page = await context.newPage();
  await open(page);
  await page.waitForLoadState('networkidle');
  await page.screenshot({ path: join(folder, file), animations: 'disabled' });
  await context.close();
  console.log(join(folder, file));
}

async function main(): Promise<void> {
  await checkDemoRuns(appUrl);
  const browser = await chromium.launch(browserOptions());
  try {
    for (const picture of pictures) {
      await take(browser, picture);
    }
  } finally {
    await browser.close();
  }
}

main().catch(error => {
  console.error(`${error}`);
  process.exitCode = 1;
});
