import { toError } from '@backstage/errors';
import {
  BranchMovedError,
  type Forge,
  ForgeError,
  type ForgePullRequest,
  type GitRemote,
  PushRefusedError,
  type PullRequestText,
  type PullRequestWishes,
  renderNewerValues,
} from 'backstage-plugin-image-scan-node';
import type {
  PullRequestStore,
  StoredPullRequest,
} from '../database/PullRequestStore';
import {
  pickPullRequest,
  planPullRequest,
  type ProposedValue,
  type PullRequestStep,
  type PullRequestWorld,
  textToWrite,
} from '../model/pullRequestLife';

/** More steps than any history has; each leads to another state. */
const MOST_STEPS = 12;

/** What is said of it where it is closed, by the reason. */
const CLOSING_WORDS = {
  superseded: 'Superseded: the base has these values.',
  withdrawn: 'Closed: nothing of it is to be written any more.',
  'base-changed': 'Closed: another branch is to be written now.',
  'branch-deleted':
    'Closed, as its branch was deleted: these values are not proposed again.',
} as const;

/** A commit with some values on the base, which is not pushed yet. */
export interface BuiltProposal {
  commit: string;
  /** The blobs of the base that it changes, by file. */
  blobs: ReadonlyMap<string, string>;
  /** Moves our branch to it, from where it is expected. */
  push(expected: string | undefined): Promise<void>;
}

/** A branch of ours and all that its pull request needs. */
export interface PullRequestTask {
  gitRepo: string;
  branch: string;
  wishes: PullRequestWishes & { draft: boolean };
  forge: Forge;
  remote: Pick<GitRemote, 'branchHead' | 'deleteBranch'>;
  /** The base and what is wanted on it; anew each time, as decisions change it. */
  look(): Promise<Omit<PullRequestWorld, 'head' | 'pullRequest'>>;
  build(values: readonly ProposedValue[]): Promise<BuiltProposal>;
  textOf(values: readonly ProposedValue[]): PullRequestText;
  /** A person decided against these. */
  decline(
    values: readonly ProposedValue[],
    pullRequest: ForgePullRequest | undefined,
  ): Promise<void>;
  /** A person decided for these after all. */
  release(values: readonly ProposedValue[]): Promise<void>;
  /** What could not be had beside the pull request, for people. */
  onProblem(message: string): void;
  signal?: AbortSignal;
}

/** What there is when a step is made. */
interface Scene {
  memory?: StoredPullRequest;
  world: PullRequestWorld;
  pullRequest?: ForgePullRequest;
}

/** Carries out what `planPullRequest` decides, one step after the other, until it rests. */
export class PullRequestKeeper {
  readonly #store: PullRequestStore;

  constructor(options: { store: PullRequestStore }) {
    this.#store = options.store;
  }

  /**
   * Brings the pull request of a branch up to date. The caller holds the branch, so that
   * no other replica does the same.
   *
   * @returns where it rests
   */
  async keep(
    task: PullRequestTask,
  ): Promise<{ step: PullRequestStep; pullRequest?: StoredPullRequest }> {
    for (let count = 0; count < MOST_STEPS; count += 1) {
      const scene = await this.#see(task);
      const step = planPullRequest(scene.memory, scene.world);
      if (step.do === 'nothing' || step.do === 'leave') {
        await this.#rest(task, scene, step);
        return {
          step,
          pullRequest: await this.#store.current(task.gitRepo, task.branch),
        };
      }
      await this.#make(task, scene, step);
    }
    throw new Error(
      `The pull request of ${task.branch} did not come to rest in ${MOST_STEPS} steps`,
    );
  }

