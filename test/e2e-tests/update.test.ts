import { expect, test } from './support/fixtures';
import {
  openCard,
  openDetails,
  openDialog,
  push,
  shownLines,
} from './support/pages';
import { pushNextTag } from './support/registry';

test('a pushed tag becomes a commit and shows up on the open card', async ({
  page,
  storefront,
}) => {
  const row = await openCard(page, 'storefront', 'shop/web');
  await expect(row).toContainText('Up to date');
  await page.evaluate(() => document.body.setAttribute('data-loaded', 'once'));

  const tag = await pushNextTag('shop/web');

  await expect(row.getByTitle('Current')).toHaveText(tag, { timeout: 25_000 });
  await expect(row).toContainText('Up to date');
  const head = await storefront.remoteHead();
  await expect(
    row.getByRole('link', { name: `Commit ${head.slice(0, 8)}` }),
  ).toHaveAttribute('href', storefront.commitUrl(head));
  await expect(page.locator('body[data-loaded=once]')).toBeAttached();
  expect(await storefront.read('web/deployment.yaml')).toContain(
    `image:  127.0.0.1:7020/shop/web:${tag}   # {"$imagescan": "web"}`,
  );
  expect(await storefront.read('web/values.yaml')).toContain(`tag: '${tag}' #`);
});

test('a paused git repo waits for a person, who pushes exactly what was shown', async ({
  page,
  payments,
}) => {
  const row = await openCard(page, 'payments', 'payments/api');
  const before = await payments.remoteHead();
  const current = await row.getByTitle('Current').innerText();
  const tag = await pushNextTag('payments/api');
  await expect(row.getByTitle('Latest')).toHaveText(tag, { timeout: 25_000 });
  await expect(row).toContainText('Update available');

  const dialog = await openDialog(page);
  await expect(dialog).toContainText('Branchmain');
  const message = await dialog.getByLabel('Commit message').inputValue();
  expect(message).toContain(`- api: ${current} -> ${tag}`);
  const shown = await shownLines(dialog);
  expect(shown['deploy/deployment.yaml']).toEqual(
    expect.arrayContaining([
      `-          image: 127.0.0.1:7020/payments/api:${current} # {"$imagescan": "api"}`,
      `+          image: 127.0.0.1:7020/payments/api:${tag} # {"$imagescan": "api"}`,
    ]),
  );
  expect(await payments.remoteHead()).toBe(before);

  const link = await push(dialog);

  const head = await payments.remoteHead();
  await expect(link).toHaveAttribute('href', payments.commitUrl(head));
  expect(await payments.message(head)).toBe(message);
  expect(await payments.changedLines(head)).toEqual(shown);
  const opened = page.waitForEvent('popup');
  await link.click();
  await expect((await opened).locator('pre')).toContainText(
    `+          image: 127.0.0.1:7020/payments/api:${tag}`,
  );
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(row.getByTitle('Current')).toHaveText(tag);
  await expect(row).toContainText('Up to date');
});

test('a preview that the branch has overtaken is not pushed but shown anew', async ({
  page,
  payments,
}) => {
  const row = await openCard(page, 'payments', 'payments/api');
  const current = await row.getByTitle('Current').innerText();
  const tag = await pushNextTag('payments/api');
  await expect(row.getByTitle('Latest')).toHaveText(tag, { timeout: 25_000 });
  const dialog = await openDialog(page);
  await expect(dialog.getByRole('region').first()).toBeVisible();
  // Another value would be a decision, and stand: the same one on another line.
  await payments.push(
    'deploy/deployment.yaml',
    text => `# Written by hand\n${text}`,
  );
  const byHand = await payments.remoteHead();

  const answer = page.waitForResponse(
    response => response.status() === 409 && response.url().includes('/update'),
  );
  await dialog.getByRole('button', { name: 'Commit and push' }).click();
  await answer;

  const image = '127.0.0.1:7020/payments/api';
  const alert = dialog.getByRole('alert');
  await expect(alert).toContainText('Something changed meanwhile');
  await expect(alert).toContainText(
    `deploy/deployment.yaml:17: ${image}:${current} → ${image}:${tag}`,
  );
  const shown = await shownLines(dialog);
  expect(shown['deploy/deployment.yaml'].join('\n')).toContain(
    `api:${current}`,
  );
  expect(await payments.remoteHead()).toBe(byHand);

  await push(dialog);
  const head = await payments.remoteHead();
  expect(await payments.changedLines(head)).toEqual(shown);
});

test('an update is made with the keyboard alone', async ({
  page,
  payments,
}) => {
  const tag = await pushNextTag('payments/api');
  await openDetails(page, 'payments', 'payments/api');
  await expect(page.getByText('Update available')).toBeVisible({
    timeout: 25_000,
  });
  const button = page.getByRole('button', { name: 'Update now' });
  await expect(button).toBeEnabled();
  const tabTo = async (name: string) => {
    const target = page.getByRole('button', { name });
    for (let presses = 0; presses < 60; presses++) {
      if (await target.evaluate(node => node === document.activeElement)) {
        return;
      }
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not lead to "${name}"`);
  };

  await tabTo('Update now');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByRole('region')).toBeVisible();
  await tabTo('Commit and push');
  await page.keyboard.press('Enter');

  await expect(page.getByText('Pushed to main')).toBeVisible();
  expect(await payments.read('deploy/deployment.yaml')).toContain(
    `payments/api:${tag} #`,
  );
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).not.toBeVisible();
});

test('a held tag is released by a person who ticks its box', async ({
  page,
  storefront,
}) => {
  const row = await openCard(page, 'search', 'shop/search');
  await expect(row).toContainText('Held');
  await expect(row.getByTitle('Current')).toHaveText('1.9.0');
  const dialog = await openDialog(page);
  await expect(dialog).toContainText('is held at 1.9.0');
  await expect(dialog).toContainText('Tick to go back all the same.');
  const confirm = dialog.getByRole('button', { name: 'Commit and push' });
  await expect(confirm).toBeDisabled();

  await dialog.getByText('search: 1.9.0 → 1.8.2', { exact: true }).click();
  await expect(confirm).toBeEnabled();
  await push(dialog);

  const file = 'search/deployment.yaml';
  expect(await storefront.read(file)).toContain('shop/search:1.8.2 #');
  // For the other tests.
  await storefront.push(file, text => text.replace('1.8.2 #', '1.9.0 #'));
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(row).toContainText('Held', { timeout: 25_000 });
});
