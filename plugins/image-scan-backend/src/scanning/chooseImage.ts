import { NotFoundError } from '@backstage/errors';
import {
  describePolicy,
  explainTags,
  ImagePolicy,
  selectTag,
  TagVerdict,
} from 'backstage-plugin-image-scan-common';
import { ScanResult } from '../types';

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
  const tag = select(policy, tags);
  try {
    return { tag, digest: await resolveDigest(tag) };
  } catch (error) {
    if (!isGone(error)) {
      throw error;
    }
    const rest = tags.filter(other => other !== tag);
    const second = select(policy, rest);
    return { tag: second, digest: await resolveDigest(second) };
  }
}

function select(policy: ImagePolicy, tags: readonly string[]): string {
  const { selected } = selectTag(policy, tags);
  if (selected === undefined) {
    throw new NotFoundError(explainNothing(policy, tags));
  }
  return selected;
}

function explainNothing(policy: ImagePolicy, tags: readonly string[]): string {
  if (tags.length === 0) {
    return 'the registry lists no tags for this image';
  }
  const counts = new Map<TagVerdict, number>();
  const explanations = explainTags(policy, tags);
  for (const { verdict } of explanations) {
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  }
  const reasons = [...counts].map(
    ([verdict, count]) => `${count} ${VERDICT_WORDS[verdict] ?? verdict}`,
  );
  const hint = explanations.find(({ verdict }) => verdict === 'pre-release');
  return [
    `no tag matches ${describePolicy(policy)}: ${reasons.join(', ')}`,
    ...(hint ? [`${hint.tag} is a ${hint.reason}`] : []),
  ].join('; ');
}

function isGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    'category' in error &&
    error.category === 'not-found'
  );
}
