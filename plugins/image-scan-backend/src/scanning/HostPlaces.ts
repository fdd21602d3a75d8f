import {
  DEFAULT_CONCURRENCY,
  RegistryError,
} from 'backstage-plugin-image-scan-node';
import { LRUCache } from 'lru-cache';
import type { HostShares, ScanClaim } from '../database/ScanQueue';
import { retryDelay } from '../work/retryDelay';

/**
 * How many scans of a quick host may run for each request that it may get at the
 * same time. They are more, because a scan also waits for the database, and the
 * host would have nothing to do meanwhile.
 */
const SCANS_PER_REQUEST = 4;

/** A scan that runs longer than this counts as one that waits for its host. */
const SLOW_MS = 1_000;

/** How many scans may wait for their hosts, all hosts together. */
const MOST_WAITING = 64;

/** With room for fewer than these, no more are begun: small claims cost as much as large ones. */
const LEAST_ROOM = 16;

/** How long a host that does not answer is left alone, after many tries. */
const LONGEST_PAUSE_MS = 240_000;

/** How many hosts are remembered, those asked last. */
const MOST_KNOWN = 1_000;

/** How the last scan of a host ended. Times are of the monotonic clock. */
type Known =
  | { answeredAt: number; isQuick: boolean }
  | { silences: number; pausedUntil: number };

/**
 * Shares the places for scans among registry hosts. A *place* is the right to run
 * one scan.
 *
 * @remarks
 * Anybody who may push to a repository can name registry hosts there, as many as
 * they like, and some never answer. So that these take no places from the others:
 *
 * - a host that has not answered yet gets one place;
 * - a host that did not answer is not asked for a while, longer each time;
 * - one that answers slowly gets as many places as it may get requests;
 * - one that answers quickly gets four times as many;
 * - all scans that wait for their hosts share {@link MOST_WAITING} places. When
 *   these are taken, only hosts are asked that answered quickly.
 */
export class HostPlaces {
  readonly #requests: ReadonlyMap<string, number>;
  /** By host; those are forgotten first that were not heard of for longest. */
  readonly #known = new LRUCache<string, Known>({ max: MOST_KNOWN });
  readonly #startedAt = new WeakMap<ScanClaim, number>();

  /** @param requests - that hosts get at the same time, where it is configured */
  constructor(requests: ReadonlyMap<string, number>) {
    this.#requests = requests;
  }

  /** Notes that a host is asked. */
  started(claim: ScanClaim): void {
    this.#startedAt.set(claim, performance.now());
  }

  /**
   * Notes how a scan ended. A refusal is an answer too: only a host that could not be
   * reached or kept silent counts as silent.
   *
   * @param error - what the scan failed with, where it did
   */
  ended(claim: ScanClaim, error?: unknown): void {
    if (error !== undefined && !wasAsked(error)) {
      return;
    }
    const { registryHost } = claim;
    const now = performance.now();
    if (!isSilence(error)) {
      const isQuick = !this.#isLate(claim);
      this.#known.set(registryHost, { answeredAt: now, isQuick });
      return;
    }
    const last = this.#known.peek(registryHost);
    const startedAt = this.#startedAt.get(claim) ?? now;
    if (last && 'answeredAt' in last && last.answeredAt > startedAt) {
      return; // It answered others meanwhile.
    }
    const silences = last && 'silences' in last ? last.silences + 1 : 1;
    const pause = retryDelay({
      failures: silences,
      interval: LONGEST_PAUSE_MS,
    });
    this.#known.set(registryHost, { silences, pausedUntil: now + pause });
  }

  /** Whether a host was silent a moment ago, so that it is left alone for now. */
  isPaused(host: string): boolean {
    const known = this.#known.peek(host);
    return (
      known !== undefined &&
      'silences' in known &&
      performance.now() < known.pausedUntil
    );
  }

  /**
   * Which hosts may be asked while these claims run, and for how many scans at most,
   * all hosts together.
   */
  shares(running: readonly ScanClaim[]): HostShares & { most: number } {
    const taken = new Map<string, number>();
    const waitedFor = new Set<string>();
    let waiting = 0;
    for (const claim of running) {
      const host = claim.registryHost;
      taken.set(host, (taken.get(host) ?? 0) + 1);
      if (this.#isLate(claim) || this.#isUnproven(host)) {
        waitedFor.add(host);
        waiting += 1;
      }
    }
    const placesOf = (host: string) =>
      this.#mostOf(host, waitedFor.has(host)) - (taken.get(host) ?? 0);
    const busyHosts = [...taken.keys()].filter(host => placesOf(host) <= 0);
    const room = MOST_WAITING - waiting;
    if (room >= LEAST_ROOM) {
      return { placesOf, busyHosts, most: room };
    }
    const onlyHosts = [...this.#known.rkeys()].filter(
      host =>
        !this.#isUnproven(host) && !waitedFor.has(host) && placesOf(host) > 0,
    );
    return { placesOf, busyHosts, onlyHosts, most: Infinity };
  }

  /** Scans of a host at the same time. */
  #mostOf(host: string, isWaitedFor: boolean): number {
    if (this.#isUnproven(host)) {
      return 1;
    }
    const requests = this.#requests.get(host) ?? DEFAULT_CONCURRENCY;
    const known = this.#known.peek(host);
    // A paused host ends each of its scans at once, without a request.
    const isQuick = known && (!('isQuick' in known) || known.isQuick);
    // Slow hosts have long lists, and each takes memory from its first page on.
    return isQuick && !isWaitedFor ? requests * SCANS_PER_REQUEST : requests;
  }

  /** Whether asking a host may be in vain: it has yet to answer. */
  #isUnproven(host: string): boolean {
    const known = this.#known.peek(host);
    return !known || ('silences' in known && !this.isPaused(host));
  }

  #isLate(claim: ScanClaim): boolean {
    const startedAt = this.#startedAt.get(claim);
    return startedAt !== undefined && performance.now() - startedAt > SLOW_MS;
  }
}

/** Whether it was the host that failed, and not something before it was asked. */
function wasAsked(error: unknown): boolean {
  return error instanceof RegistryError && error.category !== 'refused-address';
}

/** Whether a host was waited for in vain. */
function isSilence(error: unknown): boolean {
  return (
    error instanceof RegistryError &&
    (error.category === 'timeout' || error.category === 'unreachable')
  );
}
