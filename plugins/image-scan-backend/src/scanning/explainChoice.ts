import {
  explainTagsInTurns,
  type TagExplanation,
} from 'backstage-plugin-image-scan-common';
import {
  evaluateTagsInTurns,
  type EvaluationOptions,
  type PausingWork,
  runInTurns,
} from 'backstage-plugin-image-scan-node';
import type { ChoiceConditions } from '../model/choice';
import { isPlain } from '../model/filtersOf';
import { evaluationOptions, passingOver } from '../model/passOver';
import type { ChoiceRule } from '../model/types';

/** Tags between two pauses. */
const TAGS_AT_ONCE = 500;

/**
 * Tells for each tag whether it is chosen, and if not, at which step it fell out: those of
 * the rule, then what people and time say of it. With its value where the rule extracts
 * one.
 *
 * @param conditions - default none
 * @throws InputError when the rule cannot be used
 */
export async function explainChoice(
  rule: ChoiceRule,
  tags: readonly string[],
  conditions?: ChoiceConditions,
): Promise<TagExplanation[]> {
  return runInTurns(explainChoiceInTurns(rule, tags, conditions));
}

function* explainChoiceInTurns(
  rule: ChoiceRule,
  tags: readonly string[],
  conditions?: ChoiceConditions,
): PausingWork<TagExplanation[]> {
  const options = conditions ? evaluationOptions(conditions) : {};
  const explained = yield* explainRule(rule, tags, options);
  if (!conditions) {
    return explained;
  }
  const passOver = passingOver(rule, conditions);
  const passed = new Map<string, TagExplanation>();
  let done = 0;
  for (const each of explained) {
    if (each.verdict !== 'selected' && each.verdict !== 'older') {
      break; // All that compete come first.
    }
    const found = passOver(each.tag);
    if (found) {
      const { verdict, reason } = found;
      passed.set(each.tag, { ...each, verdict, reason });
    }
    done += 1;
    if (done % TAGS_AT_ONCE === 0) {
      yield;
    }
  }
  if (passed.size === 0) {
    return explained;
  }
  // Once more, so that the others are held against what is chosen in their place.
  const others = yield* explainRule(
    rule,
    tags.filter(tag => !passed.has(tag)),
    options,
  );
  const selected = others[0]?.verdict === 'selected' ? 1 : 0;
  return [
    ...others.slice(0, selected),
    ...passed.values(),
    ...others.slice(selected),
  ];
}

function* explainRule(
  rule: ChoiceRule,
  tags: readonly string[],
  options: EvaluationOptions,
): PausingWork<TagExplanation[]> {
  if (isPlain(rule)) {
    return yield* explainTagsInTurns(rule.policy, tags, {
      from: options.tagsInGit,
    });
  }
  const evaluation = yield* evaluateTagsInTurns(rule, tags, options);
  return rule.filterTags?.extract
    ? evaluation.tags
    : evaluation.tags.map(({ value: _, ...each }) => each);
}
