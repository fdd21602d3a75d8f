import type { PausingWork } from '../inTurns';

/** A stretch of Go template in a manifest. */
export interface Mask {
  start: number;
  end: number;
  kind: 'comment' | 'action';
}

/** Templates between two pauses. */
const MASKS_AT_ONCE = 1_000;

const BLANK = ' '.charCodeAt(0);
const WORD = 'x'.charCodeAt(0);

/** Finds the next place of a text, for growing offsets, in linear time all together. */
class ForwardSearch {
  #found = -2;

  readonly #text: string;
  readonly #wanted: string;

  constructor(text: string, wanted: string) {
    this.#text = text;
    this.#wanted = wanted;
  }

  from(offset: number): number {
    if (this.#found !== -1 && this.#found < offset) {
      this.#found = this.#text.indexOf(this.#wanted, offset);
    }
    return this.#found;
  }
}

/**
 * Makes Go templates in a manifest harmless for a YAML lexer, keeping every offset.
 *
 * Comments, which may span lines, become blanks: they render to nothing. An action that
 * ends on its line becomes blanks where only actions stand on the line, such as
 * `{{- if .x }}`, and a word otherwise, so that quotes and braces in it open nothing.
 * An action over several lines stays: a stray `{{` must not swallow the lines after it.
 */
export function* maskTemplates(
  text: string,
): PausingWork<{ masked: string; masks: Mask[] }> {
  if (!text.includes('{{')) {
    return { masked: text, masks: [] };
  }
  const comments = yield* findComments(text);
  // Masked in place: there may be a million masks, and each keeps its length.
  const bytes = Buffer.from(text, 'latin1');
  for (const { start, end } of comments) {
    blankOut(bytes.subarray(start, end));
    if (end - start > 100_000) {
      yield;
    }
  }
  yield;
  const withoutComments = bytes.toString('latin1');
  const actions = yield* findActions(withoutComments);
  const alone = yield* actionsAloneOnTheirLine(withoutComments, actions);
  for (const [index, action] of actions.entries()) {
    bytes.fill(alone.has(action) ? BLANK : WORD, action.start, action.end);
    if (index % MASKS_AT_ONCE === 0) {
      yield;
    }
  }
  const masks = yield* mergeMasks(comments, actions);
  return { masked: bytes.toString('latin1'), masks };
}

/** Line ends stay. */
function blankOut(bytes: Buffer): void {
  for (let index = 0; index < bytes.length; index += 1) {
    if (bytes[index] !== 0x0a && bytes[index] !== 0x0d) {
      bytes[index] = BLANK;
    }
  }
}

/** Both in order, and none touches another. */
function* mergeMasks(
  comments: readonly Mask[],
  actions: readonly Mask[],
): PausingWork<Mask[]> {
  const masks: Mask[] = [];
  let next = 0;
  for (const action of actions) {
    while (next < comments.length && comments[next].start < action.start) {
      masks.push(comments[next]);
      next += 1;
    }
    masks.push(action);
    if (masks.length % MASKS_AT_ONCE === 0) {
      yield;
    }
  }
  for (; next < comments.length; next += 1) {
    masks.push(comments[next]);
  }
  return masks;
}

function* findComments(text: string): PausingWork<Mask[]> {
  const comments: Mask[] = [];
  const close = new ForwardSearch(text, '*/');
  let open = text.indexOf('{{');
  for (let seen = 1; open !== -1; seen += 1) {
    if (seen % MASKS_AT_ONCE === 0) {
      yield;
    }
    let next = open + 2;
    const start = /(?:- )?\/\*/y;
    start.lastIndex = next;
    const end = start.test(text) ? close.from(start.lastIndex) : -1;
    if (end !== -1) {
      const closing = /\*\/(?: -)?\}\}/y;
      closing.lastIndex = end;
      if (closing.test(text)) {
        next = closing.lastIndex;
        comments.push({ start: open, end: next, kind: 'comment' });
      }
    }
    open = text.indexOf('{{', next);
  }
  return comments;
}

function* findActions(text: string): PausingWork<Mask[]> {
  const actions: Mask[] = [];
  const close = new ForwardSearch(text, '}}');
  const feed = new ForwardSearch(text, '\n');
  let open = text.indexOf('{{');
  for (let seen = 1; open !== -1; seen += 1) {
    if (seen % MASKS_AT_ONCE === 0) {
      yield;
    }
    let next = open + 2;
    const end = close.from(next);
    const lineEnd = feed.from(next);
    if (end !== -1 && (lineEnd === -1 || end < lineEnd)) {
      next = end + 2;
      actions.push({ start: open, end: next, kind: 'action' });
    }
    open = text.indexOf('{{', next);
  }
  return actions;
}

function* actionsAloneOnTheirLine(
  text: string,
  actions: readonly Mask[],
): PausingWork<Set<Mask>> {
  const alone = new Set<Mask>();
  let first = 0;
  for (let lines = 1; first < actions.length; lines += 1) {
    if (lines % MASKS_AT_ONCE === 0) {
      yield;
    }
    const lineStart = text.lastIndexOf('\n', actions[first].start) + 1;
    const feed = text.indexOf('\n', actions[first].start);
    const lineEnd = feed === -1 ? text.length : feed;
    let gapStart = lineStart;
    let blank = true;
    let last = first;
    for (; last < actions.length && actions[last].start < lineEnd; last++) {
      blank = blank && isBlank(text, gapStart, actions[last].start);
      gapStart = actions[last].end;
    }
    if (blank && isBlank(text, gapStart, lineEnd)) {
      actions.slice(first, last).forEach(action => alone.add(action));
    }
    first = last;
  }
  return alone;
}

function isBlank(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if (!' \t\r'.includes(text[i])) {
      return false;
    }
  }
  return true;
}
