/** A stretch of Go template in a manifest. */
export interface Mask {
  start: number;
  end: number;
  kind: 'comment' | 'action';
}

/** Finds the next place of a text, for growing offsets, in linear time all together. */
class ForwardSearch {
  private found = -2;

  constructor(private readonly text: string, private readonly wanted: string) {}

  from(offset: number): number {
    if (this.found !== -1 && this.found < offset) {
      this.found = this.text.indexOf(this.wanted, offset);
    }
    return this.found;
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
export function maskTemplates(text: string): { masked: string; masks: Mask[] } {
  if (!text.includes('{{')) {
    return { masked: text, masks: [] };
  }
  const comments = findComments(text);
  const withoutComments = fill(text, comments, part =>
    part.replace(/[^\r\n]/g, ' '),
  );
  const actions = findActions(withoutComments);
  const alone = actionsAloneOnTheirLine(withoutComments, actions);
  const masked = fill(withoutComments, actions, (part, action) =>
    (alone.has(action) ? ' ' : 'x').repeat(part.length),
  );
  const masks = [...comments, ...actions].sort((a, b) => a.start - b.start);
  return { masked, masks };
}

function findComments(text: string): Mask[] {
  const comments: Mask[] = [];
  const close = new ForwardSearch(text, '*/');
  let open = text.indexOf('{{');
  while (open !== -1) {
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

function findActions(text: string): Mask[] {
  const actions: Mask[] = [];
  const close = new ForwardSearch(text, '}}');
  const feed = new ForwardSearch(text, '\n');
  let open = text.indexOf('{{');
  while (open !== -1) {
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

function actionsAloneOnTheirLine(text: string, actions: Mask[]): Set<Mask> {
  const alone = new Set<Mask>();
  let first = 0;
  while (first < actions.length) {
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

function fill(
  text: string,
  masks: Mask[],
  replace: (part: string, mask: Mask) => string,
): string {
  const parts: string[] = [];
  let offset = 0;
  for (const mask of masks) {
    parts.push(text.slice(offset, mask.start));
    parts.push(replace(text.slice(mask.start, mask.end), mask));
    offset = mask.end;
  }
  parts.push(text.slice(offset));
  return parts.join('');
}
