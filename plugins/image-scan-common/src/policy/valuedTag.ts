import type { TagExplanation, TagVerdict } from '../types';
import { mapEach, type Pieces } from './inPieces';

/** A tag and what of it is compared. @public */
export interface ValuedTag {
  tag: string;
  /** The tag itself, or what a rule extracts from it; not empty. */
  value: string;
}

/** Says one verdict of several tags. */
export function explainAll(
  tags: readonly string[],
  verdict: TagVerdict,
  reason: string,
): Pieces<TagExplanation[]> {
  return mapEach(tags, tag => ({ tag, verdict, reason }));
}

/** Why a tag whose value is as good as that of the selected one is not selected. */
export function explainTwin(selected: string): string {
  return `the same value as ${selected}, which comes first in byte order`;
}

/** What cannot be read, named where it is not the tag that everybody sees. */
export function nameValue({ tag, value }: ValuedTag, words: string): string {
  return tag === value
    ? words
    : `${JSON.stringify(value)}, which the extract gives, is ${words}`;
}
