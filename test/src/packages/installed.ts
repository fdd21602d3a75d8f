import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { linkPackages } from './moduleFolders';
import { readManifest } from './packageFaults';

const run = promisify(execFile);

/** A package of this project, installed from its tarball. */
export interface InstalledPackage {
  /** Where its files are. */
  folder: string;
  /** Where it is developed. */
  source: string;
}

/**
 * Packs every plugin and unpacks the tarballs into a `node_modules`, with links to
 * what they declare and to nothing else. They have to be built.
 *
 * @param root - of the project
 * @param modules - the `node_modules`
 */
export async function installPlugins(
  root: string,
  modules: string,
): Promise<InstalledPackage[]> {
  const installed: InstalledPackage[] = [];
  for (const name of await readdir(join(root, 'plugins'))) {
    const source = join(root, 'plugins', name);
    const { stdout } = await run(
      'npm',
      [
        'pack',
        '--json',
        '--foreground-scripts=false',
        '--pack-destination',
        modules,
      ],
      { cwd: source },
    );
    const [{ filename }]: { filename: string }[] = JSON.parse(
      stdout.slice(stdout.indexOf('[\n')),
    );
    const folder = join(modules, readManifest(source).name);
    await mkdir(folder, { recursive: true });
    await run(
      'tar',
      ['-xzf', join(modules, filename), '--strip-components=1'],
      {
        cwd: folder,
      },
    );
    installed.push({ folder, source });
  }
  for (const each of installed) {
    await linkDeclared(root, modules, each);
  }
  return installed;
}

async function linkDeclared(
  root: string,
  modules: string,
  { folder, source }: InstalledPackage,
): Promise<void> {
  const { dependencies = {}, peerDependencies = {} } = readManifest(folder);
  const names = Object.keys({ ...dependencies, ...peerDependencies });
  const own = join(source, 'node_modules');
  // Where two packages need two versions, each has its own.
  const isOwn = (name: string) => existsSync(join(own, name));
  const target = (from: string) => (name: string) =>
    [name, join(from, name)] as const;
  await linkPackages(
    join(folder, 'node_modules'),
    new Map(names.filter(isOwn).map(target(own))),
  );
  await linkPackages(
    modules,
    new Map(
      names
        .filter(name => !isOwn(name))
        .map(target(join(root, 'node_modules'))),
    ),
  );
}
