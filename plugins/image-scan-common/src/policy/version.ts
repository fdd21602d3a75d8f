/**
 * Versions as github.com/Masterminds/semver v3 reads them with `NewVersion`,
 * which is looser than SemVer 2.0.0: `v1`, `1.2` and `01.2.3` are versions.
 */

import { comparePrereleases } from './prerelease';

/**
 * One number of a version, 0 to 2^64 - 1: a `number` up to
 * `Number.MAX_SAFE_INTEGER`, a `bigint` above. Equal values always have the same
 * type, and JavaScript compares the two types exactly with `<` and `>`.
 *
 * @public
 */
export type VersionNumber = number | bigint;

/** A tag or other text that was read as a version. @public */
export interface Version {
  /** The text as it was read. */
  text: string;
  major: VersionNumber;
  minor: VersionNumber;
  patch: VersionNumber;
  /** Without the leading `-`; empty for a release. */
  prerelease: string;
  /** How many of the three numbers the text spells out. */
  numericParts: 1 | 2 | 3;
  /** Whether the text starts with `v`. */
  hasV: boolean;
}

const MAX_VERSION_LENGTH = 256;
const MAX_UINT64 = 2n ** 64n - 1n;

// Each repeated class is disjoint from what may follow it, so a match takes
// linear time. The groups: v, major, minor, patch, prerelease.
const VERSION =
  /^(v?)(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
const LEADING_ZERO = /(?:^|\.)0\d+(?:\.|$)/;

/**
 * Reads a version: an optional `v`, one to three numbers, `-prerelease` and
 * `+metadata`. Missing numbers are 0.
 *
 * @remarks
 * The rules are those of Masterminds/semver v3.5.0: numbers may have leading
 * zeros and go up to 2^64 - 1, identifiers of digits in the prerelease may not
 * have leading zeros, and the text has at most 256 characters.
 *
 * @returns the version, or undefined where the text is none
 * @public
 */
export function parseVersion(text: string): Version | undefined {
  if (text.length > MAX_VERSION_LENGTH) {
    return undefined;
  }
  const match: readonly (string | undefined)[] | null = VERSION.exec(text);
  if (!match) {
    return undefined;
  }
  const [, v, majorText, minorText, patchText, prerelease = ''] = match;
  const major = parseUint64(majorText);
  const minor = parseUint64(minorText);
  const patch = parseUint64(patchText);
  if (major === undefined || minor === undefined || patch === undefined) {
    return undefined;
  }
  if (mayHaveLeadingZero(prerelease) && LEADING_ZERO.test(prerelease)) {
    return undefined;
  }
  let numericParts: 1 | 2 | 3 = 1;
  if (minorText !== undefined) {
    numericParts = patchText === undefined ? 2 : 3;
  }
  return {
    text,
    major,
    minor,
    patch,
    prerelease,
    numericParts,
    hasV: v !== '',
  };
}

/**
 * Compares two versions by the precedence of SemVer 2.0.0.
 *
 * @remarks
 * Build metadata does not count. Prerelease identifiers of digits compare as
 * numbers up to 2^64 - 1 and as text above, as in Masterminds/semver.
 *
 * @returns 1 when `a` is newer, -1 when `b` is, 0 when they are equal
 * @public
 */
export function compareVersions(a: Version, b: Version): -1 | 0 | 1 {
  return (
    compareNumbers(a, b, 3) || comparePrereleases(a.prerelease, b.prerelease)
  );
}

/** Compares only the first one, two or three numbers of two versions. */
export function compareNumbers(
  a: Version,
  b: Version,
  count: 1 | 2 | 3,
): -1 | 0 | 1 {
  if (a.major !== b.major) {
    return a.major < b.major ? -1 : 1;
  }
  if (count > 1 && a.minor !== b.minor) {
    return a.minor < b.minor ? -1 : 1;
  }
  if (count > 2 && a.patch !== b.patch) {
    return a.patch < b.patch ? -1 : 1;
  }
  return 0;
}

/** Settles nearly all prereleases without the pattern. */
function mayHaveLeadingZero(prerelease: string): boolean {
  return prerelease.startsWith('0') || prerelease.includes('.0');
}

/** The value of decimal digits, 0 where there are none, undefined above 2^64 - 1. */
function parseUint64(digits: string | undefined): VersionNumber | undefined {
  if (digits === undefined) {
    return 0;
  }
  // Fifteen digits always fit a double; nearly every number is this short.
  if (digits.length <= 15) {
    return Number(digits);
  }
  const value = BigInt(digits);
  if (value > MAX_UINT64) {
    return undefined;
  }
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}
