import { ImagePolicy } from '../types';
import { largestFirst, semverRangeOf } from './tagOrder';

const LONG_NUMBER = /^\d{7,}$/;

/**
 * A policy in a few words, as it takes effect: `semver ^1.2`, `alphabetical desc`.
 *
 * @public
 */
export function describePolicy(policy: ImagePolicy): string {
  const range = semverRangeOf(policy);
  if (range === undefined) {
    return `alphabetical ${largestFirst(policy) ? 'desc' : 'asc'}`;
  }
  return `semver ${range.trim() || '(empty range)'}`;
}

/**
 * What in a policy may be meant otherwise than it takes effect, in sentences.
 *
 * @public
 */
export function policyWarnings(policy: ImagePolicy): string[] {
  return policy.semver && policy.alphabetical
    ? [
        'The policy has both semver and alphabetical: semver decides; alphabetical is ignored.',
      ]
    : [];
}

/**
 * What about a tag that a semver policy selected may not be meant, in sentences.
 *
 * @remarks
 * A tag of seven or more digits, such as a date or the short hash of a commit, is
 * a version with a huge major number and beats every release. Ask only for
 * semver policies: the alphabetical order reads no versions.
 *
 * @public
 */
export function selectionWarnings(tag: string): string[] {
  return LONG_NUMBER.test(tag)
    ? [
        `The tag ${tag} is all digits, perhaps a date or a commit, and counts as version ${tag}.0.0: it beats every usual release. A range with an upper bound, such as "<1000", leaves it out.`,
      ]
    : [];
}
