import { setMaxListeners } from 'node:events';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { ServiceUnavailableError, toError } from '@backstage/errors';
import { LEASE_DURATION_MS, LEASE_RENEWAL_MS } from '../database/leases';

/**
 * Does a piece of work under a lease, and renews the lease until the work ends
 * or is aborted. The work's signal is aborted with the given one, and with a
 * `ServiceUnavailableError` when the lease is lost.
 *
 * @throws the reason of the abort where there was one, else what the work throws
 */
export type HoldLease<TLease> = <T>(
  lease: TLease,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;

interface Held {
  abort: AbortController;
  /** Until when nobody else can have it, on the monotonic clock. */
  sureUntil: number;
}

/**
 * Keeps leases of one kind, all of them with one statement at a time.
 *
 * @remarks
 * A renewal that fails is logged and tried again with the next one. A lease is
 * lost when the database says so, or when no renewal went through for as long as
 * it lasts: then somebody else may have it, and two at the same work are worse
 * than none.
 */
export function leaseHolder<TLease>(options: {
  /** Renews them, and answers with those that are lost. */
  renew: (leases: readonly TLease[]) => Promise<readonly TLease[] | void>;
  logger: LoggerService;
}): HoldLease<TLease> {
  const { renew, logger } = options;
  const held = new Map<TLease, Held>();
  let timer: NodeJS.Timeout | undefined;

  const drop = (lease: TLease) => {
    held.delete(lease);
    if (held.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };

  const renewAll = async () => {
    const startedAt = performance.now();
    const states = [...held.entries()];
    try {
      const answer = await renew(states.map(([lease]) => lease));
      const lost = new Set(answer ?? []);
      for (const [lease, state] of states) {
        if (!lost.has(lease)) {
          state.sureUntil = startedAt + LEASE_DURATION_MS;
        } else if (held.get(lease) === state) {
          // What ended meanwhile was given back, not lost.
          state.abort.abort(lostLease());
        }
      }
    } catch (error) {
      logger.error('Failed to renew leases', toError(error));
    }
  };

  const onTimer = () => {
    const now = performance.now();
    [...held.values()]
      .filter(({ sureUntil }) => sureUntil <= now)
      .forEach(({ abort }) => abort.abort(lostLease()));
    if (held.size > 0) {
      renewAll();
    }
  };

  return async (lease, signal, work) => {
    const abort = new AbortController();
    // Every request of the work listens to it.
    setMaxListeners(0, abort.signal);
    const onStop = () => abort.abort(signal?.reason);
    // What is aborted gives itself back; it needs no more time.
    abort.signal.addEventListener('abort', () => drop(lease));
    held.set(lease, {
      abort,
      sureUntil: performance.now() + LEASE_DURATION_MS,
    });
    timer ??= setInterval(onTimer, LEASE_RENEWAL_MS);
    signal?.addEventListener('abort', onStop, { once: true });
    if (signal?.aborted) {
      onStop();
    }
    try {
      return await work(abort.signal);
    } catch (error) {
      throw abort.signal.aborted ? abort.signal.reason : error;
    } finally {
      signal?.removeEventListener('abort', onStop);
      drop(lease);
    }
  };
}

function lostLease(): ServiceUnavailableError {
  return new ServiceUnavailableError(
    'Another replica has taken this work over; try again in a moment',
  );
}
