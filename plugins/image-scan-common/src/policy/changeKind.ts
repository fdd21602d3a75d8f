import type { ChangeKind } from '../types';
import { compareNumbers, compareVersions, parseVersion } from './version';

/**
 * How far apart two tags are, whichever is the newer.
 *
 * @remarks
 * The first number that differs decides: `major`, `minor` or `patch`. Versions
 * that differ only in the prerelease (`1.2.3-rc.1` and `1.2.3`) are a `patch`
 * apart. The same tag is `digest`: only what it points to can have changed.
 * Anything else is `other`: no tag to come from, a tag that is no version, and two
 * spellings of one version (`1.2` and `1.2.0`).
 *
 * @param from - the tag that is there now, where there is one
 * @param to - the tag that would replace it
 * @public
 */
export function changeKind(from: string | undefined, to: string): ChangeKind {
  if (from === to) {
    return 'digest';
  }
  const left = from === undefined ? undefined : parseVersion(from);
  const right = parseVersion(to);
  if (!left || !right || compareVersions(left, right) === 0) {
    return 'other';
  }
  if (compareNumbers(left, right, 1) !== 0) {
    return 'major';
  }
  return compareNumbers(left, right, 2) !== 0 ? 'minor' : 'patch';
}
