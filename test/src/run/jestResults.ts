import { readFile } from 'node:fs/promises';

/** Numbers of tests. */
export interface TestTotals {
  passed: number;
  failed: number;
  skipped: number;
}

/** The part that is used of the file that `jest --json --outputFile` writes. */
interface JestResults {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  /** Files that broke before their first test. */
  numRuntimeErrorTestSuites: number;
}

/**
 * Reads the totals of a jest run.
 *
 * @remarks
 * A file that could not even be loaded has no tests to count and counts as one
 * that failed.
 *
 * @throws Error when jest ended without writing the file
 */
export async function readJestTotals(file: string): Promise<TestTotals> {
  const results: JestResults = JSON.parse(await readFile(file, 'utf8'));
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

/** The last line of a run: `N passed, N failed`, and `, N skipped` if any. */
export function formatTotals({ passed, failed, skipped }: TestTotals): string {
  const line = `${passed} passed, ${failed} failed`;
  return skipped ? `${line}, ${skipped} skipped` : line;
}
