import { performance } from 'node:perf_hooks';
import type { BenchOptions, BenchResult } from './Bench';

/** One of two ways to do the same work. */
export interface Way {
  /** Before every run, and not timed: a fresh clone, a new tag to find. */
  prepare?(): unknown;
  run(): unknown;
}

/** Medians in milliseconds. */
export interface Measurement {
  ours: number;
  theirs: number;
  /** Ours by theirs. */
  ratio: number;
}

/**
 * Times both ways in turns, so that whatever else the machine does falls on
 * both. The ratio of the medians is the result; times alone are not.
 *
 * @param rounds - times each way is timed, after one run that is not
 */
export async function measure(
  ours: Way,
  theirs: Way,
  rounds: number,
): Promise<Measurement> {
  await time(ours);
  await time(theirs);
  const times: number[] = [];
  const theirTimes: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // Who goes first changes, since the first may leave the second garbage to
    // collect.
    if (round % 2 === 0) {
      times.push(await time(ours));
      theirTimes.push(await time(theirs));
    } else {
      theirTimes.push(await time(theirs));
      times.push(await time(ours));
    }
  }
  const median = medianOf(times);
  const theirMedian = medianOf(theirTimes);
  return { ours: median, theirs: theirMedian, ratio: median / theirMedian };
}

/** The median time of one way alone, in milliseconds. */
export async function measureAlone(way: Way, rounds: number): Promise<number> {
  await time(way);
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    times.push(await time(way));
  }
  return medianOf(times);
}

/** What a line of the table compares. */
export interface Comparison {
  path: string;
  ours: Way;
  /** Absent where its program is missing: the line then has no ratio. */
  theirs?: Way;
  /** What `theirs` is; without it, why it is not there. */
  peer: string;
  /** The largest ratio that is wanted. */
  atMost?: number;
}

/** Measures a comparison and puts it into a line of the table. */
export async function compare(
  { path, ours, theirs, peer, atMost }: Comparison,
  { rounds }: BenchOptions,
): Promise<BenchResult> {
  const target = atMost === undefined ? undefined : `at most ${atMost} ×`;
  if (!theirs) {
    const median = await measureAlone(ours, rounds);
    return { path, figure: formatTime(median), peer, target };
  }
  const measured = await measure(ours, theirs, rounds);
  // A whole run takes minutes; the table comes at its end.
  console.error(`${path}: ${measured.ratio.toFixed(3)} × ${peer}`);
  return {
    path,
    figure: formatTime(measured.ours),
    peer,
    peerFigure: formatTime(measured.theirs),
    ratio: measured.ratio,
    target,
    met: atMost === undefined ? undefined : measured.ratio <= atMost,
  };
}

/** Of an even number of values, the larger of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** `0.42 ms`, `42 ms` or `4.2 s`. */
export function formatTime(milliseconds: number): string {
  // From half a step below on it is rounded to the next power of ten.
  const [value, unit] =
    milliseconds < 999.5 ? [milliseconds, 'ms'] : [milliseconds / 1_000, 's'];
  return `${value.toPrecision(value < 99.5 ? 2 : 3)} ${unit}`;
}

async function time({ prepare, run }: Way): Promise<number> {
  await prepare?.();
  const start = performance.now();
  await run();
  return performance.now() - start;
}
