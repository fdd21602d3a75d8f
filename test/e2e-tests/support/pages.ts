import { expect, type Locator, type Page } from '@playwright/test';

/** Opens the overview of a component and answers its card's row of an image. */
export async function openCard(
  page: Page,
  component: string,
  image: string,
): Promise<Locator> {
  await page.goto(`/catalog/default/component/${component}`);
  const row = page
    .getByRole('list', { name: 'Images of this entity' })
    .getByRole('listitem')
    .filter({ has: page.getByRole('link', { name: image, exact: true }) });
  await expect(row).toBeVisible();
  return row;
}

/** Opens the details of an image from the tab of a component. */
export async function openDetails(
  page: Page,
  component: string,
  image: string,
): Promise<void> {
  await page.goto(`/catalog/default/component/${component}/images`);
  const grid = page.getByRole('grid', { name: 'Images' });
  await grid.getByRole('link', { name: image }).click();
  await expect(page.getByRole('heading', { name: image })).toBeVisible();
}

/** Opens the update dialog and waits for its preview. */
export async function openDialog(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Update now' }).click();
  const dialog = page.getByRole('dialog');
  await expect(
    dialog.getByRole('status', { name: 'Working out' }),
  ).not.toBeVisible();
  return dialog;
}

/** Opens the menu of what can be decided about the image or git repo in sight. */
export async function openMenu(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: /^Decide about/ }).click();
  const menu = page.getByRole('menu');
  await expect(menu).toBeVisible();
  return menu;
}

/** Chooses from that menu, and answers the dialog. */
export async function decide(page: Page, item: string): Promise<Locator> {
  const menu = await openMenu(page);
  await menu.getByRole('menuitem', { name: item }).click();
  return page.getByRole('dialog');
}

/** The lines that the dialog shows for each file, with their signs. */
export async function shownLines(
  dialog: Locator,
): Promise<Record<string, string[]>> {
  const prefix = 'Changes of ';
  const files: Record<string, string[]> = {};
  for (const region of await dialog.getByRole('region').all()) {
    const label = (await region.getAttribute('aria-label')) ?? '';
    if (label.startsWith(prefix)) {
      const text = (await region.locator('pre').textContent()) ?? '';
      files[label.slice(prefix.length)] = text
        .trimEnd()
        .split('\n')
        .filter(line => !line.startsWith('@@'));
    }
  }
  return files;
}

/** Confirms, and answers the link to the commit. */
export async function push(dialog: Locator): Promise<Locator> {
  await dialog.getByRole('button', { name: 'Commit and push' }).click();
  await expect(dialog.getByText('Pushed to main')).toBeVisible();
  return dialog.getByRole('link', { name: /^Commit [0-9a-f]{8}$/ });
}
