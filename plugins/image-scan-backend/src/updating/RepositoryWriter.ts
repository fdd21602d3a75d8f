import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  ConflictError,
  InputError,
  ServiceUnavailableError,
} from '@backstage/errors';
import type { UpdateRequest } from 'backstage-plugin-image-scan-common';
import {
  BranchMovedError,
  diffManifestInTurns,
  type GitHead,
  type GitRemote,
  type GitRepoDefinition,
  type GitSnapshot,
  type PausingWork,
  PushRefusedError,
  remoteKey,
  runInTurns,
} from 'backstage-plugin-image-scan-node';
import type { GitRepoClaim, GitRepoStore } from '../database/GitRepoStore';
import type { ImageScanStore } from '../database/ImageScanStore';
import type { DecisionStore } from '../database/DecisionStore';
import {
  DecidedMeanwhileError,
  type UpdateStore,
} from '../database/UpdateStore';
import type { StoredDecision } from '../model/decisions';
import type { StoredUpdate } from '../model/types';
import { claimWithin } from '../work/claimWithin';
import { type HoldLease, leaseHolder } from '../work/holdLease';
import { nameRequester, renderCommitMessage } from '../model/commitMessage';
import { type ChosenDecisions, decideChosen } from './decideChosen';
import { nameRollbacks } from './nameRollbacks';
import { type ChosenTag, isSelected } from './planScan';
import {
  hashPlanInTurns,
  planUpdateInTurns,
  type UpdatePlan,
} from './planUpdate';
import {
  type ReadContext,
  readRepository,
  type Repository,
  withManifests,
} from './readRepository';
import { settleUpdates } from './settleUpdates';

/**
 * How long a write is made anew because the branch moved under it: others may
 * push without a pause, and each attempt has its chance between two of theirs.
 */
const RACE_LIMIT_MS = 30_000;

/** The second lost race in a row waits about this long, each further one twice as long. */
const RACE_PAUSE_MS = 25;

/** The longest pause between two attempts. */
const LONGEST_RACE_PAUSE_MS = 1_000;

/**
 * How often a branch is looked at that a push was refused for, as if it had
 * moved: the push of somebody else may be about to arrive.
 */
const LOOKS_AT_BRANCH = 3;

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
export interface WriteRequest
  extends Omit<UpdateRequest, 'dryRun' | 'tags' | 'revert' | 'until'> {
  /** Tags to write in place of what the policies choose, by the ids of scans. */
  chosen?: ReadonlyMap<string, ChosenTag>;
  /** What is to be written back. */
  revert?: StoredUpdate;
  /** Until when what a person names holds. */
  until?: number;
  /** Entity ref or subject of who asks; `schedule` for the loop. */
  initiator: string;
  /** Entity ref of the user who asks, to be named in the commit. */
  person?: string;
  signal?: AbortSignal;
}

/** Rewrites, commits and pushes. */
export class RepositoryWriter {
  readonly #gitRepos: GitRepoStore;
  readonly #imageScans: ImageScanStore;
  readonly #updates: UpdateStore;
  readonly #decisions: DecisionStore;
  readonly #logger: LoggerService;
  readonly #holdBranch: HoldLease<string>;

