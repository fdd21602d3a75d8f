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
import { runMain } from './runMain';
import { printTime, runBeside, runStep } from './runStep';
import {
  makePlan,
  type Plan,
  readSelection,
  readTestCommand,
  type Selection,
} from './selection';
import { listTestFiles } from './suites';

/** npm runs the scripts of the root there. */
const root = process.cwd();

/** After which the tests of jest have failed. */
const LIMIT_MINUTES = 25;

/** Adds up what parts of the run found. */
class Tally {
  readonly totals: TestTotals = { passed: 0, failed: 0, skipped: 0 };

  add({ passed, failed, skipped }: TestTotals): void {
    this.totals.passed += passed;
    this.totals.failed += failed;
    this.totals.skipped += skipped;
  }

  /** A check, or what else is no test. */
  addCheck(passed: boolean): void {
    this.totals.failed += passed ? 0 : 1;
  }
}

/** What keeps the processors busy, and is shown while it runs. */
async function runJestPart(
  plan: Plan,
  selection: Selection,
  tally: Tally,
  interrupt: AbortSignal,
): Promise<void> {
  if (plan.jest.length > 0) {
    const { jest: files, env } = plan;
    const run = { root, files, selection, env, limitMinutes: LIMIT_MINUTES };
    tally.add(await runJestTests(run, interrupt));
  }
  if (plan.runsBenchmarks) {
    tally.addCheck(await runStep(shortBenchmarks(root), interrupt));
  }
}

/** What runs beside it, where tests wait for others and leave a processor idle. */
async function runOtherPart(
  plan: Plan,
  selection: Selection,
  tally: Tally,
  interrupt: AbortSignal,
): Promise<void> {
  if (plan.runsChecks) {
    for (const check of checks(root)) {
      tally.addCheck(await runBeside(check, interrupt));
    }
  }
  if (plan.browser.length > 0) {
    const run = {
      root,
      selection,
      files: plan.browser,
      runStep: plan.jest.length > 0 ? runBeside : runStep,
    };
    tally.add(await runBrowserTests(run, interrupt));
  }
}

async function runTests(
  [command, ...args]: string[],
  interrupt: AbortSignal,
): Promise<TestTotals> {
  const started = Date.now();
  const selection = readSelection(args);
  const plan = makePlan(
    readTestCommand(command),
    selection,
    listTestFiles(root),
  );
  const tally = new Tally();
  tally.totals.failed += await provideServers(plan);
  const parts = await Promise.allSettled([
    runJestPart(plan, selection, tally, interrupt),
    runOtherPart(plan, selection, tally, interrupt),
  ]);
  for (const part of parts) {
    if (part.status === 'rejected') {
      throw part.reason;
    }
  }
  const { totals } = tally;
  if (totals.passed + totals.failed === 0) {
    console.error('No test ran: none has that name');
    totals.failed += 1;
  }
  printTime('everything', totals.failed === 0, started);
  return totals;
}

runMain(async args => {
  const totals = await runTests(args, interruption()).catch(
    (error): TestTotals => {
      console.error(`${error}`);
      return { passed: 0, failed: 1, skipped: 0 };
    },
  );
  console.log(formatTotals(totals));
  return totals.failed === 0 ? 0 : 1;
});
