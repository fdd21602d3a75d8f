import { InputError } from '@backstage/errors';
import { isArtefactTag } from 'backstage-plugin-image-scan-common';
import type { TagRule, TagVerdict } from 'backstage-plugin-image-scan-common';
import { ExtractTemplate } from './ExtractTemplate';
import { inField } from './inField';
import { MAX_PATTERN_SIZE, RegularExpression } from './RegularExpression';

/** As many as Flux allows. */
const MAX_EXCLUSIONS = 25;

/** What of a tag is compared, or why it does not compete. @public */
export type TagValue =
  | { value: string }
  | {
      verdict: Extract<
        TagVerdict,
        'artefact' | 'excluded' | 'filtered' | 'no-value'
      >;
      reason: string;
    };

const ARTEFACT: TagValue = {
  verdict: 'artefact',
  reason: 'holds a signature or another artefact of an image',
};

interface Exclusion {
  expression: RegularExpression;
  excluded: TagValue;
}

/**
 * The filter, the exclusions and the extract of a rule, compiled once for many tags.
 *
 * @public
 */
export class TagValues {
  readonly #exclusions: readonly Exclusion[];
  readonly #filter: RegularExpression | undefined;
  readonly #extract: ExtractTemplate | undefined;
  readonly #filtered: TagValue;
  readonly #noValue: TagValue;

  /**
   * @throws InputError whose message begins with the field, such as
   * `filterTags.pattern: …`
   */
  constructor({ filterTags, exclusionList = [] }: Omit<TagRule, 'policy'>) {
    const pattern = filterTags?.pattern || undefined;
    const extract = filterTags?.extract || undefined;
    this.#exclusions = compileExclusions(exclusionList);
    const filter =
      pattern === undefined
        ? undefined
        : inField('filterTags.pattern', () => RegularExpression.parse(pattern));
    this.#filter = filter;
    this.#extract =
      extract === undefined
        ? undefined
        : inField('filterTags.extract', () => {
            if (!filter) {
              throw new InputError(
                'there is no pattern to extract from; write filterTags.pattern as well',
              );
            }
            return ExtractTemplate.parse(extract, filter);
          });
    this.#filtered = {
      verdict: 'filtered',
      reason: `does not match the pattern ${pattern}`,
    };
    this.#noValue = {
      verdict: 'no-value',
      reason: `the extract ${JSON.stringify(
        extract,
      )} gives nothing for this tag`,
    };
  }

  /** Whether there is a pattern at all, whose time counts. */
  get hasPatterns(): boolean {
    return this.#filter !== undefined || this.#exclusions.length > 0;
  }

  /** By the first step that the tag does not pass. */
  read(tag: string): TagValue {
    if (isArtefactTag(tag)) {
      return ARTEFACT;
    }
    for (const { expression, excluded } of this.#exclusions) {
      if (expression.test(tag)) {
        return excluded;
      }
    }
    return this.#readFiltered(tag);
  }

  /**
   * What of a tag is compared, whether or not it is excluded: that a tag may not be
   * chosen any more does not make it older.
   */
  valueOf(tag: string): string | undefined {
    const read = this.#readFiltered(tag);
    return 'value' in read ? read.value : undefined;
  }

  #readFiltered(tag: string): TagValue {
    if (!this.#extract || !this.#filter) {
      const matches = this.#filter?.test(tag) ?? true;
      return matches && tag !== '' ? { value: tag } : this.#filtered;
    }
    const groups = this.#filter.match(tag);
    if (!groups) {
      return this.#filtered;
    }
    const value = this.#extract.expand(groups);
    return value === '' ? this.#noValue : { value };
  }
}

function compileExclusions(patterns: readonly string[]): Exclusion[] {
  if (patterns.length > MAX_EXCLUSIONS) {
    throw new InputError(
      `exclusionList: there are ${patterns.length} patterns, and at most ${MAX_EXCLUSIONS} are allowed; join some of them with |`,
    );
  }
  let size = 0;
  return patterns.map((pattern, index) => {
    const expression = inField(`exclusionList[${index}]`, () =>
      RegularExpression.parse(pattern),
    );
    // Together they take as long with one tag as one that is as large.
    size += expression.size;
    if (size > MAX_PATTERN_SIZE) {
      throw new InputError(
        `exclusionList[${index}]: the patterns of the list are too large together: up to this one their size is ${size}, and at most ${MAX_PATTERN_SIZE} is allowed`,
      );
    }
    const quoted = JSON.stringify(pattern);
    return {
      expression,
      excluded: {
        verdict: 'excluded',
        reason: `matches ${quoted} of the exclusionList`,
      },
    };
  });
}
