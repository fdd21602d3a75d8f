import { InvalidRangeError, quote } from './InvalidRangeError';
import { parseVersion, type Version } from './version';

/*
 * The grammar of ranges in github.com/Masterminds/semver v3. Go matches it with
 * regular expressions that would backtrack badly in JavaScript, so that here the
 * text is read token by token, in linear time. Only hyphen ranges are rewritten
 * as text first: Go does so too, and its quirks (`1 - 2||4 - 5` is an error)
 * come from that.
 */

export type RangeOperator = '=' | '!=' | '>' | '>=' | '<' | '<=' | '~' | '^';

/** One comparison of a range, such as `>=1.2`. */
export interface RangeAtom {
  operator: RangeOperator;
  /**
   * What the wildcard covers: 0 nothing (`1.2.3`), 1 the patch (`1.2`), 2 the
   * minor too (`1`), 3 everything (`*`).
   */
  wild: 0 | 1 | 2 | 3;
  /** The version with 0 for what the wildcard covers, and its prerelease. */
  base: Version;
  /** The comparison as written, without blanks. */
  text: string;
}

const MAX_RANGE_LENGTH = 512;
const MAX_GROUPS = 32;

const OPERATORS: Record<string, RangeOperator> = {
  '': '=',
  '=': '=',
  '!=': '!=',
  '>': '>',
  '>=': '>=',
  '=>': '>=',
  '<': '<',
  '<=': '<=',
  '=<': '<=',
  '~': '~',
  '~>': '~',
  '^': '^',
};

// Go's \s; JavaScript's would also take VT, NBSP and more.
const BLANK = '[\\t\\n\\f\\r ]';
const IDENTIFIERS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const NUMBER = '[0-9xX*|]+';

// Nothing in it is nested and no class overlaps with its separator.
const RANGE_VERSION = `v?${NUMBER}(?:\\.${NUMBER})?(?:\\.${NUMBER})?(?:-${IDENTIFIERS})?(?:\\+${IDENTIFIERS})?`;
const HYPHEN_RANGE = new RegExp(
  `${BLANK}*(${RANGE_VERSION})${BLANK}+-${BLANK}+(${RANGE_VERSION})${BLANK}*`,
  'g',
);
const OPERATOR_TOKEN = /!=|>=|=>|<=|=<|~>|[=><~^]|/y;
const ONLY_BLANKS = new RegExp(`^${BLANK}*$`);
const BLANKS_TOKEN = new RegExp(`${BLANK}*`, 'y');
// The groups: all, major, minor, patch, prerelease with its hyphen.
const VERSION_TOKEN = new RegExp(
  `(v?(${NUMBER})(?:\\.(${NUMBER}))?(?:\\.(${NUMBER}))?(-${IDENTIFIERS})?(?:\\+${IDENTIFIERS})?)`,
  'y',
);

/**
 * Checks the limits of Masterminds/semver v3.5.0 on the whole text.
 *
 * @throws InvalidRangeError when the range has more than 512 bytes or 32 groups
 */
export function checkRangeSize(range: string): void {
  // Characters, not bytes: what is longer in bytes has a character that is refused anyway.
  if (range.length > MAX_RANGE_LENGTH) {
    throw new InvalidRangeError(
      range,
      `it is longer than ${MAX_RANGE_LENGTH} characters`,
    );
  }
  if (range.split('||').length > MAX_GROUPS) {
    throw new InvalidRangeError(
      range,
      `it has more than ${MAX_GROUPS} alternatives`,
    );
  }
}

/** Whether a range is short enough to be written. */
export function isRangeSizeAllowed(range: string): boolean {
  return range.length <= MAX_RANGE_LENGTH;
}

/** Reads one alternative: comparisons with blanks or one comma in between. */
class GroupReader {
  readonly #range: string;
  readonly #group: string;
  #position = 0;

  constructor(range: string, group: string) {
    this.#range = range;
    this.#group = group;
  }

  read(): RangeAtom[] {
    this.#token(BLANKS_TOKEN);
    if (this.#atEnd()) {
      throw this.#error('there is nothing on one side of "||"');
    }
    const atoms: RangeAtom[] = [];
    do {
      atoms.push(this.#readAtom());
    } while (this.#readSeparator());
    return atoms;
  }

  #readAtom(): RangeAtom {
    const start = this.#position;
    const operator = this.#token(OPERATOR_TOKEN)?.[0] ?? '';
    this.#token(BLANKS_TOKEN);
    const match = this.#token(VERSION_TOKEN);
    if (!match) {
      throw this.#error(`cannot read ${quote(this.#group.slice(start))}`);
    }
    const { wild, text } = wildcardOf(match);
    const base = parseVersion(text);
    if (!base) {
      throw this.#error(`${quote(match[1])} is not a version`);
    }
    return {
      operator: OPERATORS[operator],
      wild,
      base,
      text: `${operator}${match[1]}`,
    };
  }

  /** Whether another comparison must follow. */
  #readSeparator(): boolean {
    const start = this.#position;
    this.#token(BLANKS_TOKEN);
    if (this.#atEnd()) {
      return false;
    }
    if (this.#group[this.#position] === ',') {
      this.#position++;
      this.#token(BLANKS_TOKEN);
      if (this.#atEnd()) {
        throw this.#error('nothing follows the last comma');
      }
    } else if (this.#position === start) {
      throw this.#error(`cannot read ${quote(this.#group.slice(start))}`);
    }
    return true;
  }

  #token(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#group);
    if (match) {
      this.#position += match[0].length;
    }
    return match;
  }

  #atEnd(): boolean {
    return this.#position === this.#group.length;
  }

  #error(problem: string): InvalidRangeError {
    // What cannot be read may be what the rewriting left over, which the user never wrote.
    const hint =
      this.#range.search(HYPHEN_RANGE) >= 0
        ? '; a range with " - " needs a comma or " || " between itself and anything else'
        : '';
    return new InvalidRangeError(this.#range, `${problem}${hint}`);
  }
}

/**
 * Reads a range: alternatives, each a list of comparisons that must all hold.
 *
 * @throws InvalidRangeError when the text is no range
 */
export function parseRangeGroups(range: string): RangeAtom[][] {
  if (ONLY_BLANKS.test(range)) {
    throw new InvalidRangeError(
      range,
      'it is empty; write "*" for any version',
    );
  }
  return rewriteHyphenRanges(range)
    .split('||')
    .map(group => new GroupReader(range, group).read());
}

function rewriteHyphenRanges(range: string): string {
  let rewritten = range;
  for (const [whole, from, to] of range.matchAll(HYPHEN_RANGE)) {
    // The first place where the text occurs, as in Go, not where it was matched.
    rewritten = rewritten.replace(whole, () => `>= ${from}, <= ${to} `);
  }
  return rewritten;
}

/** What follows the first wildcard is ignored, except for the prerelease. */
function wildcardOf(
  match: readonly (string | undefined)[],
): Pick<RangeAtom, 'wild'> & { text: string } {
  const [, whole = '', major, minor, patch, prerelease = ''] = match;
  if (isWildcard(major)) {
    return { wild: 3, text: `0.0.0${prerelease}` };
  }
  if (isWildcard(minor)) {
    return { wild: 2, text: `${major}.0.0${prerelease}` };
  }
  if (isWildcard(patch)) {
    return { wild: 1, text: `${major}.${minor}.0${prerelease}` };
  }
  return { wild: 0, text: whole };
}

function isWildcard(part: string | undefined): boolean {
  return part === undefined || part === 'x' || part === 'X' || part === '*';
}
