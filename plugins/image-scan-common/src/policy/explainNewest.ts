import type { TagExplanation } from '../types';
import { mapEach, type Pieces, sortEach } from './inPieces';
import { compareCodeUnits } from './tagOrder';
import { explainAll, type ValuedTag } from './valuedTag';

const WITHOUT_CLOCK =
  'only who watches the registry knows when this tag appeared';
const FROM_THE_START =
  'there from the first look on, as others; the first tag that appears later is chosen';

/**
 * Orders tags by when they appeared. Those without a time were there at the first look,
 * and nothing tells which of them is the newest: one is chosen only where it is alone.
 */
export function* explainNewest(
  candidates: readonly ValuedTag[],
  firstSeen: ReadonlyMap<string, number> | undefined,
): Pieces<TagExplanation[]> {
  const timeOf = ({ tag }: ValuedTag) => firstSeen?.get(tag) ?? -Infinity;
  const ordered = yield* sortEach(candidates, (a, b) => {
    const left = timeOf(a);
    const right = timeOf(b);
    return left === right ? compareCodeUnits(a.tag, b.tag) : right - left;
  });
  const tags = ordered.map(({ tag }) => tag);
  if (!firstSeen) {
    return yield* explainAll(tags, 'older', WITHOUT_CLOCK);
  }
  const [selected] = ordered;
  if (!selected) {
    return [];
  }
  const isOnly = ordered.length === 1;
  if (!isOnly && timeOf(selected) === -Infinity) {
    return yield* explainAll(tags, 'older', FROM_THE_START);
  }
  const first: TagExplanation[] = [
    {
      tag: selected.tag,
      verdict: 'selected',
      reason: isOnly
        ? 'the only tag that competes'
        : `the tag that appeared last, ${formatTime(timeOf(selected))}`,
    },
  ];
  return first.concat(
    yield* mapEach(
      ordered.slice(1),
      (other): TagExplanation => ({
        tag: other.tag,
        verdict: 'older',
        reason: explainOlder(timeOf(other), selected.tag, timeOf(selected)),
      }),
    ),
  );
}

function explainOlder(time: number, selected: string, last: number): string {
  if (time === last) {
    return `appeared together with ${selected}, which comes first in byte order`;
  }
  return time === -Infinity
    ? `there before ${selected}`
    : `appeared before ${selected}, ${formatTime(time)}`;
}

function formatTime(time: number): string {
  return new Date(time).toISOString();
}
