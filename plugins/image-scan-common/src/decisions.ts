import type { MarkerForm } from './markerForm';

/**
 * What was decided: to write nothing (`hold`), to pass over a tag (`skip`), that git
 * went back (`rollback`), to keep a tag chosen by hand (`chosen`), or that a proposal
 * is not wanted (`declined`).
 *
 * @public
 */
export type DecisionKind = 'hold' | 'skip' | 'rollback' | 'chosen' | 'declined';

/**
 * How a decision ended: a person released it, its date passed, somebody undid it in
 * git, a new definition admits nothing of what was rolled back, or another decision
 * took its place.
 *
 * @public
 */
export type DecisionEnd =
  | 'released'
  | 'expired'
  | 'in-git'
  | 'redefined'
  | 'replaced';

/** A value that somebody took back in git. @public */
export interface RollbackPlace {
  file: string;
  /** From 1. */
  line: number;
  form: MarkerForm;
  before: string;
  after: string;
}

/** What a decision of the kind `rollback` is about. @public */
export interface Rollback {
  /** 100 at most. */
  places: RollbackPlace[];
  /** How many places there are beside these. */
  morePlaces?: number;
  /** Head of the branch when the values before were last seen. */
  headBefore?: string;
  /** Head at which they were gone. */
  headAfter: string;
  /**
   * The commit that did it, where that is known: the only one in between, or the one
   * that says that it reverts an update. Else it is among those between the heads.
   */
  commit?: string;
  /** Page of the commit, where its host is known. */
  commitUrl?: string;
  /** Name of the commit's author, as they wrote it: one line, 100 characters at most. */
  author?: string;
  /** First line of the commit's message, as its author wrote it, 200 characters at most. */
  subject?: string;
  /** The branch was moved to something that does not have the head before behind it. */
  isBranchMoved?: boolean;
  /** Page that compares the heads, where their host is known. */
  compareUrl?: string;
}

/**
 * What a person, or a rule on a person's behalf, has decided about a place until it ends.
 *
 * @public
 */
export interface Decision {
  id: string;
  kind: DecisionKind;
  /** Absent for everything. `name`, or `namespace:name` where that is not unique. */
  gitRepo?: string;
  /** Absent for a whole git repo. */
  imageScanId?: string;
  /** Folder of the scan's definition. */
  path?: string;
  tagName?: string;
  image?: string;
  /** The tag it is about, for `skip`, `chosen` and `declined`. */
  tag?: string;
  reason?: string;
  /** Entity ref of a user, subject of a service, or `git`. */
  by: string;
  /** ISO 8601. */
  time: string;
  /** When it ends by itself, ISO 8601. */
  until?: string;
  ended?: {
    by: string;
    /** ISO 8601. */
    time: string;
    how: DecisionEnd;
    reason?: string;
  };
  rollback?: Rollback;
  /**
   * Its git repo or scan is not there now. It waits, and counts again once that is back
   * or has another name.
   */
  isGone?: boolean;
  /**
   * In the answer to who decides: commits with its scans that were announced before, so
   * that they may arrive yet.
   */
  underway?: string[];
}

/** What a person decides. @public */
export interface NewDecision {
  /** `hold`: nothing is written; `skip`: a tag of a scan is passed over. */
  kind: 'hold' | 'skip';
  /** Of a skip: which tag. */
  tag?: string;
  reason?: string;
  /** When it ends by itself, ISO 8601; default never. */
  until?: string;
}

/** @public */
export interface DecisionRequest extends NewDecision {
  /** A whole git repo, or a scan; neither for everything. A skip is of a scan. */
  gitRepo?: string;
  imageScanId?: string;
  /**
   * Of a skip: ids of decisions on the same scan that end with it, such as a rollback
   * from that tag, so that newer ones are written again.
   */
  release?: string[];
}

/** The same about several scans. @public */
export interface DecisionsRequest extends NewDecision {
  /** 1 to 1,000; all of them or none. */
  imageScanIds: string[];
}

/** @public */
export interface DecisionRelease {
  reason?: string;
}

/** @public */
export interface DecisionListOptions {
  gitRepo?: string;
  entityRef?: string;
  imageScanId?: string;
  /** Only those that bind now, or only those that ended. */
  active?: boolean;
  limit?: number;
  offset?: number;
}

/** @public */
export interface DecisionList {
  items: Decision[];
  totalItems: number;
}
