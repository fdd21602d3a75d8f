/** A group that is open: what stands in it so far, and its last part, which may be repeated. */
interface OpenGroup {
  before: number;
  last: number;
}

const REPEAT = /\{(\d+)(?:,(\d*))?\}/y;
const FLAGS = /\(\?[A-Za-z-]*\)/y;
const GROUP_START = /\((?:\?(?:P?<[^>]*>|[A-Za-z-]*:))?/y;
const NAMED_CLASS = /\[:\^?[a-z]+:\]/y;
const ESCAPE = /\\(?:[pP](?:\{[^}]*\}|.)|x(?:\{[^}]*\}|..)|[0-7]{1,3}|.)/suy;

/**
 * Estimates how many instructions a regular expression of RE2 compiles to, in one walk
 * over its text.
 *
 * @remarks
 * A few characters stand for any number of them, as in `.{1000}` within `{1000}`, and
 * the time of a match grows with that number. It is rather too large than too small. A
 * text that is no expression gets some number: compiling it says what is wrong.
 */
export function patternSize(pattern: string): number {
  const open: OpenGroup[] = [];
  let group: OpenGroup = { before: 0, last: 0 };
  let at = 0;
  const append = (size: number) => {
    group.before += group.last;
    group.last = size;
  };
  const take = (token: RegExp) => {
    token.lastIndex = at;
    const match = token.exec(pattern);
    at += match?.[0].length ?? 0;
    return match;
  };
  while (at < pattern.length) {
    const repeat = take(REPEAT);
    if (repeat) {
      const [, least, most = least] = repeat;
      const times = Math.max(Number(least), Number(most), 1);
      const isOptional = most !== least;
      group.last = (group.last + (isOptional ? 1 : 0)) * times;
    } else if (take(FLAGS)) {
      append(0);
    } else if (take(GROUP_START)) {
      open.push(group);
      group = { before: 0, last: 0 };
    } else if (pattern.startsWith('\\Q', at)) {
      const end = pattern.indexOf('\\E', at);
      const text = pattern.slice(at + 2, end === -1 ? undefined : end);
      append(text.length - 1);
      append(1);
      at += text.length + (end === -1 ? 2 : 4);
    } else if (take(ESCAPE)) {
      append(1);
    } else if (pattern[at] === '[') {
      at = endOfClass(pattern, at);
      append(1);
    } else {
      const character = pattern[at];
      at += 1;
      if (character === ')') {
        const size = group.before + group.last + 2;
        group = open.pop() ?? { before: 0, last: 0 };
        append(size);
      } else if (
        character === '*' ||
        character === '+' ||
        character === '?' ||
        character === '|'
      ) {
        group.last += 1;
      } else {
        append(1);
      }
    }
  }
  let size = group.before + group.last;
  for (const { before, last } of open) {
    size += before + last + 2;
  }
  return size;
}

/** Where a class that begins at `start` ends: behind its bracket, or the text. */
function endOfClass(pattern: string, start: number): number {
  let at = start + 1;
  if (pattern[at] === '^') {
    at += 1;
  }
  // A bracket that comes first is one of the characters.
  if (pattern[at] === ']') {
    at += 1;
  }
  while (at < pattern.length && pattern[at] !== ']') {
    NAMED_CLASS.lastIndex = at;
    const named = NAMED_CLASS.exec(pattern);
    if (named) {
      at += named[0].length;
    } else {
      at += pattern[at] === '\\' ? 2 : 1;
    }
  }
  return at + 1;
}
