import type { DecisionKind } from './decisions';
import type { MarkerForm } from './markerForm';
import type { ChangeKind, Problem } from './types';

/** One value that an update writes. @public */
export interface UpdateChange {
  file: string;
  /** From 1. */
  line: number;
  tagName: string;
  imageScanId: string;
  form: MarkerForm;
  from: string;
  to: string;
}

/** @public */
export interface UpdateRequest {
  /** Compute everything and write nothing. */
  dryRun?: boolean;
  /** The `plan` of a dry run: what is written is what it showed, else 409. */
  plan?: string;
  /** Only scans with these tagNames; default all of the git repo. */
  tagNames?: string[];
  /** Only these scans, by their ids; not together with `tagNames`. */
  imageScanIds?: string[];
  /**
   * Replaces the git repo's messageTemplate; may hold the same variables. Who asked
   * is named in a trailer in any case.
   */
  message?: string;
  /** Write what is held because it goes back, of the scans that the update is about. */
  allowDowngrade?: boolean;
  /**
   * Tags to write in place of what the policies choose, by the ids of scans; each must
   * be in the registry's list. They may go back. Where the automation would write over
   * one, the scan is held afterwards (`chosen`). Without `tagNames` and `imageScanIds`
   * the update is about these scans alone.
   */
  tags?: Record<string, string>;
  /**
   * Id of an update of this git repo: write back what it replaced, where git still has
   * what it wrote; not together with `tags`. Holds afterwards as `tags` does.
   */
  revert?: string;
  /** Why, and until when what `tags` or `revert` writes holds; ISO 8601, default forever. */
  reason?: string;
  until?: string;
  /**
   * Ids of decisions on this git repo or on scans that the update is about: plan as if
   * they were released, and release them with the commit.
   */
  release?: string[];
}

/**
 * Why nothing is written for a scan that something is wanted for.
 *
 * - `suspended`: its definition says so.
 * - `no-result`: nothing is known yet that could be written.
 * - `decision`: somebody decided so; only a release lifts that.
 * - `downgrade`: it would go back; `allowDowngrade` lifts that.
 * - `values`: none of its values can be written; `problems` says why.
 * - `unchanged`: git has the tag that a person names already.
 * - `changed`: nothing in git is any more what the update to revert wrote, or what the
 *   registry lists belongs to another image.
 *
 * @public
 */
export type NotWrittenCause =
  | 'suspended'
  | 'no-result'
  | 'decision'
  | 'downgrade'
  | 'values'
  | 'unchanged'
  | 'changed';

/** What an update does for one scan. @public */
export interface UpdateScan {
  imageScanId: string;
  tagName: string;
  /** Folder of its definition from the root of the repository. */
  path: string;
  /** The tag that git has, where its markers agree on one. */
  from?: string;
  /** The tag that is wanted, where one is known. */
  to?: string;
  change?: ChangeKind;
  /** How many values are written. */
  values: number;
  /** Why it is a step back, where it is written all the same. */
  goesBack?: string;
  /** The scan is held at it afterwards: the automation would write over it. */
  holdsAfterwards?: boolean;
  /** Present where nothing is written. */
  notWritten?: {
    cause: NotWrittenCause;
    /** In words that go after the name of the scan. */
    reason: string;
    decision?: { id: string; kind: DecisionKind };
  };
}

/** @public */
export interface UpdateResult {
  branch: string;
  /** Absent in a dry run and where nothing had to change. */
  commit?: string;
  /** Where to look at the commit, when the host is known. */
  commitUrl?: string;
  /** The commit message that was or would be written. */
  message: string;
  changes: UpdateChange[];
  /** The scans that something is written for, or is wanted and not written. */
  scans: UpdateScan[];
  problems: Problem[];
  /** Unified diff of all files; empty without changes. */
  diff: string;
  /** Stands for head, message and changes; send it back to push exactly this. */
  plan: string;
}

/** One commit that was written. @public */
export interface UpdateRecord {
  id: string;
  gitRepo: string;
  branch: string;
  commit: string;
  commitUrl?: string;
  message: string;
  /** ISO 8601. */
  time: string;
  /** Entity ref of the user or subject of the service that asked; `schedule` for the loop. */
  initiator: string;
  changes: UpdateChange[];
}

/** @public */
export interface UpdateListOptions {
  gitRepo?: string;
  entityRef?: string;
  imageScanId?: string;
  limit?: number;
  offset?: number;
}

/** @public */
export interface UpdateList {
  items: UpdateRecord[];
  totalItems: number;
}
