import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './support/fixtures';
import { openCard, openDetails, openDialog, openMenu } from './support/pages';

const places: Record<string, (page: Page) => Promise<unknown>> = {
  card: page => openCard(page, 'storefront', 'shop/web'),
  tab: async page => {
    await page.goto('/catalog/default/component/payments/images');
    await expect(page.getByRole('link', { name: 'fraud' })).toBeVisible();
  },
  dialog: async page => {
    await openCard(page, 'search', 'shop/search');
    const dialog = await openDialog(page);
    await dialog.getByText('search: 1.9.0 → 1.8.2').click();
    await expect(dialog.getByRole('region')).toBeVisible();
  },
  details: async page => {
    await openDetails(page, 'storefront', 'shop/web');
    await expect(page.getByText('Selected', { exact: true })).toBeVisible();
  },
  'details of a failing image': async page => {
    await openDetails(page, 'storefront', 'shop/report');
    await page.getByRole('tab', { name: 'Policy tester' }).click();
  },
  'menu of decisions': async page => {
    await openDetails(page, 'storefront', 'shop/web');
    await openMenu(page);
  },
  'hold dialog': async page => {
    await openDetails(page, 'storefront', 'shop/web');
    await (await openMenu(page)).getByText('Hold…').click();
    await expect(page.getByRole('button', { name: 'Hold' })).toBeEnabled();
  },
  decisions: async page => {
    await page.goto('/image-scan/decisions');
    await expect(page.getByText('Nothing is held')).toBeVisible();
  },
  page: async page => {
    await page.goto('/image-scan');
    await expect(page.getByRole('link', { name: 'shop/web' })).toBeVisible();
  },
  'git repositories': async page => {
    await page.goto('/image-scan/git-repos');
    await page.getByRole('button', { name: '1 problem' }).click();
  },
  history: async page => {
    await page.goto('/image-scan/history');
    await expect(page.getByText('Schedule').first()).toBeVisible();
  },
};

// Each theme anew: the app starts over when the theme changes, which closes
// whatever is open.
for (const colorScheme of ['light', 'dark'] as const) {
  for (const [name, open] of Object.entries(places)) {
    test(`axe finds nothing serious: ${name}, ${colorScheme}`, async ({
      page,
    }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await open(page);
      await expect(
        page.locator(`[data-theme-mode=${colorScheme}]`).first(),
      ).toBeAttached();
      // At rest: half of a colour that fades in has half its contrast.
      await page.addStyleTag({
        content:
          '* { transition: none !important; animation: none !important }',
      });
      for (const width of [1280, 600]) {
        await page.setViewportSize({ width, height: 900 });
        expect
          .soft(await seriousProblems(page), `${width} pixels wide`)
          .toEqual([]);
      }
    });
  }
}

/** What axe finds serious or critical, with the elements. */
async function seriousProblems(page: Page) {
  const { violations } = await new AxeBuilder({ page })
    // React Aria's announcer, empty between two announcements.
    .exclude('[data-live-announcer]')
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => ({
      id,
      elements: nodes.map(({ html, failureSummary }) => [html, failureSummary]),
    }));
}
