import { expect, test } from './support/fixtures';
import { openCard, openDetails } from './support/pages';

const NOT_FOUND =
  '127.0.0.1:7020/shop/report: the registry answered 404 (not found): NAME_UNKNOWN: repository not known';

test('an error is shown in the words of the registry, with the next try', async ({
  page,
}) => {
  const row = await openCard(page, 'storefront', 'shop/report');
  await expect(row).toContainText('Error');
  await expect(row).toContainText(NOT_FOUND);

  await openDetails(page, 'storefront', 'shop/report');
  await page.getByRole('tab', { name: 'Error (1)' }).click();
  const panel = page.getByRole('tabpanel', { name: 'Error (1)' });
  await expect(panel).toContainText('The registry could not be scanned');
  await expect(panel).toContainText(NOT_FOUND);
  await expect(panel).toContainText(/Next try (now|in \d+ seconds?)\./);
});

test('each tag of an image says why it was or was not chosen', async ({
  page,
}) => {
  await openDetails(page, 'storefront', 'shop/web');
  const tags = page.getByRole('grid', { name: 'Tags' });
  const row = (tag: string) =>
    tags.getByRole('row').filter({
      has: page.getByRole('rowheader', { name: tag, exact: true }),
    });
  await expect(tags.getByText('Selected')).toHaveCount(1);
  await expect(row('2.0.0')).toContainText('Older');
  await expect(row('1.9.4')).toContainText('outside the range 2.x');
  await expect(row('2.4.0-rc.1')).toContainText('pre-release; write');
  await expect(row('latest')).toContainText('not a version');

  await page.getByRole('searchbox', { name: 'Search tags' }).fill('beta');
  await expect(row('3.0.0-beta.2')).toBeVisible();
  await expect(row('2.0.0')).not.toBeVisible();
});

test('the policy tester chooses from the real tags while one types', async ({
  page,
}) => {
  await openDetails(page, 'storefront', 'shop/web');
  await page.getByRole('tab', { name: 'Policy tester' }).click();
  const panel = page.getByRole('tabpanel', { name: 'Policy tester' });
  const range = panel.getByRole('textbox', { name: 'Range' });
  await expect(panel.getByText(/^Chooses .*, as now$/)).toBeVisible();

  await range.fill('<2');
  await expect(panel.getByText(/^Chooses 1\.9\.4 instead of /)).toBeVisible();
  await expect(panel).toContainText('outside the range <2');
  await expect(panel.locator('pre')).toContainText('range: "<2"');

  await range.fill('>=');
  await expect(panel.getByText('Not a policy')).toBeVisible();
});

test('a marker that does nothing is shown with file and line', async ({
  page,
}) => {
  await page.goto('/image-scan/git-repos');
  await page.getByRole('button', { name: '1 problem' }).click();
  await expect(
    page.getByRole('listitem').filter({ hasText: 'web/deployment.yaml:25' }),
  ).toContainText('wbe');
});

test('the history names the commit, who made it and what it changed', async ({
  page,
}) => {
  await page.goto('/image-scan/history');
  const first = page
    .getByRole('grid', { name: 'Updates' })
    .getByRole('row')
    .filter({ hasText: /shop\/assets:20240902 → \S+:20240916@sha256:/ });
  await expect(first).toContainText('Schedule');
  await expect(first.getByRole('link', { name: /^Commit/ })).toHaveAttribute(
    'href',
    /^http:\/\/127\.0\.0\.1:7021\/shop\/storefront\/commit\/[0-9a-f]{40}$/,
  );
});

test('the table keeps its state in the URL', async ({ page }) => {
  await page.goto('/image-scan');
  const rows = page
    .getByRole('grid', { name: 'Images' })
    .getByRole('row')
    .filter({ has: page.getByRole('link') });
  await expect(rows).toHaveCount(7);

  await page.getByRole('columnheader', { name: 'Git repo' }).click();
  await expect(page).toHaveURL(/orderBy=gitRepo/);
  await page.getByRole('searchbox', { name: 'Search images' }).fill('shop');
  await expect(page).toHaveURL(/search=shop/);
  await expect(rows).toHaveCount(4);
  await page.getByRole('radio', { name: 'Held 1' }).click();
  await expect(page).toHaveURL(/state=held/);
  await expect(rows).toHaveCount(1);

  await page.reload();
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('shop/search');
  await expect(page.getByRole('radio', { name: 'Held 1' })).toBeChecked();
  await expect(
    page.getByRole('searchbox', { name: 'Search images' }),
  ).toHaveValue('shop');
  await expect(
    page.getByRole('columnheader', { name: 'Git repo' }),
  ).toHaveAttribute('aria-sort', 'ascending');
});
