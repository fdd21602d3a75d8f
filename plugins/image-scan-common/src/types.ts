import type { Decision, DecisionKind } from './decisions';
import type { MarkerForm } from './markerForm';

/**
 * How the newest tag is chosen, in the words of Fleet's `imageScans`.
 *
 * With several parts set the first of `semver`, `alphabetical`, `numerical` and `newest`
 * decides; with none, the semver range `*`.
 *
 * @public
 */
export interface ImagePolicy {
  /**
   * A range as github.com/Masterminds/semver v3 reads it. `strict` lets only versions of
   * three numbers compete, as SemVer itself has them. `maxStep` is how far a version may
   * be from each that markers have now; default `major`, any. Fleet knows neither.
   */
  semver?: { range: string; strict?: boolean; maxStep?: SemverStep };
  /** `desc` (the default) takes the largest tag in byte order, `asc` the smallest. */
  alphabetical?: { order?: AlphabeticalOrder };
  /** `asc` (the default, as in Flux) takes the largest number, `desc` the smallest. */
  numerical?: { order?: NumericalOrder };
  /** The tag that appeared last, by the clock of who watches the registry. */
  newest?: Record<string, never>;
}

/**
 * Which tags compete, and by what part of them, as Flux's `ImagePolicy` has it.
 *
 * @public
 */
export interface TagFilter {
  /** A regular expression of RE2, not anchored; absent or empty, every tag matches. */
  pattern?: string;
  /**
   * What is compared in place of the tag: a text with `$name`, `$1` or `${name}` for
   * groups of the pattern. Absent or empty, it is the tag.
   */
  extract?: string;
}

/** All that the choice of a tag depends on. @public */
export interface TagRule {
  policy: ImagePolicy;
  filterTags?: TagFilter;
  /** Regular expressions of RE2; a tag that one of them matches never competes. */
  exclusionList?: string[];
}

/** The first number that may differ from the versions in git. @public */
export type SemverStep = 'patch' | 'minor' | 'major';

/** @public */
export type AlphabeticalOrder = 'asc' | 'desc';

/** @public */
export type NumericalOrder = 'asc' | 'desc';

/**
 * The state of an image scan.
 *
 * `unknown` stands for no result yet, for a result older than two intervals and
 * for a scan that no marker refers to: none of them may read `up-to-date`.
 *
 * @public
 */
export type ImageScanState =
  | 'up-to-date'
  | 'update-available'
  | 'held'
  | 'error'
  | 'suspended'
  | 'unknown';

/** All states, the one that needs a person most first. @public */
export const imageScanStates: readonly ImageScanState[] = [
  'error',
  'held',
  'update-available',
  'unknown',
  'suspended',
  'up-to-date',
];

/**
 * An error as the pages show it: in the words of whoever raised it, without secrets.
 *
 * @public
 */
export interface StatusError {
  message: string;
  /** When it was seen, ISO 8601. */
  time: string;
  /** When the work that failed is tried again, ISO 8601. */
  retryTime?: string;
}

/**
 * Something in a repository that does nothing, and why.
 *
 * @public
 */
export interface Problem {
  /** Path of the file from the root of the repository. */
  file: string;
  /** Line of the marker or entry, from 1. */
  line?: number;
  /** The tagName it is about, where one could be read. */
  tagName?: string;
  message: string;
}

/** A marker that belongs to a scan. @public */
export interface MarkerStatus {
  /** Path of the file from the root of the repository. */
  file: string;
  /** Line of the value, from 1. */
  line: number;
  form: MarkerForm;
  /** The value in git, without quotes. */
  current: string;
  /** What the scan's latest result would write there; absent without a result. */
  desired?: string;
}

/**
 * A change that is not written, because it would go back or because somebody decided so.
 *
 * @public
 */
export interface HeldChange {
  /** The tag that git or the last write has; empty where there is none. */
  from: string;
  /** The tag that the policy chooses now. */
  to: string;
  reason: string;
  /** What was decided; absent where the change goes back. `allowDowngrade` lifts none. */
  decision?: { id: string; kind: DecisionKind };
}

/** A tag that would be chosen if it, or what it points to now, were older. @public */
export interface WaitingTag {
  tag: string;
  /** When it is old enough, ISO 8601. */
  until: string;
}

/** How far apart two tags are. @public */
export type ChangeKind = 'major' | 'minor' | 'patch' | 'digest' | 'other';

/**
 * One entry of an `imageScans` block and what is known about it.
 *
 * @public
 */
