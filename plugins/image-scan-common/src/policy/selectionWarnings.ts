import { isRealVersion } from './realVersion';
import { variantOf } from './variants';
import { parseVersion, type Version } from './version';

/** Dates and hashes of commits begin here; no release has come this far. */
const LARGE = 1_000_000;

/**
 * What about a tag that a semver policy selected may not be meant, in sentences.
 *
 * @remarks
 * Three things: a first number of seven or more digits, such as a date or the short hash
 * of a commit, which beats every release; a tag that is no version by SemVer's own rules,
 * as `semver.valid` has them, unless git has one of the same shape; and another variant of
 * the image than git has, such as `-perl` for `-alpine`, as their order is that of their
 * letters. Ask only for semver policies: the alphabetical order reads no versions.
 *
 * @param tag - what the policy selected
 * @param current - what git has; absent where that is not known
 * @public
 */
export function selectionWarnings(tag: string, current?: string): string[] {
  const version = parseVersion(tag);
  if (!version) {
    return [];
  }
  const before = current === undefined ? undefined : parseVersion(current);
  const variant = variantWarning(version, before);
  return [
    ...realVersionWarning(version, before),
    ...(variant === undefined ? [] : [variant]),
  ];
}

function realVersionWarning(
  version: Version,
  before: Version | undefined,
): string[] {
  const { text, major, minor, patch, numericParts, prerelease } = version;
  const numbers = `${major}.${minor}.${patch}`;
  if (major >= LARGE) {
    return [
      `The tag ${text} begins with a large number, perhaps a date or a commit, and counts as version ${numbers}: it beats every usual release. A range with an upper bound, such as "<1000", leaves it out.`,
    ];
  }
  if (
    isRealVersion(version) ||
    (before && !isRealVersion(before) && before.numericParts === numericParts)
  ) {
    return [];
  }
  return [
    `The tag ${text} is no version of three numbers as SemVer writes it, and counts as ${numbers}${
      prerelease && `-${prerelease}`
    }. Where such tags are not meant, policy.semver.strict: true leaves them out.`,
  ];
}

function variantWarning(
  { text, prerelease }: Version,
  before: Version | undefined,
): string | undefined {
  const now = variantOf(prerelease);
  const hint =
    'A range cannot tell variants apart, and orders them by their letters.';
  if (!before) {
    return now.length === 0
      ? undefined
      : `The suffix of ${text} looks like a variant of the image (${now.join(
          ', ',
        )}), and SemVer reads it as a pre-release. ${hint}`;
  }
  const then = variantOf(before.prerelease);
  return now.join() === then.join()
    ? undefined
    : `The tag ${text} is another variant of the image than ${
        before.text
      } in git: ${nameOf(now)} in place of ${nameOf(then)}. ${hint}`;
}

function nameOf(variant: readonly string[]): string {
  return variant.join(', ') || 'no suffix';
}
