import type { PausingWork } from '../inTurns';
import { FlowContext } from '../markers/FlowContext';
import type { ManifestText } from '../markers/manifestText';
import { findClosingQuote, readScalar, styleOf } from '../markers/scalarText';
import type { ScalarStyle } from '../markers/scalarText';
import { TemplateTouch } from '../markers/TemplateTouch';
import { TokenReader } from '../markers/TokenReader';
import type { CommentStyle, Level, TreeReader, Value } from './tree';

/** Tokens between two pauses. */
const TOKENS_AT_ONCE = 500;

/** Bytes between two pauses; a token may be longer. */
const BYTES_AT_ONCE = 64 * 1024;

/** What lies deeper is passed over: no manifest does. */
const MAX_DEPTH = 100;

/** Longer keys are none of those that matter. */
const MAX_KEY_BYTES = 256;

/** Bytes of the comment at the start of a file that are kept. */
const MAX_LEADING_BYTES = 4096;

/**
 * Reads a manifest as a tree of which only the path to where it stands is kept, over
 * the same tokens as the markers: a file that is no valid YAML as a whole, such as a
 * Helm template, is read as far as it leaves no doubt.
 */
export class LightTree {
  readonly #manifest: ManifestText;
  readonly #reader: TreeReader;
  readonly #token: TokenReader;
  readonly #flow = new FlowContext();
  readonly #templates: TemplateTouch;
  readonly #levels: Level[] = [];
  /** Collections in brackets that are passed over, as they lie too deep. */
  #passedOver = 0;
  /** Whether what comes next belongs to something that is passed over. */
  #isLost = false;

  #line = 1;
  #nextFeed: number;
  #lineStart = 0;
  #isLineStart = true;
  /** A scalar that a `:` may turn into a key. */
  #pending: { value: Value; column: number; isFirst: boolean } | undefined;
  #block: { value: Value; column: number } | undefined;
  /** What a comment on this line would stand behind. */
  #last: Value | undefined;
  #anchor: string | undefined;
  #tag: string | undefined;
  #isExplicitKey = false;
  #openQuoteEnd = 0;

  #aliases = new Set<string>();
  #isJson = false;
  #isEmpty = true;
  readonly comments: CommentStyle = {
    behindText: 0,
    behindTwoBlanks: 0,
    leading: '',
  };
  #hasContent = false;

  constructor(manifest: ManifestText, reader: TreeReader) {
    this.#manifest = manifest;
    this.#reader = reader;
    this.#token = new TokenReader(manifest.masked);
    this.#templates = new TemplateTouch(manifest);
    this.#nextFeed = manifest.raw.indexOf('\n');
  }

  *read(): PausingWork<void> {
    const token = this.#token;
    let pauseAt = BYTES_AT_ONCE;
    for (let seen = 1; token.next(); seen += 1) {
      if (seen % TOKENS_AT_ONCE === 0 || token.end > pauseAt) {
        pauseAt = token.end + BYTES_AT_ONCE;
        yield;
      }
      this.#readToken();
    }
    this.#endDocument();
  }

