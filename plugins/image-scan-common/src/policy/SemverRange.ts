import { type Predicate, toPredicate } from './rangePredicates';
import { admitsPrereleases, openedText } from './rangePrereleases';
import {
  checkRangeSize,
  isRangeSizeAllowed,
  parseRangeGroups,
  type RangeAtom,
} from './rangeSyntax';
import { parseVersion, type Version } from './version';

/** One alternative of a range. */
interface Group {
  atoms: RangeAtom[];
  predicates: Predicate[];
  /** Some comparison names a prerelease: prereleases are judged by plain order. */
  admitsPrereleases: boolean;
}

/**
 * A set of versions, as github.com/Masterminds/semver v3 reads it.
 *
 * @remarks
 * Not what npm's `semver` understands: a comma means "and", `1.2` is `1.2.x`, and
 * one comparison with a prerelease (`>=1.2-0`) opens its whole `||` alternative to
 * prereleases.
 *
 * @public
 */
export class SemverRange {
  readonly #text: string;
  readonly #groups: readonly Group[];

  private constructor(text: string) {
    this.#text = text;
    this.#groups = parseRangeGroups(text).map(atoms => ({
      atoms,
      predicates: atoms.map(toPredicate),
      admitsPrereleases: admitsPrereleases(atoms),
    }));
  }

  /**
   * Reads a range.
   *
   * @throws InvalidRangeError when the text is no range, is empty, has more than
   * 512 bytes or more than 32 alternatives (the limits of Masterminds v3.5.0)
   */
  static parse(text: string): SemverRange {
    checkRangeSize(text);
    return new SemverRange(text);
  }

  /** Whether a version is in the range; a text that is no version never is. */
  includes(version: Version | string): boolean {
    const parsed =
      typeof version === 'string' ? parseVersion(version) : version;
    return (
      parsed !== undefined &&
      this.#groups.some(
        group =>
          (group.admitsPrereleases || parsed.prerelease === '') &&
          group.predicates.every(predicate => predicate(parsed)),
      )
    );
  }

  /** Whether any prerelease can be in the range; most ranges have none. */
  get admitsPrereleases(): boolean {
    return this.#groups.some(group => group.admitsPrereleases);
  }

  /**
   * The same range open to prereleases: `^1.2` becomes `^1.2-0`.
   *
   * @remarks
   * It holds the same releases. The prereleases of an excluded upper bound stay
   * out: `<2` becomes `<2-0`. A comparison with one exact version stays as it is.
   *
   * @returns undefined when the opened range would be too long to be a range
   */
  withPrereleases(): SemverRange | undefined {
    const text = this.#groups
      .map(group => openedText(group.atoms))
      .join(' || ');
    return isRangeSizeAllowed(text) ? new SemverRange(text) : undefined;
  }

  /**
   * The same range without some versions.
   *
   * @returns undefined when it would be too long to be a range
   */
  without(versions: readonly Version[]): SemverRange | undefined {
    const exceptions = versions.map(
      ({ major, minor, patch, prerelease }) =>
        `!=${major}.${minor}.${patch}${prerelease && `-${prerelease}`}`,
    );
    const text = this.#groups
      .map(({ atoms }) =>
        [...atoms.map(atom => atom.text), ...exceptions].join(' '),
      )
      .join(' || ');
    return isRangeSizeAllowed(text) ? new SemverRange(text) : undefined;
  }

  /** The range as it was written. */
  toString(): string {
    return this.#text;
  }
}
