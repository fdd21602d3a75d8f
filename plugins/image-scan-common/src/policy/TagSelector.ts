import type { ImagePolicy } from '../types';
import { isRealVersion } from './realVersion';
import { SemverRange } from './SemverRange';
import {
  comparePreferred,
  isArtefactTag,
  largestFirst,
  semverRangeOf,
} from './tagOrder';
import { parseVersion, type Version } from './version';

/**
 * Chooses among tags that are offered one by one, as `selectTag` does among a
 * list. For who must not block: one tag takes microseconds, so the caller may
 * pause between any two, however many there are and whatever shape they have.
 *
 * @public
 */
export class TagSelector {
  readonly #range: SemverRange | undefined;
  readonly #admitsPrereleases: boolean;
  readonly #largest: boolean;
  readonly #isStrict: boolean;
  #newest: Version | undefined;
  #selected: string | undefined;

  /**
   * @throws InvalidRangeError when the semver range is none
   */
  constructor(policy: ImagePolicy) {
    const range = semverRangeOf(policy);
    this.#range = range === undefined ? undefined : SemverRange.parse(range);
    this.#admitsPrereleases = this.#range?.admitsPrereleases ?? false;
    this.#largest = largestFirst(policy);
    this.#isStrict = policy.semver?.strict ?? false;
  }

  /** The best tag so far, undefined while none matches. */
  get selected(): string | undefined {
    return this.#selected;
  }

  offer(tag: string): void {
    if (this.#range) {
      this.#offerVersion(tag, this.#range);
    } else {
      this.#offerText(tag);
    }
  }

  #offerVersion(tag: string, range: SemverRange): void {
    if (!this.#admitsPrereleases && isNoRelease(tag)) {
      return;
    }
    const version = parseVersion(tag);
    // The order is cheaper to ask than the range and settles nearly every tag.
    if (
      version &&
      (!this.#newest || comparePreferred(version, this.#newest) > 0) &&
      range.includes(version) &&
      !isArtefactTag(tag) &&
      (!this.#isStrict || isRealVersion(version))
    ) {
      this.#newest = version;
      this.#selected = tag;
    }
  }

  #offerText(tag: string): void {
    const best = this.#selected;
    const better =
      best === undefined || (this.#largest ? tag > best : tag < best);
    if (better && tag !== '' && !isArtefactTag(tag)) {
      this.#selected = tag;
    }
  }
}

/** Whether a text is a prerelease or no version at all, told without reading it. */
function isNoRelease(tag: string): boolean {
  const hyphen = tag.indexOf('-');
  // One after a plus sign belongs to the metadata.
  return hyphen !== -1 && tag.lastIndexOf('+', hyphen) === -1;
}
