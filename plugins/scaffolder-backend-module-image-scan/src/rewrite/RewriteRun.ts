import { resolveSafeChildPath } from '@backstage/backend-plugin-api';
import {
  BranchMovedError,
  GitWorkTree,
  hasArrived,
  type WorkTreeCommit,
  type WorkTreeRemote,
} from 'backstage-plugin-image-scan-node';
import {
  authorOf,
  branchOf,
  type CommitInput,
  isPushed,
  messageOf,
  repositoryName,
  wouldLoseCommits,
} from '../repository/commitOf';
import {
  discardClone,
  findClone,
  holdsClone,
  openClone,
  originOf,
} from '../repository/openClone';
import { imageFinder, type RewriteState } from './RewriteState';
import type { Rewritten, RewriteStep } from './RewriteStep';
import { planWorkspace, writeWorkspace } from './rewriteWorkspace';
import { Workspace } from './Workspace';

/** How often a commit is made because another push came first. */
const MAX_RACES = 5;

/** Names of links in one line of the log. */
const MAX_NAMES = 20;

/** What is written next. */
type Planned = {
  state: RewriteState;
  /** Whether this step made the clone, so that it may be made anew. */
  isOurs: boolean;
};

/** A commit that is in the clone and is pushed next. */
type Announced = Planned & {
  changedFiles: string[];
  branch: string;
  url: string;
  /** Absent where nothing had to change. */
  made?: { oid: string; parent: string; changedPaths: string[] };
};

/** What an earlier life planned for a clone that is gone. */
type Stale = { isStale: true };

/**
 * Writes to a workspace, and commits and pushes where it is told to.
 *
 * @remarks
 * Each attempt keeps what it plans before anything is written, and its commit before that
 * is pushed. So whatever moment ends the process, the next life of the task finds out
 * whether the push arrived, and goes on with the same commit where it did not.
 */
export class RewriteRun {
  readonly #step: RewriteStep;
  readonly #folder: string;
  /** That of the input `repository`. */
  readonly #given: WorkTreeRemote | undefined;
  /** As this life of the task has found or made it. */
  #workTree: GitWorkTree | undefined;
  /** Whether the clone was made in this life of the task. */
  #isCloned = false;
  /** Whether it was made by this step in any life, so that it may be made anew. */
  #isOurs = false;
  #races = 0;

  /** @throws InputError for a URL or token that cannot be used */
  constructor(step: RewriteStep) {
    const { input, access, workspacePath } = step;
    this.#step = step;
    this.#folder = resolveSafeChildPath(workspacePath, input.path ?? '.');
    this.#given =
      input.repository && access.remote(input.repository.url, input.token);
  }

  async run(): Promise<Rewritten> {
    const { input, isDryRun, keep } = this.#step;
    const { commit } = input;
    if (!commit || isDryRun) {
      return this.#untilDone(suffix => this.#rewrite(suffix));
    }
    const work = () => this.#untilDone(suffix => this.#commit(commit, suffix));
    // The branch may be merged and deleted before the next life of the task.
    return isPushed(commit) ? keep('pushed', work) : work();
  }

