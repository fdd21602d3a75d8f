import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, isError } from '@backstage/errors';
import { checkBranchName, checkGitUrl } from '../../gitUrl';
import {
  BranchMovedError,
  GitUnreachableError,
  PushRefusedError,
} from '../errors';
import { askRefusedAgain } from '../askRefusedAgain';
import type { GitHttp } from '../GitHttp';
import type { CloneTask, Look, PushResult } from './messages';
import { runGitTask } from './runGitTask';
import { connect, hasArrived, headOf } from './WorkTreeRemote';
import type { WorkTreeRemote } from './WorkTreeRemote';

/** @public */
export interface WorkTreeCommitRequest {
  /** Below the folder, with `/`; each a regular file of HEAD. */
  files: readonly string[];
  message: string;
  author: { name: string; email: string };
  time: Date;
}

/** A commit that is in a clone and on no branch yet. @public */
export interface WorkTreeCommit {
  oid: string;
  parent: string;
  /** Sorted. */
  changedPaths: string[];
}

/** Folders that a clone is made in begin with it, until they are complete. */
const UNFINISHED = '.image-scan-clone-';

/**
 * A clone on disk, in which isomorphic-git works: in a thread of its own, over the
 * guarded transport, and in no other folder. A clone has one commit of one branch.
 *
 * @public
 */
export class GitWorkTree {
  readonly #folder: string;
  #look: Look;
  readonly #signal: AbortSignal | undefined;

  private constructor(folder: string, look: Look, signal?: AbortSignal) {
    this.#folder = folder;
    this.#look = look;
    this.#signal = signal;
  }

  /**
   * Clones into a folder, which is made where it is absent and must be empty otherwise.
   * It is complete or not there.
   *
   * @throws InputError where the folder holds something, UnsupportedRepositoryError for
   * more than is cloned, and as `GitRemote`
   */
  static async clone(options: {
    folder: string;
    remote: WorkTreeRemote;
    /** Default: the one that HEAD names. */
    branch?: string;
    signal?: AbortSignal;
  }): Promise<GitWorkTree> {
    const { folder, remote, signal } = options;
    const url = checkGitUrl(remote.url).href;
    const branch =
      options.branch === undefined
        ? undefined
        : checkBranchName(options.branch);
    await mkdir(folder, { recursive: true });
    const root = await realpath(folder);
    await clearUnfinished(root);
    if ((await readdir(root)).length > 0) {
      throw new InputError(
        'The folder to clone into holds files already; name an empty one with path',
      );
    }
    const look = await askRefusedAgain(
      () => cloneInto(root, { kind: 'clone', url, branch }, remote, signal),
      remote.forget,
    );
    return new GitWorkTree(root, look, signal);
  }

  /** The clone in a folder; undefined where there is none. */
  static async open(
    folder: string,
    signal?: AbortSignal,
  ): Promise<GitWorkTree | undefined> {
    try {
      // Not followed: a link or a file could name a repository elsewhere.
      if (!(await lstat(join(folder, '.git'))).isDirectory()) {
        return undefined;
      }
    } catch (error) {
      if (isError(error) && error.code === 'ENOENT') {
        return undefined;
      }
      throw error;
    }
    const root = await realpath(folder);
    const look = await runGitTask({ kind: 'look', folder: root }, { signal });
    return new GitWorkTree(root, look, signal);
  }

  /** Absent where HEAD is no branch. */
  get branch(): string | undefined {
    return this.#look.branch;
  }

  /** Object name of HEAD. */
  get head(): string {
    return this.#look.commit;
  }

  /** The URL of `origin`, as the clone has it. */
  get origin(): string | undefined {
    return this.#look.origin;
  }

  /** Symbolic links that lead out of the clone and were left out of it. */
  get omittedLinks(): readonly string[] {
    return this.#look.omittedLinks;
  }

