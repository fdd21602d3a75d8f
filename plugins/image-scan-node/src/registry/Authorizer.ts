import { createHash } from 'node:crypto';
import type { RegistryCredentials } from '../types';
import { untilAborted } from './deadline';

/** The value of an Authorization header and how long it serves. */
export interface Authorization {
  header: string;
  /** Milliseconds from its receipt. */
  lifetime: number;
}

interface Kept {
  header: string;
  /** On the monotonic clock, so that a wall clock that jumps does no harm. */
  expires: number;
}

const renewEarly = 10_000;
const mostKept = 1000;

/**
 * Keeps what signed in last, in memory only, and fetches a token once however
 * many requests wait for it.
 */
export class Authorizer {
  private readonly kept = new Map<string, Kept>();
  private readonly flights = new Map<string, Promise<string>>();

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
    const kept = this.kept.get(key);
    if (kept && kept.expires <= performance.now()) {
      this.kept.delete(key);
      return undefined;
    }
    return kept?.header;
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
    let flight = this.flights.get(key);
    if (!flight) {
      flight = fetch()
        .then(authorization => this.keep(key, authorization))
        .finally(() => this.flights.delete(key));
      this.flights.set(key, flight);
      // Whoever started it may stop waiting before it fails.
      flight.catch(() => {});
    }
    return untilAborted(flight, signal);
  }

  private keep(key: string, { header, lifetime }: Authorization): string {
    this.kept.delete(key);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size < mostKept) {
        break;
      }
      this.kept.delete(oldest);
    }
    const expires = performance.now() + lifetime - renewEarly;
    this.kept.set(key, { header, expires });
    return header;
  }
}
