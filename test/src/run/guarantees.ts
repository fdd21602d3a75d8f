/*
 * What `npm run test:guarantees` runs: those tests of what this project promises that
 * gain by repetition, at the length that the promises are made on. The others
 * have one length, in `npm test`. Arguments go to jest: `npm run test:guarantees --
 * crash` runs those files alone.
 */
import { interruption } from './interruption';
import { formatTotals } from './jestResults';
import { runJestTests } from './jestTests';
import { provideServers } from './provideServers';
import { printTime } from './runStep';

/** npm runs the scripts of the root there. */
const root = process.cwd();

/** Those that `guaranteeScale` makes longer. */
const REPEATED = ['crash', 'fuzz', 'load', 'races', 'replicas'];

async function main(args: string[], interrupt: AbortSignal): Promise<number> {
  const started = Date.now();
  const missing = await provideServers(root);
  const names = args.some(arg => !arg.startsWith('-')) ? [] : REPEATED;
  const patterns = [...names, ...args].map(arg =>
    arg.startsWith('-') ? arg : `guarantees/.*${arg}`,
  );
  const totals = await runJestTests(
    {
      name: 'what can be relied on',
      root,
      args: patterns,
      env: { IMAGE_SCAN_GUARANTEES: 'full' },
      limitMinutes: 40,
    },
    interrupt,
  );
  totals.failed += missing;
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
