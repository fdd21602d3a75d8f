import { InputError, toError } from '@backstage/errors';
import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';
import { patternSize } from './patternSize';

/** Longer ones are lists of words, which belong somewhere else. */
const MAX_LENGTH = 2_048;

/**
 * The most instructions. One match, which cannot be interrupted, takes up to 20 ms with
 * so many and the longest of tags.
 */
export const MAX_PATTERN_SIZE = 3_000;

/**
 * The instructions of all that are remembered: more than the patterns of one repository
 * may have. Each scan of it is assessed with its own, again and again.
 */
const MAX_REMEMBERED_SIZE = 200_000;

/** What people write who know other languages of patterns, and what to write here. */
const HINTS: readonly [RegExp, string][] = [
  [
    /\(\?<?[!=]/,
    'RE2 cannot look ahead or behind; use exclusionList for tags that shall not match',
  ],
  [
    /^\*(.*)$/,
    'this is not a glob: write what a tag holds, as in "-alpine$" for "*-alpine"',
  ],
  [
    /\(\?P(?!<)/,
    'the name of a group is missing, perhaps eaten where it was copied from; write (?P<name>…)',
  ],
];

/** What the groups of a pattern matched in a text; undefined for one that took no part. */
export type Groups = readonly (string | undefined)[];

/**
 * A regular expression as Go's package regexp and RE2 read it: matched in linear time,
 * and not anchored. The one place that knows the engine.
 */
export class RegularExpression {
  static readonly #remembered = new LRUCache<string, RegularExpression>({
    maxSize: MAX_REMEMBERED_SIZE,
    sizeCalculation: ({ size }) => Math.max(1, size),
  });

  readonly #engine: RE2JS;
  readonly #groupNames: ReadonlyMap<string, number>;
  /** About how many instructions it has: the measure of what it costs. */
  readonly size: number;

  private constructor(pattern: string) {
    this.#engine = RE2JS.compile(pattern);
    this.#groupNames = new Map(Object.entries(this.#engine.namedGroups()));
    this.size = patternSize(pattern);
  }

  /**
   * @throws InputError that says what is wrong, as the end of a sentence
   */
  static parse(pattern: string): RegularExpression {
    const known = RegularExpression.#remembered.get(pattern);
    if (known) {
      return known;
    }
    const parsed = RegularExpression.#parseNew(pattern);
    RegularExpression.#remembered.set(pattern, parsed);
    return parsed;
  }

  static #parseNew(pattern: string): RegularExpression {
    if (pattern.length > MAX_LENGTH) {
      throw new InputError(
        `the pattern has ${pattern.length} characters, and at most ${MAX_LENGTH} are allowed`,
      );
    }
    const size = patternSize(pattern);
    if (size > MAX_PATTERN_SIZE) {
      throw new InputError(
        `the pattern is too large: what it repeats comes to a size of ${size}, and at most ${MAX_PATTERN_SIZE} is allowed`,
      );
    }
    try {
      return new RegularExpression(pattern);
    } catch (error) {
      const reason = toError(error).message.replace(
        /^error parsing regexp: /,
        '',
      );
      const hint = HINTS.find(([mistake]) => mistake.test(pattern))?.[1];
      throw new InputError(
        `not a regular expression of RE2: ${reason}${hint ? `; ${hint}` : ''}`,
      );
    }
  }

  /** Whether it matches somewhere in a text. */
  test(text: string): boolean {
    return this.#engine.test(text);
  }

  /** Its first match and those of its groups by number, undefined without one. */
  match(text: string): Groups | undefined {
    const matcher = this.#engine.matcher(text);
    if (!matcher.find()) {
      return undefined;
    }
    return Array.from(
      { length: this.groupCount + 1 },
      (_, index) => matcher.group(index) ?? undefined,
    );
  }

  get groupCount(): number {
    return this.#engine.groupCount();
  }

  /** Numbers of the groups that have a name. */
  get groupNames(): ReadonlyMap<string, number> {
    return this.#groupNames;
  }
}
