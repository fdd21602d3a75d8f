import { existsSync } from 'node:fs';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Names of the packages of a `node_modules`, those with a scope included. */
export async function installedPackages(modules: string): Promise<string[]> {
  const names = (await readdir(modules)).filter(name => !name.startsWith('.'));
  const lists = await Promise.all(
    names.map(async name =>
      name.startsWith('@')
        ? (await readdir(join(modules, name))).map(each => `${name}/${each}`)
        : [name],
    ),
  );
  return lists.flat();
}

/**
 * Links packages into a `node_modules`; one that is there stays.
 *
 * @param folders - paths of packages by their names
 */
export async function linkPackages(
  modules: string,
  folders: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [name, target] of folders) {
    const path = join(modules, name);
    if (!existsSync(path)) {
      await mkdir(dirname(path), { recursive: true });
      await symlink(target, path);
    }
  }
}
