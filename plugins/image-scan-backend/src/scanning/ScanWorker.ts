import { setTimeout as sleep } from 'node:timers/promises';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { ServiceUnavailableError, toError } from '@backstage/errors';
import {
  type ImageReference,
  parseImageReference,
  type RegistryClient,
  RegistryError,
  type RegistryRequestOptions,
} from 'backstage-plugin-image-scan-node';
import type { PlatformStore } from '../database/PlatformStore';
import type {
  ClaimedScan,
  ScanClaim,
  ScanOutcome,
  ScanQueue,
} from '../database/ScanQueue';
import type { ChoiceConditions } from '../model/choice';
import { goesByTime, isConditional } from '../model/filtersOf';
import type { FirstSeen } from '../model/FirstSeen';
import { retryDelay, withJitter } from '../work/retryDelay';
import { AskedWork } from '../work/AskedWork';
import { claimWithin } from '../work/claimWithin';
import { type HoldLease, leaseHolder } from '../work/holdLease';
import type { WorkSource } from '../work/WorkLoop';
import { chooseImage } from './chooseImage';
import type { HostPlaces } from './HostPlaces';
import type { RegistryCredentialResolver } from '../credentials/RegistryCredentialResolver';

/**
 * How long places that become free are gathered before the database is asked
 * what is due: a question for each scan would cost as much as the scan.
 */
const GATHERING_MS = 20;

/** How long results are gathered before somebody is told that there are some. */
const TELLING_MS = 50;

/** How long a person's scan waits for one of the same list. */
const SCAN_NOW_WAIT_MS = 75_000;

/** Scans due images: list, choose, digest, store. */
export class ScanWorker implements WorkSource<ScanClaim> {
  readonly #queue: ScanQueue;
  readonly #client: RegistryClient;
  readonly #credentials: RegistryCredentialResolver;
  readonly #places: HostPlaces;
  readonly #platforms: PlatformStore;
  readonly #logger: LoggerService;
  readonly #onCompleted: () => void;
  readonly #exceptGitRepos: () => readonly string[];
  readonly #asked: AskedWork;
  readonly #holdLease: HoldLease<ScanClaim>;
  #telling: NodeJS.Timeout | undefined;

