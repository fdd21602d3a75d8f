import { RegistryError } from 'backstage-plugin-image-scan-node';
import { HostShares, ScanClaim } from '../database/ScanQueue';

/** Requests that a host gets at the same time, where the configuration says nothing. */
const DEFAULT_REQUESTS = 4;

/**
 * Scans of a quick host under way, for each request that it gets at the same
 * time: claims and results are stored many at a time, and the host need not wait
 * for that.
 */
const SCANS_PER_REQUEST = 4;

/** After this time a scan waits for its host. */
const SLOW_MS = 1_000;

/** Scans that wait for their hosts, all together: others always find a place. */
const MOST_SLOW = 64;

/** Hosts that are known to answer, the last ones. */
const MOST_KNOWN = 1_000;

/**
 * Shares the places for scans among registry hosts.
 *
 * @remarks
 * Whoever writes image references decides how many hosts there are and what they
 * do. A host that has not answered yet, or not the last time, gets one scan at a
 * time, and all scans that wait for their hosts have a limit of their own. So
 * hosts that are silent, however many, take nothing from those that answer.
 */
export class HostPlaces {
  readonly #requests: ReadonlyMap<string, number>;
  /** Hosts whose last scan brought an answer, good or bad; the latest last. */
  readonly #answering = new Map<string, { isQuick: boolean }>();
  readonly #startedAt = new WeakMap<ScanClaim, number>();

  /** @param requests - that hosts get at the same time, where it is configured */
  constructor(requests: ReadonlyMap<string, number>) {
    this.#requests = requests;
  }

  /** Notes that a host is asked. */
  started(claim: ScanClaim): void {
    this.#startedAt.set(claim, performance.now());
  }

  /** Notes what came of it; no error stands for an answer. */
  ended(claim: ScanClaim, error?: unknown): void {
    const { registryHost } = claim;
    this.#answering.delete(registryHost);
    if (isSilence(error)) {
      return;
    }
    this.#answering.set(registryHost, { isQuick: !this.#isLate(claim) });
    const [oldest] = this.#answering.keys();
    if (this.#answering.size > MOST_KNOWN) {
      this.#answering.delete(oldest);
    }
  }

  /** What hosts may be asked beside the claims that run. */
  shares(running: readonly ScanClaim[]): HostShares {
    const taken = new Map<string, number>();
    const waitedFor = new Set<string>();
    let waiting = 0;
    for (const claim of running) {
      const host = claim.registryHost;
      taken.set(host, (taken.get(host) ?? 0) + 1);
      if (this.#isLate(claim) || !this.#answering.has(host)) {
        waitedFor.add(host);
        waiting += 1;
      }
    }
    const placesOf = (host: string) =>
      this.#mostOf(host, waitedFor.has(host)) - (taken.get(host) ?? 0);
    const busyHosts = [...taken.keys()].filter(host => placesOf(host) <= 0);
    if (waiting < MOST_SLOW) {
      return { placesOf, busyHosts };
    }
    const onlyHosts = [...this.#answering.keys()].filter(
      host => !waitedFor.has(host) && placesOf(host) > 0,
    );
    return { placesOf, busyHosts, onlyHosts };
  }

  /** Scans of a host at the same time. */
  #mostOf(host: string, isWaitedFor: boolean): number {
    const answering = this.#answering.get(host);
    if (!answering) {
      return 1;
    }
    const requests = this.#requests.get(host) ?? DEFAULT_REQUESTS;
    // Slow hosts have long lists, and each takes memory from its first page on.
    return answering.isQuick && !isWaitedFor
      ? requests * SCANS_PER_REQUEST
      : requests;
  }

  #isLate(claim: ScanClaim): boolean {
    const startedAt = this.#startedAt.get(claim);
    return startedAt !== undefined && performance.now() - startedAt > SLOW_MS;
  }
}

/** Whether a host was waited for in vain. */
function isSilence(error: unknown): boolean {
  return (
    error instanceof RegistryError &&
    (error.category === 'timeout' || error.category === 'unreachable')
  );
}
