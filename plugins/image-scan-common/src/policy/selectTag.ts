import type { ImagePolicy } from '../types';
import { TagSelector } from './TagSelector';
import { compareCodeUnits, largestFirst, semverRangeOf } from './tagOrder';
import { compareVersions, parseVersion } from './version';

/**
 * Chooses a tag by a policy.
 *
 * @remarks
 * `semver` decides where both policies are set, and the range `*` where neither
 * is. Of tags with equal versions the one with the most numbers wins, then the
 * one without `v`, then the first in byte order, so that the order of the tags
 * never matters. With `strict`, only versions of three numbers compete. Tags that hold artefacts of another image never compete. For
 * `alphabetical`, `desc` takes the largest tag in byte order and `asc` the
 * smallest, as Fleet does.
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
 * that is no version, for both an empty text
 * @public
 */
export function compareTags(
  policy: ImagePolicy,
  a: string,
  b: string,
): number | undefined {
  if (a === '' || b === '') {
    return undefined;
  }
  if (semverRangeOf(policy) === undefined) {
    const order = compareCodeUnits(a, b);
    return largestFirst(policy) || order === 0 ? order : -order;
  }
  const left = parseVersion(a);
  const right = parseVersion(b);
  return left && right ? compareVersions(left, right) : undefined;
}
