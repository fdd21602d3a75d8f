import {
  describePolicy,
  explainTags,
  type ImagePolicy,
  type TagExplanation,
  tagOfMarkerValue,
  type TagVerdict,
} from 'backstage-plugin-image-scan-common';
import type { ChoiceConditions } from '../model/choice';
import { isPlain } from '../model/filtersOf';
import type { ChoiceRule } from '../model/types';
import { explainChoice } from './explainChoice';
import { inTurns } from './inTurns';

const VERDICT_WORDS: Partial<Record<TagVerdict, string>> = {
  'outside-range': 'outside the range',
  'pre-release': 'pre-releases',
  'not-a-version': 'not versions',
  'not-a-number': 'not numbers',
  artefact: 'signatures and other artefacts',
  'too-young': 'too young',
  'beyond-step': 'beyond the largest step',
};

/** The same of a rule with filters, whose steps are all counted. */
const FILTER_WORDS: Partial<Record<TagVerdict, string>> = {
  ...VERDICT_WORDS,
  'not-a-version': 'give no version',
  'not-a-number': 'give no number',
  'no-value': 'give no value',
  filtered: 'do not match the pattern',
};

/** Of tags that the rule takes and something else does not. */
const PASSED_OVER: ReadonlySet<TagVerdict> = new Set([
  'skipped',
  'too-young',
  'beyond-step',
]);

const NO_TAGS = 'the registry lists no tags for this image';

/** How many prereleases are kept to say which range would choose one. */
const MAX_PRERELEASES = 20;

/** Why no tag can be chosen; undecided while only another tag can tell which is the newest. */
export async function explainNothing(
  rule: ChoiceRule,
  tags: readonly string[],
  conditions?: ChoiceConditions,
): Promise<{ message: string; isUndecided?: boolean }> {
  if (tags.length === 0) {
    return { message: NO_TAGS };
  }
  if (isPlain(rule) && !conditions) {
    return { message: await explainPlain(rule.policy, tags) };
  }
  const explained = await explainChoice(rule, tags, conditions);
  const competing = explained.filter(({ verdict }) => verdict === 'older');
  if (competing.length > 0 && conditions?.firstSeen) {
    const since = new Date(conditions.firstSeen.since).toISOString();
    return {
      message: `Nothing is chosen yet: ${competing.length} tags were there when the registry was first looked at, on ${since}, and nothing tells which of them is the newest. The first that appears later is chosen.`,
      isUndecided: true,
    };
  }
  if (!isPlain(rule)) {
    return { message: explainCounted(explained, FILTER_WORDS) };
  }
  return explained.some(({ verdict }) => PASSED_OVER.has(verdict))
    ? {
        message:
          explainCounted(explained, VERDICT_WORDS) +
          explainDisagreement(explained, conditions),
      }
    : { message: await explainPlain(rule.policy, tags) };
}

/** Which versions in git leave nothing that is near enough to all of them. */
function explainDisagreement(
  explained: readonly TagExplanation[],
  conditions: ChoiceConditions | undefined,
): string {
  if (!explained.some(({ verdict }) => verdict === 'beyond-step')) {
    return '';
  }
  const places = new Map(
    conditions?.markers.flatMap(({ file, line, form, current }) => {
      const tag = tagOfMarkerValue(form, current);
      return tag === undefined
        ? []
        : [[tag, `${file}:${line} has ${tag}`] as const];
    }),
  );
  return places.size > 1
    ? `; the markers disagree: ${[...places.values()].join(', ')}`
    : '';
}

function explainCounted(
  explained: readonly TagExplanation[],
  words: Partial<Record<TagVerdict, string>>,
): string {
  const counts = new Map<TagVerdict, number>();
  for (const { verdict } of explained) {
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  }
  const reasons = [...counts].map(
    ([verdict, count]) => `${count} ${words[verdict] ?? verdict}`,
  );
  const [best] = explained;
  const hint =
    best.verdict === 'pre-release' ? `; ${best.tag} is a ${best.reason}` : '';
  return `no tag can be chosen of ${explained.length}: ${reasons.join(
    ', ',
  )}${hint}`;
}

async function explainPlain(
  policy: ImagePolicy,
  tags: readonly string[],
): Promise<string> {
  const counts = new Map<TagVerdict, number>();
  let prereleases: TagExplanation[] = [];
  let nearMiss: TagExplanation | undefined;
  // Where no tag matches, the verdict of one does not depend on the others.
  await inTurns(tags, batch => {
    const explanations = explainTags(policy, batch);
    for (const { verdict } of explanations) {
      counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    }
    prereleases = newestPrereleases(policy, [...prereleases, ...explanations]);
    nearMiss ??= explanations.find(
      ({ verdict, reason }) =>
        verdict === 'not-a-version' && reason !== 'not a version',
    );
  });
  const hints = [
    ...prereleases
      .slice(0, 1)
      .map(({ tag, reason }) => `${tag} is a ${reason}`),
    ...(nearMiss ? [`${nearMiss.tag} is ${nearMiss.reason}`] : []),
  ];
  const reasons = [...counts].map(
    ([verdict, count]) => `${count} ${VERDICT_WORDS[verdict] ?? verdict}`,
  );
  return [
    `no tag matches ${describePolicy(policy)}: ${reasons.join(', ')}`,
    ...hints,
  ].join('; ');
}

/** Enough of them to see which one a range should choose. */
function newestPrereleases(
  policy: ImagePolicy,
  explanations: readonly TagExplanation[],
): TagExplanation[] {
  const tags = explanations
    .filter(({ verdict }) => verdict === 'pre-release')
    .map(({ tag }) => tag);
  return explainTags(policy, tags).slice(0, MAX_PRERELEASES);
}
