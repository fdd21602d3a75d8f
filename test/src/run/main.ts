/*
 * What `npm test` and its parts run: `main.ts COMMAND WORDS...`, where the command is
 * `all`, `unit`, `integration`, `guarantees` (the long ones) or `e2e`. Words choose the
 * files whose path has one of them, and `-t NAME` the tests of that name; then nothing
 * is installed or started that these do not need.
 *
 * The last line is `N passed, N failed`: tests, and every check that failed or
 * program that a CI had to have counts as one failure.
 */
import { runBrowserTests } from './browserTests';
import { checks, shortBenchmarks } from './checks';
import { interruption } from './interruption';
import { formatTotals, type TestTotals } from './jestResults';
import { runJestTests } from './jestTests';
import { provideServers } from './provideServers';
import { printTime, runSideBySide, runStep } from './runStep';
import { makePlan, readSelection, readTestCommand } from './selection';
import { listTestFiles } from './suites';

/** npm runs the scripts of the root there. */
const root = process.cwd();

/** After which the tests of jest have failed. */
const LIMIT_MINUTES = 25;

async function main(
  [command, ...args]: string[],
  interrupt: AbortSignal,
): Promise<number> {
  const started = Date.now();
  const selection = readSelection(args);
  const plan = makePlan(
    readTestCommand(command),
    selection,
    listTestFiles(root),
  );
  const totals = { passed: 0, failed: await provideServers(plan), skipped: 0 };
  const add = ({ passed, failed, skipped }: TestTotals) => {
    totals.passed += passed;
    totals.failed += failed;
    totals.skipped += skipped;
  };

  if (plan.runsChecks) {
    totals.failed += await runSideBySide(checks(root), interrupt);
  }
  if (plan.jest.length > 0) {
    const { jest: files, env } = plan;
    const run = { root, files, selection, env, limitMinutes: LIMIT_MINUTES };
    add(await runJestTests(run, interrupt));
  }
  if (plan.runsBenchmarks) {
    const passed = await runStep(shortBenchmarks(root), interrupt);
    totals.failed += passed ? 0 : 1;
  }
  if (plan.browser.length > 0) {
    const run = { root, selection, files: plan.browser };
    add(await runBrowserTests(run, interrupt));
  }
  if (totals.passed + totals.failed === 0) {
    console.error('No test ran: none has that name');
    totals.failed += 1;
  }
  printTime('everything', totals.failed === 0, started);
  console.log(formatTotals(totals));
  return totals.failed === 0 ? 0 : 1;
}

main(process.argv.slice(2), interruption()).then(
  code => {
    process.exitCode = code;
  },
  error => {
    console.error(`${error}`);
    console.log(formatTotals({ passed: 0, failed: 1, skipped: 0 }));
    process.exitCode = 1;
  },
);
