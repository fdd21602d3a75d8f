import type { Page } from '@playwright/test';
import type { DemoRepository } from '../src/demo/DemoRepository';
import { expect, test } from './support/fixtures';
import { decide, openCard, openDetails, push } from './support/pages';
import { pushNextTag } from './support/registry';

const WEB = '127.0.0.1:7020/shop/web';

/** Longer than a scan and a sync on a busy machine. */
const SOON = { timeout: 40_000 };

// Each leaves web as it found it: up to date, and nothing decided.
test.describe.configure({ mode: 'default', timeout: 240_000 });

/** Pushes a tag of web, waits until git has it, and answers the one before as well. */
async function updateWeb(page: Page): Promise<{ before: string; tag: string }> {
  const row = await openCard(page, 'storefront', 'shop/web');
  await expect(row).toContainText('Up to date', SOON);
  const before = await row.getByTitle('Current').innerText();
  const tag = await pushNextTag('shop/web');
  await expect(row.getByTitle('Current')).toHaveText(tag, SOON);
  return { before, tag };
}

/** Rolls web back in git, and waits until that is seen. */
async function rollBackWeb(page: Page, storefront: DemoRepository) {
  const tags = await updateWeb(page);
  const { commit } = await storefront.revertLast(WEB);
  const row = await openCard(page, 'storefront', 'shop/web');
  await expect(row).toContainText(
    `Rolled back from ${tags.tag} to ${tags.before} by`,
    SOON,
  );
  return { ...tags, commit, row };
}

/** The page of the decisions that have ended, the newest first. */
async function openEnded(page: Page) {
  await page.goto('/image-scan/decisions');
  await page.getByRole('radio', { name: 'Ended' }).click();
  return page.getByRole('grid', { name: 'Decisions' }).getByRole('row').nth(1);
}

test('what is rolled back in git is held, until it is undone there', async ({
  page,
  storefront,
}) => {
  const { before, tag, commit, row } = await rollBackWeb(page, storefront);
  await expect(row).toContainText('Held');
  // Several looks of the automation later nothing has been written over it.
  await pushNextTag('shop/web');
  await expect(row.getByTitle('Latest')).not.toHaveText(tag, SOON);
  await expect(row).toContainText(`Rolled back from ${tag} to ${before} by`);
  expect(await storefront.remoteHead()).toBe(commit);

  await storefront.revertLast(WEB);
  await expect(row).toContainText('Up to date', SOON);
  await expect(row).not.toContainText('Rolled back');
  await expect(await openEnded(page)).toContainText('Undone in git');
});

test('what is rolled back is released with the lines that were shown', async ({
  page,
  storefront,
}) => {
  const { before, tag } = await rollBackWeb(page, storefront);
  await openDetails(page, 'storefront', 'shop/web');
  const dialog = await decide(page, 'Release the rollback…');
  await expect(dialog.getByRole('region').first()).toContainText(
    `+          image:  ${WEB}:${tag}   #`,
  );
  expect(await storefront.read('web/values.yaml')).toContain(`'${before}'`);

  await push(dialog);
  expect(await storefront.read('web/values.yaml')).toContain(`'${tag}'`);
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByText('Up to date').first()).toBeVisible(SOON);
  const ended = await openEnded(page);
  await expect(ended).toContainText(`Rolled back from ${tag} to ${before}`);
  await expect(ended).toContainText('Released by guest');
});

test('what is rolled back is skipped by one button, and newer tags go on', async ({
  page,
  storefront,
}) => {
  const { before, tag } = await rollBackWeb(page, storefront);
  await openDetails(page, 'storefront', 'shop/web');
  const dialog = await decide(page, 'Release the rollback…');
  await dialog
    .getByRole('button', { name: `Skip ${tag} and go on with newer ones` })
    .click();

  const row = await openCard(page, 'storefront', 'shop/web');
  await expect(row).toContainText('Up to date', SOON);
  await expect(row.getByTitle('Current')).toHaveText(before);
  const next = await pushNextTag('shop/web');
  await expect(row.getByTitle('Current')).toHaveText(next, SOON);
  await openDetails(page, 'storefront', 'shop/web');
  await expect(
    page
      .getByRole('grid', { name: 'Tags' })
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: tag, exact: true }) }),
  ).toContainText('Skipped');
});

