import type { ImagePolicy } from '../types';
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
      const strict = policy.semver?.strict ? ' (strict)' : '';
      const range = semverRangeOf(policy) ?? '';
      return `semver ${range.trim() || '(empty range)'}${strict}`;
    }
  }
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
