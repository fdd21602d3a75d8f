import { testFolder } from './testFolder';
import { formatTotals, readJestTotals } from './jestResults';

describe('jestResults', () => {
  const folder = testFolder();

  it('counts a file that did not load as a failure', async () => {
    folder.setContent({
      'jest.json': JSON.stringify({
        numPassedTests: 12,
        numFailedTests: 2,
        numPendingTests: 3,
        numTodoTests: 1,
        numRuntimeErrorTestSuites: 1,
      }),
    });
    await expect(readJestTotals(folder.resolve('jest.json'))).resolves.toEqual({
      passed: 12,
      failed: 3,
      skipped: 4,
    });
  });

  it('fails when jest wrote nothing', async () => {
    await expect(readJestTotals(folder.resolve('none.json'))).rejects.toThrow(
      'none.json',
    );
  });

  it('names skipped tests only where there are any', () => {
    expect(formatTotals({ passed: 7, failed: 0, skipped: 0 })).toBe(
      '7 passed, 0 failed',
    );
    expect(formatTotals({ passed: 7, failed: 1, skipped: 2 })).toBe(
      '7 passed, 1 failed, 2 skipped',
    );
  });
});
