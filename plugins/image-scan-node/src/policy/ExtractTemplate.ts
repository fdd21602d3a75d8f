import { InputError } from '@backstage/errors';
import type { Groups, RegularExpression } from './RegularExpression';

/** As long as a text that glues parts of a tag together ever is. */
const MAX_LENGTH = 512;
/** Each may bring a whole tag into the value of each tag. */
const MAX_REFERENCES = 16;

const REFERENCE = /^(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/u;
/** Names of digits without a zero in front are numbers. */
const NUMBER = /^(?:0|[1-9][0-9]*)$/;

/** A text, or the number of a group. */
type Part = string | number;

/**
 * What of a match is compared, written as Go's `Regexp.Expand` reads it: `$name` and
 * `$1` take the longest name there can be, `${name}` ends it, `$$` is a dollar sign and
 * `$0` the whole match.
 */
export class ExtractTemplate {
  readonly #parts: readonly Part[];

  private constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  /**
   * @throws InputError that says what is wrong, as the end of a sentence: for a lone
   * dollar sign and for a group that the expression does not have, which in Flux give
   * nothing without a word
   */
  static parse(
    template: string,
    expression: RegularExpression,
  ): ExtractTemplate {
    if (template.length > MAX_LENGTH) {
      throw new InputError(
        `the extract has ${template.length} characters, and at most ${MAX_LENGTH} are allowed`,
      );
    }
    const [first, ...pieces] = template.split('$');
    const parts: Part[] = [first];
    let references = 0;
    // What follows a dollar sign; an empty piece stands between two of them.
    for (let index = 0; index < pieces.length; index += 1) {
      const piece = pieces[index];
      if (piece === '' && index + 1 < pieces.length) {
        index += 1;
        parts.push(`$${pieces[index]}`);
        continue;
      }
      const reference = REFERENCE.exec(piece);
      const name = reference?.[1] ?? reference?.[2];
      if (!reference || name === undefined) {
        throw new InputError(
          `the dollar sign before ${JSON.stringify(
            piece.slice(0, 20),
          )} names no group; write $name, $1 or \${name}, and $$ for a dollar sign`,
        );
      }
      references += 1;
      parts.push(groupOf(name, expression), piece.slice(reference[0].length));
    }
    if (references > MAX_REFERENCES) {
      throw new InputError(
        `the extract names ${references} groups, and at most ${MAX_REFERENCES} are allowed`,
      );
    }
    return new ExtractTemplate(parts.filter(part => part !== ''));
  }

  /** The text with what each group matched; nothing for one that took no part. */
  expand(groups: Groups): string {
    let text = '';
    for (const part of this.#parts) {
      text += typeof part === 'number' ? groups[part] ?? '' : part;
    }
    return text;
  }
}

function groupOf(name: string, expression: RegularExpression): number {
  const { groupCount, groupNames } = expression;
  if (NUMBER.test(name)) {
    if (Number(name) <= groupCount) {
      return Number(name);
    }
    throw new InputError(
      `extract names the group ${name}, and the pattern has ${
        groupCount === 0 ? 'none' : `only ${groupCount}`
      }; groups are what stands in parentheses`,
    );
  }
  const number = groupNames.get(name);
  if (number !== undefined) {
    return number;
  }
  const names = [...groupNames.keys()];
  const has =
    names.length === 0
      ? 'it has none with a name'
      : `it has: ${names.slice(0, 20).join(', ')}`;
  const digits = /^[1-9][0-9]*/.exec(name)?.[0];
  const hint =
    digits === undefined || digits === name
      ? ''
      : `; write \${${digits}}${name.slice(digits.length)}`;
  throw new InputError(
    `extract names the group ${JSON.stringify(
      name,
    )}, which the pattern does not have; ${has}${hint}`,
  );
}
