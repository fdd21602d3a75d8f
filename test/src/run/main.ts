/*
 * What `npm test` runs: checks, then every test of every workspace with the
 * real servers they need. With arguments, only the tests: they go to jest, so
 * `npm test -- markers` runs the files whose path contains that word; those in a
 * browser (test/e2e-tests) are for `npx playwright test -c test`.
 *
 * The last line is `N passed, N failed`: tests, and every check that failed or
 * suite that a CI had to leave out counts as one failure.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDockerRegistry } from '../servers/DockerRegistry';
import { findPostgres, PostgresServer } from '../servers/Postgres';
import { CHROMIUM_VARIABLE } from './browser';
import { interruption } from './interruption';
import { formatTotals, readJestTotals, TestTotals } from './jestResults';
import { readPlaywrightTotals } from './playwrightResults';
import {
  findChromium,
  installCommand,
  installMissing,
  requiredPrograms,
} from './programs';
import { printTime, runStep, Step } from './runStep';

/** npm runs the scripts of the root there. */
const root = process.cwd();

const isCi = process.env.CI === 'true';

const SOURCES = '{plugins,test}/**/*.{ts,tsx,js,json,md}';
const BUILT = '!**/{dist,dist-types,coverage}/**';

const checks: Step[] = [
  check('type check', 'tsc'),
  check('lint', 'backstage-cli', 'repo', 'lint'),
  check(
    'formatting',
    'prettier',
    '--check',
    SOURCES,
    '*.{json,yaml,md}',
    BUILT,
  ),
  // Lax: the passwords are not there, only the shape is checked.
  check(
    'app-config.yaml',
    'backstage-cli',
    'config:check',
    '--strict',
    '--lax',
  ),
];

function check(name: string, program: string, ...args: string[]): Step {
  return { name, command: { program, args, cwd: root }, limitMinutes: 5 };
}

function jestStep(
  args: string[],
  resultsFile: string,
  env: Record<string, string>,
): Step {
  return {
    name: 'tests',
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
    limitMinutes: 12,
  };
}

/** The tests in a browser; they start the demo themselves. */
function playwrightStep(resultsFile: string, chromium: string): Step {
  return {
    name: 'tests in a browser',
    command: {
      program: 'playwright',
      args: [
        'test',
        '--config=test/playwright.config.ts',
        '--reporter=list,json',
      ],
      cwd: root,
      env: {
        [CHROMIUM_VARIABLE]: chromium,
        PLAYWRIGHT_JSON_OUTPUT_FILE: resultsFile,
      },
    },
    limitMinutes: 12,
  };
}

/** @returns how many suites were left out although they had to run */
async function provideServers(): Promise<number> {
  const started = Date.now();
  const programs = requiredPrograms(root);
  await installMissing(programs.filter(program => !program.isInstalled()));
  const missing = programs.filter(program => !program.isInstalled());
  for (const { name, suites } of missing) {
    console.log(`${name} is not installed. Left out: ${suites}.`);
  }
  if (missing.length > 0) {
    console.log(`On Debian and Ubuntu: ${installCommand(missing)}`);
  }
  const failed = isCi ? missing.length : 0;
  printTime('servers', failed === 0, started);
  return failed;
}

async function runTests(
  args: string[],
  interrupt: AbortSignal,
): Promise<TestTotals> {
  const folder = await mkdtemp(join(tmpdir(), 'image-scan-run-'));
  const resultsFile = join(folder, 'jest.json');
  const installation = findPostgres();
  const postgres = installation && (await PostgresServer.start(installation));
  try {
    const env = serverVariables(postgres);
    const passed = await runStep(jestStep(args, resultsFile, env), interrupt);
    const totals = await readJestTotals(resultsFile);
    // For example a coverage threshold, or an error outside of any test.
    const unexplained = !passed && totals.failed === 0;
    return { ...totals, failed: totals.failed + (unexplained ? 1 : 0) };
  } finally {
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function runBrowserTests(interrupt: AbortSignal): Promise<TestTotals> {
  const chromium = process.env[CHROMIUM_VARIABLE] ?? findChromium();
  if (!chromium) {
    // Said before, and in a CI counted as a failure.
    return { passed: 0, failed: 0, skipped: 0 };
  }
  const folder = await mkdtemp(join(tmpdir(), 'image-scan-run-'));
  const resultsFile = join(folder, 'playwright.json');
  try {
    const step = playwrightStep(resultsFile, chromium);
    const passed = await runStep(step, interrupt);
    const totals = await readPlaywrightTotals(resultsFile);
    // For example a demo that did not start.
    const unexplained = !passed && totals.failed === 0;
    return { ...totals, failed: totals.failed + (unexplained ? 1 : 0) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** How the suites find what they need; they leave out what they do not find. */
function serverVariables(
  postgres: PostgresServer | undefined,
): Record<string, string> {
  const variables: Record<string, string> = {
    BACKSTAGE_TEST_DISABLE_DOCKER: '1',
  };
  const registry = findDockerRegistry();
  if (registry) {
    variables.IMAGE_SCAN_TEST_DOCKER_REGISTRY = registry;
  }
  if (postgres) {
    variables[postgresVariable(postgres.majorVersion)] =
      postgres.connectionString;
  }
  return variables;
}

/** Backstage's test databases know these versions; a newer one passes as 18. */
function postgresVariable(majorVersion: number): string {
  const known = Math.min(Math.max(majorVersion, 11), 18);
  return `BACKSTAGE_TEST_DATABASE_POSTGRES${known}_CONNECTION_STRING`;
}

async function main(jestArgs: string[], interrupt: AbortSignal) {
  const started = Date.now();
  let failedParts = await provideServers();
  if (jestArgs.length === 0) {
    for (const step of checks) {
      if (!(await runStep(step, interrupt))) {
        failedParts += 1;
      }
    }
  }
  const tests = await runTests(jestArgs, interrupt);
  const totals = { ...tests, failed: tests.failed + failedParts };
  if (jestArgs.length === 0) {
    const browser = await runBrowserTests(interrupt);
    totals.passed += browser.passed;
    totals.failed += browser.failed;
    totals.skipped += browser.skipped;
  }
  printTime('everything', totals.failed === 0, started);
  console.log(formatTotals(totals));
  return totals.failed === 0 ? 0 : 1;
}

const interrupt = interruption();

main(process.argv.slice(2), interrupt).then(
  code => {
    process.exitCode = code;
  },
  error => {
    console.error(`${error}`);
    console.log(formatTotals({ passed: 0, failed: 1, skipped: 0 }));
    process.exitCode = 1;
  },
);
