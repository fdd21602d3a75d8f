import type { RangeAtom } from './rangeSyntax';
import { compareNumbers, compareVersions, type Version } from './version';

/*
 * Upper bounds that a wildcard, `~` or `^` implies lie just below the first
 * prerelease of the next number (`<2.0.0-0`), which is to say that the numbers up
 * to there are the same. So nothing here has to count up.
 */

export type Predicate = (version: Version) => boolean;

/** What a comparison says of a version, in plain order of precedence. */
export function toPredicate({ operator, wild, base }: RangeAtom): Predicate {
  switch (operator) {
    case '=':
      if (wild === 0) {
        return version => compareVersions(version, base) === 0;
      }
      return wild === 3 ? atLeast(base) : sameNumbers(base, wild === 1 ? 2 : 1);
    case '~':
      // `~0.0.0` means any version, like `~*`.
      if (wild === 3 || (wild === 0 && isZero(base))) {
        return atLeast(base);
      }
      return sameNumbers(base, wild === 2 ? 1 : 2);
    case '^':
      // `^*` holds 0.0.0 alone, whatever its author meant by it.
      return sameNumbers(base, caretNumbers(base, wild));
    case '>':
      return wild === 1 || wild === 2
        ? version => compareNumbers(version, base, wild === 1 ? 2 : 1) > 0
        : version => compareVersions(version, base) > 0;
    case '>=':
      return atLeast(base);
    case '<':
      return version => compareVersions(version, base) < 0;
    case '<=':
      // `<=*` means `<0.1.0-0`.
      return wild === 0
        ? version => compareVersions(version, base) <= 0
        : version => compareNumbers(version, base, wild === 2 ? 1 : 2) <= 0;
    case '!=':
      return differsFrom(base, wild);
    default:
      return unknownOperator(operator);
  }
}

function atLeast(base: Version): Predicate {
  return version => compareVersions(version, base) >= 0;
}

function sameNumbers(base: Version, count: 1 | 2 | 3): Predicate {
  return version =>
    compareNumbers(version, base, count) === 0 &&
    compareVersions(version, base) >= 0;
}

/** `^` keeps the first number that is not 0, or the last one that is written. */
function caretNumbers(base: Version, wild: RangeAtom['wild']): 1 | 2 | 3 {
  if (base.major > 0 || wild === 2) {
    return 1;
  }
  return base.minor > 0 || wild === 1 ? 2 : 3;
}

function differsFrom(base: Version, wild: RangeAtom['wild']): Predicate {
  switch (wild) {
    case 2:
      return version => compareNumbers(version, base, 1) !== 0;
    case 1:
      // A quirk of Masterminds: within 1.2 another prerelease counts as different.
      return version =>
        compareNumbers(version, base, 2) !== 0 ||
        version.prerelease !== base.prerelease;
    default:
      return version => compareVersions(version, base) !== 0;
  }
}

function isZero({ major, minor, patch }: Version): boolean {
  return major === 0 && minor === 0 && patch === 0;
}

function unknownOperator(operator: never): never {
  throw new Error(`Unknown range operator ${operator}`);
}
