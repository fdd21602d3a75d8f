import type {
  ChangeKind,
  HeldChange,
  ImageScanState,
  MarkerForm,
  Problem,
  TagRule,
  UpdateChange,
} from 'backstage-plugin-image-scan-common';

/** Times and lengths of this package are milliseconds, since the epoch or long. */

/** A rule with what depends on time and images beside it. */
export interface ChoiceRule extends TagRule {
  /** Since a tag was first seen, before which it is passed over. */
  minimumAge?: number;
  /** Which the image must have, all of them; not empty. */
  platforms?: readonly string[];
}

/** An entry of an `imageScans` block as read from git, ready to be scanned. */
export interface ScanDefinition extends ChoiceRule {
  /** Stable for a git repo, folder and tagName. */
  id: string;
  /** Key of the git repo. */
  gitRepo: string;
  /** Folder of its file from the root of the repository; `.` is the root. */
  path: string;
  tagName: string;
  /** As spelled, without a tag or digest. */
  image: string;
  interval: number;
  suspend: boolean;
  secretRef?: string;
  file: string;
  line: number;
  warnings: string[];
  /** Stands for image, policy and filters: what the choice depends on. */
  hash: string;
  /** Stands for image and credential: scans that share it share a list of tags. */
  listKey: string;
  /** Whose limits and failures this scan shares. */
  registryHost: string;
}

/** A marker that belongs to a scan. */
export interface ScanMarker {
  scanId: string;
  file: string;
  line: number;
  form: MarkerForm;
  /** The value in git, without quotes. */
  current: string;
}

/** A marker with what is remembered of its value. */
export interface RememberedMarker extends ScanMarker {
  /** Its value said, at some time, what a result of this definition wanted. */
  agreed: boolean;
  /** The value that a person went back from, in the marker's form. */
  rolledFrom?: string;
}

/** A tag, with the digest that it points to where that is known. */
export interface WantedTag {
  tag: string;
  digest?: string;
}

/** What a scan chose. */
export interface ScanResult extends WantedTag {
  digest: string;
}

/** What a choice found beside its result. */
export interface ChoiceNotes {
  /** What would be chosen if it were older, and when it is old enough. */
  waiting?: { tag: string; until: number };
  /** A digest of the chosen tag that is too young, and since when it is known. */
  youngDigest?: { tag: string; digest: string; since: number };
  /** Better tags that lack a platform, and what they have. */
  wrongPlatforms?: (readonly [tag: string, reason: string])[];
  /** Why nothing is chosen yet though tags compete, in a sentence. */
  undecided?: string;
  /**
   * Where tags are ordered by when they appeared, since when those are known that the
   * result and git have, also once a registry withdrew one.
   */
  firstSeen?: (readonly [tag: string, time: number])[];
}

/** The tag that git last agreed with, and the definition it was chosen by. */
export interface SettledTag {
  tag: string;
  definitionHash: string;
}

/** What a scan's result means for its markers. */
export interface Assessment {
  state: ImageScanState;
  held?: HeldChange;
  /** The tag that git has now, where its markers agree on one. */
  currentTag?: string;
  change?: ChangeKind;
}

/** A failure and since when it is known. */
export interface Failure {
  message: string;
  at: number;
  /** In a row; sets how long the next try waits. */
  count: number;
}

/** A scan as it is stored. */
export interface StoredScan extends Assessment {
  definition: ScanDefinition;
  latest?: ScanResult;
  /** What the last choice found beside it. */
  choice: ChoiceNotes;
  lastScanAt?: number;
  nextScanAt?: number;
  /** From when on its result is too old to be called up to date. */
  staleAt?: number;
  failure?: Failure;
  settled?: SettledTag;
  lastUpdateId?: string;
  problems: Problem[];
}

/** A git repo as it is stored. */
export interface StoredGitRepo {
  key: string;
  branch?: string;
  headCommit?: string;
  problems: Problem[];
  lastSyncAt?: number;
  nextSyncAt: number;
  syncFailure?: Failure;
  /** When a commit was last pushed. */
  lastUpdateAt?: number;
  /** Since when there is something to write; absent while there is not. */
  updateRequestedAt?: number;
  /** Until when nothing is written by itself. */
  updateNotBefore?: number;
  updateFailure?: Failure;
}

/** A commit that is about to be pushed, or was. */
export interface StoredUpdate {
  id: string;
  gitRepo: string;
  branch: string;
  commit: string;
  message: string;
  initiator: string;
  changes: UpdateChange[];
  /** Ids of decisions that end with it; absent where there are none. */
  releases?: string[];
  /** Where a person named what is written: ids of decisions that it makes and replaces. */
  chosen?: { made: string[]; replaced: string[] };
  createdAt: number;
}
