import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { RegistryCredentials } from '../types';
import { untilAborted } from './deadline';

/** The value of an Authorization header and how long it serves. */
export interface Authorization {
  header: string;
  /** Milliseconds from its receipt. */
  lifetime: number;
}

const RENEW_EARLY = 10_000;
const MOST_KEPT = 1000;

/**
 * Keeps what signed in last, in memory only, and fetches a token once however
 * many requests wait for it.
 */
export class Authorizer {
  /** By the monotonic clock, so that a wall clock that jumps does no harm. */
  readonly #kept = new LRUCache<string, string>({
    max: MOST_KEPT,
    ttlResolution: 0, // else each look at the clock sets a timer
  });
  readonly #flights = new Map<string, Promise<string>>();

  /** A key that differs by everything a token depends on and tells none of it. */
  static keyOf(
    origin: string,
    repository: string,
    credentials: RegistryCredentials | undefined,
  ): string {
    return createHash('sha256')
      .update(JSON.stringify([origin, repository, credentials ?? null]))
      .digest('hex');
  }

  /** The header to send without being asked, if there is one that still serves. */
  current(key: string): string | undefined {
    return this.#kept.get(key);
  }

  /** Drops what was kept, so that the next request goes without. */
  forget(key: string): void {
    this.#kept.delete(key);
  }

  /**
   * A header after a 401: the one another request got meanwhile, or a new one.
   *
   * @param refused - the header that brought the 401
   */
  async renew(
    key: string,
    refused: string | undefined,
    signal: AbortSignal,
    fetch: () => Promise<Authorization>,
  ): Promise<string> {
    const current = this.current(key);
    if (current !== undefined && current !== refused) {
      return current;
    }
    let flight = this.#flights.get(key);
    if (!flight) {
      flight = fetch()
        .then(authorization => this.#keep(key, authorization))
        .finally(() => this.#flights.delete(key));
      this.#flights.set(key, flight);
      // Whoever started it may stop waiting before it fails.
      flight.catch(() => {});
    }
    return untilAborted(flight, signal);
  }

  #keep(key: string, { header, lifetime }: Authorization): string {
    this.#kept.set(key, header, {
      // Zero stands for no end.
      ttl: Number.isFinite(lifetime) ? Math.ceil(lifetime - RENEW_EARLY) : 0,
    });
    return header;
  }
}
