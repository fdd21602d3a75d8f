import { performance } from 'node:perf_hooks';

/** Two ways to do the same work, timed turn by turn. */
export interface Comparison {
  name: string;
  /** What this project does. */
  run: () => unknown;
  /** What it is held against. */
  peer: { name: string; run: () => unknown };
}

/** Medians in milliseconds. */
export interface Measurement {
  name: string;
  peer: string;
  median: number;
  peerMedian: number;
}

const ROUNDS = 9;

/**
 * Times both ways in turns, so that whatever else the machine does falls on
 * both. The ratio of the medians is the result; times alone are not.
 */
export async function measure(comparison: Comparison): Promise<Measurement> {
  const { name, run, peer } = comparison;
  const times: number[] = [];
  const peerTimes: number[] = [];
  await run();
  await peer.run();
  for (let round = 0; round < ROUNDS; round += 1) {
    times.push(await time(run));
    peerTimes.push(await time(peer.run));
  }
  return {
    name,
    peer: peer.name,
    median: median(times),
    peerMedian: median(peerTimes),
  };
}

async function time(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
