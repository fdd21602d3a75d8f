import { TagSelector } from 'backstage-plugin-image-scan-common';
import {
  type EvaluationOptions,
  replayTagsInTurns,
  runInTurns,
} from 'backstage-plugin-image-scan-node';
import type { ChoiceConditions } from '../model/choice';
import { isPlain } from '../model/filtersOf';
import {
  evaluationOptions,
  type PassedOver,
  passingOver,
} from '../model/passOver';
import type { ChoiceRule } from '../model/types';
import { inTurns } from './inTurns';

/** What can be chosen of a list now, and what of it can be later. */
export interface Selection {
  /** Absent where the rule takes none of the tags that are not passed over. */
  selected?: string;
  /** The first better one that is only too young, and when it is old enough. */
  waiting?: { tag: string; until: number };
}

/**
 * Selects the best tag that nothing speaks against.
 *
 * @param conditions - default none, so that the rule alone decides
 * @throws InputError when the rule cannot be used
 */
export async function selectTags(
  rule: ChoiceRule,
  tags: readonly string[],
  conditions?: ChoiceConditions,
): Promise<Selection> {
  const { ready, young } = await divide(
    tags,
    conditions && passingOver(rule, conditions),
  );
  const later = [...young].sort(([a], [b]) => a - b);
  const [selected, ...next] = await replay(
    rule,
    [ready, ...later.map(([, group]) => group)],
    conditions ? evaluationOptions(conditions) : {},
  );
  const index = next.findIndex(tag => tag !== selected);
  const waiting = next[index];
  return {
    ...(selected !== undefined && { selected }),
    ...(waiting !== undefined && {
      waiting: { tag: waiting, until: later[index][0] },
    }),
  };
}

/** Those that may be chosen now, and those that are too young by when they are not. */
async function divide(
  tags: readonly string[],
  passOver: ((tag: string) => PassedOver | undefined) | undefined,
): Promise<{ ready: readonly string[]; young: Map<number, string[]> }> {
  const young = new Map<number, string[]>();
  if (!passOver) {
    return { ready: tags, young };
  }
  const ready: string[] = [];
  await inTurns(tags, batch => {
    for (const tag of batch) {
      const passed = passOver(tag);
      if (!passed) {
        ready.push(tag);
      } else if (passed.until !== undefined) {
        const group = young.get(passed.until);
        if (group) {
          group.push(tag);
        } else {
          young.set(passed.until, [tag]);
        }
      }
    }
  });
  return { ready, young };
}

/** What the rule selects after each of several groups of tags has appeared. */
async function replay(
  rule: ChoiceRule,
  groups: readonly (readonly string[])[],
  options: EvaluationOptions,
): Promise<(string | undefined)[]> {
  if (!isPlain(rule)) {
    return runInTurns(replayTagsInTurns(rule, groups, options));
  }
  // Without a filter a tag is its value, which takes a fraction of the time.
  const selector = new TagSelector(rule.policy, { from: options.tagsInGit });
  const selected: (string | undefined)[] = [];
  for (const group of groups) {
    await inTurns(group, batch => batch.forEach(tag => selector.offer(tag)));
    selected.push(selector.selected);
  }
  return selected;
}
