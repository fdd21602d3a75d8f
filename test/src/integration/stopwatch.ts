import { existsSync, readFileSync } from 'node:fs';

/** Of the main thread: nanoseconds at work, and waiting for a processor. */
const SCHEDULE = `/proc/self/task/${process.pid}/schedstat`;

function scheduleOfThisThread(): { worked: number; waited: number } {
  // Only Linux tells; elsewhere nothing is held.
  const text = existsSync(SCHEDULE) ? readFileSync(SCHEDULE, 'utf8') : '0 0 0';
  const [worked, waited] = text.split(' ').map(part => Number(part) / 1e6);
  return { worked, waited };
}

/** Milliseconds that the main thread worked so far, whatever others do meanwhile. */
export function cpuOfThisThread(): number {
  return scheduleOfThisThread().worked;
}

/**
 * A watch that stands while the main thread would go on and has no processor: a test
 * that holds it does not fail because the machine is busy with something else.
 *
 * @returns milliseconds since it was started
 */
export function startWatch(): () => number {
  const started = performance.now();
  const before = scheduleOfThisThread().waited;
  return () =>
    performance.now() - started - (scheduleOfThisThread().waited - before);
}
