import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceUnavailableError } from '@backstage/errors';

/**
 * Tries to take what somebody else may hold, until it is taken or the time is
 * over.
 *
 * @param options - lengths in milliseconds; the signal ends the wait with its reason
 * @param claim - answers undefined while it is held
 * @throws ServiceUnavailableError with the message, when the time is over
 */
export async function claimWithin<T>(
  options: {
    time: number;
    pause: number;
    message: string;
    signal?: AbortSignal;
  },
  claim: () => Promise<T | undefined>,
): Promise<T> {
  const { time, pause, message, signal } = options;
  const until = performance.now() + time;
  for (;;) {
    signal?.throwIfAborted();
    const claimed = await claim();
    if (claimed !== undefined) {
      return claimed;
    }
    if (performance.now() > until) {
      throw new ServiceUnavailableError(message);
    }
    // Woken by an abort, the next turn throws its reason.
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}
