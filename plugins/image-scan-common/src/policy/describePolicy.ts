import type { ImagePolicy, TagRule } from '../types';
import {
  kindOf,
  kindsOf,
  largestFirst,
  largestNumberFirst,
  semverRangeOf,
} from './tagOrder';

/**
 * A policy in a few words, as it takes effect: `semver ^1.2`, `alphabetical desc`.
 *
 * @public
 */
export function describePolicy(policy: ImagePolicy): string {
  switch (kindOf(policy)) {
    case 'alphabetical':
      return `alphabetical ${largestFirst(policy) ? 'desc' : 'asc'}`;
    case 'numerical':
      return `numerical, the ${
        largestNumberFirst(policy) ? 'largest' : 'smallest'
      } number`;
    case 'newest':
      return 'newest, the tag that appeared last';
    default: {
      const { strict, maxStep = 'major' } = policy.semver ?? {};
      const limits = [
        ...(strict ? ['strict'] : []),
        ...(maxStep === 'major' ? [] : [`${maxStep} steps at most`]),
      ];
      const words = limits.length > 0 ? ` (${limits.join(', ')})` : '';
      const range = semverRangeOf(policy) ?? '';
      return `semver ${range.trim() || '(empty range)'}${words}`;
    }
  }
}

/**
 * Why a rule cannot choose without a filter, undefined where it can.
 *
 * @public
 */
export function explainUnfiltered({
  policy,
  filterTags,
  exclusionList = [],
}: TagRule): string | undefined {
  return kindOf(policy) === 'newest' &&
    !filterTags?.pattern &&
    exclusionList.length === 0
    ? 'needs filterTags.pattern or an exclusionList, as tags such as latest and main would compete too'
    : undefined;
}

/**
 * What in a policy may be meant otherwise than it takes effect, in sentences.
 *
 * @public
 */
export function policyWarnings(policy: ImagePolicy): string[] {
  const [first, ...others] = kindsOf(policy);
  if (others.length === 0) {
    return [];
  }
  const [last, ...before] = [...others].reverse();
  const all = [first, ...before.reverse()].join(', ');
  const { are, both } =
    others.length === 1
      ? { are: 'is', both: 'both ' }
      : { are: 'are', both: '' };
  return [
    `The policy has ${both}${all} and ${last}: ${first} decides; ${others.join(
      ' and ',
    )} ${are} ignored.`,
  ];
}
