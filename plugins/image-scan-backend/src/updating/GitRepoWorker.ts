import type {
  AuditorService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import {
  NotFoundError,
  ServiceUnavailableError,
  toError,
} from '@backstage/errors';
import {
  BranchNotFoundError,
  type GitRemote,
  type GitRepoDefinition,
  type GitSnapshot,
  PushRefusedError,
} from 'backstage-plugin-image-scan-node';

import type {
  GitRepoClaim,
  GitRepoOutcome,
  GitRepoStore,
} from '../database/GitRepoStore';
import type { DecisionStore } from '../database/DecisionStore';
import type { ImageScanStore } from '../database/ImageScanStore';
import type { UpdateStore } from '../database/UpdateStore';
import { retryDelay, withJitter } from '../work/retryDelay';
import type { CredentialRequest } from '../credentials/RegistryCredentialResolver';
import { AskedWork } from '../work/AskedWork';
import { claimWithin } from '../work/claimWithin';
import { type HoldLease, leaseHolder } from '../work/holdLease';
import type { WorkSource } from '../work/WorkLoop';
import { GitPlaces } from './GitPlaces';
import { nameRollbacks } from './nameRollbacks';
import { readRepository } from './readRepository';
import {
  type OpenRepository,
  RepositoryWriter,
  type WriteRequest,
  type WriteResult,
} from './RepositoryWriter';
import { settleUpdates } from './settleUpdates';
import {
  failedOutcome,
  isRequestersFault,
  waitsForWindow,
  writtenOutcome,
} from './updateOutcome';

/** How long a person's request waits while a git repo is held by a run. */
const CLAIM_WAIT_MS = 60_000;

/** Reads git repos, and writes them where their scans found something new. */
export class GitRepoWorker implements WorkSource<GitRepoClaim> {
  readonly #definitions: ReadonlyMap<string, GitRepoDefinition>;
  readonly #gitRepos: GitRepoStore;
  readonly #imageScans: ImageScanStore;
  readonly #updates: UpdateStore;
  readonly #decisions: DecisionStore;
  readonly #writer: RepositoryWriter;
  readonly #remotes: ReadonlyMap<string, GitRemote>;
  readonly #credentialKeyOf: (request: CredentialRequest) => string;
  readonly #auditor: AuditorService;
  readonly #logger: LoggerService;
  readonly #onSynced: () => void;
  readonly #places: GitPlaces;
  readonly #asked: AskedWork;
  readonly #holdLease: HoldLease<GitRepoClaim>;

  constructor(options: {
    definitions: ReadonlyMap<string, GitRepoDefinition>;
    gitRepos: GitRepoStore;
    imageScans: ImageScanStore;
    updates: UpdateStore;
    decisions: DecisionStore;
    /** By the keys of the definitions. */
    remotes: ReadonlyMap<string, GitRemote>;
    credentialKeyOf: (request: CredentialRequest) => string;
    auditor: AuditorService;
    logger: LoggerService;
    /** Called after a repository was read, when there may be something to scan. */
    onSynced: () => void;
    /** What people ask for, shared with others that stop together. */
    asked?: AskedWork;
  }) {
    this.#definitions = options.definitions;
    this.#gitRepos = options.gitRepos;
    this.#imageScans = options.imageScans;
    this.#updates = options.updates;
    this.#decisions = options.decisions;
    this.#writer = new RepositoryWriter(options);
    this.#remotes = options.remotes;
    this.#credentialKeyOf = options.credentialKeyOf;
    this.#auditor = options.auditor;
    this.#logger = options.logger;
    this.#onSynced = options.onSynced;
    this.#places = new GitPlaces(options.definitions.values());
    this.#asked = options.asked ?? new AskedWork();
    this.#holdLease = leaseHolder({
      renew: claims => this.renew(claims),
      logger: options.logger,
    });
  }

  /** What is past its date ends first, so that what it held is due. */
  async claim(options: {
    limit: number;
    running: readonly GitRepoClaim[];
  }): Promise<GitRepoClaim[]> {
    const { limit, running } = options;
    await this.#decisions.endPast(Date.now());
    return this.#gitRepos.claimDue({
      now: Date.now(),
      limit,
      mayClaim: this.#places.gate(running.map(({ gitRepo }) => gitRepo.key)),
    });
  }

  renew(claims: readonly GitRepoClaim[]): Promise<GitRepoClaim[]> {
    return this.#gitRepos.renew(claims, Date.now());
  }

  async run(claim: GitRepoClaim, signal: AbortSignal): Promise<void> {
    const definition = this.#definitions.get(claim.gitRepo.key);
    if (!definition) {
      await this.#gitRepos.release(claim);
      return;
    }
    const { key } = definition;
    this.#places.started(key);
    try {
      await this.#process(claim, definition, { signal });
    } finally {
      this.#places.ended(key, signal.aborted);
    }
  }

  /** Reads a git repo now, whether or not it changed. */
  sync(definition: GitRepoDefinition): Promise<void> {
    return this.#asked.run(undefined, async stop => {
      const claim = await this.#claimNow(definition, stop);
      await this.#holdLease(claim, stop, async signal => {
        await this.#process(claim, definition, { read: true, signal });
        // It gives itself back without an error, which people must see.
        signal.throwIfAborted();
      });
    });
  }

  /** What an update would write now. */
  preview(
    definition: GitRepoDefinition,
    request: WriteRequest,
  ): Promise<WriteResult> {
    return this.#asked.run(request.signal, signal =>
      this.#writer.preview(
        this.#remoteOf(definition),
        this.#contextOf(definition),
        { ...request, signal },
      ),
    );
  }

  /** Writes now, also to a paused git repo. */
  update(
    definition: GitRepoDefinition,
    request: WriteRequest,
  ): Promise<WriteResult> {
    return this.#asked.run(request.signal, async stop => {
      const claim = await this.#claimNow(definition, stop);
      return this.#holdLease(claim, stop, signal =>
        this.#updateHeld(claim, definition, { ...request, signal }),
      );
    });
  }

  async #updateHeld(
    claim: GitRepoClaim,
    definition: GitRepoDefinition,
    request: WriteRequest,
  ): Promise<WriteResult> {
    const outcome: GitRepoOutcome = { nextSyncAt: claim.gitRepo.nextSyncAt };
    try {
      const remote = this.#remoteOf(definition);
      await this.#settle(remote, definition, request.signal);
      const result = await this.#writer.write({
        claim,
        remote,
        context: this.#contextOf(definition),
        request,
      });
      outcome.update = writtenOutcome(result, definition);
      return result;
    } catch (error) {
      // What was interrupted says nothing about the git repo.
      if (!request.signal?.aborted && !isRequestersFault(error)) {
        outcome.update = failedOutcome(claim, definition, error);
      }
      // A plan that does not hold is the caller's conflict; this one is not.
      throw error instanceof PushRefusedError
        ? new ServiceUnavailableError(error.message)
        : error;
    } finally {
      await this.#gitRepos.complete(claim, outcome);
      this.#onSynced();
    }
  }

  async #process(
    claim: GitRepoClaim,
    definition: GitRepoDefinition,
    options: { read?: boolean; signal?: AbortSignal },
  ): Promise<void> {
    const { signal, read = false } = options;
    const interval = definition.imageScanInterval;
    const outcome: GitRepoOutcome = {
      nextSyncAt: Date.now() + withJitter(interval),
    };
    const remote = this.#remoteOf(definition);
    let snapshot: GitSnapshot | undefined;
    try {
      await this.#settle(remote, definition, signal);
      const head = await remote.head({ signal });
      let opened: OpenRepository | undefined;
      if (read || head.commit !== claim.gitRepo.headCommit) {
        snapshot = await remote.open({ head, signal });
        const repository = await readRepository(
          snapshot,
          this.#contextOf(definition),
        );
        const noticed = await this.#gitRepos.storeContents(
          claim,
          repository.contents,
          Date.now(),
        );
        await nameRollbacks(noticed, {
          updates: this.#updates,
          decisions: this.#decisions,
          logger: this.#logger,
          gitRepo: definition.key,
          remote,
          signal,
        });
        opened = { snapshot, repository };
      }
      const now = Date.now();
      outcome.synced = { at: now, staleAt: now + 2 * interval };
      outcome.update = await this.#writeIfDue(
        claim,
        definition,
        remote,
        opened,
        signal,
      );
    } catch (error) {
      if (signal?.aborted) {
        await this.#gitRepos.release(claim);
        return;
      }
      this.#places.failed(definition.key, error);
      if (error instanceof BranchNotFoundError) {
        await this.#gitRepos.dropMemory(claim);
      }
      this.#failSync(claim, definition, outcome, toError(error));
    } finally {
      await snapshot?.close();
    }
    await this.#gitRepos.complete(claim, outcome);
    this.#onSynced();
  }

  #failSync(
    claim: GitRepoClaim,
    definition: GitRepoDefinition,
    outcome: GitRepoOutcome,
    error: Error,
  ): void {
    const failures = (claim.gitRepo.syncFailure?.count ?? 0) + 1;
    const log = failures === 1 ? 'warn' : 'debug';
    this.#logger[log](
      `Failed to read git repo ${definition.key}: ${error.message}`,
    );
    const delay = retryDelay({
      failures,
      interval: definition.imageScanInterval,
    });
    outcome.syncError = { message: error.message, at: Date.now() };
    outcome.nextSyncAt = Date.now() + withJitter(delay);
  }

  /**
   * Writes when something waits for it and the git repo may be written now. A
   * failure is the write's own: the repository counts as read.
   */
  async #writeIfDue(
    claim: GitRepoClaim,
    definition: GitRepoDefinition,
    remote: GitRemote,
    opened: OpenRepository | undefined,
    signal: AbortSignal | undefined,
  ): Promise<GitRepoOutcome['update']> {
    const current = await this.#gitRepos.get(definition.key);
    if (current?.updateRequestedAt === undefined) {
      return undefined;
    }
    if ((current.updateNotBefore ?? 0) > Date.now()) {
      return undefined;
    }
    if (definition.paused || !(await this.#hasChanges(definition.key))) {
      // Without `paused` the definition is another one, which is read anew and
      // asks again.
      return { result: 'nothing' };
    }
    const waits = waitsForWindow(definition);
    if (waits) {
      return waits;
    }
    const request = { initiator: 'schedule', signal };
    const audit = await this.#auditor.createEvent({
      eventId: 'git-repo-update',
      severityLevel: 'medium',
      meta: { gitRepo: definition.key, actionType: 'scheduled' },
    });
    try {
      const result = await this.#writer.write({
        claim,
        remote,
        context: this.#contextOf(definition),
        request,
        opened,
      });
      await audit.success({
        meta: {
          commit: result.update?.commit,
          changes: result.plan.changes.length,
        },
      });
      return writtenOutcome(result, definition);
    } catch (cause) {
      const error = toError(cause);
      await audit.fail({ error });
      if (signal?.aborted) {
        throw error;
      }
      this.#places.failed(definition.key, cause);
      const failures = (claim.gitRepo.updateFailure?.count ?? 0) + 1;
      const log = failures === 1 ? 'warn' : 'debug';
      this.#logger[log](
        `Failed to write git repo ${definition.key}: ${error.message}`,
      );
      return failedOutcome(claim, definition, error);
    }
  }

  async #hasChanges(key: string): Promise<boolean> {
    const scans = await this.#imageScans.ofGitRepo(key);
    return scans.some(({ change, held }) => change && !held);
  }

  #settle(
    remote: GitRemote,
    { key }: GitRepoDefinition,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    return settleUpdates({
      gitRepo: key,
      updates: this.#updates,
      remote,
      signal,
    });
  }

  #remoteOf({ key }: GitRepoDefinition): GitRemote {
    const remote = this.#remotes.get(key);
    if (!remote) {
      throw new NotFoundError(`There is no git repo ${key}`);
    }
    return remote;
  }

  #contextOf(definition: GitRepoDefinition) {
    return { definition, credentialKeyOf: this.#credentialKeyOf };
  }

  async #claimNow(
    definition: GitRepoDefinition,
    signal: AbortSignal,
  ): Promise<GitRepoClaim> {
    const foreign = await this.#gitRepos.keepUp(Date.now());
    if (foreign.includes(definition.key)) {
      throw new ServiceUnavailableError(
        `Git repo ${definition.name} has another definition in a replica that started later, which works on it; try again when all replicas have the same configuration`,
      );
    }
    return claimWithin(
      {
        time: CLAIM_WAIT_MS,
        pause: 100,
        message: `Git repo ${definition.name} is being read or written; try again in a moment`,
        signal,
      },
      () => this.#gitRepos.claim(definition.key, Date.now()),
    );
  }
}
