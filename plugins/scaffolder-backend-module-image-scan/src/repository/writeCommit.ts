import { ConflictError, InputError } from '@backstage/errors';
import {
  BranchMovedError,
  type GitWorkTree,
  HttpGitRemote,
  renderCommitMessage,
  type ResolvedImage,
  type WorkTreeCommit,
  type WorkTreeRemote,
} from 'backstage-plugin-image-scan-node';
import type { Change } from '../report';

/** The input `commit` of the action. */
export interface CommitInput {
  message?: string;
  author?: { name: string; email: string };
  branch?: string;
  push?: boolean;
}

/** What is committed, and to where. */
export interface CommitPlan {
  branch: string;
  push: boolean;
  files: readonly string[];
  message: string;
  author: { name: string; email: string };
  time: Date;
}

/** The branch that a commit is for. */
export function branchOf(
  { branch }: CommitInput,
  workTree: GitWorkTree,
): string {
  const chosen = branch ?? workTree.branch;
  if (chosen === undefined) {
    throw new InputError(
      'commit.branch: the clone is at no branch, so name the one to write to',
    );
  }
  return chosen;
}

/** The message, whose variables are those of a `messageTemplate`. */
export function messageOf(
  template: string,
  context: {
    gitRepo: string;
    branch: string;
    changes: readonly Change[];
    imageOf: (change: Change) => ResolvedImage | undefined;
  },
): string {
  const { imageOf, changes, ...rest } = context;
  return renderCommitMessage(template, {
    ...rest,
    changes: changes.map(change => ({
      ...change,
      // Scans of one name may choose different images in different folders.
      imageScanId: JSON.stringify([change.tagName, imageOf(change)]),
    })),
  });
}

/**
 * Commits and pushes.
 *
 * @param announce - keeps the name of the commit before its push, and answers the one that
 * an earlier life of the task kept
 * @returns the name of the commit; undefined where nothing had to be committed
 * @throws ConflictError where the branch has commits that the clone has not
 */
export async function writeCommit(
  workTree: GitWorkTree,
  remote: WorkTreeRemote,
  plan: CommitPlan,
  announce: (commit: string | undefined) => Promise<string | undefined>,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { branch, push } = plan;
  const commit = await workTree.commit(plan);
  if (!push) {
    await (commit && workTree.moveTo(commit, branch));
    return commit?.oid;
  }
  const announced = await announce(commit?.oid);
  if (
    announced !== undefined &&
    announced !== commit?.oid &&
    (await hasArrived(announced, remote, branch, signal))
  ) {
    return announced;
  }
  if (!commit) {
    return undefined;
  }
  await pushCommit(workTree, remote, commit, branch);
  await workTree.moveTo(commit, branch);
  return commit.oid;
}

async function pushCommit(
  workTree: GitWorkTree,
  remote: WorkTreeRemote,
  commit: WorkTreeCommit,
  branch: string,
): Promise<void> {
  try {
    await workTree.push(commit, remote, branch);
  } catch (error) {
    if (error instanceof BranchMovedError && branch !== workTree.branch) {
      throw new ConflictError(
        `commit.branch: ${branch} of ${remote.url} has commits that ${
          workTree.branch ?? 'the clone'
        } does not have, and they would be lost; nothing was written. Name another branch, or delete this one`,
      );
    }
    throw error;
  }
}

/** Whether the push of an earlier life of the task was taken. */
async function hasArrived(
  commit: string,
  remote: WorkTreeRemote,
  branch: string,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    const there = new HttpGitRemote({ ...remote, branch });
    return await there.contains(commit, { signal });
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundError') {
      return false;
    }
    throw error;
  }
}
