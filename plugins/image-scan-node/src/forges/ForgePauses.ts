import { createHash } from 'node:crypto';

/** More credentials than anybody has; the oldest pause goes first. */
const MOST_PAUSES = 1_000;

/**
 * Who asked to be left alone until when: a forge counts the requests of a credential, so
 * all that use it wait together. Share one among the repositories of a backend.
 *
 * @public
 */
export class ForgePauses {
  /** On the monotonic clock, in milliseconds. */
  readonly #until = new Map<string, number>();

  /** @param authorization - the header that was sent */
  pause(host: string, authorization: string | undefined, time: number): void {
    const key = keyOf(host, authorization);
    this.#until.delete(key);
    this.#until.set(key, performance.now() + time);
    const [oldest] = this.#until.keys();
    if (this.#until.size > MOST_PAUSES) {
      this.#until.delete(oldest);
    }
  }

  /** Milliseconds that are left; 0 where nobody asked for any. */
  left(host: string, authorization: string | undefined): number {
    const key = keyOf(host, authorization);
    const left = (this.#until.get(key) ?? 0) - performance.now();
    if (left <= 0) {
      this.#until.delete(key);
    }
    return Math.max(0, left);
  }
}

function keyOf(host: string, authorization = ''): string {
  const hash = createHash('sha256').update(authorization).digest('base64');
  return `${host} ${hash}`;
}
