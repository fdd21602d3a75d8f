import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ConflictError,
  InputError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { UpdateRequest } from 'backstage-plugin-image-scan-common';
import {
  BranchMovedError,
  diffManifest,
  GitHead,
  GitRemote,
  GitRepoDefinition,
  GitSnapshot,
  PushRefusedError,
  remoteKey,
} from 'backstage-plugin-image-scan-node';
import { GitRepoClaim, GitRepoStore } from '../database/GitRepoStore';
import { ImageScanStore } from '../database/ImageScanStore';
import { LEASE_RENEWAL_MS } from '../database/leases';
import { UpdateStore } from '../database/UpdateStore';
import { StoredUpdate } from '../types';
import { renderCommitMessage } from './commitMessage';
import { hashPlan, planUpdate, UpdatePlan } from './planUpdate';
import {
  ReadContext,
  readRepository,
  Repository,
  withManifests,
} from './readRepository';
import { settleUpdates } from './settleUpdates';

/**
 * How long a write is made anew because the branch moved under it: others may
 * push without a pause, and each attempt has its chance between two of theirs.
 */
const RACE_LIMIT_MS = 30_000;

/** How long a person's write waits for another write to the same branch. */
const BRANCH_WAIT_MS = 30_000;

/** A repository fetched at its head. */
export interface OpenRepository {
  snapshot: GitSnapshot;
  repository: Repository;
}

/** What was, or in a dry run would be, written. */
export interface WriteResult {
  head: GitHead;
  /** Absent in a dry run and where nothing had to change. */
  update?: StoredUpdate;
  message: string;
  plan: UpdatePlan;
  /** Stands for head, message and changes. */
  planHash: string;
  diff: string;
}

/** What to write, by whom. */
export interface WriteRequest extends Omit<UpdateRequest, 'dryRun'> {
  /** Entity ref or subject of who asks; `schedule` for the loop. */
  initiator: string;
  signal?: AbortSignal;
}

/** Rewrites, commits and pushes. */
export class RepositoryWriter {
  readonly #gitRepos: GitRepoStore;
  readonly #imageScans: ImageScanStore;
  readonly #updates: UpdateStore;

  constructor(options: {
    gitRepos: GitRepoStore;
    imageScans: ImageScanStore;
    updates: UpdateStore;
  }) {
    this.#gitRepos = options.gitRepos;
    this.#imageScans = options.imageScans;
    this.#updates = options.updates;
  }

  /** Works out an update at the newest commit and writes nothing. */
  async preview(
    remote: GitRemote,
    context: ReadContext,
    request: WriteRequest,
  ): Promise<WriteResult> {
    const snapshot = await remote.open({ signal: request.signal });
    try {
      const repository = await readRepository(snapshot, context);
      const opened = { snapshot, repository };
      return await this.#prepare(opened, context.definition, request);
    } finally {
      await snapshot.close();
    }
  }

  /**
   * Writes what the scans' results change; on a branch that moves meanwhile,
   * again on its new head. Nobody else's commit is ever overwritten.
   *
   * @throws ConflictError when `plan` does not hold any more.
   */
  async write(options: {
    claim: GitRepoClaim;
    remote: GitRemote;
    context: ReadContext;
    request: WriteRequest;
    /** The repository, where it was just read; closed by the caller. */
    opened?: OpenRepository;
  }): Promise<WriteResult> {
    const { definition } = options.context;
    const { branch } =
      options.opened?.snapshot.head ??
      (await options.remote.head({ signal: options.request.signal }));
    const key = remoteKey(definition.repo, branch);
    const lock = await this.#lockBranch(key, options.request.signal);
    const renewal = setInterval(() => {
      // A lost lock costs a retry, not a commit: the push itself is conditional.
      this.#gitRepos.renewBranch(lock, Date.now()).catch(() => undefined);
    }, LEASE_RENEWAL_MS);
    try {
      return await this.#writeLocked(options);
    } finally {
      clearInterval(renewal);
      await this.#gitRepos.unlockBranch(lock);
    }
  }

