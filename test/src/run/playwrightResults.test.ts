import { testFolder } from './testFolder';
import { readPlaywrightTotals } from './playwrightResults';

describe('readPlaywrightTotals', () => {
  const folder = testFolder();

  it('counts what only a repetition passed, and errors outside of tests', async () => {
    folder.setContent({
      'playwright.json': JSON.stringify({
        stats: { expected: 9, unexpected: 2, flaky: 1, skipped: 3 },
        errors: [{ message: 'The demo did not start' }],
      }),
    });
    await expect(
      readPlaywrightTotals(folder.resolve('playwright.json')),
    ).resolves.toEqual({ passed: 9, failed: 4, skipped: 3 });
  });

  it('fails when Playwright wrote nothing', async () => {
    await expect(
      readPlaywrightTotals(folder.resolve('none.json')),
    ).rejects.toThrow('none.json');
  });
});
