import {
  explainTagsInTurns,
  type TagExplanation,
  type TagRule,
} from 'backstage-plugin-image-scan-common';
import {
  evaluateTagsInTurns,
  runInTurns,
} from 'backstage-plugin-image-scan-node';
import { filtersOf } from '../model/filtersOf';

/**
 * Tells for each tag whether a rule chooses it, and if not, why; with its value where the
 * rule extracts one.
 *
 * @throws InputError when the rule cannot be used
 */
export async function explainRule(
  rule: TagRule,
  tags: readonly string[],
): Promise<TagExplanation[]> {
  if (!filtersOf(rule)) {
    return runInTurns(explainTagsInTurns(rule.policy, tags));
  }
  const evaluation = await runInTurns(evaluateTagsInTurns(rule, tags));
  return rule.filterTags?.extract
    ? evaluation.tags
    : evaluation.tags.map(({ value: _, ...each }) => each);
}
