import { InputError } from '@backstage/errors';

const MAX_QUOTED = 100;

/**
 * A text is not a semver range.
 *
 * @remarks
 * The message names the range, what is wrong with it and examples of what is
 * allowed. As an `InputError` it becomes a 400 in a REST answer.
 *
 * @public
 */
export class InvalidRangeError extends InputError {
  /**
   * @param range - the range as the user wrote it
   * @param problem - what is wrong, as the end of a sentence
   */
  constructor(range: string, problem: string) {
    super(
      `Invalid semver range ${quote(range)}: ${problem}. ` +
        `Allowed are, for example, "*", "^1.4", "~1.4.2", "1.x || 2.x", ">=1.2, <2" and "1.2 - 1.9"`,
    );
  }
}

/** A text in double quotes, on one line and not too long for a message. */
export function quote(text: string): string {
  return text.length > MAX_QUOTED
    ? `${JSON.stringify(text.slice(0, MAX_QUOTED))}…`
    : JSON.stringify(text);
}
