import type { ImagePolicy, TagExplanation } from '../types';
import { explainValuesInTurns } from './explainValues';
import { eachOf, inOnePiece, type Pieces, sortEach } from './inPieces';
import type { SelectionOptions } from './TagSelector';
import { compareCodeUnits, isArtefactTag } from './tagOrder';
import { explainAll, type ValuedTag } from './valuedTag';

const ARTEFACT = 'holds a signature or another artefact of an image';

/**
 * Tells for each tag whether a policy chooses it, and if not, why.
 *
 * @remarks
 * The selected tag comes first (the same one as {@link selectTag} finds), then
 * older ones from the newest to the oldest, prereleases (of which the one that an opened
 * range should choose comes first) and versions outside the range likewise, and at last
 * what is not a version or number and what is an artefact, in byte order. A tag that the
 * list names twice is explained once.
 *
 * @throws InvalidRangeError when the semver range is none
 * @public
 */
export function explainTags(
  policy: ImagePolicy,
  tags: Iterable<string>,
): TagExplanation[] {
  return inOnePiece(explainTagsInTurns(policy, tags));
}

/**
 * {@link explainTags} that pauses every millisecond or so, for servers: of a hundred
 * thousand tags it takes a second.
 *
 * @public
 */
export function* explainTagsInTurns(
  policy: ImagePolicy,
  tags: Iterable<string>,
  options: SelectionOptions = {},
): Generator<void, TagExplanation[], void> {
  const candidates: ValuedTag[] = [];
  const artefacts: string[] = [];
  yield* eachOf(new Set(tags), tag => {
    if (isArtefactTag(tag)) {
      artefacts.push(tag);
    } else {
      candidates.push({ tag, value: tag });
    }
  });
  const explained = yield* explainValuesInTurns(policy, candidates, options);
  return explained.concat(yield* explainArtefactsInTurns(artefacts));
}

/** Says of tags that hold artefacts of other images why none of them competes. @public */
export function* explainArtefactsInTurns(
  tags: readonly string[],
): Pieces<TagExplanation[]> {
  const sorted = yield* sortEach(tags, compareCodeUnits);
  return yield* explainAll(sorted, 'artefact', ARTEFACT);
}