  constructor(options: {
    queue: ScanQueue;
    client: RegistryClient;
    credentials: RegistryCredentialResolver;
    places: HostPlaces;
    platforms: PlatformStore;
    logger: LoggerService;
    /** Called soon after results were stored, when there may be something to write. */
    onCompleted: () => void;
    /** Keys of git repos whose scans are left to other replicas; default none. */
    exceptGitRepos?: () => readonly string[];
    /** What people ask for, shared with others that stop together. */
    asked?: AskedWork;
  }) {
    this.#queue = options.queue;
    this.#client = options.client;
    this.#credentials = options.credentials;
    this.#places = options.places;
    this.#platforms = options.platforms;
    this.#logger = options.logger;
    this.#onCompleted = options.onCompleted;
    this.#exceptGitRepos = options.exceptGitRepos ?? (() => []);
    this.#asked = options.asked ?? new AskedWork();
    this.#holdLease = leaseHolder({
      renew: claims => this.renew(claims),
      logger: options.logger,
    });
  }

  async claim(options: {
    limit: number;
    running: readonly ScanClaim[];
  }): Promise<ScanClaim[]> {
    const { limit, running } = options;
    if (running.length > 0) {
      await sleep(GATHERING_MS);
    }
    const shares = this.#places.shares(running);
    return this.#queue.claimDue({
      now: Date.now(),
      exceptGitRepos: this.#exceptGitRepos(),
      ...shares,
      limit: Math.min(limit, shares.most),
    });
  }

  async run(claim: ScanClaim, signal: AbortSignal): Promise<void> {
    const { registryHost } = claim;
    if (this.#places.isPaused(registryHost)) {
      const error = new ServiceUnavailableError(
        `${registryHost} was silent a moment ago, so it is left alone for a while`,
      );
      await this.#complete(claim, this.#fail(claim, error));
      return;
    }
    await this.#ask(claim, signal);
  }

  renew(claims: readonly ScanClaim[]): Promise<ScanClaim[]> {
    return this.#queue.renew(claims, Date.now());
  }

  /**
   * Scans one image now, also where its host was silent a moment ago. Where
   * somebody is at its list already, waits for them: their result may be this
   * scan's as well.
   */
  scanNow(scanId: string): Promise<void> {
    return this.#asked.run(undefined, async stop => {
      const since = Date.now();
      const claim = await claimWithin(
        {
          time: SCAN_NOW_WAIT_MS,
          pause: 100,
          message:
            'Another scan of this image is still running; try again in a moment',
          signal: stop,
        },
        async () =>
          (await this.#queue.claimScan(scanId, Date.now())) ??
          ((await this.#queue.wasScanned(scanId, since)) ? 'done' : undefined),
      );
      if (claim !== 'done') {
        await this.#holdLease(claim, stop, async signal => {
          await this.#ask(claim, signal);
          // It gives itself back without an error, which people must see.
          signal.throwIfAborted();
        });
      }
    });
  }

  async #ask(claim: ScanClaim, signal: AbortSignal): Promise<void> {
    let outcomes: ScanOutcome[];
    this.#places.started(claim);
    try {
      outcomes = await this.#scan(claim, signal);
      this.#places.ended(claim);
    } catch (error) {
      if (signal.aborted) {
        await this.#queue.release(claim);
        return;
      }
      this.#places.ended(claim, error);
      outcomes = this.#fail(claim, error);
    }
    await this.#complete(claim, outcomes);
  }

  async #complete(
    claim: ScanClaim,
    outcomes: readonly ScanOutcome[],
  ): Promise<void> {
    await this.#queue.complete(claim, outcomes, Date.now());
    this.#tell();
  }

  #tell(): void {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#onCompleted();
    }, TELLING_MS).unref();
  }

  async #scan(claim: ScanClaim, signal: AbortSignal): Promise<ScanOutcome[]> {
    const started = Date.now();
    const [{ definition }] = claim.scans;
    const reference = parseImageReference(definition.image);
    const credentials = this.#credentials.resolve({
      gitRepo: definition.gitRepo,
      reference,
      secretRef: definition.secretRef,
    });
    const tags = await this.#client.listTags(reference, {
      credentials,
      signal,
    });
    await this.#queue.setTags(claim, tags, Date.now());

    const digests = new Map<string, Promise<string>>();
    const resolveDigest = (tag: string) => {
      const known = digests.get(tag);
      if (known) {
        return known;
      }
      const asked = this.#client.resolveDigest(reference, tag, {
        credentials,
        signal,
      });
      digests.set(tag, asked);
      return asked;
    };

    const firstSeen = claim.scans.some(scan => goesByTime(scan.definition))
      ? await this.#queue.getFirstSeen(claim.listKey)
      : undefined;

    const platforms = new Map<string, Promise<readonly string[]>>();
    const readPlatforms = (digest: string) => {
      const known = platforms.get(digest);
      if (known) {
        return known;
      }
      const read = this.#readPlatforms(reference, digest, {
        credentials,
        signal,
      });
      platforms.set(digest, read);
      return read;
    };

    // One factor for all of them keeps siblings together, so that the next
    // list serves them all again.
    const stretch = withJitter(1_000) / 1_000;
    const outcomes: ScanOutcome[] = [];
    for (const scan of claim.scans) {
      const { id: scanId, interval } = scan.definition;
      const next = started + Math.round(interval * stretch);
      try {
        const { result, notes } = await chooseImage({
          rule: scan.definition,
          tags,
          resolveDigest,
          readPlatforms,
          conditions: conditionsOf(scan, firstSeen),
          before: scan.before,
        });
        outcomes.push({
          scanId,
          result,
          choice: notes,
          nextScanAt: Math.min(next, notes.waiting?.until ?? next),
          staleAt: started + 2 * interval,
        });
      } catch (error) {
        if (signal.aborted) {
          throw error;
        }
        outcomes.push(...this.#fail({ ...claim, scans: [scan] }, error));
      }
    }
    return outcomes;
  }

  /** Under a digest they never change, so each is asked for once. */
  async #readPlatforms(
    reference: ImageReference,
    digest: string,
    options: RegistryRequestOptions,
  ): Promise<readonly string[]> {
    const known = await this.#platforms.get(digest, Date.now());
    if (known) {
      return known;
    }
    const platforms = await this.#client.readPlatforms(
      reference,
      digest,
      options,
    );
    await this.#platforms.set(digest, platforms, Date.now());
    return platforms;
  }

  #fail(claim: ScanClaim, cause: unknown): ScanOutcome[] {
    const error = toError(cause);
    const retryAfter =
      error instanceof RegistryError ? error.retryAfter : undefined;
    return claim.scans.map(({ definition, failures }) => {
      const log = failures === 0 ? 'warn' : 'debug';
      this.#logger[log](
        `Failed to scan ${definition.image} for ${definition.tagName} of ${definition.gitRepo}: ${error.message}`,
      );
      const delay = retryDelay({
        failures: failures + 1,
        interval: definition.interval,
        retryAfter,
      });
      return {
        scanId: definition.id,
        error: error.message,
        nextScanAt: Date.now() + withJitter(delay),
      };
    });
  }
}

/** What the choice goes by beside the rule; undefined where that is all. */
function conditionsOf(
  scan: ClaimedScan,
  firstSeen: FirstSeen | undefined,
): ChoiceConditions | undefined {
  const { definition, markers, skips } = scan;
  return isConditional(definition) || skips.length > 0
    ? { now: Date.now(), firstSeen, markers, skips }
    : undefined;
}
