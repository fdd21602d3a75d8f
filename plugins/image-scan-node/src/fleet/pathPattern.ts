/** What one place of a pattern takes. */
type Token =
  | { kind: 'star' }
  | { kind: 'any' }
  | { kind: 'one'; character: string }
  | { kind: 'class'; negated: boolean; ranges: readonly [string, string][] };

/** A pattern for the name of one folder, as Go's `path/filepath` reads it. */
export type NamePattern = readonly Token[];

/** Whether a text is read as a pattern at all. */
export function isPattern(text: string): boolean {
  return /[*?[\\]/.test(text);
}

/**
 * Reads a pattern for one name: `*` is any text, `?` any character, `[a-z]` and
 * `[^a-z]` one of a class, and a backslash takes the meaning from what follows.
 *
 * @returns why it is none, where it is none
 */
export function readNamePattern(
  text: string,
): { pattern: NamePattern } | { reason: string } {
  const characters = Array.from(text);
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at];
    if (character === '*') {
      tokens.push({ kind: 'star' });
    } else if (character === '?') {
      tokens.push({ kind: 'any' });
    } else if (character === '[') {
      const end = readClass(characters, at + 1, tokens);
      if (end === undefined) {
        return { reason: 'the class that begins with [ is not complete' };
      }
      at = end;
    } else if (character === '\\') {
      at += 1;
      // A separator of Windows more often than what it is here.
      if (at === characters.length || !'*?[]\\'.includes(characters[at])) {
        return { reason: 'write / between folders, not a backslash' };
      }
      tokens.push({ kind: 'one', character: characters[at] });
    } else {
      tokens.push({ kind: 'one', character });
    }
  }
  return { pattern: tokens };
}

/**
 * Whether a pattern takes a whole name.
 *
 * @remarks
 * A star that has to be longer is made so without going back behind an earlier
 * one, so the time is the length of the name times that of the pattern: a
 * repository chooses the names.
 */
export function matchesName(pattern: NamePattern, name: string): boolean {
  const characters = Array.from(name);
  let token = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < characters.length) {
    const current = pattern[token];
    if (current?.kind === 'star') {
      star = token;
      starAt = at;
      token += 1;
    } else if (current && takes(current, characters[at])) {
      token += 1;
      at += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      token = star + 1;
    } else {
      return false;
    }
  }
  return pattern.slice(token).every(({ kind }) => kind === 'star');
}

/** @returns where the class ends, undefined where it does not */
function readClass(
  characters: readonly string[],
  from: number,
  tokens: Token[],
): number | undefined {
  const negated = characters[from] === '^';
  const ranges: [string, string][] = [];
  let at = negated ? from + 1 : from;
  const read = (): string | undefined => {
    if (characters[at] === '\\') {
      at += 1;
    } else if (characters[at] === '-' || characters[at] === ']') {
      return undefined;
    }
    const character: string | undefined = characters[at];
    at += 1;
    return character;
  };
  while (at < characters.length) {
    if (characters[at] === ']' && ranges.length > 0) {
      tokens.push({ kind: 'class', negated, ranges });
      return at;
    }
    const low = read();
    let high = low;
    if (characters[at] === '-') {
      at += 1;
      high = read();
    }
    if (low === undefined || high === undefined) {
      return undefined;
    }
    ranges.push([low, high]);
  }
  return undefined;
}

function takes(token: Token, character: string): boolean {
  switch (token.kind) {
    case 'one':
      return token.character === character;
    case 'class': {
      const code = codeOf(character);
      const isIn = token.ranges.some(
        ([low, high]) => codeOf(low) <= code && code <= codeOf(high),
      );
      return isIn !== token.negated;
    }
    default:
      return true;
  }
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
