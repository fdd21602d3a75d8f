import { setTimeout as sleep } from 'node:timers/promises';
import { RegistryError } from './errors';
import { registryLimits } from './limits';
import type { RegistryLimits } from './limits';

interface Gate {
  active: number;
  waiting: { admit: () => void }[];
  /** On the monotonic clock of `performance.now()`. */
  blockedUntil: number;
}

/**
 * Holds back requests per host: at most so many at the same time, and none while
 * a host wants to be left alone. What one host does never delays another.
 */
export class HostLimiter {
  readonly #gates = new Map<string, Gate>();
  /** When the last of those that make way may go on. */
  #wayFreeAt = 0;

  readonly #concurrencyOf: (host: string) => number;
  readonly #limits: RegistryLimits;

  constructor(
    concurrencyOf: (host: string) => number,
    limits: RegistryLimits = registryLimits,
  ) {
    this.#concurrencyOf = concurrencyOf;
    this.#limits = limits;
  }

  /**
   * Runs work when the host has room, first come first served.
   *
   * @throws `RegistryError` `rate-limited` with `retryAfter` where the host is
   *   left alone for longer than a scan may wait; the signal's reason if aborted
   */
  async run<T>(
    host: string,
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> {
    this.#checkBlocked(host);
    await this.#enter(host, signal);
    try {
      for (
        let wait = this.#checkBlocked(host);
        wait > 0;
        wait = this.#checkBlocked(host)
      ) {
        await sleep(wait, undefined, { signal });
      }
      return await work();
    } finally {
      this.#leave(host);
    }
  }

  /**
   * To be awaited after work for a host that kept the process busy for some
   * milliseconds, between the parts of something long. While other hosts have
   * requests under way, all such work together gets a quarter of the time.
   */
  async makeWay(
    host: string,
    busy: number,
    signal: AbortSignal,
  ): Promise<void> {
    const isAlone = [...this.#gates].every(
      ([other, { active }]) => other === host || active === 0,
    );
    if (isAlone) {
      return;
    }
    const now = performance.now();
    this.#wayFreeAt = Math.max(this.#wayFreeAt, now) + 3 * busy;
    await sleep(this.#wayFreeAt - now, undefined, { signal });
  }

  /** Leaves a host alone for some milliseconds, or longer where that was said before. */
  backOff(host: string, time: number): void {
    const gate = this.#gateOf(host);
    const until =
      performance.now() + Math.min(time, this.#limits.longestBackOff);
    gate.blockedUntil = Math.max(gate.blockedUntil, until);
  }

  /** Milliseconds to wait; throws where they are too many. */
  #checkBlocked(host: string): number {
    const until = this.#gates.get(host)?.blockedUntil ?? 0;
    const wait = Math.ceil(until - performance.now());
    if (wait > this.#limits.longestWait) {
      throw new RegistryError(
        'rate-limited',
        `${host} asked to be left alone for another ${Math.ceil(
          wait / 1000,
        )} s`,
        { retryAfter: wait },
      );
    }
    return Math.max(wait, 0);
  }

  async #enter(host: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const gate = this.#gateOf(host);
    if (gate.active < this.#concurrencyOf(host)) {
      gate.active += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const place = { admit: () => {} };
      const onAbort = () => {
        gate.waiting.splice(gate.waiting.indexOf(place), 1);
        reject(signal.reason);
      };
      place.admit = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      gate.waiting.push(place);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #leave(host: string): void {
    const gate = this.#gateOf(host);
    const next = gate.waiting.shift();
    if (next) {
      next.admit(); // takes over this place
      return;
    }
    gate.active -= 1;
    // Whoever writes image references chooses the hosts: keep none without need.
    if (gate.active === 0 && gate.blockedUntil <= performance.now()) {
      this.#gates.delete(host);
    }
  }

  #gateOf(host: string): Gate {
    let gate = this.#gates.get(host);
    if (!gate) {
      gate = { active: 0, waiting: [], blockedUntil: 0 };
      this.#gates.set(host, gate);
    }
    return gate;
  }
}
