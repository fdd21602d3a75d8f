/** Where a branch stands. @public */
export interface GitHead {
  /** Without `refs/heads/`. */
  branch: string;
  /** Object name of its newest commit: 40 hexadecimal digits. */
  commit: string;
}

/** A regular file in a commit. @public */
export interface GitFile {
  /** From the root of the repository, with `/`, without a leading one. */
  path: string;
  /** Object name of its content; equal names mean equal bytes. */
  oid: string;
  executable: boolean;
}

/** A file with its content. @public */
export interface GitFoundFile extends GitFile {
  /** Empty where it is wanted by its path and has nothing to tell. */
  content: Buffer;
}

/** A file that a search may want and that is not read, because of a limit. @public */
export interface GitLeftOutFile extends GitFile {
  /** The limit and what to do, in words that go after the path. */
  reason: string;
}

/**
 * What files to find. The same object stands for the same search: what it has
 * seen of a repository is remembered, so its answers must not change.
 *
 * @public
 */
export interface GitSearch {
  /**
   * Whether anything in a folder may be looked at, by its path; folders that are not
   * entered count for no limit. Default: every folder is.
   */
  enters?(folder: string): boolean;
  /** Whether a file is looked at, by its path. */
  includes(path: string): boolean;
  /** Whether a file that is looked at is wanted whatever it holds, by its path. */
  always(path: string): boolean;
  /**
   * Whether the content of such a file matters; else the file is found empty, and its
   * content is neither kept nor counted. Default: it does.
   */
  tells?(content: Buffer): boolean;
  /** Whether a file that is looked at is wanted, by its content alone. */
  matches(content: Buffer): boolean;
}

/** @public */
export interface GitCommitRequest {
  /** New content by path; every path must be a regular file of the snapshot. */
  files: ReadonlyMap<string, Buffer>;
  /** Written as it is, in UTF-8; a missing line break at its end is added, as git does. */
  message: string;
  /** Author and committer. */
  author: { name: string; email: string };
  /**
   * Default now; written in seconds, in UTC. The same request and time give the same
   * commit, unless it is signed with ECDSA.
   */
  time?: Date;
}

/** A commit that exists in memory until it is pushed. @public */
export interface GitCommit {
  oid: string;
  /** The head of the snapshot, and what the branch must still be for a push. */
  parent: string;
  branch: string;
  /** Sorted; files whose new content equals the old one are left out. */
  changedPaths: string[];
}

/** A branch that is ours alone. @public */
export interface GitPushTarget {
  /** Without `refs/heads/`. */
  branch: string;
  /** The commit that it must be at; absent where there must be none. */
  expected?: string;
}

/** @public */
export interface GitRequestOptions {
  /**
   * Ends the requests that belong to the call, at any stage: they reject with
   * an `HttpError` of the category `aborted`.
   */
  signal?: AbortSignal;
}

/** @public */
export interface GitOpenOptions extends GitRequestOptions {
  /** The result of `head`, where it is at hand: saves looking it up again. */
  head?: GitHead;
}

/** @public */
export interface GitContainsOptions extends GitRequestOptions {
  /**
   * When the commit was made, or somewhat before: history that is more than 14
   * hours older is not looked through, so an answer of no costs little. Commits
   * with wrong dates do no harm, unless there are ten generations of them at the
   * place where the search could end. Default: no date is too old.
   */
  since?: Date;
}

/**
 * What a commit says of itself, in words of strangers: each one line without control
 * and formatting characters, cut at 100 or 200 characters; empty where it says nothing.
 *
 * @public
 */
export interface GitCommitNote {
  oid: string;
  /** Without the address. */
  author: string;
  /** First line of the message. */
  subject: string;
  /** Which commits its message says that it reverts, 20 at most. */
  reverts: string[];
}

/** What a commit has in its history beyond another. @public */
export interface GitBetween {
  /**
   * Whether the older commit is behind the newer; undefined where it may be farther
   * away than is looked.
   */
  isBehind?: boolean;
  /** Merged branches included, the newest generation first; empty unless it is behind. */
  commits: GitCommitNote[];
}

