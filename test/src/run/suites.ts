import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgramName } from '../servers/provided';
import { ProgramNeeds } from './needs';

/** Suites of test files; `bench` and the checks are no test files. */
export type SuiteName = 'unit' | 'integration' | 'guarantees' | 'long' | 'e2e';

/** A test file. */
export interface TestFile {
  /** From the root of the project, with slashes. */
  path: string;
  suite: SuiteName;
  needs: ReadonlySet<ProgramName>;
}

const GUARANTEES = 'test/src/guarantees/';
const INTEGRATION = 'test/src/integration/';
const E2E = 'test/e2e-tests/';

/**
 * The guarantees that gain by repetition, and so have a suite of their own, and what
 * needs more than an every-day run shall install: files or folders of
 * `test/src/guarantees`.
 */
const LONG = [
  'bombs/',
  'crash/',
  'fuzz/',
  'jgit.test.ts',
  'load.test.ts',
  'races.test.ts',
  'replicas.test.ts',
];

/** What shows its worth on much only, wherever it lies, and is of the same suite. */
const LOAD = /\.load\.test\.tsx?$/;

/** A command, not a server: where it is missing, only the tests of TLS are left out. */
const PLAIN_COMMANDS: readonly ProgramName[] = ['openssl'];

/** The suite of a test file, by where it lies and what it needs. */
export function suiteOf(
  path: string,
  needs: ReadonlySet<ProgramName>,
): SuiteName {
  if (path.startsWith(E2E)) {
    return 'e2e';
  }
  if (LOAD.test(path)) {
    return 'long';
  }
  if (path.startsWith(GUARANTEES)) {
    const name = path.slice(GUARANTEES.length);
    return LONG.some(each => name.startsWith(each)) ? 'long' : 'guarantees';
  }
  const isPlain = [...needs].every(each => PLAIN_COMMANDS.includes(each));
  return path.startsWith(INTEGRATION) || !isPlain ? 'integration' : 'unit';
}

/** Every test file of the project, by path. */
export function listTestFiles(root: string): TestFile[] {
  const plugins = readdirSync(join(root, 'plugins'));
  const folders = [
    ...plugins.map(name => `plugins/${name}/src/`),
    'test/src/',
    E2E,
  ];
  const programs = new ProgramNeeds();
  return folders
    .flatMap(folder =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter(name => /\.test\.[cm]?[jt]sx?$/.test(name))
        .map(name => `${folder}${name}`),
    )
    .sort()
    .map(path => {
      const needs = path.startsWith(E2E)
        ? new Set<ProgramName>(['chromium'])
        : programs.of(join(root, path));
      return { path, suite: suiteOf(path, needs), needs };
    });
}
