import type { PausingWork } from '../inTurns';
import type { ManifestText } from '../markers/manifestText';
import { readScalar, styleOf } from '../markers/scalarText';
import { TokenReader } from '../markers/TokenReader';

/** Tokens between two pauses. */
const TOKENS_AT_ONCE = 500;

/** Why a key cannot be cut out of its file. */
export type Refusal =
  | 'anchor-outside'
  | 'anchor-used-outside'
  | 'flow-root'
  | 'second-document'
  | 'twice'
  | 'unreadable';

/** A key at the top of a file with all that belongs to it, in bytes of the file. */
export interface TopLevelBlock {
  /** Of its first line, comments right above it included. */
  start: number;
  /** Behind its last line. */
  end: number;
  /** Start and end of the line of the key. */
  keyLine: number;
  keyLineEnd: number;
  /** From 1. */
  line: number;
  hasAnchors: boolean;
}

/** A key in the first column. */
interface Entry {
  lineStart: number;
  /** Behind its last token, or comment that is indented. */
  end: number;
  name?: string;
  document: number;
}

interface Use {
  name: string;
  at: number;
}

/** Finds the entries in the first column of a file, and what refers to what. */
class TopLevelReader {
  readonly entries: Entry[] = [];
  /** Starts of the lines that hold a comment in the first column. */
  readonly comments = new Set<number>();
  /** Aliases and the offset of the anchor that each refers to. */
  readonly uses: { at: number; anchor: number | undefined }[] = [];
  readonly anchors: Use[] = [];
  isFlowRoot = false;

  readonly #raw: string;
  readonly #token: TokenReader;
  readonly #key: string;
  #known = new Map<string, number>();
  #document = 0;
  #hasContent = false;
  #depth = 0;
  #isLineStart = true;

  constructor({ raw, masked }: ManifestText, key: string) {
    this.#raw = raw;
    this.#token = new TokenReader(masked);
    this.#key = key;
  }

  *read(): PausingWork<void> {
    for (let seen = 1; this.#token.next(); seen += 1) {
      if (seen % TOKENS_AT_ONCE === 0) {
        yield;
      }
      this.#readToken();
    }
  }

  #readToken(): void {
    const { kind, start, end } = this.#token;
    switch (kind) {
      case 'doc-mode':
      case 'directive-line':
      case 'byte-order-mark':
        return;
      case 'space':
        this.#isLineStart = false;
        return;
      case 'newline':
        this.#isLineStart = true;
        return;
      case 'comment':
        if (this.#isLineStart && this.#depth === 0) {
          this.comments.add(start);
        } else {
          this.#extend(end);
        }
        return;
      case 'doc-start':
      case 'doc-end':
        if (this.#hasContent) {
          this.#document += 1;
          this.#hasContent = false;
        }
        this.#known = new Map();
        this.#isLineStart = false;
        return;
      default:
    }
    this.#readContent();
    this.#hasContent = true;
    // A text of several lines may end with a line.
    this.#isLineStart = end > start && this.#raw[end - 1] === '\n';
  }

  #readContent(): void {
    const { kind, start, end } = this.#token;
    const belongsToKey = kind === 'seq-item-ind' || kind === 'map-value-ind';
    if (
      this.#isLineStart &&
      this.#depth === 0 &&
      !belongsToKey &&
      kind !== 'block-scalar'
    ) {
      this.entries.push({ lineStart: start, end, document: this.#document });
    }
    this.#extend(end);
    const entry = this.entries[this.entries.length - 1];
    const style = styleOf(kind);
    const name =
      style && end - start < 100
        ? readScalar(this.#raw.slice(start, end), style)
        : '';
    if (entry && style && entry.name === undefined) {
      entry.name = name;
    }
    switch (kind) {
      case 'flow-map-start':
      case 'flow-seq-start':
        this.#depth += 1;
        break;
      case 'flow-map-end':
      case 'flow-seq-end':
        this.#depth -= 1;
        break;
      case 'flow-error-end':
        this.#depth = 0;
        break;
      case 'anchor':
        this.#known.set(this.#raw.slice(start + 1, end), start);
        this.anchors.push({ name: this.#raw.slice(start + 1, end), at: start });
        break;
      case 'alias':
        this.uses.push({
          at: start,
          anchor: this.#known.get(this.#raw.slice(start + 1, end)),
        });
        break;
      default:
        this.isFlowRoot ||=
          this.#depth === 1 &&
          name === this.#key &&
          this.#raw[entry?.lineStart ?? 0] === '{';
    }
  }

  #extend(end: number): void {
    const entry = this.entries[this.entries.length - 1];
    if (entry && entry.document === this.#document) {
      entry.end = end;
    }
  }

  /** Behind the line of an offset. */
  lineEnd(offset: number): number {
    if (offset > 0 && this.#raw[offset - 1] === '\n') {
      return offset;
    }
    const feed = this.#raw.indexOf('\n', offset);
    return feed === -1 ? this.#raw.length : feed + 1;
  }

  lineBefore(start: number): number {
    return start < 2 ? 0 : this.#raw.lastIndexOf('\n', start - 2) + 1;
  }

  lineOf(offset: number): number {
    return this.#raw.slice(0, offset).split('\n').length;
  }
}

/** Finds a key at the top of a file, and what would be torn apart without it. */
export function* readTopLevel(
  manifest: ManifestText,
  key: string,
): PausingWork<{ block?: TopLevelBlock } | { refused: Refusal; line: number }> {
  const reader = new TopLevelReader(manifest, key);
  yield* reader.read();
  const found = reader.entries.filter(({ name }) => name === key);
  const [entry, twin] = found;
  const refuse = (refused: Refusal, at: number) => ({
    refused,
    line: reader.lineOf(at),
  });
  if (reader.isFlowRoot) {
    return refuse('flow-root', reader.entries[0]?.lineStart ?? 0);
  }
  const later = found.find(({ document }) => document > 0);
  if (later) {
    return refuse('second-document', later.lineStart);
  }
  if (twin) {
    return refuse('twice', twin.lineStart);
  }
  if (!entry) {
    return {};
  }
  let start = entry.lineStart;
  while (start > 0 && reader.comments.has(reader.lineBefore(start))) {
    start = reader.lineBefore(start);
  }
  const end = reader.lineEnd(entry.end);
  const isInside = (at: number) => at >= start && at < end;
  for (const { at, anchor } of reader.uses) {
    if (anchor === undefined) {
      return refuse('unreadable', at);
    }
    if (isInside(at) !== isInside(anchor)) {
      return refuse(
        isInside(at) ? 'anchor-outside' : 'anchor-used-outside',
        at,
      );
    }
  }
  const { bomLength } = manifest;
  return {
    block: {
      start: start + bomLength,
      end: end + bomLength,
      keyLine: entry.lineStart + bomLength,
      keyLineEnd: reader.lineEnd(entry.lineStart + 1) + bomLength,
      line: reader.lineOf(entry.lineStart),
      hasAnchors: reader.anchors.some(({ at }) => isInside(at)),
    },
  };
}
