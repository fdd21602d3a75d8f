import type { ImagePolicy, TagExplanation } from '../types';
import { compareDecimals, type Decimal, parseDecimal } from './decimal';
import { explainNewest } from './explainNewest';
import { explainVersions } from './explainVersions';
import { eachOf, mapEach, type Pieces, sortEach } from './inPieces';
import { compareAsRead, explainText } from './naturalOrder';
import type { SelectionOptions } from './TagSelector';
import {
  compareCodeUnits,
  kindOf,
  largestFirst,
  largestNumberFirst,
} from './tagOrder';
import { explainTwin, nameValue, type ValuedTag } from './valuedTag';

/**
 * Tells of tags that compete, each with what is compared in place of it, whether a
 * policy chooses it, and if not, why; in the order of `explainTags`, with pauses.
 *
 * @param candidates - each tag once, none of them an artefact
 * @throws InvalidRangeError when the semver range is none
 * @public
 */
export function* explainValuesInTurns(
  policy: ImagePolicy,
  candidates: readonly ValuedTag[],
  { firstSeen, from = [] }: SelectionOptions = {},
): Generator<void, TagExplanation[], void> {
  switch (kindOf(policy)) {
    case 'alphabetical':
      return yield* explainTexts(candidates, policy);
    case 'numerical':
      return yield* explainNumbers(candidates, policy);
    case 'newest':
      return yield* explainNewest(candidates, firstSeen);
    default:
      return yield* explainVersions(candidates, policy, from);
  }
}

function* explainTexts(
  candidates: readonly ValuedTag[],
  policy: ImagePolicy,
): Pieces<TagExplanation[]> {
  const largest = largestFirst(policy);
  const sorted = yield* sortEach(
    candidates.filter(({ value }) => value !== ''),
    (a, b) =>
      (largest
        ? compareCodeUnits(b.value, a.value)
        : compareCodeUnits(a.value, b.value)) || compareCodeUnits(a.tag, b.tag),
  );
  const [selected] = sorted;
  if (selected === undefined) {
    return [];
  }
  const reasonOf = ({ value }: ValuedTag): string => {
    if (value === selected.value) {
      return explainTwin(selected.tag);
    }
    const reason = `${largest ? 'before' : 'after'} ${
      selected.value
    } in alphabetical order`;
    return compareAsRead(policy, value, selected.value) === 1
      ? `${reason}: ${explainText(policy, value, selected.value)}`
      : reason;
  };
  const first: TagExplanation[] = [
    {
      tag: selected.tag,
      verdict: 'selected',
      reason: `the ${largest ? 'last' : 'first'} in alphabetical order`,
    },
  ];
  return first.concat(
    yield* mapEach(
      sorted.slice(1),
      (other): TagExplanation => ({
        tag: other.tag,
        verdict: 'older',
        reason: reasonOf(other),
      }),
    ),
  );
}

interface NumberedTag extends ValuedTag {
  number: Decimal;
}

function* explainNumbers(
  candidates: readonly ValuedTag[],
  policy: ImagePolicy,
): Pieces<TagExplanation[]> {
  const largest = largestNumberFirst(policy);
  const numbered: NumberedTag[] = [];
  const others: ValuedTag[] = [];
  yield* eachOf(candidates, candidate => {
    const number = parseDecimal(candidate.value);
    if (number) {
      numbered.push({ ...candidate, number });
    } else {
      others.push(candidate);
    }
  });
  const sorted = yield* sortEach(
    numbered,
    (a, b) =>
      (largest
        ? compareDecimals(b.number, a.number)
        : compareDecimals(a.number, b.number)) ||
      compareCodeUnits(a.tag, b.tag),
  );
  const [selected] = sorted;
  const explained = yield* mapEach(
    sorted,
    (candidate): TagExplanation => ({
      tag: candidate.tag,
      verdict: candidate === selected ? 'selected' : 'older',
      reason: explainNumber(candidate, selected, largest),
    }),
  );
  return explained.concat(
    yield* mapEach(
      yield* sortEach(others, (a, b) => compareCodeUnits(a.tag, b.tag)),
      (candidate): TagExplanation => ({
        tag: candidate.tag,
        verdict: 'not-a-number',
        reason: nameValue(candidate, 'not a number'),
      }),
    ),
  );
}

function explainNumber(
  candidate: NumberedTag,
  selected: NumberedTag,
  largest: boolean,
): string {
  if (candidate === selected) {
    return `the ${largest ? 'largest' : 'smallest'} number: ${selected.value}`;
  }
  return compareDecimals(candidate.number, selected.number) === 0
    ? explainTwin(selected.tag)
    : `${candidate.value} is ${largest ? 'smaller' : 'larger'} than ${
        selected.value
      }`;
}