  async #see(task: PullRequestTask): Promise<Scene> {
    const { gitRepo, branch, forge, remote, signal } = task;
    const memory = await this.#store.current(gitRepo, branch);
    const base = await task.look();
    const head = await remote.branchHead(branch, { signal });
    const found = await forge.find({
      head: branch,
      base: memory && memory.endedAt === undefined ? memory.base : base.base,
      number: memory?.number,
      signal,
    });
    const pullRequest = pickPullRequest(found, memory);
    return { memory, pullRequest, world: { ...base, head, pullRequest } };
  }

  async #make(
    task: PullRequestTask,
    scene: Scene,
    step: Exclude<PullRequestStep, { do: 'nothing' | 'leave' }>,
  ): Promise<void> {
    const { memory } = scene;
    switch (step.do) {
      case 'push':
        await this.#push(task, scene, step);
        break;
      case 'open':
        await this.#open(task, scene);
        break;
      case 'confirm-push':
        await this.#store.confirmPush(idOf(memory));
        break;
      case 'confirm-open':
        await this.#finishOpening(task, scene);
        break;
      case 'close':
        await this.#close(task, scene, step);
        break;
      case 'record':
        await task.decline(step.declined, scene.pullRequest);
        await this.#end(task, scene, step);
        break;
      case 'reopened':
        await task.release(step.released);
        await this.#store.reopen(idOf(memory));
        break;
      default:
        unknownStep(step);
    }
  }

  async #push(
    task: PullRequestTask,
    { memory, world }: Scene,
    step: Extract<PullRequestStep, { do: 'push' }>,
  ): Promise<void> {
    const { gitRepo, branch } = task;
    const built = await task.build(step.values);
    const isOpen = memory?.number !== undefined && memory.endedAt === undefined;
    const { id } = await this.#store.announce(
      {
        gitRepo,
        branch,
        base: world.base,
        commit: built.commit,
        blobs: built.blobs,
        values: step.values,
        // What the forge has is written anew once the push has arrived.
        ...(isOpen ? textOf(memory) : task.textOf(step.values)),
      },
      Date.now(),
    );
    try {
      await built.push(step.expected);
    } catch (error) {
      // After any other error it may have arrived, and the next look tells.
      const isMoved = error instanceof BranchMovedError;
      if (isMoved || error instanceof PushRefusedError) {
        await this.#store.withdraw(id);
      }
      if (!isMoved) {
        throw error;
      }
      return;
    }
    await this.#store.confirmPush(id);
    const { autoMerge } = task.wishes;
    if (isOpen && autoMerge && memory.isAutoMerged) {
      // A push ends it on some forges.
      await this.#enableAutoMerge(task, world.pullRequest, built.commit);
    }
  }

  async #open(task: PullRequestTask, scene: Scene): Promise<void> {
    const { forge, branch, wishes, signal } = task;
    const { memory, world } = scene;
    try {
      const pullRequest = await forge.create({
        head: branch,
        base: world.base,
        draft: wishes.draft,
        ...task.textOf(memory?.values ?? []),
        signal,
      });
      await this.#finishOpening(task, { ...scene, pullRequest });
    } catch (error) {
      // It is looked for again, and found.
      if (!(error instanceof ForgeError && error.category === 'exists')) {
        throw error;
      }
    }
  }

  /** What goes beside it is asked for once; that it fails is no failure of the update. */
  async #finishOpening(
    task: PullRequestTask,
    { memory, pullRequest }: Scene,
  ): Promise<void> {
    const { forge, wishes, signal } = task;
    if (!pullRequest) {
      return;
    }
    const { labels, reviewers, autoMerge } = wishes;
    if (labels.length > 0) {
      await attempt(task, () =>
        forge.addLabels(pullRequest, labels, { signal }),
      );
    }
    if (reviewers.length > 0) {
      await attempt(task, () =>
        forge.requestReviewers(pullRequest, reviewers, { signal }),
      );
    }
    const isAutoMerged =
      autoMerge !== undefined &&
      (await this.#enableAutoMerge(task, pullRequest, memory?.commit));
    await this.#store.confirmOpen(idOf(memory), {
      number: pullRequest.number,
      url: pullRequest.url,
      ...task.textOf(memory?.values ?? []),
      isAutoMerged,
    });
  }

  async #enableAutoMerge(
    task: PullRequestTask,
    pullRequest: ForgePullRequest | undefined,
    headCommit: string | undefined,
  ): Promise<boolean> {
    const { forge, wishes, signal } = task;
    const { autoMerge } = wishes;
    return (
      pullRequest !== undefined &&
      autoMerge !== undefined &&
      attempt(task, () =>
        forge.enableAutoMerge({ ...pullRequest, headCommit }, autoMerge, {
          signal,
        }),
      )
    );
  }

  async #close(
    task: PullRequestTask,
    scene: Scene,
    step: Extract<PullRequestStep, { do: 'close' }>,
  ): Promise<void> {
    const { forge, signal } = task;
    const { memory, pullRequest } = scene;
    await this.#store.noteClosing(idOf(memory));
    await task.decline(step.declined, pullRequest);
    if (pullRequest?.state === 'open') {
      await forge.comment(pullRequest, CLOSING_WORDS[step.because], { signal });
      await forge.close(pullRequest, { signal });
    }
    await this.#end(task, scene, { ...step, state: 'closed' });
  }

  async #end(
    { branch, remote, signal }: PullRequestTask,
    { memory, world, pullRequest }: Scene,
    end: { state: 'merged' | 'closed'; deleteBranch: boolean },
  ): Promise<void> {
    if (end.deleteBranch && world.head !== undefined) {
      await remote.deleteBranch(branch, world.head, { signal });
    }
    await this.#store.end(
      idOf(memory),
      {
        state: end.state,
        closedBy: pullRequest?.closedBy,
        mergeCommit: pullRequest?.mergeCommit,
      },
      Date.now(),
    );
  }

  /** What is told and written while nothing else is to do. */
  async #rest(
    task: PullRequestTask,
    { memory, pullRequest }: Scene,
    step: Extract<PullRequestStep, { do: 'nothing' | 'leave' }>,
  ): Promise<void> {
    const { forge, signal } = task;
    if (!memory || pullRequest?.state !== 'open') {
      return;
    }
    if (step.do === 'leave') {
      if (step.cancelAutoMerge) {
        await this.#cancelAutoMerge(task, memory, pullRequest);
      }
      if (step.tell.length > 0) {
        await forge.comment(pullRequest, renderNewerValues(step.tell), {
          signal,
        });
        await this.#store.noteTold(memory.id, step.tell);
      }
      return;
    }
    const next = task.textOf(memory.values);
    if (step.because !== 'up-to-date' || isSameText(next, memory)) {
      return;
    }
    const text = textToWrite(memory, pullRequest, next);
    if (text) {
      await forge.update(pullRequest, text, { signal });
    }
    await this.#store.confirmOpen(memory.id, {
      number: pullRequest.number,
      url: pullRequest.url,
      ...next,
      isAutoMerged: memory.isAutoMerged ?? false,
    });
  }

  async #cancelAutoMerge(
    task: PullRequestTask,
    memory: StoredPullRequest,
    pullRequest: ForgePullRequest,
  ): Promise<void> {
    const { forge, signal } = task;
    await attempt(task, () => forge.cancelAutoMerge(pullRequest, { signal }));
    await this.#store.confirmOpen(memory.id, {
      number: pullRequest.number,
      url: pullRequest.url,
      ...textOf(memory),
      isAutoMerged: false,
    });
  }
}

/** @returns whether it went well */
async function attempt(
  { onProblem }: PullRequestTask,
  work: () => Promise<void>,
): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof ForgeError)) {
      throw error;
    }
    onProblem(toError(error).message);
    return false;
  }
}

function textOf({ title, body }: PullRequestText): PullRequestText {
  return { title, body };
}

function isSameText(a: PullRequestText, b: PullRequestText): boolean {
  return a.title === b.title && a.body === b.body;
}

function idOf(memory: StoredPullRequest | undefined): string {
  if (!memory) {
    throw new Error('A step was planned on a pull request that is not stored');
  }
  return memory.id;
}

function unknownStep(step: never): never {
  throw new Error(`Unknown step ${JSON.stringify(step)}`);
}
