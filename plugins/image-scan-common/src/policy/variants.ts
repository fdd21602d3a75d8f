/** Words behind a version that say how far it is, not what it is made of. */
const STAGES = new Set(
  [
    'a alpha b beta c cr rc m milestone pre preview prerelease snapshot dev devel',
    'develop nightly canary next edge early ea insiders test testing unstable',
    'experimental build bld rev r release rel ga final sp p patch hotfix fix post',
    'ci pr git g sha commit main master trunk v',
  ]
    .join(' ')
    .split(' '),
);

/**
 * The words behind a version that name a variant of an image, such as `alpine` and
 * `perl` of `1.15-alpine3.20-perl`, sorted. Stages such as `rc1`, numbers and hashes of
 * commits are none.
 */
export function variantOf(suffix: string): string[] {
  const words = new Set<string>();
  for (const part of suffix.toLowerCase().split(/[^a-z0-9]+/)) {
    const word = /^([a-z]+)\d*$/.exec(part)?.[1];
    if (word && !STAGES.has(word) && !isHash(part)) {
      words.add(word);
    }
  }
  return [...words].sort();
}

function isHash(part: string): boolean {
  return part.length >= 7 && /^g?[0-9a-f]+$/.test(part) && /\d/.test(part);
}
