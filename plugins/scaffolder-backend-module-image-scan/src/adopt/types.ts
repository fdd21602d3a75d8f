import type {
  AlphabeticalOrder,
  MarkerForm,
  NumericalOrder,
  SemverStep,
} from 'backstage-plugin-image-scan-common';
import type {
  UnwatchedReason,
  UnwatchedShape,
} from 'backstage-plugin-image-scan-node';

/** What the input `images` names: a place, or an image wherever it stands. */
export interface ImageChoice {
  /** From the workspace, as the outputs have it. */
  file?: string;
  /** From 1. */
  line?: number;
  /** Without tag and digest, as it is written. */
  image?: string;
}

/** An image that no marker watched; plain JSON. */
export type FoundImage = {
  file: string;
  line: number;
  shape: UnwatchedShape;
  image?: string;
  tag?: string;
  digest?: string;
  take: boolean;
  ticked: boolean;
};

/** {@link TagRule} as plain JSON. */
export type PlainRule = {
  policy: {
    semver?: { range: string; strict?: boolean; maxStep?: SemverStep };
    alphabetical?: { order?: AlphabeticalOrder };
    numerical?: { order?: NumericalOrder };
    newest?: Record<string, never>;
  };
  filterTags?: { pattern?: string; extract?: string };
  exclusionList?: string[];
};

/** An image that was, or in a dry run would be, taken into care; plain JSON. */
export type TakenImage = {
  file: string;
  line: number;
  image: string;
  tag: string;
  tagName: string;
  form: MarkerForm;
  rule: PlainRule;
};

/** Why an image was left as it is, beside what its place says. */
export type NotTakenReason =
  | UnwatchedReason
  /** It may be a test, or no image that runs. */
  | 'not-ticked'
  /** The input `images` names others. */
  | 'not-named'
  /** Its marker or entry cannot be written. */
  | 'refused';

/** An image that stays as it is; plain JSON. */
export type NotTakenImage = {
  file: string;
  line: number;
  image?: string;
  tag?: string;
  reason: NotTakenReason;
  /** In words. */
  message: string;
};

/** A file that changes, by the hashes of what it holds; plain JSON. */
export type ChangedFile = {
  file: string;
  /** Absent where the file is new. */
  before?: string;
  after: string;
};

/**
 * What is written and shown, as a checkpoint keeps it: plain JSON, without the contents
 * of files. Files are named from the folder that is searched.
 */
export type AdoptState = {
  found: FoundImage[];
  /** Of those that are found; the list may be cut. */
  foundCount: number;
  taken: TakenImage[];
  notTaken: NotTakenImage[];
  /** With the names of files from the workspace. */
  diff: string;
  files: ChangedFile[];
};
