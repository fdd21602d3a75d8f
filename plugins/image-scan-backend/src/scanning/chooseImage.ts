import { NotFoundError } from '@backstage/errors';
import {
  describePolicy,
  explainTags,
  type ImagePolicy,
  type TagExplanation,
  type TagVerdict,
} from 'backstage-plugin-image-scan-common';
import { ageDigest } from '../model/ageDigest';
import type { Choice, ChoiceConditions } from '../model/choice';
import { filtersOf } from '../model/filtersOf';
import type { ChoiceNotes, ChoiceRule, ScanResult } from '../model/types';
import { explainChoice } from './explainChoice';
import { inTurns } from './inTurns';
import { selectTags } from './selectTags';

const VERDICT_WORDS: Partial<Record<TagVerdict, string>> = {
  'outside-range': 'outside the range',
  'pre-release': 'pre-releases',
  'not-a-version': 'not versions',
  'not-a-number': 'not numbers',
  artefact: 'signatures and other artefacts',
  'too-young': 'too young',
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
const PASSED_OVER: ReadonlySet<TagVerdict> = new Set(['skipped', 'too-young']);

const NO_TAGS = 'the registry lists no tags for this image';

/** How many prereleases are kept to say which range would choose one. */
const MAX_PRERELEASES = 20;

/** What is to be chosen, and how. */
export interface ChoiceRequest {
  rule: ChoiceRule;
  /** All tags of the image. */
  tags: readonly string[];
  /** What a tag points to now. */
  resolveDigest: (tag: string) => Promise<string>;
  /** What people and time say; default nothing. */
  conditions?: ChoiceConditions;
  /** The last result, and what was found beside it. */
  before?: { result?: ScanResult; notes: ChoiceNotes };
}

/**
 * Chooses a tag and finds the digest it points to now.
 *
 * @remarks
 * A tag can vanish between the list and the question for its digest. Then the
 * choice is made once more without it; a second such tag fails the scan.
 *
 * @throws NotFoundError when no tag can be chosen, with the reasons counted, and
 * InputError when patterns cannot be used or take too long.
 */
export async function chooseImage(request: ChoiceRequest): Promise<Choice> {
  const attempt = await chooseOnce(request, request.tags);
  if (!('gone' in attempt)) {
    return attempt;
  }
  const rest = request.tags.filter(tag => tag !== attempt.gone);
  const second = await chooseOnce(request, rest);
  if ('gone' in second) {
    throw second.error;
  }
  return second;
}

async function chooseOnce(
  request: ChoiceRequest,
  tags: readonly string[],
): Promise<Choice | { gone: string; error: unknown }> {
  const { rule, resolveDigest, conditions, before = { notes: {} } } = request;
  const { selected, waiting } = await selectTags(rule, tags, conditions);
  if (selected === undefined) {
    if (!waiting) {
      throw new NotFoundError(await explainNothing(rule, tags, conditions));
    }
    return { notes: { waiting } };
  }
  let digest: string;
  try {
    digest = await resolveDigest(selected);
  } catch (error) {
    if (isGone(error)) {
      return { gone: selected, error };
    }
    throw error;
  }
  const found = { tag: selected, digest };
  const { result, notes } = conditions
    ? ageDigest(rule, found, conditions, before)
    : { result: found, notes: {} };
  return { result, notes: { ...notes, ...first(waiting, notes.waiting) } };
}

/** What comes first of two that wait. */
function first(
  a: ChoiceNotes['waiting'],
  b: ChoiceNotes['waiting'],
): Pick<ChoiceNotes, 'waiting'> {
  const waiting = a && b && b.until < a.until ? b : a ?? b;
  return waiting ? { waiting } : {};
}

async function explainNothing(
  rule: ChoiceRule,
  tags: readonly string[],
  conditions?: ChoiceConditions,
): Promise<string> {
  if (tags.length === 0) {
    return NO_TAGS;
  }
  if (!filtersOf(rule) && !conditions) {
    return explainPlain(rule.policy, tags);
  }
  const explained = await explainChoice(rule, tags, conditions);
  if (filtersOf(rule)) {
    return explainCounted(explained, FILTER_WORDS);
  }
  return explained.some(({ verdict }) => PASSED_OVER.has(verdict))
    ? explainCounted(explained, VERDICT_WORDS)
    : explainPlain(rule.policy, tags);
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

function isGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    'category' in error &&
    error.category === 'not-found'
  );
}
