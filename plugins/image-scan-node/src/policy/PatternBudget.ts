import { InputError } from '@backstage/errors';
import type { TagRule } from 'backstage-plugin-image-scan-common';
import { patternSize } from './patternSize';
import { MAX_PATTERN_SIZE } from './RegularExpression';

/**
 * How large the patterns of a repository may be together: to compile one costs some
 * microseconds for each instruction, and each of thousands of entries may have its own.
 * One that several entries share counts once.
 *
 * @public
 */
export class PatternBudget {
  readonly #most: number;
  readonly #known = new Set<string>();
  #left: number;

  /** @param most - instructions, by their estimate */
  constructor(most: number) {
    this.#most = most;
    this.#left = most;
  }

  /**
   * Takes away what the patterns of an entry need.
   *
   * @throws InputError whose message begins with the field, where it is too much
   */
  spend({ filterTags, exclusionList = [] }: Omit<TagRule, 'policy'>): void {
    const fields: [string, string | undefined][] = [
      ['filterTags.pattern', filterTags?.pattern],
      ...exclusionList.map((pattern, index): [string, string] => [
        `exclusionList[${index}]`,
        pattern,
      ]),
    ];
    for (const [field, pattern] of fields) {
      if (pattern && !this.#known.has(pattern)) {
        this.#take(field, pattern);
      }
    }
  }

  #take(field: string, pattern: string): void {
    const size = patternSize(pattern);
    // It is refused by itself, and never compiled.
    if (size > MAX_PATTERN_SIZE) {
      return;
    }
    if (size > this.#left) {
      throw new InputError(
        `${field}: the patterns of this git repo are too large together: this one has a size of ${size}, and ${
          this.#left
        } is left of ${this.#most.toLocaleString(
          'en-US',
        )} (limit patternSize); use the same pattern in more entries, or divide the git repo`,
      );
    }
    this.#left -= size;
    this.#known.add(pattern);
  }
}
