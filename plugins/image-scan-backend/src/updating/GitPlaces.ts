import { GitTimeoutError } from 'backstage-plugin-image-scan-node';

/** Git repos of one host read or written at the same time; each costs memory. */
const PLACES_OF_HOST = 8;

/**
 * Git repos of one host at the same time of which it is in doubt whether they
 * answer, while few wait: each fault is to be found and shown soon.
 */
const PLACES_IN_DOUBT = 4;

/** After this time a git repo waits for its host. */
const SLOW_MS = 1_000;

/** Git repos that wait for their hosts, all together: others always find a place. */
export const MOST_WAITING = 32;

/**
 * Shares the places for git repos among hosts.
 *
 * @remarks
 * A git repo that was silent when it was asked last, or whose host has yet to
 * answer anybody, is in doubt: of those each host gets a few at a time, and one
 * where many wait. All that wait for their hosts have a limit of their own. So servers that are silent or drip,
 * however many, take nothing from those that answer, and neither does one
 * repository of a host from its others.
 */
export class GitPlaces {
  /** By the keys of git repos. */
  readonly #hosts: ReadonlyMap<string, string>;
  readonly #answering = new Set<string>();
  /** Silent when they were asked last. */
  readonly #silent = new Set<string>();
  /** The work that runs: since when, on the monotonic clock, and how it went. */
  readonly #running = new Map<string, { since: number; isSilent: boolean }>();

  /** @param gitRepos - the configured ones; no others get a place */
  constructor(gitRepos: Iterable<{ key: string; repo: string }>) {
    this.#hosts = new Map(
      [...gitRepos].map(({ key, repo }) => [key, new URL(repo).host]),
    );
  }

  /** Notes that a git repo is asked. */
  started(key: string): void {
    this.#running.set(key, { since: performance.now(), isSilent: false });
  }

  /** Notes what went wrong with it; only silence counts. */
  failed(key: string, error: unknown): void {
    const work = this.#running.get(key);
    if (work && error instanceof GitTimeoutError) {
      work.isSilent = true;
    }
  }

  /**
   * Notes that the work on it has ended.
   *
   * @param isGivenUp - before its end, which says nothing of its host
   */
  ended(key: string, isGivenUp: boolean): void {
    const work = this.#running.get(key);
    this.#running.delete(key);
    const host = this.#hosts.get(key);
    if (!work || host === undefined || isGivenUp) {
      return;
    }
    if (work.isSilent) {
      this.#silent.add(key);
    } else {
      this.#silent.delete(key);
      this.#answering.add(host);
    }
  }

  /**
   * Says of one git repo after another whether it may be taken beside those that
   * run and those that it has let pass.
   */
  gate(running: readonly string[]): (key: string) => boolean {
    const taken = new Map<string, number>();
    const inDoubt = new Map<string, number>();
    const waitedFor = new Set<string>();
    let waiting = 0;
    const take = (key: string, host: string, waits: boolean) => {
      taken.set(host, (taken.get(host) ?? 0) + 1);
      if (this.#isInDoubt(key, host)) {
        inDoubt.set(host, (inDoubt.get(host) ?? 0) + 1);
      }
      if (waits) {
        waitedFor.add(host);
        waiting += 1;
      }
    };
    for (const key of running) {
      const host = this.#hosts.get(key) ?? '';
      take(key, host, this.#isLate(key) || this.#isInDoubt(key, host));
    }
    return key => {
      const host = this.#hosts.get(key);
      if (host === undefined || (taken.get(host) ?? 0) >= PLACES_OF_HOST) {
        return false;
      }
      const isInDoubt = this.#isInDoubt(key, host);
      const isFull = waiting >= MOST_WAITING;
      const mostInDoubt = waiting < MOST_WAITING / 2 ? PLACES_IN_DOUBT : 1;
      const isTooMuch = isInDoubt
        ? isFull || (inDoubt.get(host) ?? 0) >= mostInDoubt
        : isFull && waitedFor.has(host);
      if (isTooMuch) {
        return false;
      }
      take(key, host, isInDoubt);
      return true;
    };
  }

  #isInDoubt(key: string, host: string): boolean {
    return !this.#answering.has(host) || this.#silent.has(key);
  }

  #isLate(key: string): boolean {
    const work = this.#running.get(key);
    return work !== undefined && performance.now() - work.since > SLOW_MS;
  }
}
