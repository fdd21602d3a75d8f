import {
  explainArtefactsInTurns,
  explainValuesInTurns,
  mapEach,
  sortEach,
  TagSelector,
} from 'backstage-plugin-image-scan-common';
import type {
  SelectionOptions,
  TagExplanation,
  TagRule,
  ValuedTag,
} from 'backstage-plugin-image-scan-common';
import { runAtOnce } from '../inTurns';
import type { PausingWork } from '../inTurns';
import { compileChoice } from './compileRule';
import { readInTurns } from './readInTurns';
import { TagOrder } from './TagOrder';
import type { TagValues } from './TagValues';

/** What a rule makes of tags. @public */
export interface TagEvaluation {
  selected?: string;
  /** Each tag once; the selected one first. */
  tags: TagExplanation[];
}

/** What a choice goes by beside the rule and the tags. @public */
export interface EvaluationOptions extends Pick<SelectionOptions, 'firstSeen'> {
  /** Tags in git, which `maxStep` counts from; default none, so that it limits nothing. */
  tagsInGit?: readonly string[];
}

/**
 * Tells for each tag whether a rule chooses it, and if not, at which step it fell out:
 * artefacts, exclusions, the filter, the value, and what the policy makes of the values.
 *
 * @remarks
 * Each tag that competes comes with its value, which is the tag where the rule extracts
 * nothing; it is empty where the extract gives nothing.
 *
 * @throws InputError whose message begins with the field that cannot be used, such as
 * `filterTags.pattern: …`
 * @public
 */
export function evaluateTags(
  rule: TagRule,
  tags: Iterable<string>,
  options: EvaluationOptions = {},
): TagEvaluation {
  return runAtOnce(evaluateTagsInTurns(rule, tags, options));
}

/**
 * {@link evaluateTags}, with pauses while patterns are matched.
 *
 * @public
 */
export function* evaluateTagsInTurns(
  rule: TagRule,
  tags: Iterable<string>,
  options: EvaluationOptions = {},
): PausingWork<TagEvaluation> {
  const { policy, values } = compileChoice(rule);
  yield;
  const candidates: ValuedTag[] = [];
  const artefacts: string[] = [];
  const others: TagExplanation[] = [];
  yield* readInTurns(values, [...new Set(tags)], (tag, read) => {
    if ('value' in read) {
      candidates.push({ tag, value: read.value });
    } else if (read.verdict === 'artefact') {
      artefacts.push(tag);
    } else {
      others.push({
        tag,
        ...read,
        ...(read.verdict === 'no-value' && { value: '' }),
      });
    }
  });
  const valueOf = new Map(candidates.map(({ tag, value }) => [tag, value]));
  const competing: TagExplanation[] = yield* mapEach(
    yield* explainValuesInTurns(
      policy,
      candidates,
      selectionOptions(values, options),
    ),
    each => ({ ...each, value: valueOf.get(each.tag) }),
  );
  const [first] = competing;
  return {
    ...(first?.verdict === 'selected' && { selected: first.tag }),
    tags: competing.concat(
      yield* sortEach(others, (a, b) => (a.tag < b.tag ? -1 : 1)),
      yield* explainArtefactsInTurns(artefacts),
    ),
  };
}

/**
 * Chooses the same tags as {@link evaluateTags} and says nothing of the others, which takes
 * a fraction of the time: what a rule selects after each of several groups of tags has
 * appeared.
 *
 * @returns for each group, undefined where no tag can be chosen by then
 * @throws InputError as {@link evaluateTags} does
 * @public
 */
export function* replayTagsInTurns(
  rule: TagRule,
  groups: readonly (readonly string[])[],
  options: EvaluationOptions = {},
): PausingWork<(string | undefined)[]> {
  const { policy, values } = compileChoice(rule);
  yield;
  const selector = new TagSelector(policy, selectionOptions(values, options));
  const selected: (string | undefined)[] = [];
  let read = 0;
  let end = 0;
  const closeGroups = () => {
    while (
      selected.length < groups.length &&
      read === end + groups[selected.length].length
    ) {
      end += groups[selected.length].length;
      selected.push(selector.selected);
    }
  };
  closeGroups();
  yield* readInTurns(values, groups.flat(), (tag, each) => {
    if ('value' in each) {
      selector.offer(tag, each.value);
    }
    read += 1;
    closeGroups();
  });
  return selected;
}

function selectionOptions(
  values: TagValues,
  { firstSeen, tagsInGit = [] }: EvaluationOptions,
): SelectionOptions {
  return {
    firstSeen,
    from: tagsInGit.flatMap(tag => values.valueOf(tag) ?? []),
  };
}

/**
 * Compares two tags in the order of a rule, whether or not it would choose them: ranges
 * and exclusions play no part in it.
 *
 * @returns 1 when `a` is better, -1 when `b` is, 0 when neither is, and undefined when
 * one of them cannot be ordered: the filter does not match it, or its value is none that
 * the policy can read
 * @throws InputError as {@link evaluateTags} does
 * @public
 */
export function compareTagsBy(
  rule: TagRule,
  a: string,
  b: string,
): -1 | 0 | 1 | undefined {
  return new TagOrder(rule).compare(a, b);
}
