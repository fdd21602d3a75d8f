/*
 * What `npm run test:mutants -- [COUNT] [SEED]` runs: would a test miss it? It draws
 * mutants of the sources by chance, one place of one file each, and runs the tests
 * that depend on the file. A mutant that passes them all survives; it is either
 * equivalent or a test that is missing, which a person has to tell.
 *
 * It works on a copy, so nothing of this checkout changes.
 */
import { execFile } from 'node:child_process';
import {
  cp,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { interruption } from '../interruption';
import { runMain } from '../runMain';
import { runToEnd, type Step } from '../runStep';
import { draw, randomNumbers } from './draw';
import { applyMutation, listMutations, type Mutation } from './mutations';
import { TypeCheck } from './TypeCheck';

/** npm runs the scripts of the root there. */
const root = process.cwd();

/** Where the code is that decides and writes. */
const MUTATED = [
  'plugins/image-scan-common',
  'plugins/image-scan-node',
  'plugins/image-scan-backend',
  'plugins/scaffolder-backend-module-image-scan',
];

/** Of these nothing is mutated: wiring, shapes and what is not the product's. */
const LEFT_OUT =
  /\.test\.tsx?$|\/__\w+__\/|\/index\.ts$|\/types\.ts$|\.examples\.ts$/;

const DEFAULT_COUNT = 150;
const DEFAULT_SEED = 1;

/** After which a mutant has made its tests hang, which is noticed as well. */
const LIMIT_MINUTES = 5;

/** Tests over several packages, which see what those of one package cannot. */
const INTEGRATION = [
  'integration/imageScan.test.ts',
  'integration/gitRemote.test.ts',
  'integration/registry.test.ts',
  'integration/scaffolder',
];

interface Mutant {
  packageFolder: string;
  /** From the folder of the package. */
  file: string;
  text: string;
  mutation: Mutation;
}

async function listMutants(): Promise<Mutant[]> {
  const mutants: Mutant[] = [];
  for (const packageFolder of MUTATED) {
    const source = join(root, packageFolder, 'src');
    const entries = await readdir(source, { recursive: true });
    for (const entry of entries.sort()) {
      if (/\.tsx?$/.test(entry) && !LEFT_OUT.test(`/${entry}`)) {
        const text = await readFile(join(source, entry), 'utf8');
        for (const mutation of listMutations(entry, text)) {
          const file = join('src', entry);
          mutants.push({ packageFolder, file, text, mutation });
        }
      }
    }
  }
  return mutants;
}

/** By chance; without those that the type check refuses, which no test has to notice. */
function* drawMutants(
  all: readonly Mutant[],
  count: number,
  seed: number,
): Generator<Mutant> {
  const types = new TypeCheck(root);
  let drawn = 0;
  for (const mutant of draw(all, all.length, randomNumbers(seed))) {
    const { packageFolder, file, text, mutation } = mutant;
    const path = join(root, packageFolder, file);
    if (types.passes(path, applyMutation(text, mutation))) {
      yield mutant;
      drawn += 1;
    }
    if (drawn === count) {
      return;
    }
  }
}

async function copyProject(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'image-scan-mutants-'));
  for (const entry of await readdir(root)) {
    if (!['node_modules', 'plugins', 'test', '.git'].includes(entry)) {
      await cp(join(root, entry), join(copy, entry), { recursive: true });
    }
  }
  const link = (path: string) =>
    promisify(execFile)('cp', ['-al', join(root, path), join(copy, path)]);
  await link('node_modules');
  await link('plugins');
  await link('test');
  return copy;
}

/** Replaces a file of the copy; it must not write through to the linked original. */
async function replaceFile(path: string, text: string): Promise<void> {
  await rm(path);
  await writeFile(path, text);
}

/** Tests of a package, ended by the first that fails. */
function tests(copy: string, folder: string, ...words: string[]): Step {
  return {
    name: `tests of ${folder}`,
    command: {
      program: join(copy, 'node_modules/.bin/backstage-cli'),
      args: ['package', 'test', '--watch=false', '--bail', ...words],
      cwd: join(copy, folder),
      env: { BACKSTAGE_TEST_DISABLE_DOCKER: '1' },
      print: () => {},
    },
    limitMinutes: LIMIT_MINUTES,
  };
}

/** Which tests notice a mutant; undefined where none does. */
async function noticedBy(
  copy: string,
  { packageFolder, file }: Mutant,
  interrupt: AbortSignal,
): Promise<string | undefined> {
  const related = ['--passWithNoTests', '--findRelatedTests', file];
  if (!(await runToEnd(tests(copy, packageFolder, ...related), interrupt))) {
    return 'its own tests';
  }
  const crossing = tests(copy, 'test', ...INTEGRATION);
  return (await runToEnd(crossing, interrupt)) ? undefined : 'integration';
}

async function main(args: string[], interrupt: AbortSignal): Promise<number> {
  const [count = DEFAULT_COUNT, seed = DEFAULT_SEED] = args.map(Number);
  const all = await listMutants();
  const copy = await copyProject();
  const survivors: string[] = [];
  let tried = 0;
  try {
    const areGreen = await runToEnd(
      tests(copy, 'test', ...INTEGRATION),
      interrupt,
    );
    if (!areGreen) {
      throw new Error('The integration tests fail without a mutant');
    }
    for (const mutant of drawMutants(all, count, seed)) {
      interrupt.throwIfAborted();
      const { packageFolder, file, text, mutation } = mutant;
      const path = join(copy, packageFolder, file);
      await replaceFile(path, applyMutation(text, mutation));
      const by = await noticedBy(copy, mutant, interrupt);
      interrupt.throwIfAborted();
      tried += 1;
      await replaceFile(path, text);
      const place = `${packageFolder}/${file}:${mutation.line} ${mutation.description}`;
      console.log(`${tried}. ${place}: ${by ?? 'SURVIVES'}`);
      if (by === undefined) {
        survivors.push(place);
      }
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
  console.log(
    `${tried - survivors.length} of ${tried} were noticed (seed ${seed})`,
  );
  survivors.forEach(place => console.log(`  not: ${place}`));
  return 0;
}

runMain(args => main(args, interruption()));
