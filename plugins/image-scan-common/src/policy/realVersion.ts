import valid from 'semver/functions/valid';
import type { Version } from './version';

/**
 * Whether a version is one as SemVer 2.0.0 itself writes it: three numbers without
 * leading zeros. A `v` in front is allowed.
 */
export function isRealVersion({ numericParts, text }: Version): boolean {
  // The library throws for what is none, and catches that: far dearer than this look.
  return numericParts === 3 && valid(text) !== null;
}

/** Why a version that can be read is none of SemVer's own, for a policy that is strict. */
export function explainStrict({ numericParts }: Version): string {
  return numericParts < 3
    ? 'not three numbers, which strict asks for'
    : `not three numbers as SemVer writes them, which strict asks for: no leading zeros, at most ${Number.MAX_SAFE_INTEGER}`;
}

const NOT_A_VERSION = 'not a version';

/** Near misses that begin as a version does, in words that say what to do. */
const NEAR_MISSES: readonly [RegExp, string][] = [
  [
    /^v?\d+(?:\.\d+){3}(?![.\d])/i,
    'it has four numbers, and a version has three at most; push it as 1.2.3-4 or 1.2.4, or choose by the alphabetical order',
  ],
  [
    /^v?\d+(?:\.\d+){4}/i,
    'it has more than three numbers, and a version has three at most; push it with three, or choose by the alphabetical order',
  ],
  [/^V\d+(?:\.\d+){0,2}(?:[-+]|$)/, 'the v in front must be a small letter'],
  [
    /^v?\d+(?:\.\d+){0,2}-(?:[^+]*\.)?0\d+(?:[.+]|$)/,
    'a number between dots behind the hyphen begins with 0; write it without',
  ],
  [
    /^v?\d+(?:\.\d+){0,2}(?:[-+].*)?_/,
    'an underscore has no place in a version; write a hyphen or a dot',
  ],
];

/** Why a text is no version, and where that is not plain, what would be one. */
export function explainNoVersion(tag: string): string {
  const miss = /^v?\d/i.test(tag)
    ? NEAR_MISSES.find(([shape]) => shape.test(tag))?.[1]
    : explainPrefix(tag);
  return miss === undefined ? NOT_A_VERSION : `${NOT_A_VERSION}: ${miss}`;
}

function explainPrefix(tag: string): string | undefined {
  return /[-_.]v?\d+\.\d+/.test(tag)
    ? 'only a v may stand in front of the numbers'
    : undefined;
}
