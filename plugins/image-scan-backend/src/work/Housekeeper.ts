import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { GitRepoStore } from '../database/GitRepoStore';
import type { PlatformStore } from '../database/PlatformStore';
import type { ScanQueue } from '../database/ScanQueue';

/** How often this replica says that it lives, and looks at what others left. */
const KEEP_UP_MS = 5_000;

/** How often what nothing needs any more is removed. */
const TIDY_MS = 15_000;

/** Keeps this replica's place among the others, and what is stored small. */
export class Housekeeper {
  readonly #gitRepos: GitRepoStore;
  readonly #queue: ScanQueue;
  readonly #platforms: PlatformStore;
  readonly #logger: LoggerService;
  #running: Promise<void> | undefined;
  #isStopped = false;
  #keptUpAt = -Infinity;
  #tidiedAt = -Infinity;
  #foreign: readonly string[] = [];

  constructor(options: {
    gitRepos: GitRepoStore;
    queue: ScanQueue;
    platforms: PlatformStore;
    logger: LoggerService;
  }) {
    this.#gitRepos = options.gitRepos;
    this.#queue = options.queue;
    this.#platforms = options.platforms;
    this.#logger = options.logger;
  }

  /** Keys of the git repos whose work is left to other replicas. */
  get foreign(): readonly string[] {
    return this.#foreign;
  }

  /** Does what is due; called every second or so. */
  async tick(): Promise<void> {
    if (this.#running || this.#isStopped) {
      return;
    }
    this.#running = this.#work().catch(error =>
      this.#logger.error('Failed to keep the database tidy', toError(error)),
    );
    await this.#running;
    this.#running = undefined;
  }

  /** Gives a sign of life now, and looks at what others left. */
  async keepUp(): Promise<void> {
    this.#keptUpAt = performance.now();
    this.#foreign = await this.#gitRepos.keepUp(Date.now());
  }

  /** Removes what nothing needs any more. */
  async tidy(): Promise<void> {
    this.#tidiedAt = performance.now();
    await this.#queue.removeLeftoverTags();
    await this.#platforms.removeUnused();
    await this.#gitRepos.removeLeftoverLocks(Date.now());
  }

  /** Ends, and says so to the other replicas. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    try {
      await this.#gitRepos.leave();
    } catch (error) {
      // The others notice by themselves a little later.
      this.#logger.warn('Failed to say that this replica ends', toError(error));
    }
  }

  async #work(): Promise<void> {
    const now = performance.now();
    if (now >= this.#keptUpAt + KEEP_UP_MS) {
      await this.keepUp();
    }
    if (now >= this.#tidiedAt + TIDY_MS) {
      await this.tidy();
    }
  }
}
