import { NotFoundError } from '@backstage/errors';
import { checkGitUrl } from '../../gitUrl';
import type { HttpTransport } from '../../http';
import type { GitCredentials } from '../../types';
import { askRefusedAgain } from '../askRefusedAgain';
import { BranchNotFoundError } from '../errors';
import { GitHttp } from '../GitHttp';
import { HttpGitRemote } from '../HttpGitRemote';

/** A remote that a clone is made of, and pushed to. @public */
export interface WorkTreeRemote {
  /** As `checkGitUrl` takes it. */
  url: string;
  /** Asked once for each piece of work. */
  credentials?: () => Promise<GitCredentials | undefined>;
  /**
   * Forgets credentials that are remembered and were refused; whether others may do
   * better, with which the work is then done once more.
   */
  forget?: () => boolean;
  transport: HttpTransport;
  /** Milliseconds for one exchange; default 2 minutes. */
  timeout?: number;
}

/** For one piece of work. */
export async function connect(
  { url, credentials, transport, timeout }: WorkTreeRemote,
  signal: AbortSignal,
): Promise<GitHttp> {
  return new GitHttp({
    url: checkGitUrl(url),
    credentials: await credentials?.(),
    transport,
    timeout,
    signal,
  });
}

/** Where a branch is; undefined where there is none. */
export async function headOf(
  remote: WorkTreeRemote,
  branch: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const there = new HttpGitRemote({ ...remote, branch });
  try {
    const { commit } = await askRefusedAgain(
      () => there.head({ signal }),
      remote.forget,
    );
    return commit;
  } catch (error) {
    if (error instanceof BranchNotFoundError) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Whether a commit is at or behind the head of a branch: whether a push arrived whose
 * outcome nobody knows.
 *
 * @throws as `GitRemote`, but for a branch or repository that is not there
 * @public
 */
export async function hasArrived(
  commit: string,
  remote: WorkTreeRemote,
  branch: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const there = new HttpGitRemote({ ...remote, branch });
  try {
    return await askRefusedAgain(
      () => there.contains(commit, { signal }),
      remote.forget,
    );
  } catch (error) {
    if (error instanceof NotFoundError) {
      return false;
    }
    throw error;
  }
}