  /**
   * Commits files as they are on disk on top of HEAD, and moves no branch. The same
   * request and HEAD give the same commit.
   *
   * @returns undefined where all of them are as HEAD has them
   * @throws InputError for a file that HEAD does not have
   */
  async commit(
    request: WorkTreeCommitRequest,
  ): Promise<WorkTreeCommit | undefined> {
    const { files, message, author, time } = request;
    const { commit, parent, changedPaths } = await runGitTask(
      {
        kind: 'commit',
        folder: this.#folder,
        files: [...files],
        message,
        author: { ...author },
        time: time.getTime(),
      },
      { signal: this.#signal },
    );
    return commit === undefined
      ? undefined
      : { oid: commit, parent, changedPaths };
  }

  /**
   * Pushes a commit of this clone to a branch that is absent or an ancestor of it.
   *
   * @throws BranchMovedError where the branch has commits that this clone has not,
   * PushRefusedError; nothing was written then
   */
  async push(
    { oid }: WorkTreeCommit,
    remote: WorkTreeRemote,
    branch: string,
  ): Promise<void> {
    const url = checkGitUrl(remote.url).href;
    let http: GitHttp | undefined;
    const push = () =>
      runGitTask(
        {
          kind: 'push',
          folder: this.#folder,
          url,
          commit: oid,
          branch: checkBranchName(branch),
        },
        {
          signal: this.#signal,
          timeout: remote.timeout,
          async connect(abort) {
            http = await connect(remote, abort);
            return http;
          },
        },
      );
    let result: PushResult;
    try {
      result = await askRefusedAgain(push, remote.forget);
    } catch (error) {
      if (await this.#wasTaken(error, oid, remote, branch)) {
        return;
      }
      throw error;
    }
    if (result.outcome === 'pushed') {
      return;
    }
    // Where the branch is says what happened; the words of servers differ.
    const now =
      result.outcome === 'refused'
        ? await headOf(remote, branch, this.#signal)
        : undefined;
    if (now === oid) {
      return;
    }
    if (result.outcome === 'no-descendant' || now !== result.expected) {
      throw new BranchMovedError(url, branch);
    }
    const clean = (text: string) => http?.clean(text) ?? '';
    throw new PushRefusedError(
      url,
      branch,
      clean(result.reason),
      clean(result.words) || undefined,
    );
  }

  /** An answer can be lost after the push was taken. */
  async #wasTaken(
    error: unknown,
    oid: string,
    remote: WorkTreeRemote,
    branch: string,
  ): Promise<boolean> {
    if (!(error instanceof GitUnreachableError)) {
      return false;
    }
    try {
      return await hasArrived(oid, remote, branch, this.#signal);
    } catch {
      // The server cannot be asked: what the push failed with is all that is known.
      return false;
    }
  }

  /** Whether a commit is in this clone. */
  async holds(commit: string): Promise<boolean> {
    return runGitTask(
      { kind: 'holds', folder: this.#folder, commit },
      { signal: this.#signal },
    );
  }

  /** Makes a branch stand at a commit of this clone and be the one checked out. */
  async moveTo(
    { oid, changedPaths }: WorkTreeCommit,
    branch: string,
  ): Promise<void> {
    await runGitTask(
      {
        kind: 'move',
        folder: this.#folder,
        commit: oid,
        branch: checkBranchName(branch),
        files: changedPaths,
      },
      { signal: this.#signal },
    );
    this.#look = { ...this.#look, commit: oid, branch };
  }
}

/** A clone is complete or not there, so it is made beside and moved. */
async function cloneInto(
  root: string,
  task: Omit<CloneTask, 'folder'>,
  remote: WorkTreeRemote,
  signal?: AbortSignal,
): Promise<Look> {
  const temporary = join(root, `${UNFINISHED}${randomUUID()}`);
  await mkdir(temporary);
  try {
    const look = await runGitTask(
      { ...task, folder: temporary },
      {
        signal,
        timeout: remote.timeout,
        connect: abort => connect(remote, abort),
      },
    );
    await moveContents(temporary, root);
    return look;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** What is left of clones whose process ended. */
async function clearUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(UNFINISHED)) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** `.git` comes last, for it says that the clone is complete. */
async function moveContents(from: string, to: string): Promise<void> {
  const names = (await readdir(from)).filter(name => name !== '.git');
  for (const name of [...names, '.git']) {
    await rename(join(from, name), join(to, name));
  }
}
