import type {
  ProposedValue,
  PullRequestMemory,
} from '../model/pullRequestLife';

/** A pull request as it is stored. */
export interface StoredPullRequest extends PullRequestMemory {
  id: string;
  /** Key of the git repo. */
  gitRepo: string;
  /** Ours. */
  branch: string;
  /** The page for people. */
  url?: string;
  createdAt: number;
  endedAt?: number;
  closedBy?: string;
  mergeCommit?: string;
}

/** A push to a branch of ours that is about to be made. */
export type AnnouncedPush = Pick<
  StoredPullRequest,
  | 'gitRepo'
  | 'branch'
  | 'base'
  | 'commit'
  | 'blobs'
  | 'values'
  | 'title'
  | 'body'
>;

/**
 * The pull requests of the branches that are ours. Each step is noted before or after it
 * is made, so that a crash leaves nothing that `planPullRequest` cannot take up.
 */
export interface PullRequestStore {
  /** The newest of a branch. */
  current(
    gitRepo: string,
    branch: string,
  ): Promise<StoredPullRequest | undefined>;

  /**
   * Notes a push before it is made: of one that is open, else of a new one. What it
   * replaces counts again where it does not arrive.
   */
  announce(push: AnnouncedPush, now: number): Promise<StoredPullRequest>;

  /** The push was refused: what was before it counts. */
  withdraw(id: string): Promise<void>;

  /** The push has arrived. */
  confirmPush(id: string): Promise<void>;

  /** It is open on the forge, with this title and body. */
  confirmOpen(
    id: string,
    shown: Required<
      Pick<StoredPullRequest, 'number' | 'url' | 'title' | 'body'>
    > & { isAutoMerged: boolean },
  ): Promise<void>;

  /** We are about to close it, so that its being closed says nothing of a person. */
  noteClosing(id: string): Promise<void>;

  /** These values were told in a comment. */
  noteTold(id: string, values: readonly ProposedValue[]): Promise<void>;

  /** It was merged or closed. */
  end(
    id: string,
    end: Pick<StoredPullRequest, 'closedBy' | 'mergeCommit'> & {
      state: 'merged' | 'closed';
    },
    now: number,
  ): Promise<void>;

  /** A person opened it again. */
  reopen(id: string): Promise<void>;
}
