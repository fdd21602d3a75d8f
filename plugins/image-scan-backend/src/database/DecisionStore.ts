import type { Rollback } from 'backstage-plugin-image-scan-common';
import type { StoredDecision } from '../model/decisions';

/** Who made a rollback, as far as git tells. */
export type RollbackMaker = Pick<
  Rollback,
  'commit' | 'author' | 'subject' | 'isBranchMoved'
>;

/** A decision that a person makes. */
export type NewDecision = Pick<
  StoredDecision,
  'kind' | 'tag' | 'reason' | 'by' | 'until'
> & {
  /** Key of a git repo, or id of a scan; neither for everything. */
  about: { gitRepo?: string; scanId?: string };
  /** Ids of active ones on the same scan that end with it; default none. */
  release?: readonly string[];
};

/** Which decisions to list. */
export interface DecisionFilter {
  /** Keys of git repos that may be seen; those about everything are always listed. */
  gitRepos: readonly string[];
  /** Those on all but these git repos as well: on ones that are gone. */
  andBeside?: readonly string[];
  scanId?: string;
  /**
   * Only of scans at or below one of these folders, those that are gone too, and of what
   * they are in.
   */
  folders?: readonly string[];
  active?: boolean;
}

/** A decision as it is listed. */
export type ListedDecision = StoredDecision & {
  /** The scan that it is about is not there now. */
  scanIsGone: boolean;
};

/** What people decided. Nothing removes a decision but its end. */
export interface DecisionStore {
  /** The newest first. */
  list(
    filter: DecisionFilter,
    options: { now: number; limit: number; offset: number },
  ): Promise<{ items: ListedDecision[]; totalItems: number }>;

  get(id: string): Promise<ListedDecision | undefined>;

  /** What binds a git repo and its scans now. */
  binding(gitRepo: string, now: number): Promise<StoredDecision[]>;

  /**
   * Makes decisions, each in place of one of its kind about the same, and says anew
   * what that means for each scan. Once it has answered, no commit is announced that
   * they forbid. A scan that is to pass over another tag now is due.
   *
   * @throws NotFoundError where a git repo or scan is not there, or a decision to
   * release is none on the scan, and ConflictError where that has ended.
   */
  decide(
    decisions: readonly NewDecision[],
    now: number,
  ): Promise<StoredDecision[]>;

  /**
   * Ends a decision, and asks for what can be written again.
   *
   * @throws NotFoundError where there is none, ConflictError where it has ended.
   */
  release(
    id: string,
    release: { by: string; reason?: string },
    now: number,
  ): Promise<StoredDecision>;

  /**
   * Adds to a rollback who made it, unless it goes between other heads by now than it
   * did as given.
   */
  nameMaker(rollback: StoredDecision, maker: RollbackMaker): Promise<void>;

  /**
   * Ends what is past its date, and asks for what can be written again, in one
   * transaction.
   */
  endPast(now: number): Promise<void>;
}
