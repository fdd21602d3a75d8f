import { setImmediate } from 'node:timers/promises';

/** How long other work waits at most, give or take a batch. */
const TURN_MS = 10;

/** So few that a batch of the slowest tags takes less than a turn. */
const BATCH_SIZE = 500;

/**
 * Goes through a long list in batches and lets other work in every few
 * milliseconds, so that neither its length nor what is in it, which strangers
 * decide, can keep the process from answering.
 */
export async function inTurns<T>(
  items: readonly T[],
  work: (batch: readonly T[]) => void,
): Promise<void> {
  let turnEnd = performance.now() + TURN_MS;
  for (let start = 0; start < items.length; start += BATCH_SIZE) {
    if (performance.now() > turnEnd) {
      await setImmediate();
      turnEnd = performance.now() + TURN_MS;
    }
    work(items.slice(start, start + BATCH_SIZE));
  }
}
