import type { ImagePolicy } from '../types';
import { compareDecimals, type Decimal, parseDecimal } from './decimal';
import { isRealVersion } from './realVersion';
import { SemverRange } from './SemverRange';
import { StepLimit } from './StepLimit';
import {
  compareCodeUnits,
  comparePreferred,
  isArtefactTag,
  kindOf,
  largestFirst,
  largestNumberFirst,
  type PolicyKind,
  semverRangeOf,
} from './tagOrder';
import { parseVersion, type Version } from './version';

/** What a choice goes by beside the policy and the tags. @public */
export interface SelectionOptions {
  /**
   * When tags appeared that the first list did not have, in milliseconds since the
   * epoch. Without it the policy `newest` selects none.
   */
  firstSeen?: ReadonlyMap<string, number>;
  /** Values in git, which `maxStep` counts from; default none, so that it limits nothing. */
  from?: readonly string[];
}

/**
 * Chooses among tags that are offered one by one, as `selectTag` does among a
 * list. For who must not block: one tag takes microseconds, so the caller may
 * pause between any two, however many there are and whatever shape they have. Each tag is
 * offered once.
 *
 * @public
 */
export class TagSelector {
  readonly #range: SemverRange | undefined;
  readonly #admitsPrereleases: boolean;
  readonly #kind: PolicyKind;
  readonly #largest: boolean;
  readonly #isStrict: boolean;
  readonly #limit: StepLimit | undefined;
  readonly #firstSeen: ReadonlyMap<string, number> | undefined;
  #newest: Version | undefined;
  #number: Decimal | undefined;
  #text: string | undefined;
  #selected: string | undefined;
  /** When the last tag appeared, and how many compete. */
  #lastTime = -Infinity;
  #competing = 0;

  /**
   * @throws InvalidRangeError when the semver range is none
   */
  constructor(policy: ImagePolicy, options: SelectionOptions = {}) {
    const range = semverRangeOf(policy);
    this.#range = range === undefined ? undefined : SemverRange.parse(range);
    this.#admitsPrereleases = this.#range?.admitsPrereleases ?? false;
    this.#kind = kindOf(policy);
    this.#largest =
      this.#kind === 'numerical'
        ? largestNumberFirst(policy)
        : largestFirst(policy);
    this.#isStrict = policy.semver?.strict ?? false;
    this.#limit = StepLimit.of(policy, options.from ?? []);
    this.#firstSeen = options.firstSeen;
  }

  /** The best tag so far, undefined while none matches. */
  get selected(): string | undefined {
    // Of those that were there from the start, nothing tells which is the newest.
    return this.#kind === 'newest' &&
      this.#competing > 1 &&
      this.#lastTime === -Infinity
      ? undefined
      : this.#selected;
  }

  /**
   * @param value - what is compared in place of the tag. Of tags with one value the
   * first in byte order is the best.
   */
  offer(tag: string, value: string = tag): void {
    if (this.#range) {
      this.#offerVersion(tag, value, this.#range);
    } else if (this.#kind === 'alphabetical') {
      this.#offerText(tag, value);
    } else if (this.#kind === 'numerical') {
      this.#offerNumber(tag, value);
    } else if (this.#firstSeen) {
      this.#offerNewest(tag, this.#firstSeen);
    }
  }

  #offerVersion(tag: string, value: string, range: SemverRange): void {
    if (!this.#admitsPrereleases && isNoRelease(value)) {
      return;
    }
    const version = parseVersion(value);
    // The order is cheaper to ask than the range and settles nearly every tag.
    if (
      version &&
      this.#isBetter(
        this.#newest ? comparePreferred(version, this.#newest) : 1,
        tag,
      ) &&
      range.includes(version) &&
      !isArtefactTag(tag) &&
      (!this.#isStrict || isRealVersion(version)) &&
      (!this.#limit || this.#limit.allows(version))
    ) {
      this.#newest = version;
      this.#selected = tag;
    }
  }

  #offerText(tag: string, value: string): void {
    const order =
      this.#text === undefined ? 1 : this.#directed(value, this.#text);
    if (this.#isBetter(order, tag) && value !== '' && !isArtefactTag(tag)) {
      this.#text = value;
      this.#selected = tag;
    }
  }

  #offerNumber(tag: string, value: string): void {
    const number = parseDecimal(value);
    if (!number) {
      return;
    }
    const order = this.#number ? compareDecimals(number, this.#number) : 0;
    const isBetter =
      !this.#number || this.#isBetter(this.#largest ? order : -order, tag);
    if (isBetter && !isArtefactTag(tag)) {
      this.#number = number;
      this.#selected = tag;
    }
  }

  #offerNewest(tag: string, firstSeen: ReadonlyMap<string, number>): void {
    if (isArtefactTag(tag)) {
      return;
    }
    this.#competing += 1;
    const time = firstSeen.get(tag) ?? -Infinity;
    if (
      this.#selected === undefined ||
      time > this.#lastTime ||
      (time === this.#lastTime && tag < this.#selected)
    ) {
      this.#lastTime = time;
      this.#selected = tag;
    }
  }

  #directed(a: string, b: string): number {
    return this.#largest ? compareCodeUnits(a, b) : compareCodeUnits(b, a);
  }

  #isBetter(order: number, tag: string): boolean {
    return (
      order > 0 ||
      (order === 0 && this.#selected !== undefined && tag < this.#selected)
    );
  }
}

/** Whether a text is a prerelease or no version at all, told without reading it. */
function isNoRelease(tag: string): boolean {
  const hyphen = tag.indexOf('-');
  // One after a plus sign belongs to the metadata.
  return hyphen !== -1 && tag.lastIndexOf('+', hyphen) === -1;
}
