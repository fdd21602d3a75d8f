import { NotFoundError } from '@backstage/errors';
import {
  describePolicy,
  explainTags,
  type ImagePolicy,
  type TagExplanation,
  type TagRule,
  TagSelector,
  type TagVerdict,
} from 'backstage-plugin-image-scan-common';
import {
  evaluateTagsInTurns,
  runInTurns,
  selectTagInTurns,
} from 'backstage-plugin-image-scan-node';
import type { TagFilters } from '../model/filtersOf';
import type { ScanResult } from '../model/types';
import { inTurns } from './inTurns';

const VERDICT_WORDS: Partial<Record<TagVerdict, string>> = {
  'outside-range': 'outside the range',
  'pre-release': 'pre-releases',
  'not-a-version': 'not versions',
  'not-a-number': 'not numbers',
  artefact: 'signatures and other artefacts',
};

/** The same of a rule with filters, whose steps are all counted. */
const FILTER_WORDS: Partial<Record<TagVerdict, string>> = {
  ...VERDICT_WORDS,
  'not-a-version': 'give no version',
  'not-a-number': 'give no number',
  'no-value': 'give no value',
  filtered: 'do not match the pattern',
};

const NO_TAGS = 'the registry lists no tags for this image';

/** How many prereleases are kept to say which range would choose one. */
const MAX_PRERELEASES = 20;

/**
 * Chooses a tag and finds the digest it points to now.
 *
 * @remarks
 * A tag can vanish between the list and the question for its digest. Then the
 * choice is made once more without it; a second such tag fails the scan.
 *
 * @param filters - which tags compete, and by what part of them; default all, as they are
 * @throws NotFoundError when no tag can be chosen, with the reasons counted, and
 * InputError when patterns cannot be used or take too long.
 */
export async function chooseImage(
  policy: ImagePolicy,
  tags: readonly string[],
  resolveDigest: (tag: string) => Promise<string>,
  filters?: TagFilters,
): Promise<ScanResult> {
  const select = filters
    ? (list: readonly string[]) => selectBy({ policy, ...filters }, list)
    : (list: readonly string[]) => selectPlain(policy, list);
  const tag = await select(tags);
  try {
    return { tag, digest: await resolveDigest(tag) };
  } catch (error) {
    if (!isGone(error)) {
      throw error;
    }
    const rest = tags.filter(other => other !== tag);
    const second = await select(rest);
    return { tag: second, digest: await resolveDigest(second) };
  }
}

async function selectPlain(
  policy: ImagePolicy,
  tags: readonly string[],
): Promise<string> {
  const selector = new TagSelector(policy);
  await inTurns(tags, batch => batch.forEach(tag => selector.offer(tag)));
  if (selector.selected === undefined) {
    throw new NotFoundError(await explainNothing(policy, tags));
  }
  return selector.selected;
}

async function selectBy(
  rule: TagRule,
  tags: readonly string[],
): Promise<string> {
  const selected = await runInTurns(selectTagInTurns(rule, tags));
  if (selected !== undefined) {
    return selected;
  }
  if (tags.length === 0) {
    throw new NotFoundError(NO_TAGS);
  }
  const evaluation = await runInTurns(evaluateTagsInTurns(rule, tags));
  const counts = new Map<TagVerdict, number>();
  for (const { verdict } of evaluation.tags) {
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  }
  const reasons = [...counts].map(
    ([verdict, count]) => `${count} ${FILTER_WORDS[verdict] ?? verdict}`,
  );
  const [best] = evaluation.tags;
  const hint =
    best.verdict === 'pre-release' ? `; ${best.tag} is a ${best.reason}` : '';
  throw new NotFoundError(
    `no tag can be chosen of ${evaluation.tags.length}: ${reasons.join(
      ', ',
    )}${hint}`,
  );
}

async function explainNothing(
  policy: ImagePolicy,
  tags: readonly string[],
): Promise<string> {
  if (tags.length === 0) {
    return NO_TAGS;
  }
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
