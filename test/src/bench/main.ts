/*
 * What `npm run bench` runs: the hot paths beside what they are held against,
 * in one run, as a table of medians and ratios. `npm run bench -- NAME...` runs
 * only those benches, and `--short` sizes that show that the harness works.
 *
 * It fails when a result is wrong, never because something was slow.
 */
import { parseArgs } from 'node:util';
import { runMain } from '../run/runMain';
import type { Bench, BenchOptions, BenchResult } from './Bench';
import { gitGrowth } from './gitGrowth';
import { gitMemory } from './gitMemory';
import { gitUpdates } from './gitUpdates';
import { pages } from './pages';
import { rewriting } from './rewriting';
import { scanning } from './scanning';
import { store } from './store';
import { throughput } from './throughput';
import { describeMachine, formatTable } from './table';
import { turns } from './turns';

/** In the order of the table. */
const benches: readonly Bench[] = [
  gitUpdates,
  gitMemory,
  gitGrowth,
  rewriting,
  turns,
  scanning,
  throughput,
  store,
  pages,
];

function pickBenches(names: readonly string[]): readonly Bench[] {
  const unknown = names.filter(
    name => !benches.some(bench => bench.name === name),
  );
  if (unknown.length > 0) {
    const known = benches.map(bench => bench.name).join(', ');
    throw new Error(`No bench is called ${unknown.join(', ')}, only ${known}`);
  }
  return names.length === 0
    ? benches
    : benches.filter(bench => names.includes(bench.name));
}

/** @returns whether it went through; a bench that breaks stops no other */
async function runBench(
  bench: Bench,
  options: BenchOptions,
  results: BenchResult[],
): Promise<boolean> {
  const start = Date.now();
  const seconds = () => ((Date.now() - start) / 1_000).toFixed(1);
  try {
    const lines = await bench.run(options);
    results.push(...lines);
    console.error(`${bench.name}: ${lines.length} lines in ${seconds()} s`);
    return true;
  } catch (error) {
    console.error(`${bench.name}: FAILED in ${seconds()} s`, error);
    return false;
  }
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    options: { short: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const short = values.short ?? false;
  const options: BenchOptions = { short, rounds: short ? 1 : 7 };
  const results: BenchResult[] = [];
  let failed = 0;
  for (const bench of pickBenches(positionals)) {
    if (!(await runBench(bench, options, results))) {
      failed += 1;
    }
  }
  console.log(`${formatTable(results)}\n\n${describeMachine()}`);
  return failed === 0 ? 0 : 1;
}

runMain(main);
