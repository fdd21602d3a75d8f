/** How a run of `npm run bench` goes. */
export interface BenchOptions {
  /** Sizes that only show that the harness works, for CI. */
  short: boolean;
  /** Times each way is timed; the median counts. */
  rounds: number;
}

/** One line of the table. */
export interface BenchResult {
  /** What was done, with its size: `update, cold: 10,000 files, 100 marked`. */
  path: string;
  /** What this project needed, with its unit. */
  figure: string;
  /** What it is held against. */
  peer?: string;
  /** What the peer needed, with its unit. */
  peerFigure?: string;
  /** Ours by the peer's; below 1 is faster. */
  ratio?: number;
  /** What was aimed at, in words: `at most 1.0 ×`. */
  target?: string;
  /** Whether it was met; absent where there is no target. */
  met?: boolean;
}

/** A group of lines that share what they start. */
export interface Bench {
  /** Also what `npm run bench -- NAME` picks. */
  name: string;
  /** Starts what it needs, checks that results are right, then times them. */
  run(options: BenchOptions): Promise<BenchResult[]>;
}
