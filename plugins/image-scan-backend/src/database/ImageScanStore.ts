import type {
  ImageScanCounts,
  ImageScanOrderField,
  ImageScanState,
} from 'backstage-plugin-image-scan-common';
import type { StoredDecision } from '../model/decisions';
import type {
  Failure,
  ScanMarker,
  StoredScan,
  StoredUpdate,
} from '../model/types';

/** Which scans to look at. */
export interface ImageScanFilter {
  /** Keys of the git repos that may be seen. */
  gitRepos: readonly string[];
  /** Only scans with a definition or marker at or below one of these. */
  folders?: readonly string[];
  state?: ImageScanState;
  /** Part of image, tagName or path, in any case. */
  search?: string;
}

/** A scan with what a page shows beside it. */
export interface ListedScan {
  /** With its state as of now: an old result is not up to date. */
  scan: StoredScan;
  markers: ScanMarker[];
  /** What binds it or forbids it a tag now, the newest first. */
  decisions: StoredDecision[];
  lastUpdate?: Pick<StoredUpdate, 'commit' | 'createdAt'>;
  /** Why its git repo could not be written, where that went wrong last. */
  updateFailure?: Failure;
  /** Until when its git repo is not written by itself. */
  updateNotBefore?: number;
}

/** Reads scans for people, with two queries at most however many there are. */
export interface ImageScanStore {
  list(
    filter: ImageScanFilter,
    options: {
      now: number;
      orderBy: { field: ImageScanOrderField; order: 'asc' | 'desc' };
      limit: number;
      offset: number;
    },
  ): Promise<{ items: ListedScan[]; counts: ImageScanCounts }>;

  get(id: string, now: number): Promise<ListedScan | undefined>;

  /** All scans of a git repo, with what was last chosen for each. */
  ofGitRepo(key: string): Promise<StoredScan[]>;

  countByGitRepo(
    gitRepos: readonly string[],
    now: number,
  ): Promise<Map<string, ImageScanCounts>>;
}
