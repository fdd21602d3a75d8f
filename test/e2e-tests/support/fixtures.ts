import { test as base } from '@playwright/test';
import { DemoRepository } from '../../src/demo/DemoRepository';

export { expect } from '@playwright/test';

/** Clones of the demo's repositories, removed after the test. */
export const test = base.extend<{
  payments: DemoRepository;
  storefront: DemoRepository;
}>({
  payments: async ({}, use) => withClone('payments', use),
  storefront: async ({}, use) => withClone('storefront', use),
});

async function withClone(
  name: string,
  use: (repository: DemoRepository) => Promise<void>,
): Promise<void> {
  const repository = await DemoRepository.clone(name);
  try {
    await use(repository);
  } finally {
    await repository.remove();
  }
}
