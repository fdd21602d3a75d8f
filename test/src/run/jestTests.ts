import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostgres, PostgresServer } from '../servers/Postgres';
import { readJestTotals, TestTotals } from './jestResults';
import { serverVariables } from './provideServers';
import { runStep, Step } from './runStep';

/** A run of jest over all workspaces. */
export interface JestRun {
  name: string;
  /** Of the project. */
  root: string;
  /** Patterns of paths, and jest's options. */
  args: string[];
  env?: Record<string, string>;
  limitMinutes: number;
}

function jestStep(
  { name, root, args, limitMinutes }: JestRun,
  resultsFile: string,
  env: Record<string, string>,
): Step {
  return {
    name,
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
        ...args,
      ],
      cwd: root,
      env,
    },
    limitMinutes,
  };
}

/** Runs jest with a PostgreSQL of its own. */
export async function runJestTests(
  run: JestRun,
  interrupt: AbortSignal,
): Promise<TestTotals> {
  const folder = await mkdtemp(join(tmpdir(), 'image-scan-run-'));
  const resultsFile = join(folder, 'jest.json');
  const installation = findPostgres();
  const postgres = installation && (await PostgresServer.start(installation));
  try {
    const env = { ...serverVariables(postgres), ...run.env };
    const passed = await runStep(jestStep(run, resultsFile, env), interrupt);
    const totals = await readJestTotals(resultsFile);
    // For example a coverage threshold, or an error outside of any test.
    const unexplained = !passed && totals.failed === 0;
    return { ...totals, failed: totals.failed + (unexplained ? 1 : 0) };
  } finally {
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
