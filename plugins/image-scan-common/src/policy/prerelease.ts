const LARGEST_UINT64 = '18446744073709551615';

const DOT = 46;
const CHAR_0 = 48;
const CHAR_9 = 57;

/**
 * Compares what two versions have after the hyphen, empty for a release.
 *
 * @remarks
 * Identifiers of digits compare as numbers up to 2^64 - 1 and as text above, as in
 * Masterminds/semver. They have no leading zeros, so that longer is larger.
 *
 * This runs for each of up to half a million tags, and whoever fills a registry
 * chooses their shape. So it goes once through what both have in common, and
 * splits and converts nothing.
 */
export function comparePrereleases(a: string, b: string): -1 | 0 | 1 {
  if (a === b) {
    return 0;
  }
  if (a === '' || b === '') {
    return a === '' ? 1 : -1;
  }
  const shared = Math.min(a.length, b.length);
  // Of the identifier in which they differ: where it starts, and whether what
  // both have of it is digits alone.
  let start = 0;
  let sharedDigits = true;
  let at = 0;
  for (; at < shared; at++) {
    const code = a.charCodeAt(at);
    if (code !== b.charCodeAt(at)) {
      break;
    }
    if (code === DOT) {
      start = at + 1;
      sharedDigits = true;
    } else if (!isDigit(code)) {
      sharedDigits = false;
    }
  }
  const endA = endOfIdentifier(a, at);
  const endB = endOfIdentifier(b, at);
  if (endA === at && endB === at) {
    // One has more identifiers and is newer.
    return a.length < b.length ? -1 : 1;
  }
  const numericA = sharedDigits && isNumber(a, start, at, endA);
  const numericB = sharedDigits && isNumber(b, start, at, endB);
  if (numericA !== numericB) {
    return numericA ? -1 : 1;
  }
  if (endA === at || endB === at || (numericA && endA !== endB)) {
    // The one begins with the other, or is the longer number.
    return endA < endB ? -1 : 1;
  }
  return a.charCodeAt(at) < b.charCodeAt(at) ? -1 : 1;
}

function endOfIdentifier(text: string, from: number): number {
  let end = from;
  while (end < text.length && text.charCodeAt(end) !== DOT) {
    end++;
  }
  return end;
}

/**
 * Whether an identifier is a number up to 2^64 - 1, of which is known that there
 * are digits alone before `from`.
 */
function isNumber(
  text: string,
  start: number,
  from: number,
  end: number,
): boolean {
  for (let at = from; at < end; at++) {
    if (!isDigit(text.charCodeAt(at))) {
      return false;
    }
  }
  const length = end - start;
  return (
    length < LARGEST_UINT64.length ||
    (length === LARGEST_UINT64.length &&
      text.slice(start, end) <= LARGEST_UINT64)
  );
}

function isDigit(code: number): boolean {
  return code >= CHAR_0 && code <= CHAR_9;
}