test('a hold lasts until its date passes', async ({ page, storefront }) => {
  await openDetails(page, 'storefront', 'shop/web');
  const dialog = await decide(page, 'Hold…');
  await dialog.getByLabel('Why (optional)').fill('the launch');
  const until = new Date(Date.now() + 65_000);
  await dialog.getByRole('spinbutton', { name: /^month/ }).click();
  const digits = (value: number) => String(value).padStart(2, '0');
  await page.keyboard.type(
    [
      digits(until.getMonth() + 1),
      digits(until.getDate()),
      until.getFullYear(),
      digits(until.getHours() % 12 || 12),
      digits(until.getMinutes()),
      until.getHours() < 12 ? 'AM' : 'PM',
    ].join(''),
  );
  await dialog.getByRole('button', { name: 'Hold', exact: true }).click();
  await expect(dialog).not.toBeVisible();

  const before = await storefront.remoteHead();
  const tag = await pushNextTag('shop/web');
  const row = await openCard(page, 'storefront', 'shop/web');
  await expect(row).toContainText(
    /Held by guest since .*, until .*: the launch/i,
    SOON,
  );
  expect(await storefront.remoteHead()).toBe(before);
  await expect(row.getByTitle('Current')).toHaveText(tag, { timeout: 120_000 });
  expect(Date.now()).toBeGreaterThan(until.setSeconds(0, 0));
  await expect(await openEnded(page)).toContainText('Its date passed');
});

test('a tag is skipped, and the next best is chosen', async ({ page }) => {
  const row = await openCard(page, 'payments', 'payments/api');
  const best = await row
    .getByTitle('Latest')
    .or(row.getByTitle('Current'))
    .last()
    .innerText();
  const tag = await pushNextTag('payments/api');
  await expect(row.getByTitle('Latest')).toHaveText(tag, SOON);

  await openDetails(page, 'payments', 'payments/api');
  const dialog = await decide(page, `Skip ${tag}…`);
  await dialog.getByLabel('Why (optional)').fill('leaks memory');
  await dialog.getByRole('button', { name: `Skip ${tag}` }).click();
  await expect(
    page.getByText(
      new RegExp(`${tag} is skipped by guest.*: leaks memory`, 'i'),
    ),
  ).toBeVisible(SOON);
  const tags = page.getByRole('grid', { name: 'Tags' }).getByRole('row');
  const selected = tags.filter({ hasText: 'Selected' });
  await expect(selected.getByRole('rowheader')).toHaveText(best, SOON);

  const release = await decide(page, `Do not skip ${tag} any more…`);
  await release.getByRole('button', { name: 'Release', exact: true }).click();
  await expect(selected.getByRole('rowheader')).toHaveText(tag, SOON);
});

test('an older tag is used and stays, and the update is reverted', async ({
  page,
  storefront,
}) => {
  const { tag } = await updateWeb(page);
  await openDetails(page, 'storefront', 'shop/web');
  await page.getByRole('searchbox', { name: 'Search tags' }).fill('2.3.0');
  await page.getByRole('button', { name: 'Use 2.3.0' }).click();
  const use = page.getByRole('dialog');
  await expect(use).toContainText(`web: ${tag} → 2.3.0`);
  await use.getByLabel('Why (optional)').fill('breaks checkout');
  await push(use);
  expect(await storefront.read('web/values.yaml')).toContain("'2.3.0'");
  await use.getByRole('button', { name: 'Close' }).last().click();
  await expect(
    page.getByText(/2\.3\.0 was chosen by guest .*: breaks checkout/i).first(),
  ).toBeVisible(SOON);
  const head = await storefront.remoteHead();

  await page.getByRole('tab', { name: 'History' }).click();
  await page
    .getByRole('button', { name: `Revert commit ${head.slice(0, 8)}` })
    .click();
  const revert = page.getByRole('dialog');
  await expect(revert.getByRole('region').first()).toContainText(
    `+          image:  ${WEB}:${tag}   #`,
  );
  expect(await storefront.remoteHead()).toBe(head);
  await push(revert);
  expect(await storefront.read('web/values.yaml')).toContain(`'${tag}'`);
  await revert.getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByText('Up to date').first()).toBeVisible(SOON);
});
