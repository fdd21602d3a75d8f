/** A way to sign in that a server offers in WWW-Authenticate. */
export interface Challenge {
  /** Lower case, such as `bearer`. */
  scheme: string;
  /** Names in lower case; the first of several equal names counts. */
  parameters: ReadonlyMap<string, string>;
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*(?=\s*(?:,|$))/y;
const SEPARATORS = /[\s,]*/y;
const BLANKS = /\s+/y;
const EQUALS = /\s*=\s*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)(?:"|$)/sy;
// Quotes that a server forgot: everything up to the next comma.
const UNQUOTED = /[^,\s"][^,\s]*/y;

/**
 * Reads the challenges of a WWW-Authenticate header (RFC 7235 §2.1 and §4.1).
 * Several challenges in one header and several headers joined by commas read
 * alike. What does not fit the grammar is skipped; nothing throws.
 */
export function parseChallenges(header: string | undefined): Challenge[] {
  const text = header ?? '';
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    position = match ? pattern.lastIndex : position;
    return match ?? undefined;
  };
  while (position < text.length) {
    take(SEPARATORS);
    const word = take(TOKEN)?.[0];
    if (word === undefined) {
      position += 1; // a character that starts nothing
      continue;
    }
    const current = challenges.at(-1);
    if (current && take(EQUALS)) {
      const value = take(QUOTED)?.[1].replace(/\\(.)/gs, '$1');
      const name = word.toLowerCase();
      const read = value ?? take(UNQUOTED)?.[0] ?? '';
      if (!current.parameters.has(name)) {
        current.parameters.set(name, read);
      }
      continue;
    }
    challenges.push({ scheme: word.toLowerCase(), parameters: new Map() });
    // `Negotiate YII…==` carries one bare word instead of parameters.
    if (take(BLANKS)) {
      take(TOKEN68);
    }
  }
  return challenges;
}
