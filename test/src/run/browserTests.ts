import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHROMIUM_VARIABLE } from './browser';
import type { TestTotals } from './jestResults';
import { readPlaywrightTotals } from './playwrightResults';
import { findChromium } from './programs';
import type { runStep, Step } from './runStep';
import type { Selection } from './selection';
import type { TestFile } from './suites';

/** A run of Playwright. */
export interface BrowserRun {
  /** Of the project. */
  root: string;
  files: readonly TestFile[];
  selection: Selection;
  /** How it is run and shown. */
  runStep: typeof runStep;
}

/** The tests in a browser; they start the demo themselves. */
function playwrightStep(
  { root, files, selection }: BrowserRun,
  resultsFile: string,
  chromium: string,
): Step {
  const { testName, patterns } = selection;
  const isWhole = testName === undefined && patterns.length === 0;
  return {
    name: 'tests in a browser',
    command: {
      program: 'playwright',
      args: [
        'test',
        '--config=test/playwright.config.ts',
        '--reporter=list,json',
        ...(testName ? [`--grep=${testName}`] : []),
        // Tests of one kind do not wait for the other where they were named.
        ...(isWhole ? [] : ['--no-deps']),
        // Each is taken for a regular expression.
        ...files.map(({ path }) => path.replaceAll('.', '\\.')),
      ],
      cwd: root,
      env: {
        [CHROMIUM_VARIABLE]: chromium,
        PLAYWRIGHT_JSON_OUTPUT_FILE: resultsFile,
      },
    },
    limitMinutes: 20,
  };
}

/** Runs Playwright, where there is a browser. */
export async function runBrowserTests(
  run: BrowserRun,
  interrupt: AbortSignal,
): Promise<TestTotals> {
  const chromium = process.env[CHROMIUM_VARIABLE] ?? findChromium();
  if (!chromium) {
    // Said before, and in a CI counted as a failure.
    return { passed: 0, failed: 0, skipped: 0 };
  }
  const folder = await mkdtemp(join(tmpdir(), 'image-scan-run-'));
  const resultsFile = join(folder, 'playwright.json');
  try {
    const step = playwrightStep(run, resultsFile, chromium);
    const passed = await run.runStep(step, interrupt);
    const totals = await readPlaywrightTotals(resultsFile);
    // For example a demo that did not start.
    const unexplained = !passed && totals.failed === 0;
    return { ...totals, failed: totals.failed + (unexplained ? 1 : 0) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