  #readToken(): void {
    const { kind, start, end } = this.#token;
    switch (kind) {
      case 'space':
      case 'byte-order-mark':
      case 'doc-mode':
      case 'directive-line':
        return;
      case 'newline':
        if (!this.#flow.inside) {
          this.#settle();
        }
        this.#last = undefined;
        this.#startLine(end);
        return;
      case 'comment':
        this.#readComment();
        return;
      default:
    }
    this.#hasContent ||= kind !== 'doc-start';
    this.#noteFollower(kind === 'comma', end);
    const column = start - this.#lineStart;
    if (kind === 'map-value-ind') {
      this.#readColon(column);
    } else {
      this.#settle();
      this.#readOther(column);
    }
    if (end > start) {
      this.#isLineStart = false;
    }
    this.#flow.read(kind);
    this.#noteFeeds();
  }

  #readOther(column: number): void {
    const { kind, start, end } = this.#token;
    const style = styleOf(kind);
    if (style) {
      const isCut = this.#isCut(style);
      const value = this.#newValue('scalar', style);
      value.isMultiLine ||= isCut;
      this.#pending = { value, column, isFirst: this.#isLineStart };
      this.#last = value;
      return;
    }
    switch (kind) {
      case 'anchor':
        this.#anchor = this.#manifest.raw.slice(start + 1, end);
        return;
      case 'tag':
        this.#tag = this.#manifest.raw.slice(start, end);
        return;
      case 'alias': {
        this.#aliases.add(this.#manifest.raw.slice(start + 1, end));
        const value = this.#newValue('alias', 'plain');
        this.#pending = { value, column, isFirst: this.#isLineStart };
        this.#last = value;
        return;
      }
      case 'block-scalar-header':
        this.#block = { value: this.#newValue('block', 'plain'), column };
        return;
      case 'block-scalar':
        if (this.#block) {
          const { value, column: at } = this.#block;
          this.#block = undefined;
          value.start = start;
          value.end = end;
          this.#place(value, at, false);
        }
        return;
      case 'seq-item-ind':
        this.#readDash(column);
        return;
      case 'explicit-key-ind':
        this.#isExplicitKey = !this.#flow.inside;
        return;
      case 'flow-map-start':
      case 'flow-seq-start':
        this.#openFlow(kind === 'flow-map-start', column);
        return;
      case 'comma':
        this.#endFlowPair();
        return;
      case 'flow-map-end':
      case 'flow-seq-end':
        this.#closeFlow();
        return;
      case 'flow-error-end':
        this.#passedOver = 0;
        this.#leaveWhile(({ indent }) => indent < 0);
        return;
      case 'doc-start':
      case 'doc-end':
        this.#endDocument();
        return;
      default:
    }
  }

  #newValue(kind: Value['kind'], style: ScalarStyle): Value {
    const { start, end } = this.#token;
    const first = this.#lineAt(start);
    const line = this.#lineAt(end - 1);
    const value: Value = {
      kind,
      start,
      end,
      style,
      line,
      isMultiLine: line > first,
      touchesTemplate: this.#templates.touches(start, end),
      anchor: this.#anchor,
      tag: this.#tag,
      insertAt: end,
      // It may be the end of a text that begins far above.
      isCrowded: start < this.#openQuoteEnd,
    };
    this.#anchor = undefined;
    this.#tag = undefined;
    return value;
  }

  /** @returns whether the lexer gave up on a quoted text that goes on below */
  #isCut(style: ScalarStyle): boolean {
    const { masked } = this.#manifest;
    const { start, end } = this.#token;
    const next = masked[end];
    const mayBeCut = next === undefined || next === '\n' || next === '\r';
    if (style === 'plain' || !mayBeCut || start < this.#openQuoteEnd) {
      return false;
    }
    const close = findClosingQuote(masked, start);
    if (close >= end) {
      this.#openQuoteEnd = close + 1;
    }
    return close === -1 || close >= end;
  }

  #readComment(): void {
    const { start, end } = this.#token;
    const { raw } = this.#manifest;
    if (!this.#hasContent) {
      if (this.comments.leading.length < MAX_LEADING_BYTES) {
        this.comments.leading += `${raw.slice(start, end)}\n`;
      }
      return;
    }
    if (!this.#isLineStart) {
      this.comments.behindText += 1;
      if (/[^ \t] {2}$/.test(raw.slice(Math.max(0, start - 3), start))) {
        this.comments.behindTwoBlanks += 1;
      }
    }
    if (this.#last) {
      this.#last.comment = { start, end };
    }
  }

  /** What comes behind a value on its line. */
  #noteFollower(isComma: boolean, end: number): void {
    if (!this.#last) {
      return;
    }
    if (isComma && this.#last.insertAt === this.#last.end) {
      this.#last.insertAt = end;
    } else {
      this.#last.isCrowded = true;
      this.#last = undefined;
    }
  }

  #noteFeeds(): void {
    const { kind, start, end } = this.#token;
    if (styleOf(kind) || kind === 'block-scalar') {
      const text = this.#manifest.masked.slice(start, end);
      const feed = text.lastIndexOf('\n');
      if (feed !== -1) {
        this.#startLine(start + feed + 1);
        this.#isLineStart = start + feed + 1 === end;
      }
    }
  }

  #startLine(offset: number): void {
    this.#lineStart = offset;
    this.#isLineStart = true;
  }

  #readColon(column: number): void {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#last = undefined;
    if (this.#flow.inside) {
      const top = this.#top();
      if (this.#passedOver === 0 && top?.isMap) {
        this.#setKey(top, pending && this.#keyOf(pending.value));
      }
      return;
    }
    const isExplicit = this.#isExplicitKey;
    this.#isExplicitKey = false;
    if (isExplicit && !pending) {
      this.#readBlockKey(column, undefined);
    } else if (pending) {
      this.#readBlockKey(pending.column, this.#keyOf(pending.value));
    }
  }

  #keyOf({ kind, start, end, style, touchesTemplate }: Value): string {
    const isKey =
      kind === 'scalar' && end - start <= MAX_KEY_BYTES && !touchesTemplate;
    return isKey ? readScalar(this.#textOf(start, end), style) : '';
  }

  #readBlockKey(column: number, key: string | undefined): void {
    this.#leaveWhile(
      ({ indent, isMap }) => indent > column || (indent === column && !isMap),
    );
    let top = this.#top();
    if (top?.isMap !== true || top.indent < column) {
      top = this.#push(true, column);
    }
    if (top) {
      this.#setKey(top, key);
    }
  }

  #setKey(level: Level, key: string | undefined): void {
    this.#leaveKey(level);
    level.key = key;
    level.keyLine = this.#lineAt(this.#token.start);
    level.hasValue = key === undefined;
    this.#isLost = false;
    if (key !== undefined) {
      this.#isEmpty = false;
      this.#reader.readKey(this.#levels);
    }
  }

  /** A key that no value came behind. */
  #leaveKey(level: Level): void {
    const { key, keyLine, hasValue, values } = level;
    if (key !== undefined && !hasValue && this.#reader.keptKeys.has(key)) {
      values.set(key, {
        kind: 'empty',
        start: 0,
        end: 0,
        style: 'plain',
        line: keyLine,
        isMultiLine: false,
        touchesTemplate: false,
        insertAt: 0,
        isCrowded: false,
      });
    }
  }

  #readDash(column: number): void {
    if (this.#flow.inside) {
      return;
    }
    this.#leaveWhile(({ indent }) => indent > column);
    let top = this.#top();
    if (top?.isMap !== false || top.indent < column) {
      top = this.#push(false, column);
    }
    if (top) {
      top.hasValue = false;
      this.#isLost = false;
      this.#isEmpty = false;
    }
  }

  #openFlow(isMap: boolean, column: number): void {
    if (this.#isEmpty && isMap) {
      this.#isJson = true;
    }
    this.#isEmpty = false;
    if (!this.#flow.inside && this.#isLineStart) {
      this.#leaveWhile(({ indent }) => indent >= column);
    }
    const isPassedOver = this.#passedOver > 0 || !this.#push(isMap, -1);
    this.#passedOver += isPassedOver ? 1 : 0;
    this.#anchor = undefined;
    this.#tag = undefined;
  }

  #endFlowPair(): void {
    const top = this.#top();
    if (this.#passedOver > 0 || !top || top.indent >= 0) {
      return;
    }
    this.#leaveKey(top);
    top.key = undefined;
    top.hasValue = top.isMap;
  }

  #closeFlow(): void {
    const top = this.#top();
    if (this.#passedOver > 0) {
      this.#passedOver -= 1;
    } else if (top && top.indent < 0) {
      this.#leave();
    }
  }

  /** Ends the wait for a `:` behind a scalar: it is a value. */
  #settle(): void {
    const pending = this.#pending;
    if (!pending) {
      return;
    }
    this.#pending = undefined;
    const { value, column, isFirst } = pending;
    if (this.#isExplicitKey && !this.#flow.inside) {
      this.#isExplicitKey = false;
      this.#readBlockKey(column - 2, this.#keyOf(value));
      return;
    }
    this.#place(value, column, isFirst);
  }

  #place(value: Value, column: number, isFirst: boolean): void {
    this.#isEmpty = false;
    if (!this.#flow.inside && isFirst) {
      this.#leaveWhile(({ indent }) => indent >= column);
    }
    const top = this.#top();
    if (!top || this.#passedOver > 0 || this.#isLost || top.hasValue) {
      return;
    }
    top.hasValue = true;
    if (top.isMap && top.key !== undefined) {
      if (this.#reader.keptKeys.has(top.key)) {
        top.values.set(top.key, value);
      }
      this.#reader.readValue(value, this.#levels);
    } else if (!top.isMap) {
      this.#reader.readValue(value, this.#levels);
      top.lastItem = value;
    }
  }

  /** @returns undefined where it would lie too deep, or belongs to nothing */
  #push(isMap: boolean, indent: number): Level | undefined {
    const top = this.#top();
    if (top && this.#levels.length >= MAX_DEPTH) {
      top.hasValue = true;
      this.#isLost = true;
      return undefined;
    }
    if (top) {
      top.hasValue = true;
    }
    const level: Level = {
      isMap,
      indent,
      keyLine: 0,
      hasValue: isMap,
      values: new Map(),
    };
    this.#levels.push(level);
    this.#anchor = undefined;
    this.#tag = undefined;
    return level;
  }

  #leaveWhile(condition: (level: Level) => boolean): void {
    for (let top = this.#top(); top && condition(top); top = this.#top()) {
      this.#leave();
    }
  }

  #leave(): void {
    const top = this.#top();
    if (top) {
      this.#leaveKey(top);
      this.#reader.leaveLevel(this.#levels);
      this.#levels.pop();
    }
  }

  #top(): Level | undefined {
    return this.#levels[this.#levels.length - 1];
  }

  #endDocument(): void {
    this.#settle();
    this.#leaveWhile(() => true);
    this.#reader.endDocument({ aliases: this.#aliases, isJson: this.#isJson });
    this.#aliases = new Set();
    this.#isJson = false;
    this.#isEmpty = true;
    this.#isLost = false;
    this.#isExplicitKey = false;
    this.#passedOver = 0;
    this.#anchor = undefined;
    this.#tag = undefined;
  }

  #textOf(start: number, end: number): string {
    return Buffer.from(
      this.#manifest.raw.slice(start, end),
      'latin1',
    ).toString();
  }

  /** The line of an offset, counted from 1; offsets may only grow. */
  #lineAt(offset: number): number {
    while (this.#nextFeed !== -1 && this.#nextFeed < offset) {
      this.#line += 1;
      this.#nextFeed = this.#manifest.raw.indexOf('\n', this.#nextFeed + 1);
    }
    return this.#line;
  }
}