  constructor(options: {
    gitRepos: GitRepoStore;
    imageScans: ImageScanStore;
    updates: UpdateStore;
    decisions: DecisionStore;
    logger: LoggerService;
  }) {
    this.#gitRepos = options.gitRepos;
    this.#imageScans = options.imageScans;
    this.#updates = options.updates;
    this.#decisions = options.decisions;
    this.#logger = options.logger;
    this.#holdBranch = leaseHolder({
      renew: async locks => {
        const now = Date.now();
        const held = await Promise.all(
          locks.map(lock => this.#gitRepos.renewBranch(lock, now)),
        );
        return locks.filter((_, index) => !held[index]);
      },
      logger: options.logger,
    });
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
      const { definition } = context;
      const decisions = await this.#gitRepos.foresee(
        definition.key,
        repository.contents,
        Date.now(),
      );
      return await this.#prepare(opened, definition, request, decisions);
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
    const { remote, request } = options;
    const { definition } = options.context;
    const { branch } =
      options.opened?.snapshot.head ??
      (await remote.head({ signal: request.signal }));
    const key = remoteKey(definition.repo, branch);
    const lock = await claimWithin(
      {
        time: BRANCH_WAIT_MS,
        pause: 200,
        message:
          'Another update of the same branch is still running; try again in a moment',
        signal: request.signal,
      },
      () => this.#gitRepos.lockBranch(key, Date.now()),
    );
    try {
      return await this.#holdBranch(lock, request.signal, signal =>
        this.#writeLocked({ ...options, request: { ...request, signal } }),
      );
    } finally {
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
    const { signal } = request;
    const until = performance.now() + RACE_LIMIT_MS;
    let { opened } = options;
    let head: GitHead | undefined;
    for (let attempt = 1; ; attempt += 1) {
      const isOurs = opened === undefined;
      const snapshot =
        opened?.snapshot ?? (await remote.open({ head, signal }));
      try {
        opened ??= await this.#read(snapshot, options);
        const result = await this.#tryWrite(opened, claim, context, request);
        if (result) {
          return result;
        }
      } finally {
        if (isOurs) {
          await snapshot.close();
        }
      }
      opened = undefined;
      head = await this.#headAfterRace(remote, snapshot.head, attempt, signal);
      // What moved the branch may be a push of ours that was given up for lost.
      await settleUpdates({
        gitRepo: context.definition.key,
        updates: this.#updates,
        remote,
        signal,
      });
      if (performance.now() > until) {
        throw new ServiceUnavailableError(
          `The branch moved ${attempt} times while an update was being pushed; nothing of it was written`,
        );
      }
    }
  }

  /**
   * Where a branch is after a push was refused because it had moved.
   *
   * @throws ServiceUnavailableError where it has not: then the same push would be
   *   refused again, and is tried as late as after any other failure
   */
  async #headAfterRace(
    remote: GitRemote,
    before: GitHead,
    attempt: number,
    signal: AbortSignal | undefined,
  ): Promise<GitHead> {
    await pauseAfter(attempt, signal);
    for (let look = 1; ; look += 1) {
      const head = await remote.head({ signal });
      if (head.commit !== before.commit) {
        return head;
      }
      if (look === LOOKS_AT_BRANCH) {
        throw new ServiceUnavailableError(
          `The git server refused the push to ${before.branch} as if the branch had moved, but it has not; another push or a lock file that was left behind may block it on the server`,
        );
      }
      await pauseAfter(5 + look, signal);
    }
  }

  /** What is planned on is stored before, so that somebody's way back is noticed. */
  async #read(
    snapshot: GitSnapshot,
    {
      claim,
      remote,
      context,
      request: { signal },
    }: {
      claim: GitRepoClaim;
      remote: GitRemote;
      context: ReadContext;
      request: WriteRequest;
    },
  ): Promise<OpenRepository> {
    const repository = await readRepository(snapshot, context);
    const noticed = await this.#gitRepos.storeContents(
      claim,
      repository.contents,
      Date.now(),
      { provisional: true },
    );
    await nameRollbacks(noticed, {
      gitRepo: claim.gitRepo.key,
      remote,
      updates: this.#updates,
      decisions: this.#decisions,
      logger: this.#logger,
      signal,
    });
    return { snapshot, repository };
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
    const binding = await this.#decisions.binding(definition.key, Date.now());
    const result = await this.#prepare(opened, definition, request, binding);
    const { plan } = result;
    const served = isWhole(request);
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
      releases: request.release,
      createdAt: Date.now(),
    };
    const chosen = chosenWith(update, result, request, repository, binding);
    if (chosen) {
      const made = chosen.made.map(({ id }) => id);
      update.chosen = { made, replaced: chosen.replaced };
    }
    try {
      await this.#updates.announce(update, chosen?.made);
    } catch (error) {
      // Each time there is one decision more, so this ends.
      if (error instanceof DecidedMeanwhileError) {
        return this.#tryWrite(opened, claim, context, request);
      }
      throw error;
    }
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
      await withManifests(repository, commit.oid, plan.outputs),
      Date.now(),
      { served },
    );
    return { ...result, update };
  }

  async #prepare(
    { snapshot, repository }: OpenRepository,
    definition: GitRepoDefinition,
    request: WriteRequest,
    binding: readonly StoredDecision[],
  ): Promise<WriteResult> {
    const { head } = snapshot;
    checkSelection(request, repository, definition);
    checkRevert(request, head, definition);
    const decisions = withoutReleased(binding, request, repository, definition);
    const scans = await this.#imageScans.ofGitRepo(definition.key);
    const plan = await runInTurns(
      planUpdateInTurns(repository, scans, {
        tagNames: request.tagNames,
        imageScanIds: request.imageScanIds,
        chosen: request.chosen,
        revert: request.revert?.changes,
        allowDowngrade: request.allowDowngrade ?? false,
        decisions,
      }),
    );
    const rendered = renderCommitMessage(
      request.message ?? definition.commit.messageTemplate,
      {
        gitRepo: definition.name,
        branch: head.branch,
        changes: plan.changes,
      },
    );
    const message = request.person
      ? nameRequester(rendered, request.person)
      : rendered;
    return {
      head,
      message,
      plan,
      planHash: await runInTurns(hashPlanInTurns({ head, message, plan })),
      diff: await runInTurns(diffOf(repository, plan)),
    };
  }
}

