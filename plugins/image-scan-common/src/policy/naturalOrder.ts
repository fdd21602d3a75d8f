import type { ImagePolicy } from '../types';
import { kindOf, largestFirst } from './tagOrder';
import { compareNumbers, parseVersion, type Version } from './version';

/** A number in a text, where two texts differ first. */
interface Difference {
  start: number;
  /** Of the number in the first text, and in the second. */
  ends: readonly [number, number];
  /** Which of the texts has the larger number. */
  order: -1 | 1;
}

/**
 * Compares two tags as people read them where the policy compares digits as text:
 * `rc10` is above `rc9`, and `2026-09-01` above `2026-1-30`.
 *
 * @returns positive when `a` reads as the better one, negative when `b` does, and
 * undefined where people need not differ from the policy
 */
export function compareAsRead(
  policy: ImagePolicy,
  a: string,
  b: string,
): -1 | 1 | undefined {
  const kind = kindOf(policy);
  if (kind === 'numerical' || kind === 'newest') {
    return undefined;
  }
  if (kind === 'alphabetical') {
    const order = differenceOf(a, b)?.order;
    return order === undefined || largestFirst(policy) ? order : invert(order);
  }
  const left = parseVersion(a);
  const right = parseVersion(b);
  return left && right ? compareVersionsAsRead(left, right) : undefined;
}

/** As {@link compareAsRead}, for the order of versions. */
export function compareVersionsAsRead(
  a: Version,
  b: Version,
): -1 | 1 | undefined {
  return a.prerelease !== '' &&
    b.prerelease !== '' &&
    compareNumbers(a, b, 3) === 0
    ? differenceOf(a.prerelease, b.prerelease)?.order
    : undefined;
}

/**
 * Says why a tag that reads as the better one is not so to the policy, and how to write
 * it so that it is.
 */
export function explainText(
  policy: ImagePolicy,
  tag: string,
  other: string,
): string {
  const difference = differenceOf(tag, other);
  if (kindOf(policy) === 'alphabetical') {
    return 'the alphabetical order compares digits as text; write as many digits in each tag, or choose by semver';
  }
  const words =
    'SemVer compares digits behind the hyphen as text where they do not stand alone between dots';
  return difference ? `${words}; write ${withDots(tag, difference)}` : words;
}

/** A tag whose number stands alone between dots; a date with dots is a release. */
function withDots(tag: string, { start, ends }: Difference): string {
  if (/^v?\d{4}-\d{1,2}-\d{1,2}$/.test(tag)) {
    return tag.replaceAll('-', '.');
  }
  const before = tag.slice(0, start);
  const after = tag.slice(ends[0]);
  const front = /[A-Za-z]$/.test(before)
    ? `${before}.`
    : before.replace(/([A-Za-z])-$/, '$1.');
  return `${front}${tag.slice(start, ends[0])}${after.replace(/^-/, '.')}`;
}

/**
 * Where two texts differ first in a number, and in nothing before it. A letter behind a
 * number makes it a part of something else, such as the hash of a commit.
 */
function differenceOf(a: string, b: string): Difference | undefined {
  let at = 0;
  while (at < a.length && a[at] === b[at]) {
    at += 1;
  }
  let start = at;
  while (start > 0 && isDigit(a[start - 1])) {
    start -= 1;
  }
  const ends = [endOfNumber(a, start), endOfNumber(b, start)] as const;
  const [endA, endB] = ends;
  if (
    endA === start ||
    endB === start ||
    isLetter(a[endA]) ||
    isLetter(b[endB])
  ) {
    return undefined;
  }
  const order = compareDigits(a.slice(start, endA), b.slice(start, endB));
  return order === 0 ? undefined : { start, ends, order };
}

function compareDigits(a: string, b: string): -1 | 0 | 1 {
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  if (left === right) {
    return 0;
  }
  if (left.length !== right.length) {
    return left.length < right.length ? -1 : 1;
  }
  return left < right ? -1 : 1;
}

function endOfNumber(text: string, start: number): number {
  let end = start;
  while (end < text.length && isDigit(text[end])) {
    end += 1;
  }
  return end;
}

function invert(order: -1 | 1): -1 | 1 {
  return order === 1 ? -1 : 1;
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}

function isLetter(character: string | undefined): boolean {
  return character !== undefined && /[A-Za-z]/.test(character);
}
