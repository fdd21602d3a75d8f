/** The first retry of failed work comes after this time, if not sooner by schedule. */
const FIRST_RETRY_MS = 15_000;

/**
 * How long to wait after a failure: doubling, or as long as the other side asks,
 * and never longer than the schedule's own interval.
 */
export function retryDelay(options: {
  /** Failures in a row, this one included. */
  failures: number;
  interval: number;
  /** What the other side asked for, in milliseconds. */
  retryAfter?: number;
}): number {
  const { failures, interval, retryAfter = 0 } = options;
  const doubled = FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20);
  return Math.min(interval, Math.max(doubled, retryAfter));
}

/** A little more than a time, so that work begun together does not stay together. */
export function withJitter(milliseconds: number): number {
  return Math.round(milliseconds * (1 + Math.random() * 0.05));
}