  async #untilDone(
    attempt: (suffix: string) => Promise<Rewritten | undefined>,
  ): Promise<Rewritten> {
    for (let number = 1; ; number += 1) {
      const done = await attempt(number === 1 ? '' : `.${number}`);
      if (done) {
        return done;
      }
    }
  }

  /** Undefined where what was kept belongs to a clone that is gone. */
  async #rewrite(suffix: string): Promise<Rewritten | undefined> {
    const { isDryRun, signal, input } = this.#step;
    if (input.repository || input.commit) {
      await this.#findClone();
    }
    const workspace = await this.#openWorkspace();
    const planned = await this.#plan(workspace, suffix);
    if (!planned) {
      return undefined;
    }
    const { state } = planned;
    if (!isDryRun) {
      await writeWorkspace(workspace, state, signal);
    }
    return { state, changedFiles: namesOf(state, workspace) };
  }

  /** Undefined where another attempt has to be made. */
  async #commit(
    input: CommitInput,
    suffix: string,
  ): Promise<Rewritten | undefined> {
    const { keep } = this.#step;
    let isEarlier = true;
    const announced = await keep(`made${suffix}`, async () => {
      isEarlier = false;
      return this.#announce(input, suffix);
    });
    if ('isStale' in announced) {
      return undefined;
    }
    const { state, changedFiles, branch, made, url } = announced;
    const done = { state, changedFiles, branch };
    if (!made) {
      return done;
    }
    const isArrived =
      isEarlier && isPushed(input) && (await this.#hasArrived(announced, made));
    const workTree = isEarlier ? await this.#reopen(made) : this.#workTree;
    if (!isArrived) {
      if (!workTree) {
        return undefined;
      }
      if (isPushed(input) && !(await this.#push(workTree, announced, made))) {
        return undefined;
      }
    }
    if (workTree && workTree.head !== made.oid) {
      await workTree.moveTo(made, branch);
    }
    const remoteUrl = isPushed(input)
      ? this.#step.access.commitUrl(url, made.oid)
      : undefined;
    return {
      ...done,
      commit: made.oid,
      ...(remoteUrl !== undefined && { remoteUrl }),
    };
  }

  /** Writes the files and makes the commit, which is on no branch yet. */
  async #announce(
    input: CommitInput,
    suffix: string,
  ): Promise<Announced | Stale> {
    const { config, signal, input: step } = this.#step;
    const workTree = await this.#findClone();
    const workspace = await this.#openWorkspace();
    const planned = await this.#plan(workspace, suffix);
    if (!planned) {
      return { isStale: true };
    }
    const { state } = planned;
    await writeWorkspace(workspace, state, signal);
    const { url } = this.#given ?? this.#remote(originOf(workTree));
    const branch = branchOf(input, workTree);
    const made = await workTree.commit({
      files: state.files.map(({ file }) => file),
      message: messageOf(input, {
        gitRepo: step.gitRepo ?? repositoryName(url),
        branch,
        changes: state.changes,
        imageOf: imageFinder(state, workspace),
      }),
      author: authorOf(input, config),
      time: new Date(),
    });
    const changedFiles = namesOf(state, workspace);
    return { ...planned, changedFiles, branch, url, ...(made && { made }) };
  }

  async #hasArrived(
    { branch, url }: Announced,
    { oid }: WorkTreeCommit,
  ): Promise<boolean> {
    return hasArrived(oid, this.#remote(url), branch, this.#step.signal);
  }

  /** False where another push came first, and the clone and the commit are made anew. */
  async #push(
    workTree: GitWorkTree,
    { branch, url, isOurs }: Announced,
    made: WorkTreeCommit,
  ): Promise<boolean> {
    try {
      await workTree.push(made, this.#remote(url), branch);
      return true;
    } catch (error) {
      if (!(error instanceof BranchMovedError)) {
        throw error;
      }
      if (branch !== workTree.branch) {
        throw wouldLoseCommits(url, branch, workTree.branch);
      }
      this.#races += 1;
      if (!isOurs || this.#races === MAX_RACES) {
        throw error;
      }
      this.#step.logger.info(`${error.message}: attempt ${this.#races + 1}`);
      await discardClone(this.#folder);
      return false;
    }
  }

  /** Undefined where an earlier life planned it for a clone that is gone. */
  async #plan(
    workspace: Workspace,
    suffix: string,
  ): Promise<Planned | undefined> {
    const { keep } = this.#step;
    let isEarlier = true;
    const planned = await keep(`plan${suffix}`, async () => {
      isEarlier = false;
      const state = await planWorkspace(workspace, this.#step);
      return { state, isOurs: this.#isOurs };
    });
    return isEarlier && this.#isCloned ? undefined : planned;
  }

  async #findClone(): Promise<GitWorkTree> {
    const { logger, signal, input, keep } = this.#step;
    const { repository } = input;
    if (repository) {
      // Kept before it is made, so that a life that finds it knows whose it is.
      const { isOurs } = await keep('clone', async () => ({
        isOurs: !(await holdsClone(this.#folder)),
      }));
      this.#isOurs = isOurs;
    }
    const { workTree, isNew } =
      this.#given && repository
        ? await openClone(this.#folder, repository, this.#given, signal)
        : await findClone(this.#folder, signal);
    this.#isCloned ||= isNew;
    this.#workTree = workTree;
    const omitted = workTree.omittedLinks;
    if (omitted.length > 0) {
      logger.warn(
        `Symbolic links that lead out of the repository are left out: ${omitted
          .slice(0, MAX_NAMES)
          .join(', ')}`,
      );
    }
    return workTree;
  }

  /** The clone as an earlier life left it; undefined where it has not the commit. */
  async #reopen({ oid }: WorkTreeCommit): Promise<GitWorkTree | undefined> {
    const { signal } = this.#step;
    const workTree = await GitWorkTree.open(this.#folder, signal);
    return (await workTree?.holds(oid)) ? workTree : undefined;
  }

  #openWorkspace(): Promise<Workspace> {
    const { workspacePath, input } = this.#step;
    return Workspace.open(workspacePath, input.path);
  }

  #remote(url: string): WorkTreeRemote {
    const { access, input } = this.#step;
    return this.#given ?? access.remote(url, input.token);
  }
}

function namesOf({ files }: RewriteState, workspace: Workspace): string[] {
  return files.map(({ file }) => workspace.nameOf(file));
}
