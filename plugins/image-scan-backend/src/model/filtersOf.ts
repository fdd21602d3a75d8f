import {
  type ImagePolicy,
  kindOf,
  type TagRule,
} from 'backstage-plugin-image-scan-common';
import type { ChoiceRule } from './types';

/** What of a rule is not its policy. */
export type TagFilters = Omit<TagRule, 'policy'>;

/**
 * The filters of a rule, undefined where it has none: such a rule is decided by the tags
 * themselves, without an expression.
 */
export function filtersOf({
  filterTags,
  exclusionList,
}: TagFilters): TagFilters | undefined {
  return filterTags || exclusionList?.length
    ? {
        ...(filterTags && { filterTags }),
        ...(exclusionList && { exclusionList }),
      }
    : undefined;
}

/** Whether a rule goes by the tags themselves, without an expression or a clock. */
export function isPlain(rule: TagRule): boolean {
  return !filtersOf(rule) && kindOf(rule.policy) !== 'newest';
}

/** What of a policy makes its order and its range; how far a step may go is none of it. */
export function orderingOf({ semver, ...others }: ImagePolicy): ImagePolicy {
  if (!semver) {
    return others;
  }
  const { maxStep: _, ...ordering } = semver;
  return { semver: ordering, ...others };
}

/** Whether the choice goes by when tags appeared. */
export function goesByTime({ policy, minimumAge }: ChoiceRule): boolean {
  return minimumAge !== undefined || kindOf(policy) === 'newest';
}

/** Whether the choice goes by more than the rule and the tags, if nothing is skipped. */
export function isConditional(rule: ChoiceRule): boolean {
  return (
    goesByTime(rule) ||
    rule.policy.semver?.maxStep !== undefined ||
    rule.platforms !== undefined
  );
}
