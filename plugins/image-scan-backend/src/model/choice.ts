import type { StoredDecision } from './decisions';
import type { FirstSeen } from './FirstSeen';
import type { ChoiceNotes, ScanMarker, ScanResult } from './types';

/** What the choice of a tag goes by beside the rule and the tags. */
export interface ChoiceConditions {
  now: number;
  /** Of the list that is chosen from; absent where nobody watches it. */
  firstSeen?: FirstSeen;
  markers: readonly ScanMarker[];
  /** Active decisions, each against one tag of the scan. */
  skips: readonly StoredDecision[];
  /** Tags that are known to lack a platform, and what they have; default none. */
  wrongPlatforms?: ChoiceNotes['wrongPlatforms'];
}

/** What came of a choice. */
export interface Choice {
  /** Absent while everything that could be chosen is too young. */
  result?: ScanResult;
  notes: ChoiceNotes;
}

/** What was chosen before. */
export interface EarlierChoice {
  result?: ScanResult;
  /** What was found beside it. */
  notes: ChoiceNotes;
  /** The tag that git last agreed with. */
  settledTag?: string;
}
