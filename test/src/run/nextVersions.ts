/*
 * What `npm run tsc:next` runs: the type check of the sources against the newest
 * Backstage that is published, beside the one that is locked here. Its packages
 * go into a temporary folder, so nothing of this checkout changes.
 *
 * `plugins/image-scan/dev` is left out: what starts it, frontend-dev-utils, is
 * published later than the rest and brings the frontend API of its own version.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { interruption } from './interruption';
import { runMain } from './runMain';
import { runStep } from './runStep';

/** npm runs the scripts of the root there. */
const root = process.cwd();

/** What the type check reads of a package, beside its manifest. */
const SOURCES = ['src', 'config.d.ts', 'dev/__data__'];

/** Follow the newest Backstage by themselves, or are not there for it yet. */
const LEFT_OUT = ['@backstage/frontend-dev-utils'];

interface Manifest {
  workspaces?: string[];
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** The manifest with the newest of every package of Backstage. */
function withNewest(manifest: Manifest): Manifest {
  const raise = (ranges: Record<string, string> = {}) =>
    Object.fromEntries(
      Object.entries(ranges)
        .filter(([name]) => !LEFT_OUT.includes(name))
        .map(([name, range]) => [
          name,
          name.startsWith('@backstage/') ? 'latest' : range,
        ]),
    );
  return {
    ...manifest,
    dependencies: raise(manifest.dependencies),
    devDependencies: raise(manifest.devDependencies),
    peerDependencies: raise(manifest.peerDependencies),
  };
}

async function layOut(folder: string): Promise<void> {
  const plugins = await readdir(join(root, 'plugins'));
  const packages = [...plugins.map(name => `plugins/${name}`), 'test'];
  for (const path of ['.', ...packages]) {
    const manifest: Manifest = JSON.parse(
      await readFile(join(root, path, 'package.json'), 'utf8'),
    );
    await mkdir(join(folder, path), { recursive: true });
    await writeFile(
      join(folder, path, 'package.json'),
      JSON.stringify(withNewest(manifest), null, 2),
    );
  }
  for (const path of packages.flatMap(each =>
    SOURCES.map(source => join(each, source)),
  )) {
    if (existsSync(join(root, path))) {
      await cp(join(root, path), join(folder, path), { recursive: true });
    }
  }
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '@backstage/cli/config/tsconfig.json',
      include: ['plugins/*/src', 'plugins/*/config.d.ts', 'test/src'],
      exclude: ['node_modules'],
      compilerOptions: { noEmit: true, rootDir: '.', jsx: 'react-jsx' },
    }),
  );
}

/**
 * Begins with what is installed here, as links to the same files: then npm has only
 * to bring what is newer. Where that is not possible it brings everything.
 */
async function linkInstalled(folder: string): Promise<void> {
  try {
    await promisify(execFile)('cp', ['-al', 'node_modules', folder], {
      cwd: root,
    });
  } catch (error) {
    console.log(`Everything is installed anew, which takes minutes: ${error}`);
    await rm(join(folder, 'node_modules'), { recursive: true, force: true });
  }
}

async function main(interrupt: AbortSignal): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'image-scan-next-'));
  try {
    await layOut(folder);
    await linkInstalled(folder);
    const installed = await runStep(
      {
        name: 'install the newest Backstage',
        command: {
          program: 'npm',
          // Peers of packages that are not there yet for the newest are older.
          args: ['install', '--ignore-scripts', '--legacy-peer-deps'],
          cwd: folder,
        },
        limitMinutes: 10,
      },
      interrupt,
    );
    const checked =
      installed &&
      (await runStep(
        {
          name: 'type check with the newest Backstage',
          command: { program: 'npx', args: ['tsc', '--noEmit'], cwd: folder },
          limitMinutes: 5,
        },
        interrupt,
      ));
    return checked ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

runMain(() => main(interruption()));
