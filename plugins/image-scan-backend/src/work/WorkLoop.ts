import { setMaxListeners } from 'node:events';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { withinStopTime } from './AskedWork';
import { type HoldLease, leaseHolder } from './holdLease';

/** Where a loop takes its work from and how a piece of it is done. */
export interface WorkSource<TClaim> {
  /** Takes work that is due; `running` is what this replica holds already. */
  claim(options: {
    limit: number;
    running: readonly TClaim[];
  }): Promise<TClaim[]>;
  /** Does one piece of work and gives it back, also when the signal aborts it. */
  run(claim: TClaim, signal: AbortSignal): Promise<void>;
  /** Answers with the claims that are lost. */
  renew(claims: readonly TClaim[]): Promise<readonly TClaim[] | void>;
}

/**
 * Work that takes longer waits for a slow host. It costs little and does not
 * need its place for that.
 */
const PATIENCE_MS = 1_000;

/** The part of its places that a loop keeps while it steps back: it never stops. */
const KEPT_PART = 1 / 16;

/**
 * Does due work, a few pieces at a time.
 *
 * @remarks
 * A tick only starts work; it never waits for it, so that one slow host cannot
 * keep the others waiting. Finished work makes room and looks for more at once,
 * and so does work that takes long, until there is too much of it: hosts that do
 * not answer must not take all places from those that do. What is held is renewed
 * while it runs, so that leases can be short.
 */
export class WorkLoop<TClaim> {
  readonly #source: WorkSource<TClaim>;
  readonly #concurrency: number;
  readonly #mostRunning: number;
  readonly #stepsBack: () => boolean;
  readonly #logger: LoggerService;
  readonly #holdLease: HoldLease<TClaim>;
  readonly #abort = new AbortController();
  readonly #running = new Map<
    TClaim,
    { work: Promise<void>; startedAt: number }
  >();
  #claiming: Promise<void> | undefined;
  #again = false;

  constructor(options: {
    source: WorkSource<TClaim>;
    /** Pieces of work at the same time, those that take long not counted. */
    concurrency: number;
    /** Pieces of work at the same time, all counted; default `concurrency`. */
    mostRunning?: number;
    /** Whether something more urgent wants the process: few pieces run then. */
    stepsBack?: () => boolean;
    logger: LoggerService;
  }) {
    this.#source = options.source;
    this.#concurrency = options.concurrency;
    this.#mostRunning = options.mostRunning ?? options.concurrency;
    this.#stepsBack = options.stepsBack ?? (() => false);
    this.#logger = options.logger;
    this.#holdLease = leaseHolder({
      renew: claims => this.#source.renew(claims),
      logger: options.logger,
    });
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
    await withinStopTime(this.#drain());
  }

  async #drain(): Promise<void> {
    // What is being claimed just now starts aborted and gives itself back.
    await Promise.allSettled([this.#claiming]);
    await Promise.all([...this.#running.values()].map(({ work }) => work));
  }

  async #claimWhilePossible(): Promise<void> {
    do {
      this.#again = false;
      for (;;) {
        const limit = this.#freePlaces();
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

  #freePlaces(): number {
    const since = performance.now() - PATIENCE_MS;
    const taken = [...this.#running.values()].filter(
      ({ startedAt }) => startedAt > since,
    );
    const concurrency = this.#stepsBack()
      ? Math.ceil(this.#concurrency * KEPT_PART)
      : this.#concurrency;
    return Math.min(
      concurrency - taken.length,
      this.#mostRunning - this.#running.size,
    );
  }

  #start(claim: TClaim): void {
    const work = this.#holdLease(claim, this.#abort.signal, signal =>
      this.#source.run(claim, signal),
    )
      .catch(error => {
        this.#logger.error(
          'Work ended with an unexpected error',
          toError(error),
        );
      })
      .finally(() => {
        this.#running.delete(claim);
        if (!this.#abort.signal.aborted) {
          this.nudge();
        }
      });
    this.#running.set(claim, { work, startedAt: performance.now() });
  }
}
