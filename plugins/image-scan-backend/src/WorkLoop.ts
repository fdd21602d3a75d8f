import { setMaxListeners } from 'node:events';
import { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { LEASE_RENEWAL_MS } from './database/leases';

/** Where a loop takes its work from and how a piece of it is done. */
export interface WorkSource<TClaim> {
  /** Takes work that is due; `running` is what this replica holds already. */
  claim(options: {
    limit: number;
    running: readonly TClaim[];
  }): Promise<TClaim[]>;
  /** Does one piece of work and gives it back, also when the signal aborts it. */
  run(claim: TClaim, signal: AbortSignal): Promise<void>;
  renew(claims: readonly TClaim[]): Promise<void>;
}

/** How long a stop waits for running work to give its leases back. */
const STOP_TIMEOUT_MS = 4_000;

/**
 * Does due work, a few pieces at a time.
 *
 * @remarks
 * A tick only starts work; it never waits for it, so that one slow host cannot
 * keep the others waiting. Finished work makes room and looks for more at once.
 * What is held is renewed while it runs, so that leases can be short.
 */
export class WorkLoop<TClaim> {
  readonly #source: WorkSource<TClaim>;
  readonly #concurrency: number;
  readonly #logger: LoggerService;
  readonly #abort = new AbortController();
  readonly #running = new Map<TClaim, Promise<void>>();
  #claiming: Promise<void> | undefined;
  #again = false;
  #renewal: NodeJS.Timeout | undefined;

  constructor(options: {
    source: WorkSource<TClaim>;
    /** Pieces of work at the same time. */
    concurrency: number;
    logger: LoggerService;
  }) {
    this.#source = options.source;
    this.#concurrency = options.concurrency;
    this.#logger = options.logger;
    // Every request of every piece of work listens to it.
    setMaxListeners(0, this.#abort.signal);
  }

  /** Starts what is due and fits. */
  async tick(): Promise<void> {
    if (this.#claiming) {
      this.#again = true;
      await this.#claiming;
      return;
    }
    this.#claiming = this.#claimWhilePossible();
    try {
      await this.#claiming;
    } finally {
      this.#claiming = undefined;
    }
  }

  /** Looks for work now, without waiting for the answer. */
  nudge(): void {
    this.tick().catch(error =>
      this.#logger.error('Failed to look for due work', toError(error)),
    );
  }

  /** Takes no more work and ends what runs. */
  async stop(): Promise<void> {
    this.#abort.abort();
    clearInterval(this.#renewal);
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>(resolve => {
      timer = setTimeout(resolve, STOP_TIMEOUT_MS);
    });
    await Promise.race([this.#drain(), timeout]);
    clearTimeout(timer);
  }

  async #drain(): Promise<void> {
    // What is being claimed just now starts aborted and gives itself back.
    await Promise.allSettled([this.#claiming]);
    await Promise.all(this.#running.values());
  }

  async #claimWhilePossible(): Promise<void> {
    do {
      this.#again = false;
      for (;;) {
        const limit = this.#concurrency - this.#running.size;
        if (limit <= 0 || this.#abort.signal.aborted) {
          break;
        }
        const running = [...this.#running.keys()];
        const claims = await this.#source.claim({ limit, running });
        if (claims.length === 0) {
          break;
        }
        claims.forEach(claim => this.#start(claim));
      }
    } while (this.#again && !this.#abort.signal.aborted);
  }

  #start(claim: TClaim): void {
    const work = this.#source
      .run(claim, this.#abort.signal)
      .catch(error => {
        this.#logger.error(
          'Work ended with an unexpected error',
          toError(error),
        );
      })
      .finally(() => {
        this.#running.delete(claim);
        if (this.#running.size === 0) {
          clearInterval(this.#renewal);
          this.#renewal = undefined;
        }
        if (!this.#abort.signal.aborted) {
          this.nudge();
        }
      });
    this.#running.set(claim, work);
    this.#renewal ??= setInterval(() => {
      this.#source
        .renew([...this.#running.keys()])
        .catch(error =>
          this.#logger.error('Failed to renew leases', toError(error)),
        );
    }, LEASE_RENEWAL_MS);
  }
}