export interface ImageScan extends TagRule {
  /** Opaque; stays the same while the entry keeps its git repo, folder and tagName. */
  id: string;
  /** `name`, or `namespace:name` where the name alone is not unique. */
  gitRepo: string;
  /** Folder of the definition from the root of the repository; `.` is the root. */
  path: string;
  tagName: string;
  /** As the user spelled it, without a tag or digest. */
  image: string;
  /** Milliseconds between two scans. */
  interval: number;
  suspend: boolean;
  secretRef?: { name: string };
  /** How long a tag must be known before it is chosen, in milliseconds. */
  minimumAge?: number;
  /** Which the image must have, such as `linux/arm64`, all of them. */
  platforms?: string[];
  latestImage?: string;
  latestTag?: string;
  latestDigest?: string;
  /** ISO 8601. */
  lastScanTime?: string;
  /** ISO 8601; absent while the scan is suspended. */
  nextScanTime?: string;
  state: ImageScanState;
  /** With `unknown`: the time of the last good result, ISO 8601, where there is one. */
  staleSince?: string;
  /** The tag that git has now, where its markers agree on one. */
  currentTag?: string;
  /** With `update-available` and `held`: the kind of step from current to latest. */
  change?: ChangeKind;
  held?: HeldChange;
  /**
   * With `update-available`, while the window of its git repo is closed: until when,
   * ISO 8601; absent where that is weeks away.
   */
  window?: { until?: string };
  /** A better tag, or a newer digest of the same, that is too young as yet. */
  waiting?: WaitingTag;
  /**
   * What people decided that is active on it, the newest first: its own, and what is
   * about its git repo or everything. It need not hold anything now.
   */
  decisions: Decision[];
  /** Why the registry could not be scanned. */
  error?: StatusError;
  /** Why the last update of its git repo failed. */
  updateError?: StatusError;
  lastUpdate?: { commit: string; url?: string; time: string };
  markers: MarkerStatus[];
  problems: Problem[];
  /** What may be meant otherwise, such as two policies in one entry. */
  warnings: string[];
}

/** @public */
export interface GitRepoStatus {
  /** `name`, or `namespace:name` where the name alone is not unique. */
  name: string;
  namespace?: string;
  /** URL of the remote, without credentials. */
  repo: string;
  /** The branch read and written: as configured, else the remote's default once known. */
  branch?: string;
  paths: string[];
  /** The bundles that the manifest names, where it names any. */
  bundles?: { base: string; options?: string }[];
  paused: boolean;
  /** When the automation may write; people always may. Absent: always. */
  window?: {
    timeZone: string;
    allow: string[];
    deny: string[];
    isOpen: boolean;
    /** When that changes next, ISO 8601; absent where that is weeks away. */
    until?: string;
  };
  /** Milliseconds between two looks at the remote, and the least between two writes. */
  imageScanInterval: number;
  /** Commit of the branch at the last sync, and where to look at it. */
  head?: { commit: string; url?: string };
  /** ISO 8601. */
  lastSyncTime?: string;
  /** ISO 8601. */
  nextSyncTime?: string;
  /** Why the repository could not be read. */
  error?: StatusError;
  /** Why the last update could not be written. */
  updateError?: StatusError;
  /** Markers and entries that do nothing. */
  problems: Problem[];
  /** Number of scans per state. */
  counts: ImageScanCounts;
}

/** @public */
export type ImageScanCounts = Record<ImageScanState, number>;

/** What can be said of a tag, the one that is chosen first. @public */
export const tagVerdicts = [
  'selected',
  'older',
  'too-young',
  'wrong-platform',
  'skipped',
  'beyond-step',
  'outside-range',
  'pre-release',
  'not-a-version',
  'not-a-number',
  'no-value',
  'filtered',
  'excluded',
  'artefact',
] as const;

/** Why a tag was chosen or not. @public */
export type TagVerdict = (typeof tagVerdicts)[number];

/** A tag and why it was or was not chosen. @public */
export interface TagExplanation {
  tag: string;
  verdict: TagVerdict;
  /** What is compared in place of the tag, where the rule extracts something. */
  value?: string;
  /** The verdict in words, such as `pre-release; write >=1.2-0 to allow`. */
  reason: string;
}

/** @public */
export interface ImageScanListOptions {
  gitRepo?: string;
  entityRef?: string;
  state?: ImageScanState;
  /** Text to find in image, tagName or path. */
  search?: string;
  orderBy?: { field: ImageScanOrderField; order: 'asc' | 'desc' };
  /** 1 to 500; default 50. */
  limit?: number;
  offset?: number;
}

/** @public */
export type ImageScanOrderField =
  | 'image'
  | 'tagName'
  | 'gitRepo'
  | 'state'
  | 'latestTag'
  | 'lastScanTime';

/** @public */
export interface ImageScanList {
  items: ImageScan[];
  totalItems: number;
  /** Scans per state, over everything the filter but `state` lets through. */
  counts: ImageScanCounts;
  /** With `entityRef`: why there may be nothing to show. */
  entity?: EntityLink;
}

/** How an entity is tied to a git repo. @public */
export interface EntityLink {
  /** `annotation`, `source-location`, or `none` where neither names a known git repo. */
  source: 'annotation' | 'source-location' | 'none';
  /** What the entity names, whether or not it is known. */
  gitRepo?: string;
  paths: string[];
}

/** @public */
export interface TagList {
  items: TagExplanation[];
  totalItems: number;
  /** Tags per verdict. */
  counts: Partial<Record<TagVerdict, number>>;
  /** When the registry was asked, ISO 8601. */
  time?: string;
}

/** @public */
export interface PolicyPreviewRequest extends TagRule {
  /** The tags to choose from; else those of a scan. */
  tags?: string[];
  /** Whose tags, clock, markers and skips count, where no tags are given. */
  imageScanId?: string;
  /** How long a tag must be known before it is chosen, in milliseconds. */
  minimumAge?: number;
}

/** @public */
export interface PolicyPreview {
  selected?: string;
  items: TagExplanation[];
  totalItems: number;
  counts: Partial<Record<TagVerdict, number>>;
  /** What about the selected tag may not be meant, in sentences. */
  warnings?: string[];
}

/** @public */
export interface PageOptions {
  limit?: number;
  offset?: number;
}

/** @public */
export interface TagListOptions extends PageOptions {
  /** Text to find in the tag. */
  search?: string;
  verdict?: TagVerdict;
}
