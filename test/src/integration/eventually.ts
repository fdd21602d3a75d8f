import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Repeats a check until it passes.
 *
 * @returns what the check answers
 * @throws the last failure, when the time is over
 */
export async function eventually<T>(
  check: () => Promise<T> | T,
  { timeout = 20_000 }: { timeout?: number } = {},
): Promise<T> {
  const deadline = Date.now() + timeout;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
      await sleep(100);
    }
  }
}
