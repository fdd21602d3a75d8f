import type { RequestHandler } from 'express';

/** Who has just had an answer is likely to ask for the next one. */
const LINGER_MS = 50;

/**
 * Knows whether somebody waits for the answer to a GET, or did a moment ago.
 * Everything runs in one process, so work that can wait steps back for them.
 */
export class Readers {
  #waiting = 0;
  #answeredAt = -Infinity;

  get areWaiting(): boolean {
    return (
      this.#waiting > 0 || performance.now() - this.#answeredAt < LINGER_MS
    );
  }

  /** For the front of the API. Other methods ask for the work itself. */
  readonly count: RequestHandler = (request, response, next) => {
    if (request.method === 'GET') {
      this.#waiting += 1;
      response.once('close', () => {
        this.#waiting -= 1;
        this.#answeredAt = performance.now();
      });
    }
    next();
  };
}
