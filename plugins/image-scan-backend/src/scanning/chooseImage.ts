import { NotFoundError } from '@backstage/errors';
import {
  compareTags,
  describePolicy,
  explainTags,
  ImagePolicy,
  TagExplanation,
  TagSelector,
  TagVerdict,
} from 'backstage-plugin-image-scan-common';
import { ScanResult } from '../types';
import { inTurns } from './inTurns';

const VERDICT_WORDS: Partial<Record<TagVerdict, string>> = {
  'outside-range': 'outside the range',
  'pre-release': 'pre-releases',
  'not-a-version': 'not versions',
  artefact: 'signatures and other artefacts',
};

/**
 * Chooses a tag and finds the digest it points to now.
 *
 * @remarks
 * A tag can vanish between the list and the question for its digest. Then the
 * choice is made once more without it; a second such tag fails the scan.
 *
 * @throws NotFoundError when no tag can be chosen, with the reasons counted.
 */
export async function chooseImage(
  policy: ImagePolicy,
  tags: readonly string[],
  resolveDigest: (tag: string) => Promise<string>,
): Promise<ScanResult> {
  const tag = await select(policy, tags);
  try {
    return { tag, digest: await resolveDigest(tag) };
  } catch (error) {
    if (!isGone(error)) {
      throw error;
    }
    const rest = tags.filter(other => other !== tag);
    const second = await select(policy, rest);
    return { tag: second, digest: await resolveDigest(second) };
  }
}

async function select(
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

async function explainNothing(
  policy: ImagePolicy,
  tags: readonly string[],
): Promise<string> {
  if (tags.length === 0) {
    return 'the registry lists no tags for this image';
  }
  const counts = new Map<TagVerdict, number>();
  let hint: TagExplanation | undefined;
  // Where no tag matches, the reason of one does not depend on the others.
  await inTurns(tags, batch => {
    const explanations = explainTags(policy, batch);
    for (const { verdict } of explanations) {
      counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    }
    const newest = explanations.find(
      ({ verdict }) => verdict === 'pre-release',
    );
    if (newest && (!hint || isBetter(policy, newest.tag, hint.tag))) {
      hint = newest;
    }
  });
  const reasons = [...counts].map(
    ([verdict, count]) => `${count} ${VERDICT_WORDS[verdict] ?? verdict}`,
  );
  return [
    `no tag matches ${describePolicy(policy)}: ${reasons.join(', ')}`,
    ...(hint ? [`${hint.tag} is a ${hint.reason}`] : []),
  ].join('; ');
}

function isBetter(policy: ImagePolicy, tag: string, other: string): boolean {
  return (compareTags(policy, tag, other) ?? 0) > 0;
}

function isGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    'category' in error &&
    error.category === 'not-found'
  );
}
