/*
 * What the tests run against: the demo, as `npm start` runs it but for the app, which
 * is built as people deploy it. A page of it loads in a fraction of the time that the
 * one of a development server takes.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoPorts } from '../../src/demo/addresses';
import { runDemo } from '../../src/demo/runDemo';
import { StaticApp } from '../../src/demo/StaticApp';
import { APP_OUTPUT, appStep, layOutApp } from '../../src/packages/app';
import {
  installedPackages,
  linkPackages,
} from '../../src/packages/moduleFolders';
import { interruption } from '../../src/run/interruption';
import { runStep } from '../../src/run/runStep';

const root = process.cwd();

async function startBuiltApp(
  folder: string,
  interrupt: AbortSignal,
): Promise<StaticApp> {
  const modules = join(root, 'node_modules');
  const names = await installedPackages(modules);
  await linkPackages(
    join(folder, 'node_modules'),
    new Map(names.map(name => [name, join(modules, name)])),
  );
  await layOutApp(folder);
  const built = await runStep(
    appStep(folder, join(root, 'app-config.yaml')),
    interrupt,
  );
  if (!built) {
    throw new Error('The app could not be built; its messages are above');
  }
  return StaticApp.start(join(folder, APP_OUTPUT), demoPorts.app);
}

async function main(interrupt: AbortSignal): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'image-scan-app-'));
  try {
    await runDemo(root, () => startBuiltApp(folder, interrupt), interrupt);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const interrupt = interruption();

main(interrupt).catch(error => {
  if (!interrupt.aborted) {
    console.error(`${error}`);
    process.exitCode = 1;
  }
});
