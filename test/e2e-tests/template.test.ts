import { expect, test } from './support/fixtures';
import { pushNextTag } from './support/registry';

test('a template updates images from the Create page to the commit', async ({
  page,
  payments,
}) => {
  const tag = await pushNextTag('payments/api');
  await page.goto('/create/templates/default/update-images-now');
  await page.getByLabel('Git repository').click();
  await page.getByRole('option', { name: 'payments' }).click();
  // The backend has found the tag once a preview names it.
  await expect
    .poll(
      async () => {
        const peek = await page.context().newPage();
        await peek.goto('/catalog/default/component/payments');
        const latest = peek
          .getByRole('listitem')
          .filter({ hasText: 'payments/api' })
          .getByTitle('Latest');
        const text = await latest.textContent();
        await peek.close();
        return text;
      },
      { timeout: 40_000 },
    )
    .toBe(tag);
  const before = await payments.remoteHead();

  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByRole('button', { name: 'Create', exact: true }).click();

  const link = page.getByRole('link', { name: /^Commit [0-9a-f]{40}/ });
  await expect(link).toBeVisible({ timeout: 30_000 });
  const head = await payments.remoteHead();
  expect(head).not.toBe(before);
  await expect(link).toHaveAttribute('href', payments.commitUrl(head));
  expect(await payments.read('deploy/deployment.yaml')).toContain(
    `image: 127.0.0.1:7020/payments/api:${tag} # {"$imagescan": "api"}`,
  );
});
