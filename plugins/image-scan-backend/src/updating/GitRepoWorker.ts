import { setTimeout as sleep } from 'node:timers/promises';
import { AuditorService, LoggerService } from '@backstage/backend-plugin-api';
import {
  NotFoundError,
  ServiceUnavailableError,
  toError,
} from '@backstage/errors';
import {
  GitRemote,
  GitRepoDefinition,
  GitSnapshot,
  PushRefusedError,
} from 'backstage-plugin-image-scan-node';

import {
  GitRepoClaim,
  GitRepoOutcome,
  GitRepoStore,
} from '../database/GitRepoStore';
import { ImageScanStore } from '../database/ImageScanStore';
import { LEASE_RENEWAL_MS } from '../database/leases';
import { UpdateStore } from '../database/UpdateStore';
import { retryDelay, withJitter } from '../retryDelay';
import { CredentialRequest } from '../scanning/RegistryCredentialResolver';
import { WorkSource } from '../WorkLoop';
import { readRepository } from './readRepository';
import {
  OpenRepository,
  RepositoryWriter,
  WriteRequest,
  WriteResult,
} from './RepositoryWriter';
import { settleUpdates } from './settleUpdates';
import {
  failedOutcome,
  isRequestersFault,
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
  readonly #writer: RepositoryWriter;
  readonly #remotes: ReadonlyMap<string, GitRemote>;
  readonly #credentialKeyOf: (request: CredentialRequest) => string;
  readonly #auditor: AuditorService;
  readonly #logger: LoggerService;
  readonly #onSynced: () => void;

  constructor(options: {
    definitions: ReadonlyMap<string, GitRepoDefinition>;
    gitRepos: GitRepoStore;
    imageScans: ImageScanStore;
    updates: UpdateStore;
    /** By the keys of the definitions. */
    remotes: ReadonlyMap<string, GitRemote>;
    credentialKeyOf: (request: CredentialRequest) => string;
    auditor: AuditorService;
    logger: LoggerService;
    /** Called after a repository was read, when there may be something to scan. */
    onSynced: () => void;
  }) {
    this.#definitions = options.definitions;
    this.#gitRepos = options.gitRepos;
    this.#imageScans = options.imageScans;
    this.#updates = options.updates;
    this.#writer = new RepositoryWriter(options);
    this.#remotes = options.remotes;
    this.#credentialKeyOf = options.credentialKeyOf;
    this.#auditor = options.auditor;
    this.#logger = options.logger;
    this.#onSynced = options.onSynced;
  }

  claim(options: { limit: number }): Promise<GitRepoClaim[]> {
    return this.#gitRepos.claimDue({ now: Date.now(), limit: options.limit });
  }

  renew(claims: readonly GitRepoClaim[]): Promise<void> {
    return this.#gitRepos.renew(claims, Date.now());
  }

  async run(claim: GitRepoClaim, signal: AbortSignal): Promise<void> {
    const definition = this.#definitions.get(claim.gitRepo.key);
    if (!definition) {
      await this.#gitRepos.release(claim);
      return;
    }
    await this.#process(claim, definition, { signal });
  }

  /** Reads a git repo now, whether or not it changed. */
  async sync(definition: GitRepoDefinition): Promise<void> {
    const claim = await this.#claimNow(definition);
    await this.#process(claim, definition, { read: true });
  }

  /** What an update would write now. */
  preview(
    definition: GitRepoDefinition,
    request: WriteRequest,
  ): Promise<WriteResult> {
    return this.#writer.preview(
      this.#remoteOf(definition),
      this.#contextOf(definition),
      request,
    );
  }

  /** Writes now, also to a paused git repo. */
  async update(
    definition: GitRepoDefinition,
    request: WriteRequest,
  ): Promise<WriteResult> {
    const claim = await this.#claimNow(definition);
    const renewal = this.#keep(claim);
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
      if (!isRequestersFault(error)) {
        outcome.update = failedOutcome(claim, definition, error);
      }
      // A plan that does not hold is the caller's conflict; this one is not.
      throw error instanceof PushRefusedError
        ? new ServiceUnavailableError(error.message)
        : error;
    } finally {
      clearInterval(renewal);
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
    const renewal = read ? this.#keep(claim) : undefined;
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
        await this.#gitRepos.storeContents(
          claim,
          repository.contents,
          Date.now(),
        );
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
      this.#failSync(claim, definition, outcome, toError(error));
    } finally {
      clearInterval(renewal);
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
      return { result: 'nothing' };
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

  async #claimNow(definition: GitRepoDefinition): Promise<GitRepoClaim> {
    const until = Date.now() + CLAIM_WAIT_MS;
    for (;;) {
      const claim = await this.#gitRepos.claim(definition.key, Date.now());
      if (claim) {
        return claim;
      }
      if (Date.now() > until) {
        throw new ServiceUnavailableError(
          `Git repo ${definition.name} is being read or written; try again in a moment`,
        );
      }
      await sleep(100);
    }
  }

  /** Keeps the lease of a claim that no loop looks after. */
  #keep(claim: GitRepoClaim): NodeJS.Timeout {
    return setInterval(() => {
      this.#gitRepos
        .renew([claim], Date.now())
        .catch(error =>
          this.#logger.error('Failed to renew a lease', toError(error)),
        );
    }, LEASE_RENEWAL_MS);
  }
}
