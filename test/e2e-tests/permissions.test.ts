import { join, resolve } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { backendUrl } from '../src/demo/addresses';
import { demoEnvironment } from '../src/demo/credentials';
import { ProcessGroup } from '../src/run/ProcessGroup';
import { eventually } from '../src/integration/eventually';
import { expect, test } from './support/fixtures';
import { openCard, openDetails } from './support/pages';
import { pushNextTag } from './support/registry';

const root = resolve(__dirname, '../..');

/** As in viewer-config.yaml. */
const VIEWER_BACKEND_URL = 'http://localhost:7008';

/**
 * A second backend beside the one of the demo, whose guests are in the group
 * `viewers`: same registry, same git, same policy, other sign-in.
 */
let backend: ProcessGroup;

// One after the other, on this one backend.
test.describe.configure({ mode: 'default' });

test.beforeAll(async () => {
  test.setTimeout(120_000);
  backend = ProcessGroup.start({
    program: 'backstage-cli',
    args: [
      ...['repo', 'start', 'backstage-plugin-image-scan-backend'],
      ...['--config', join(root, 'app-config.yaml')],
      ...['--config', join(__dirname, 'viewer-config.yaml')],
    ],
    cwd: root,
    env: { ...demoEnvironment, NODE_ENV: 'development' },
  });
  await eventually(
    async () => {
      const path = '/.backstage/health/v1/readiness';
      expect((await fetch(`${VIEWER_BACKEND_URL}${path}`)).ok).toBe(true);
    },
    { timeout: 90_000 },
  );
});

test.afterAll(() => backend.stop());

test.beforeEach(({ page }) =>
  page.route(`${backendUrl}/**`, route =>
    route.continue({
      url: route.request().url().replace(backendUrl, VIEWER_BACKEND_URL),
    }),
  ),
);

/** The catalog of a backend that has just started may still be empty. */
function openPayments(page: Page): Promise<Locator> {
  return eventually(() => openCard(page, 'payments', 'payments/api'), {
    timeout: 30_000,
  });
}

const REASON = 'You are not allowed to write to payments.';

test('who may not write sees the update and why it is not theirs', async ({
  page,
}) => {
  await pushNextTag('payments/api');
  const row = await openPayments(page);
  await expect(row).toContainText('Update available');
  const button = page.getByRole('button', { name: 'Update now' });
  await expect(button).toBeDisabled();
  await expect(button).toHaveAccessibleDescription(REASON);
  await expect(
    page.getByRole('button', { name: 'Check images now' }),
  ).toBeEnabled();

  await openDetails(page, 'payments', 'payments/api');
  await expect(button).toBeDisabled();
  await expect(button).toHaveAccessibleDescription(REASON);
});

test('the backend refuses them too', async ({ page }) => {
  const signedIn = page.waitForRequest(request =>
    request.url().includes('/api/image-scan/'),
  );
  await openPayments(page);
  const { authorization } = (await signedIn).headers();
  const answer = await fetch(
    `${VIEWER_BACKEND_URL}/api/image-scan/git-repos/payments/update`,
    {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: '{}',
    },
  );
  expect(answer.status).toBe(403);
});
