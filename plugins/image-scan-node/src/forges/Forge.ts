/** A forge, as Backstage's integrations name it; Forgejo is a `gitea`. @public */
export type ForgeType =
  | 'github'
  | 'gitlab'
  | 'gitea'
  | 'bitbucketCloud'
  | 'bitbucketServer'
  | 'azure';

/** How a forge merges by itself. @public */
export type AutoMergeMethod = 'merge' | 'squash' | 'rebase';

/** What a forge can do with pull requests beside opening them. @public */
export interface ForgeCapabilities {
  /** For people, such as `Bitbucket Data Center`. */
  name: string;
  labels: boolean;
  /** Who can be asked for a review by name: users, and teams as `team:name`. */
  reviewers: readonly ('user' | 'team')[];
  /** Empty where it cannot merge by itself. */
  autoMerge: readonly AutoMergeMethod[];
  /** The longest title and body, in UTF-16 units. */
  titleLength: number;
  bodyLength: number;
}

/** A pull request, or merge request, as the forge tells it. @public */
export interface ForgePullRequest {
  number: number;
  /** The page for people. */
  url: string;
  state: 'open' | 'merged' | 'closed';
  /** Without the prefix that makes it a draft on some forges. */
  title: string;
  body: string;
  isDraft: boolean;
  /** The branch it asks to be merged into, without `refs/heads/`. */
  base: string;
  /** Object name of the head, as far as the forge has seen it. */
  headCommit?: string;
  /** The commit that merged it; some forges shorten it. */
  mergeCommit?: string;
  /** The name of who closed it, where the forge tells with the same call. */
  closedBy?: string;
  /** True where the forge says with the same call that it cannot be merged. */
  isConflicted?: boolean;
  /** What the forge wants back with some changes; means nothing elsewhere. */
  handle?: string;
}

/** @public */
export interface FindPullRequests {
  /** Our branch, of the same repository; without `refs/heads/`. */
  head: string;
  base: string;
  /**
   * The number of the last one known: where a forge cannot search by branch, it is
   * looked at first, and nothing else where it is open.
   */
  number?: number;
  signal?: AbortSignal;
}

/** @public */
export interface PullRequestText {
  title: string;
  body: string;
}

/** @public */
export interface NewPullRequest extends PullRequestText {
  head: string;
  base: string;
  draft: boolean;
  signal?: AbortSignal;
}

/** @public */
export interface ForgeRequestOptions {
  signal?: AbortSignal;
}

/**
 * The pull requests of one repository. Branches are not its business: they are pushed by
 * git.
 *
 * All calls throw `ForgeError`, and `HttpError` where the forge cannot be reached.
 *
 * @public
 */
export interface Forge {
  readonly capabilities: ForgeCapabilities;

  /** Those of a branch into another, newest first; the last few are enough. */
  find(request: FindPullRequests): Promise<ForgePullRequest[]>;

  /**
   * Opens one.
   *
   * Throws a `ForgeError` `exists` where one is open already, and `nothing-to-merge`
   * where the branch has nothing that the base has not.
   */
  create(request: NewPullRequest): Promise<ForgePullRequest>;

  /** Gives one that is open another title and body, and leaves all else as it is. */
  update(
    pullRequest: ForgePullRequest,
    text: PullRequestText,
    options?: ForgeRequestOptions,
  ): Promise<void>;

  /** Closes one without merging it. */
  close(
    pullRequest: ForgePullRequest,
    options?: ForgeRequestOptions,
  ): Promise<void>;

  /** @param text - Markdown */
  comment(
    pullRequest: ForgePullRequest,
    text: string,
    options?: ForgeRequestOptions,
  ): Promise<void>;

  /** Adds to the labels it has; unknown ones are made. */
  addLabels(
    pullRequest: ForgePullRequest,
    labels: readonly string[],
    options?: ForgeRequestOptions,
  ): Promise<void>;

  /** @param reviewers - names, and teams as `team:name` */
  requestReviewers(
    pullRequest: ForgePullRequest,
    reviewers: readonly string[],
    options?: ForgeRequestOptions,
  ): Promise<void>;

  /**
   * Has it merged as soon as all that the forge asks for is there. Where it asks for
   * nothing, some forges merge at once.
   */
  enableAutoMerge(
    pullRequest: ForgePullRequest,
    method: AutoMergeMethod,
    options?: ForgeRequestOptions,
  ): Promise<void>;

  cancelAutoMerge(
    pullRequest: ForgePullRequest,
    options?: ForgeRequestOptions,
  ): Promise<void>;
}
