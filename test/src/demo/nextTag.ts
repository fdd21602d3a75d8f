/**
 * The next tag of a list, newer than all: the last number of the newest one,
 * plus one.
 *
 * @param tags - as a registry lists them, in any order; pre-releases and words
 * do not count
 * @throws Error when no tag is a number or a version
 */
export function nextTag(tags: readonly string[]): string {
  const newest = tags
    .filter(tag => /^v?\d+(\.\d+)*$/.test(tag))
    .sort((a, b) => compare(numbers(a), numbers(b)))
    .at(-1);
  if (newest === undefined) {
    throw new Error(`No version among the tags ${tags.join(', ')}: name a tag`);
  }
  return newest.replace(/\d+$/, digits =>
    String(Number(digits) + 1).padStart(digits.length, '0'),
  );
}

function numbers(tag: string): number[] {
  return tag.replace(/^v/, '').split('.').map(Number);
}

function compare(a: number[], b: number[]): number {
  const index = a.findIndex((value, position) => value !== b[position]);
  return index === -1 ? a.length - b.length : a[index] - (b[index] ?? -1);
}
