import type { ImagePolicy } from '../types';
import { compareDecimals, parseDecimal } from './decimal';
import { TagSelector } from './TagSelector';
import {
  compareCodeUnits,
  kindOf,
  largestFirst,
  largestNumberFirst,
} from './tagOrder';
import { compareVersions, parseVersion } from './version';

/**
 * Chooses a tag by a policy.
 *
 * @remarks
 * Where several policies are set the first of `semver`, `alphabetical` and `numerical`
 * decides, and the range `*` where none is. Of tags with equal versions the one with the most numbers wins, then the
 * one without `v`, then the first in byte order, so that the order of the tags
 * never matters. With `strict`, only versions of three numbers compete. Tags that hold artefacts of another image never compete. For
 * `alphabetical`, `desc` takes the largest tag in byte order and `asc` the
 * smallest, as Fleet does; for `numerical`, `asc` takes the largest, as Flux does.
 * `newest` selects none: it needs a clock.
 *
 * @param tags - all tags of the image: a partial list chooses wrongly
 * @returns without `selected` when no tag matches
 * @throws InvalidRangeError when the semver range is none
 * @public
 */
export function selectTag(
  policy: ImagePolicy,
  tags: Iterable<string>,
): { selected?: string } {
  const selector = new TagSelector(policy);
  for (const tag of tags) {
    selector.offer(tag);
  }
  const { selected } = selector;
  return selected === undefined ? {} : { selected };
}

/**
 * Compares two tags in the order of a policy, whether or not the policy would
 * choose them: for `semver` also outside the range.
 *
 * @returns positive when `a` is better, negative when `b` is, 0 when neither is,
 * and undefined when the policy cannot order one of them: for `semver` a text
 * that is no version, for `numerical` one that is no number, for all an empty text, and
 * for `newest` any, as texts have no clock
 * @public
 */
export function compareTags(
  policy: ImagePolicy,
  a: string,
  b: string,
): -1 | 0 | 1 | undefined {
  if (a === '' || b === '') {
    return undefined;
  }
  switch (kindOf(policy)) {
    case 'alphabetical':
      return directed(compareCodeUnits(a, b), largestFirst(policy));
    case 'numerical': {
      const left = parseDecimal(a);
      const right = parseDecimal(b);
      return left && right
        ? directed(compareDecimals(left, right), largestNumberFirst(policy))
        : undefined;
    }
    case 'newest':
      return undefined;
    default: {
      const left = parseVersion(a);
      const right = parseVersion(b);
      return left && right ? compareVersions(left, right) : undefined;
    }
  }
}

function directed(order: -1 | 0 | 1, largest: boolean): -1 | 0 | 1 {
  if (largest || order === 0) {
    return order;
  }
  return order === 1 ? -1 : 1;
}