  async #writeLocked(options: {
    claim: GitRepoClaim;
    remote: GitRemote;
    context: ReadContext;
    request: WriteRequest;
    opened?: OpenRepository;
  }): Promise<WriteResult> {
    const { claim, remote, context, request } = options;
    if (options.opened) {
      const result = await this.#tryWrite(
        options.opened,
        claim,
        context,
        request,
      );
      if (result) {
        return result;
      }
    }
    const until = Date.now() + RACE_LIMIT_MS;
    let attempts = options.opened ? 1 : 0;
    do {
      attempts += 1;
      const snapshot = await remote.open({ signal: request.signal });
      try {
        const repository = await readRepository(snapshot, context);
        const opened = { snapshot, repository };
        const result = await this.#tryWrite(opened, claim, context, request);
        if (result) {
          return result;
        }
      } finally {
        await snapshot.close();
      }
      // What moved the branch may be a push of ours that was given up for lost.
      await settleUpdates({
        gitRepo: context.definition.key,
        updates: this.#updates,
        remote,
        signal: request.signal,
      });
    } while (Date.now() < until);
    throw new ServiceUnavailableError(
      `The branch moved ${attempts} times while an update was being pushed; nothing of it was written`,
    );
  }

  /** One attempt; undefined when the branch moved meanwhile. */
  async #tryWrite(
    opened: OpenRepository,
    claim: GitRepoClaim,
    context: ReadContext,
    request: WriteRequest,
  ): Promise<WriteResult | undefined> {
    const { snapshot, repository } = opened;
    const { definition } = context;
    const result = await this.#prepare(opened, definition, request);
    const { plan } = result;
    const served = request.tagNames === undefined;
    if (request.plan !== undefined && request.plan !== result.planHash) {
      throw new ConflictError(
        `Git repo ${definition.name} or its scans changed since the preview; look at a new one`,
      );
    }
    if (plan.changes.length === 0) {
      await this.#gitRepos.storeContents(
        claim,
        repository.contents,
        Date.now(),
        { served },
      );
      return result;
    }

    const commit = await snapshot.commit({
      files: plan.outputs,
      message: result.message,
      author: {
        name: definition.commit.authorName,
        email: definition.commit.authorEmail,
      },
    });
    const update: StoredUpdate = {
      id: randomUUID(),
      gitRepo: definition.key,
      branch: commit.branch,
      commit: commit.oid,
      message: result.message,
      initiator: request.initiator,
      changes: plan.changes,
      createdAt: Date.now(),
    };
    await this.#updates.announce(update);
    try {
      await snapshot.push(commit);
    } catch (error) {
      // Only these two say that nothing was written. After any other, such as a
      // shutdown in the middle, the note stays, and the next run asks the remote.
      const moved = error instanceof BranchMovedError;
      if (moved || error instanceof PushRefusedError) {
        await this.#updates.withdraw(update.id);
      }
      if (moved) {
        return undefined;
      }
      throw error;
    }
    await this.#updates.confirm(update);
    await this.#gitRepos.storeContents(
      claim,
      withManifests(repository, commit.oid, plan.outputs),
      Date.now(),
      { served },
    );
    return { ...result, update };
  }

  async #prepare(
    { snapshot, repository }: OpenRepository,
    definition: GitRepoDefinition,
    request: WriteRequest,
  ): Promise<WriteResult> {
    const { head } = snapshot;
    checkTagNames(request.tagNames, repository, definition);
    const scans = await this.#imageScans.ofGitRepo(definition.key);
    const plan = planUpdate(repository, scans, {
      tagNames: request.tagNames,
      allowDowngrade: request.allowDowngrade ?? false,
    });
    const message = renderCommitMessage(
      request.message ?? definition.commit.messageTemplate,
      {
        gitRepo: definition.name,
        branch: head.branch,
        changes: plan.changes,
      },
    );
    return {
      head,
      message,
      plan,
      planHash: hashPlan({ head, message, plan }),
      diff: repository.manifests
        .flatMap(({ file, source }) => {
          const output = plan.outputs.get(file);
          return output ? [diffManifest(file, source, output)] : [];
        })
        .join(''),
    };
  }

  async #lockBranch(key: string, signal?: AbortSignal): Promise<string> {
    const until = Date.now() + BRANCH_WAIT_MS;
    for (;;) {
      const lock = await this.#gitRepos.lockBranch(key, Date.now());
      if (lock) {
        return lock;
      }
      if (Date.now() > until) {
        throw new ServiceUnavailableError(
          'Another update of the same branch is still running; try again in a moment',
        );
      }
      await sleep(200, undefined, { signal });
    }
  }
}

function checkTagNames(
  tagNames: readonly string[] | undefined,
  { contents }: Repository,
  definition: GitRepoDefinition,
): void {
  const known = new Set(contents.definitions.map(({ tagName }) => tagName));
  const unknown = tagNames?.filter(tagName => !known.has(tagName)) ?? [];
  if (unknown.length > 0) {
    throw new InputError(
      `tagNames: git repo ${definition.name} has no scan named ${unknown.join(
        ', ',
      )}`,
    );
  }
}
