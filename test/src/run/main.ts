/*
 * What `npm test` runs: checks, then every test of every workspace with the
 * real servers they need. With arguments, only the tests: they go to jest, so
 * `npm test -- markers` runs the files whose path contains that word; those in a
 * browser (test/e2e-tests) are for `npx playwright test -c test`.
 *
 * The last line is `N passed, N failed`: tests, and every check that failed or
 * suite that a CI had to leave out counts as one failure.
 */
import { runBrowserTests } from './browserTests';
import { interruption } from './interruption';
import { formatTotals } from './jestResults';
import { runJestTests } from './jestTests';
import { provideServers } from './provideServers';
import { printTime, runStep, Step } from './runStep';

/** npm runs the scripts of the root there. */
const root = process.cwd();

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

// Whether the benchmarks work and their results are right; no time is held.
const shortBenchmarks: Step = {
  name: 'benchmarks, short',
  command: {
    program: 'node',
    args: [
      '--require',
      '@backstage/cli/config/nodeTransform.cjs',
      'test/src/bench/main.ts',
      '--short',
    ],
    cwd: root,
  },
  limitMinutes: 8,
};

async function main(jestArgs: string[], interrupt: AbortSignal) {
  const started = Date.now();
  let failedParts = await provideServers(root);
  if (jestArgs.length === 0) {
    for (const step of checks) {
      if (!(await runStep(step, interrupt))) {
        failedParts += 1;
      }
    }
  }
  const tests = await runJestTests(
    { name: 'tests', root, args: jestArgs, limitMinutes: 25 },
    interrupt,
  );
  const totals = { ...tests, failed: tests.failed + failedParts };
  if (jestArgs.length === 0) {
    if (!(await runStep(shortBenchmarks, interrupt))) {
      totals.failed += 1;
    }
    const browser = await runBrowserTests(root, interrupt);
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
