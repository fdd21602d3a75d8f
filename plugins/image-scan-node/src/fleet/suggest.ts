/** Longer words are no misspellings of field names. */
const MAX_LENGTH = 40;

/**
 * Finds the name that a misspelt one is meant to be: the same in another case, or up to
 * two letters away (one, for names of up to four).
 */
export function suggest(
  word: string,
  names: readonly string[],
): string | undefined {
  if (word.length > MAX_LENGTH) {
    return undefined;
  }
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const name of names) {
    const allowed = name.length <= 4 ? 1 : 2;
    const found = distance(lower, name.toLowerCase());
    if (found <= allowed && found < bestDistance) {
      best = name;
      bestDistance = found;
    }
  }
  return best;
}

/** Letters to insert, remove, replace or swap with their neighbour. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
      }
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}
