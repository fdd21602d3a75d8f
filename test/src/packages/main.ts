/*
 * What `npm run test:packages` runs: every plugin is built, packed and unpacked into
 * an empty folder, beside what it declares and nothing else. Then what it declares has
 * to be there, a backend has to start from it and an app to build from it.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../servers/freePort';
import { interruption } from '../run/interruption';
import { runMain } from '../run/runMain';
import { printTime, runStep } from '../run/runStep';
import type { Step } from '../run/runStep';
import { APP_DEPENDENCIES, appStep, layOutApp } from './app';
import { BACKEND_DEPENDENCIES, backendStep, layOutBackend } from './backend';
import { installPlugins } from './installed';
import { linkPackages } from './moduleFolders';
import { findPackageFaults } from './packageFaults';

/** npm runs the scripts of the root there. */
const root = process.cwd();

// The declarations that a build puts together are those of the type check.
const BUILD: readonly Step[] = [
  {
    name: 'declarations',
    command: { program: 'tsc', args: [], cwd: root },
    limitMinutes: 5,
  },
  {
    name: 'build of the packages',
    command: { program: 'backstage-cli', args: ['repo', 'build'], cwd: root },
    limitMinutes: 5,
  },
];

async function allPass(
  steps: readonly Step[],
  interrupt: AbortSignal,
): Promise<boolean> {
  for (const step of steps) {
    if (!(await runStep(step, interrupt))) {
      return false;
    }
  }
  return true;
}

async function tryPackages(
  folder: string,
  interrupt: AbortSignal,
): Promise<boolean> {
  const modules = join(folder, 'node_modules');
  const started = Date.now();
  await mkdir(modules);
  const installed = await installPlugins(root, modules);
  const hosts = [...BACKEND_DEPENDENCIES, ...APP_DEPENDENCIES];
  await linkPackages(
    modules,
    new Map(hosts.map(name => [name, join(root, 'node_modules', name)])),
  );
  const faults = installed.flatMap(each =>
    findPackageFaults(each.folder, each.source),
  );
  faults.forEach(fault => console.error(fault));
  printTime('packed files', faults.length === 0, started);

  const port = await freePort();
  await layOutBackend(folder, port);
  await layOutApp(folder);
  const passed = await allPass(
    [backendStep(folder, port), appStep(folder, join(root, 'app-config.yaml'))],
    interrupt,
  );
  return passed && faults.length === 0;
}

async function main(interrupt: AbortSignal): Promise<number> {
  const started = Date.now();
  const folder = await mkdtemp(join(tmpdir(), 'image-scan-packages-'));
  try {
    const passed =
      (await allPass(BUILD, interrupt)) &&
      (await tryPackages(folder, interrupt));
    printTime('packages', passed, started);
    return passed ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

runMain(() => main(interruption()));