/**
 * Lets others finish, the longer the more often they came first: none after the
 * first time, for a chance so soon may be the best. Each waits otherwise, so that
 * two that lost to each other do not meet again.
 */
async function pauseAfter(
  attempts: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (attempts > 1) {
    const pause = Math.min(
      LONGEST_RACE_PAUSE_MS,
      RACE_PAUSE_MS * 2 ** (attempts - 2),
    );
    await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal });
  }
}

function* diffOf(
  { manifests }: Repository,
  { outputs }: UpdatePlan,
): PausingWork<string> {
  const diffs: string[] = [];
  for (const { file, source } of manifests) {
    const output = outputs.get(file);
    if (output) {
      diffs.push(yield* diffManifestInTurns(file, source, output));
    }
  }
  return diffs.join('');
}

/** What binds although some of it is released with the update. */
function withoutReleased(
  binding: readonly StoredDecision[],
  request: WriteRequest,
  { contents: { definitions } }: Repository,
  { key, name }: GitRepoDefinition,
): StoredDecision[] {
  const { release = [] } = request;
  const own = new Map(
    binding.flatMap(each => (each.gitRepo === key ? [[each.id, each]] : [])),
  );
  const unknown = release.filter(id => !own.has(id));
  if (unknown.length > 0) {
    throw new InputError(
      `release: nothing on git repo ${name} or its scans is held by the decision ${unknown.join(
        ', ',
      )}`,
    );
  }
  const selected = new Set(
    definitions.flatMap(each => (isSelected(each, request) ? [each.id] : [])),
  );
  const apart = release.filter(id => {
    const scanId = own.get(id)?.scanId;
    return scanId !== undefined && !selected.has(scanId);
  });
  if (apart.length > 0) {
    throw new InputError(
      `release: the update leaves out the scan that is held by the decision ${apart.join(
        ', ',
      )}; release it by itself`,
    );
  }
  return binding.filter(({ id }) => !release.includes(id));
}

function checkSelection(
  { tagNames = [], imageScanIds = [], chosen = new Map() }: WriteRequest,
  { contents: { definitions } }: Repository,
  { name }: GitRepoDefinition,
): void {
  const names = new Set(definitions.map(({ tagName }) => tagName));
  const unknown = tagNames.filter(tagName => !names.has(tagName));
  if (unknown.length > 0) {
    throw new InputError(
      `tagNames: git repo ${name} has no scan named ${unknown.join(', ')}`,
    );
  }
  const ids = new Set(definitions.map(({ id }) => id));
  const fields = { imageScanIds, tags: [...chosen.keys()] };
  for (const [field, named] of Object.entries(fields)) {
    const gone = named.filter(id => !ids.has(id));
    if (gone.length > 0) {
      throw new InputError(
        `${field}: git repo ${name} has no scan with the id ${gone.join(', ')}`,
      );
    }
  }
}

function checkRevert(
  { revert }: WriteRequest,
  { branch }: GitHead,
  { name }: GitRepoDefinition,
): void {
  if (revert && revert.branch !== branch) {
    throw new InputError(
      `revert: the update was written to the branch ${revert.branch}, and git repo ${name} is of ${branch} now`,
    );
  }
}

/** Whether an update is about all scans, so that nothing it left needs another. */
function isWhole(request: WriteRequest): boolean {
  const { tagNames, imageScanIds, chosen, revert } = request;
  return [tagNames, imageScanIds, chosen, revert].every(
    each => each === undefined,
  );
}

/** What a person chose with an update; undefined where the policies did. */
function chosenWith(
  { createdAt: at }: StoredUpdate,
  { head: { branch }, plan }: WriteResult,
  { person, initiator, reason, until, chosen, revert }: WriteRequest,
  { contents: { remote, definitions } }: Repository,
  binding: readonly StoredDecision[],
): ChosenDecisions | undefined {
  return chosen || revert
    ? decideChosen(
        plan.choices,
        { remote, branch },
        definitions,
        { by: person ?? initiator, at, reason, until },
        binding,
      )
    : undefined;
}
