import type { FirstSeen } from '../model/FirstSeen';
import type { EarlierChoice } from '../model/choice';
import type { StoredDecision } from '../model/decisions';
import type {
  ChoiceNotes,
  ScanDefinition,
  ScanMarker,
  ScanResult,
} from '../model/types';

/**
 * Scans that one replica holds and serves with one list of tags.
 *
 * @remarks
 * The scans of a claim have the same *list key*, which stands for an image and the
 * credential that it is asked with.
 */
export interface ScanClaim {
  /** Proof that they are held; a result without it is dropped. */
  token: string;
  listKey: string;
  registryHost: string;
  /** Stands for the list of tags that was kept last, where one was. */
  tagsHash?: string;
  scans: ClaimedScan[];
}

export interface ClaimedScan {
  definition: ScanDefinition;
  /** Failures in a row before this run. */
  failures: number;
  /** Stands for all that was to be passed over when it was claimed. */
  epoch: number;
  /** Where the choice depends on them. */
  markers: readonly ScanMarker[];
  /** Active decisions, each against one tag. */
  skips: readonly StoredDecision[];
  before: EarlierChoice;
}

/** What became of one claimed scan. */
export type ScanOutcome = {
  scanId: string;
  nextScanAt: number;
} & (
  | {
      /** Absent where nothing can be chosen as yet. */
      result?: ScanResult;
      /** What was found beside it; default nothing. */
      choice?: ChoiceNotes;
      staleAt: number;
    }
  | { error: string }
);

/** What became of a scan, and by which claim. */
export interface ScanCompletion {
  /** Proof that the scan is held. */
  token: string;
  /** As it was claimed. */
  definition: ScanDefinition;
  epoch: number;
  outcome: ScanOutcome;
  now: number;
}

/** Which registry hosts may be asked for more. */
export interface HostShares {
  /** How many more lists of a host may be asked for at the same time. */
  placesOf: (host: string) => number;
  /** Hosts that have no place, so that their rows are passed over. */
  busyHosts: readonly string[];
  /** Where there is room for no others, the hosts that may be asked. */
  onlyHosts?: readonly string[];
}

/**
 * The scans that are due, shared by all replicas.
 *
 * @remarks
 * A scan waits until its time has come, is *due* until a replica *claims* it, and is
 * held by that replica's lease until it is completed, given back, or the lease ends
 * because nobody renewed it. Completed, it waits again: after a result for its
 * interval, after a failure for a time that grows with the failures in a row.
 */
export interface ScanQueue {
  /**
   * Takes scans that are due, the longest waiting first, with their siblings
   * of the same list that are due now or almost.
   */
  claimDue(
    options: {
      now: number;
      limit: number;
      /** Keys of git repos whose scans are left to other replicas. */
      exceptGitRepos?: readonly string[];
    } & HostShares,
  ): Promise<ScanClaim[]>;

  /** Takes one scan and its due siblings, unless somebody holds its list. */
  claimScan(scanId: string, now: number): Promise<ScanClaim | undefined>;

  /** Whether a scan ended, well or not, at or after a time. */
  wasScanned(scanId: string, since: number): Promise<boolean>;

  /**
   * Stores what became of a claim, assesses the scans again, asks for updates where
   * something can be written, and gives the scans back.
   */
  complete(
    claim: ScanClaim,
    outcomes: readonly ScanOutcome[],
    now: number,
  ): Promise<void>;

  /** Gives scans back as they were. */
  release(claim: ScanClaim): Promise<void>;

  /** Answers with the claims that hold nothing any more. */
  renew(claims: readonly ScanClaim[], now: number): Promise<ScanClaim[]>;

  /** The last whole list of a key; undefined before the first. */
  getTags(listKey: string): Promise<string[] | undefined>;

  /** When the tags of a key's lists appeared; undefined before the first list. */
  getFirstSeen(listKey: string): Promise<FirstSeen | undefined>;

  /**
   * Keeps a claim's whole list, and since when its tags are known; writes only when it
   * differs from the one before.
   */
  setTags(
    claim: Pick<ScanClaim, 'listKey' | 'tagsHash'>,
    tags: readonly string[],
    now: number,
  ): Promise<void>;

  /** Removes the lists that no scan needs any more. */
  removeLeftoverTags(): Promise<void>;
}
