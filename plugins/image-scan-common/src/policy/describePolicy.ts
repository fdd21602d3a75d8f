import type { ImagePolicy } from '../types';
import { largestFirst, semverRangeOf } from './tagOrder';

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
  const strict = policy.semver?.strict ? ' (strict)' : '';
  return `semver ${range.trim() || '(empty range)'}${strict}`;
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
