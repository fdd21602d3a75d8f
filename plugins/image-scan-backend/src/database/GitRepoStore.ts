import type { Problem } from 'backstage-plugin-image-scan-common';
import type { StoredDecision } from '../model/decisions';
import type { ScanDefinition, ScanMarker, StoredGitRepo } from '../model/types';
import type { KnownGitRepo } from './KnownGitRepos';

/** A git repo that one replica holds. */
export interface GitRepoClaim {
  /** Proof that it is held; a result without it is dropped. */
  token: string;
  gitRepo: StoredGitRepo;
}

/** Entries that are there and cannot be used. */
export interface UnusableEntries {
  /** Folder of their file. */
  path: string;
  file: string;
  /** Absent where it is not known which scans the file defines. */
  tagName?: string;
}

/** What was read at a commit of a git repo. */
export interface RepositoryContents {
  /** URL of the remote, without credentials. */
  remote: string;
  branch: string;
  headCommit: string;
  definitions: readonly ScanDefinition[];
  /** Their scans are kept as they are, with all that was decided of them. */
  unusable: readonly UnusableEntries[];
  /** Those that belong to one of the definitions. */
  markers: readonly ScanMarker[];
  /** Of entries and markers that belong to no scan. */
  problems: readonly Problem[];
  /** Of markers that belong to a scan, by its id. */
  scanProblems: ReadonlyMap<string, readonly Problem[]>;
}

/**
 * The git repos, what was read from them, and the work due on them.
 *
 * @remarks
 * A git repo is due to be *read* when its interval is over or its definition has
 * changed, and due to be *written* when a scan has something for it and neither a
 * pause, a failure nor the interval since the last commit stands against it. A
 * replica claims it for both at once, under a lease, and gives it back with what
 * came of it. To write, it takes the lock of the branch as well, which git repos
 * with the same remote and branch share.
 */
export interface GitRepoStore {
  /**
   * Makes the stored git repos those of this replica's configuration. One whose
   * definition changed is read again at once; one that no replica knows any more
   * takes its scans along, but not its history.
   */
  configure(gitRepos: readonly KnownGitRepo[], now: number): Promise<void>;

  /**
   * Says that this replica lives, and puts right what other replicas left.
   *
   * @returns keys of the git repos that it must leave to others: those it does not
   *   know, and those that a replica which started later knows otherwise
   */
  keepUp(now: number): Promise<string[]>;

  /** Says that this replica ends. */
  leave(): Promise<void>;

  list(): Promise<StoredGitRepo[]>;
  get(key: string): Promise<StoredGitRepo | undefined>;

  /**
   * Takes git repos that are due to be read or written, the longest waiting first.
   */
  claimDue(options: {
    now: number;
    limit: number;
    /** Asked for each in turn; those that it refuses are passed over. */
    mayClaim?: (key: string) => boolean;
  }): Promise<GitRepoClaim[]>;

  /** Takes one git repo now, unless somebody holds it or knows it otherwise. */
  claim(key: string, now: number): Promise<GitRepoClaim | undefined>;

  /**
   * Stores what was read, assesses each scan again, and asks for an update where
   * something can be written. Not so with `served`: then a write has
   * just tried everything, and what it left it would leave again. What is stored as
   * `provisional`, before it is written on, counts as not read: should the write fail,
   * it is read once more and asked for then.
   *
   * @returns the rollbacks that were noticed
   */
  storeContents(
    claim: GitRepoClaim,
    contents: RepositoryContents,
    now: number,
    options?: { served?: boolean; provisional?: boolean },
  ): Promise<StoredDecision[]>;

  /**
   * Forgets what was remembered of the values, as of a branch that is gone: what comes
   * in its place is looked at anew.
   */
  dropMemory(claim: GitRepoClaim): Promise<void>;

  /**
   * What would bind once contents were stored, beside what binds now: a rollback that
   * nobody has noticed yet. Stores nothing.
   */
  foresee(
    gitRepo: string,
    contents: RepositoryContents,
    now: number,
  ): Promise<StoredDecision[]>;

  /** Gives a git repo back after a run. */
  complete(claim: GitRepoClaim, outcome: GitRepoOutcome): Promise<void>;

  /** Gives a git repo back as it was. */
  release(claim: GitRepoClaim): Promise<void>;

  /** Answers with the claims that are lost. */
  renew(claims: readonly GitRepoClaim[], now: number): Promise<GitRepoClaim[]>;

  /** Takes the right to write to a branch; undefined while somebody has it. */
  lockBranch(key: string, now: number): Promise<string | undefined>;
  /** False where it is lost. */
  renewBranch(token: string, now: number): Promise<boolean>;
  unlockBranch(token: string): Promise<void>;

  /** Removes the locks that those who died left behind. */
  removeLeftoverLocks(now: number): Promise<void>;
}

/** How a run over a git repo ended. */
export interface GitRepoOutcome {
  nextSyncAt: number;
  /** Set when the repository was read or found unchanged. */
  synced?: { at: number; staleAt: number };
  /** Why it could not be read. */
  syncError?: { message: string; at: number };
  /** What became of its write, where one was due. */
  update?:
    | { result: 'written'; at: number; notBefore: number }
    | { result: 'nothing' }
    /** It may not be written now. */
    | { result: 'waits'; notBefore: number }
    | { result: 'failed'; message: string; at: number; notBefore: number };
}
