import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostgres, PostgresServer } from '../servers/Postgres';
import { readJestTotals } from './jestResults';
import type { TestTotals } from './jestResults';
import { serverVariables } from './provideServers';
import { runStep } from './runStep';
import type { Step } from './runStep';
import type { Selection } from './selection';
import type { TestFile } from './suites';

/** A run of jest. */
export interface JestRun {
  /** Of the project. */
  root: string;
  files: readonly TestFile[];
  selection: Selection;
  env: Record<string, string>;
  limitMinutes: number;
}

/** The names of the packages that the files belong to, which are jest's projects. */
async function projectsOf(
  root: string,
  files: readonly TestFile[],
): Promise<string[]> {
  const folders = new Set(
    files.map(({ path }) => path.slice(0, path.indexOf('/src/'))),
  );
  return Promise.all(
    [...folders].map(async folder => {
      const manifest: { name: string } = JSON.parse(
        await readFile(join(root, folder, 'package.json'), 'utf8'),
      );
      return manifest.name;
    }),
  );
}

async function jestStep(
  { root, files, selection, limitMinutes }: JestRun,
  resultsFile: string,
  env: Record<string, string>,
): Promise<Step> {
  const { testName, jestOptions } = selection;
  const projects = await projectsOf(root, files);
  return {
    name: `${files.length} files of tests`,
    command: {
      program: 'backstage-cli',
      args: [
        'repo',
        'test',
        '--watch=false',
        '--passWithNoTests=false',
        '--maxWorkers=2',
        '--json',
        `--outputFile=${resultsFile}`,
        ...projects.map(name => `--selectProjects=${name}`),
        ...(testName ? [`--testNamePattern=${testName}`] : []),
        ...jestOptions,
        '--runTestsByPath',
        ...files.map(({ path }) => path),
      ],
      cwd: root,
      env,
    },
    limitMinutes,
  };
}

/** Runs jest, with a PostgreSQL of its own where one of the files needs it. */
export async function runJestTests(
  run: JestRun,
  interrupt: AbortSignal,
): Promise<TestTotals> {
  const folder = await mkdtemp(join(tmpdir(), 'image-scan-run-'));
  const resultsFile = join(folder, 'jest.json');
  const needs = [...new Set(run.files.flatMap(file => [...file.needs]))];
  const installation = needs.includes('postgresql')
    ? findPostgres()
    : undefined;
  const postgres = installation && (await PostgresServer.start(installation));
  try {
    const env = { ...serverVariables(needs, postgres), ...run.env };
    const step = await jestStep(run, resultsFile, env);
    const passed = await runStep(step, interrupt);
    const totals = await readJestTotals(resultsFile);
    // For example a coverage threshold, or an error outside of any test.
    const unexplained = !passed && totals.failed === 0;
    return { ...totals, failed: totals.failed + (unexplained ? 1 : 0) };
  } finally {
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
