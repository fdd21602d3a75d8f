import { readFile } from 'node:fs/promises';
import type { TestTotals } from './jestResults';

/** The part that is used of the file that Playwright's JSON reporter writes. */
interface PlaywrightResults {
  stats: {
    expected: number;
    unexpected: number;
    flaky: number;
    skipped: number;
  };
  /** Outside of any test: a file that does not load, a server that does not start. */
  errors: unknown[];
}

/**
 * Reads the totals of a Playwright run. A test that passed only when it was
 * repeated counts as one that failed.
 *
 * @throws Error when Playwright ended without writing the file
 */
export async function readPlaywrightTotals(file: string): Promise<TestTotals> {
  const results: PlaywrightResults = JSON.parse(await readFile(file, 'utf8'));
  const { expected, unexpected, flaky, skipped } = results.stats;
  return {
    passed: expected,
    failed: unexpected + flaky + results.errors.length,
    skipped,
  };
}
