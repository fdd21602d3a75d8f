import type { TagRule } from 'backstage-plugin-image-scan-common';

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