/**
 * One commit of a branch. Contents are fetched when they are asked for, from
 * remotes that allow it.
 *
 * @public
 */
export interface GitSnapshot {
  /** What was fetched; newer than the head asked for where that one was gone. */
  readonly head: GitHead;

  /**
   * The regular files, sorted by path. Symbolic links and submodules are left
   * out, and so are names that no work tree could hold safely (`..`, `.git`)
   * or that are not UTF-8.
   */
  files(): Promise<readonly GitFile[]>;

  /** The exact bytes of a file; to read many, `find` them. */
  read(file: GitFile): Promise<Buffer>;

  /**
   * The regular files that a search wants, as `files` has them, with their exact
   * bytes. Only what changed since the same search on an earlier commit is
   * fetched and read.
   *
   * @param onLeftOut - told each file that cannot be read because of a limit; without
   * it such a file is an `UnsupportedRepositoryError`
   */
  find(
    search: GitSearch,
    onLeftOut?: (file: GitLeftOutFile) => void,
  ): Promise<readonly GitFoundFile[]>;

  /**
   * Builds a commit on top of `head` and pushes nothing, so that its name can be
   * stored before the push. Modes, names and the order of entries stay.
   *
   * Throws `InputError` for a path that is no regular file, for a request that
   * changes nothing, and for an author or message that git could not hold.
   */
  commit(request: GitCommitRequest): Promise<GitCommit>;

  /**
   * Pushes a commit of this snapshot, provided that the branch is still where it
   * was read; never a force push.
   *
   * Throws `BranchMovedError` and `PushRefusedError`: nothing was written. After
   * a `GitUnreachableError` ask `contains` whether the commit arrived.
   */
  push(commit: GitCommit): Promise<void>;

  /**
   * Moves another branch, which is ours alone, to a commit of this snapshot, whatever
   * was on it, provided that it is where it is expected.
   *
   * Throws as `push` does.
   */
  pushTo(commit: GitCommit, target: GitPushTarget): Promise<void>;

  /** Frees the memory; nothing can be read afterwards. */
  close(): Promise<void>;
}

/**
 * A branch of a git repository elsewhere: the one configured, else the one that
 * the remote's HEAD names.
 *
 * All calls throw `GitAuthError`, `RepositoryNotFoundError`,
 * `EmptyRepositoryError`, `BranchNotFoundError`, `UnsupportedRepositoryError`,
 * and `GitUnreachableError` or `GitTimeoutError` where trying later may help.
 *
 * @public
 */
export interface GitRemote {
  /**
   * Milliseconds from the call of `push` until its commit can arrive no more, although
   * nobody is there to see it: as long as the server is given for all of a push.
   */
  readonly pushLimit: number;

  /** Where the branch is now; one request where the server speaks protocol 2. */
  head(options?: GitRequestOptions): Promise<GitHead>;

  /**
   * Fetches the newest commit of the branch, without history and tags. The
   * signal also ends what the snapshot does later.
   */
  open(options?: GitOpenOptions): Promise<GitSnapshot>;

  /**
   * Whether a commit is the head of the branch or at most 5,000 steps behind it,
   * merged branches included. Answers after a crash whether a push arrived. One
   * fetch of commits looks back 50 steps, which mostly is enough; two more go further.
   * A remote that cannot leave out files is asked in a way that fetches nothing; where
   * it does not understand that, and so much would be larger than is read, the search
   * ends before.
   */
  contains(commit: string, options?: GitContainsOptions): Promise<boolean>;

  /**
   * Who did what on the way from one commit to a newer one. One fetch of commits looks
   * back 500 steps; five where the remote cannot leave out files.
   */
  commitsBetween(
    before: string,
    after: string,
    options?: GitRequestOptions,
  ): Promise<GitBetween>;

  /** Where another branch is; undefined where there is none. */
  branchHead(
    branch: string,
    options?: GitRequestOptions,
  ): Promise<string | undefined>;

  /**
   * Deletes another branch, which is ours alone, provided that it is where it is expected
   * or gone.
   *
   * Throws as `push` of a snapshot does.
   */
  deleteBranch(
    branch: string,
    expected: string,
    options?: GitRequestOptions,
  ): Promise<void>;
}
