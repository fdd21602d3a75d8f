import {
  DEFAULT_CONCURRENCY,
  RegistryError,
} from 'backstage-plugin-image-scan-node';
import type { HostShares, ScanClaim } from '../database/ScanQueue';
import { retryDelay } from '../work/retryDelay';

/**
 * Scans of a quick host under way, for each request that it gets at the same
 * time: claims and results are stored many at a time, and the host need not wait
 * for that.
 */
const SCANS_PER_REQUEST = 4;

/** After this time a scan waits for its host. */
const SLOW_MS = 1_000;

/** Scans that wait for their hosts, all together: others always find a place. */
const MOST_WAITING = 64;

/** With less room for them than this there is none, else claims get many and small. */
const LEAST_ROOM = 16;

/** How long a silent host is left alone at most; at first much less. */
const LONGEST_PAUSE_MS = 240_000;

/** Hosts of which something is known, the last ones. */
const MOST_KNOWN = 1_000;

/** What the last scan of a host has shown, on the monotonic clock. */
type Known =
  | { answeredAt: number; isQuick: boolean }
  | { silences: number; pausedUntil: number };

/**
 * Shares the places for scans among registry hosts.
 *
 * @remarks
 * Whoever writes image references decides how many hosts there are and what they
 * do. A host that has not answered yet gets one scan at a time, one that was
 * silent is left alone for a while, and all scans that wait for their hosts have
 * a limit of their own. So hosts that are silent, however many, take nothing from
 * those that answer.
 */
export class HostPlaces {
  readonly #requests: ReadonlyMap<string, number>;
  /** The latest last. */
  readonly #known = new Map<string, Known>();
  readonly #startedAt = new WeakMap<ScanClaim, number>();

  /** @param requests - that hosts get at the same time, where it is configured */
  constructor(requests: ReadonlyMap<string, number>) {
    this.#requests = requests;
  }

  /** Notes that a host is asked. */
  started(claim: ScanClaim): void {
    this.#startedAt.set(claim, performance.now());
  }

  /** Notes what came of it; no error stands for an answer, and so do most of a registry's. */
  ended(claim: ScanClaim, error?: unknown): void {
    if (error !== undefined && !wasAsked(error)) {
      return;
    }
    const { registryHost } = claim;
    const now = performance.now();
    if (!isSilence(error)) {
      const isQuick = !this.#isLate(claim);
      this.#note(registryHost, { answeredAt: now, isQuick });
      return;
    }
    const last = this.#known.get(registryHost);
    const startedAt = this.#startedAt.get(claim) ?? now;
    if (last && 'answeredAt' in last && last.answeredAt > startedAt) {
      return; // It answered others meanwhile.
    }
    const silences = last && 'silences' in last ? last.silences + 1 : 1;
    const pause = retryDelay({
      failures: silences,
      interval: LONGEST_PAUSE_MS,
    });
    this.#note(registryHost, { silences, pausedUntil: now + pause });
  }

  /** Whether a host was silent a moment ago, so that it is left alone for now. */
  isPaused(host: string): boolean {
    const known = this.#known.get(host);
    return (
      known !== undefined &&
      'silences' in known &&
      performance.now() < known.pausedUntil
    );
  }

  /**
   * What hosts may be asked beside the claims that run, and for how many scans at
   * most.
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
    const onlyHosts = [...this.#known.keys()].filter(
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
    const known = this.#known.get(host);
    // What is paused is not asked at all, and so is quick as well.
    const isQuick = known && (!('isQuick' in known) || known.isQuick);
    // Slow hosts have long lists, and each takes memory from its first page on.
    return isQuick && !isWaitedFor ? requests * SCANS_PER_REQUEST : requests;
  }

  /** Whether asking a host may be in vain: it has yet to answer. */
  #isUnproven(host: string): boolean {
    const known = this.#known.get(host);
    return !known || ('silences' in known && !this.isPaused(host));
  }

  #isLate(claim: ScanClaim): boolean {
    const startedAt = this.#startedAt.get(claim);
    return startedAt !== undefined && performance.now() - startedAt > SLOW_MS;
  }

  #note(host: string, known: Known): void {
    this.#known.delete(host);
    this.#known.set(host, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KNOWN) {
      this.#known.delete(oldest);
    }
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
