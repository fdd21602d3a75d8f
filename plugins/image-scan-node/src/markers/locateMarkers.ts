import {
  explainMarkerReference,
  explainMarkerValue,
  parseMarkerReference,
} from 'backstage-plugin-image-scan-common';
import type { PausingWork } from '../inTurns';
import type { Marker } from '../types';
import { FlowContext } from './FlowContext';
import { findKeys } from './manifestText';
import type { ManifestText } from './manifestText';
import { isCommentedOut, readMarkerComment } from './markerComment';
import * as placement from './placement';
import type { Misplacement } from './placement';
import type { ProblemLog } from './ProblemLog';
import { findClosingQuote, readScalar, styleOf } from './scalarText';
import type { ScalarStyle } from './scalarText';
import { TemplateTouch } from './TemplateTouch';
import { TokenReader } from './TokenReader';
import type { TokenKind } from './TokenReader';

/** Tokens between two pauses. */
const TOKENS_AT_ONCE = 500;

/** Bytes between two pauses; a token may be longer. */
const BYTES_AT_ONCE = 64 * 1024;

/** Bytes of a value that are read; a longer one is no image, whatever it goes on with. */
const MAX_VALUE_BYTES = 4096;

/** Bytes of a line of text that are searched for the name in its marker. */
const MAX_LINE_BYTES = 4096;

/** A marker and where its value stands. */
export interface LocatedMarker extends Marker {
  /** Offset of the value in {@link ManifestText.raw}, quotes included. */
  start: number;
  end: number;
  style: ScalarStyle;
}

/** How much is read into the text of a file. @public */
export interface MarkerOptions {
  /**
   * For a file that people wrote: a value that is no image or tag is reported and not
   * written over, and a line that is commented out together with its marker is passed
   * over. Without it any value is replaced, and everything that does nothing is reported.
   */
  careful?: boolean;
}

/** How much of a file is read, and how much of it is looked at. @public */
export interface LocateOptions extends MarkerOptions {
  /** Tokens of YAML that are looked at. Default: all. */
  maxTokens?: number;
}

/** The markers of a manifest, and what it took to find them. */
export interface LocatedMarkers {
  markers: LocatedMarker[];
  /** Tokens of YAML that were looked at. */
  tokens: number;
  /** Whether there are more than may be; then there are no markers. */
  hasMore: boolean;
}

/** A scalar that a comment on the line may mark. */
interface MarkableScalar {
  start: number;
  end: number;
  style: ScalarStyle;
  /** Why it cannot be marked, whatever the comment says. */
  misplacement?: Misplacement;
}

class MarkerLocator {
  readonly #markers: LocatedMarker[] = [];
  readonly #token: TokenReader;
  readonly #flow = new FlowContext();
  readonly #keys: Iterator<number>;
  #nextKey: number;
  readonly #templates: TemplateTouch;
  /** The first mask that the next key may be in. */
  #nextKeyMask = 0;

  #line = 1;
  #nextFeed: number;
  #lineStart = 0;
  /** The last token of this line that counts, blanks and comments left out. */
  #lastOnLine: TokenKind | undefined;
  /** The last token that counts on any line, anchors and tags left out. */
  #lead: TokenKind | undefined;
  #tag: string | undefined;
  #scalar: MarkableScalar | undefined;
  /** Columns of the `?` that the current line stands under. */
  readonly #explicitKeys: number[] = [];
  /** Where a quote that the lexer gave up on would be closed after all. */
  #openQuoteEnd = 0;
  /** Whether a `:` next would turn the last marked scalar into a key. */
  #mayBecomeKey = false;

  readonly #manifest: ManifestText;
  readonly #problems: ProblemLog;
  readonly #careful: boolean;

  constructor(manifest: ManifestText, problems: ProblemLog, careful: boolean) {
    this.#manifest = manifest;
    this.#problems = problems;
    this.#careful = careful;

    this.#token = new TokenReader(manifest.masked);
    this.#templates = new TemplateTouch(manifest);
    this.#keys = findKeys(manifest.raw);
    this.#nextKey = this.#takeKey();
    this.#nextFeed = manifest.raw.indexOf('\n');
  }

  *locate(maxTokens: number): PausingWork<LocatedMarkers> {
    const token = this.#token;
    let tokens = 0;
    let pauseAt = BYTES_AT_ONCE;
    while (token.next()) {
      if (tokens === maxTokens) {
        return { markers: [], tokens, hasMore: true };
      }
      tokens += 1;
      if (tokens % TOKENS_AT_ONCE === 0 || token.end > pauseAt) {
        pauseAt = token.end + BYTES_AT_ONCE;
        yield;
      }
      const holdsKey = this.#nextKey < token.end;
      if (token.kind === 'newline') {
        this.#lastOnLine = undefined;
        this.#lineStart = token.end;
      } else if (token.kind === 'comment') {
        if (holdsKey) {
          this.#readComment();
        }
      } else {
        if (holdsKey) {
          yield* this.#reportTexts();
        }
        if (token.kind !== 'space') {
          this.#readToken();
        }
      }
      while (this.#nextKey < token.end) {
        this.#nextKey = this.#takeKey();
      }
    }
    return { markers: this.#markers, tokens, hasMore: false };
  }

  #readToken(): void {
    const { kind, start, end } = this.#token;
    this.#settleFlowKey();
    this.#leaveExplicitKeys();
    const style = styleOf(kind);
    if (style) {
      this.#noteOpenQuote(style);
      this.#scalar = { start, end, style, misplacement: this.#judgeScalar() };
    }
    if (kind === 'explicit-key-ind' && !this.#flow.inside) {
      this.#explicitKeys.push(start - this.#lineStart);
    }
    this.#flow.read(kind);
    if (kind === 'tag') {
      this.#tag = this.#manifest.raw.slice(start, end);
    } else if (kind !== 'anchor') {
      this.#lead = kind;
      this.#tag = undefined;
    }
    this.#noteLine();
  }

  #noteLine(): void {
    const { kind, start, end } = this.#token;
    // In `old, # marker` the comma does not come between the marker and its value.
    const isBehindValue = kind === 'comma' && endsValue(this.#lastOnLine);
    if (end > start && !isBehindValue) {
      this.#lastOnLine = kind;
    }
    const feed = this.#manifest.masked.slice(start, end).lastIndexOf('\n');
    if (feed !== -1) {
      this.#lineStart = start + feed + 1;
      if (this.#lineStart === end) {
        this.#lastOnLine = undefined;
      }
    }
  }

  /** In `[old # marker⏎ : x]` the marked scalar turns out to be a key. */
  #settleFlowKey(): void {
    if (this.#mayBecomeKey && this.#token.kind === 'map-value-ind') {
      const marker = this.#markers.pop();
      if (marker) {
        this.#report(marker.line, placement.KEY, marker.tagName);
      }
    }
    this.#mayBecomeKey = false;
  }

  #leaveExplicitKeys(): void {
    // The text of a block scalar begins in the first column, wherever its key stands.
    const isBlockText = this.#token.kind === 'block-scalar';
    if (this.#lastOnLine !== undefined || this.#flow.inside || isBlockText) {
      return;
    }
    const column = this.#token.start - this.#lineStart;
    const keys = this.#explicitKeys;
    while (keys.length > 0 && keys[keys.length - 1] >= column) {
      keys.pop();
    }
  }

  #noteOpenQuote(style: ScalarStyle): void {
    const { masked } = this.#manifest;
    const { start, end } = this.#token;
    const next = masked[end];
    const mayBeCut = next === undefined || next === '\n' || next === '\r';
    if (style !== 'plain' && mayBeCut && start >= this.#openQuoteEnd) {
      const close = findClosingQuote(masked, start);
      if (close >= end) {
        this.#openQuoteEnd = close + 1;
      }
    }
  }

  #judgeScalar(): Misplacement | undefined {
    if (this.#templates.touches(this.#token.start, this.#token.end)) {
      return placement.TEMPLATE;
    }
    const misplacement = this.#flow.inside
      ? this.#judgeInFlow()
      : this.#judgeInBlock();
    if (misplacement) {
      return misplacement;
    }
    return this.#tag &&
      /^!(?:!(?!str$)|<tag:yaml\.org,2002:(?!str>))/.test(this.#tag)
      ? placement.wrongTag(this.#tag)
      : undefined;
  }

  #judgeInFlow(): Misplacement | undefined {
    if (this.#flow.atKey || this.#explicitKeys.length > 0) {
      return placement.KEY;
    }
    switch (this.#lead) {
      case 'map-value-ind':
      case 'flow-seq-start':
      case 'comma':
        return undefined;
      default:
        return placement.UNCLEAR_SCALAR;
    }
  }

  #judgeInBlock(): Misplacement | undefined {
    switch (this.#lead) {
      case 'map-value-ind':
      case 'seq-item-ind':
        return this.#explicitKeys.length > 0 ? placement.KEY : undefined;
      case 'explicit-key-ind':
        return placement.KEY;
      case 'doc-mode':
      case 'doc-start':
        return placement.ROOT;
      default:
        return placement.UNCLEAR_SCALAR;
    }
  }

  #readComment(): void {
    const { start, end } = this.#token;
    const line = this.#lineAt(start);
    const text = this.#textOf(start, end);
    if (
      this.#careful &&
      this.#lastOnLine === undefined &&
      isCommentedOut(text)
    ) {
      return;
    }
    const comment = readMarkerComment(text);
    if ('fault' in comment) {
      this.#report(line, { code: 'not-a-marker', message: comment.fault });
      return;
    }
    const { reference } = comment;
    const parsed = parseMarkerReference(reference);
    const tagName = tagNameIn(reference);
    const marked = this.#markedScalar();
    if ('message' in marked) {
      this.#report(line, marked, tagName);
    } else if (parsed) {
      this.#addMarker({ ...parsed, line, ...marked });
    } else {
      const message = explainMarkerReference(reference) ?? reference;
      this.#report(line, { code: 'unknown-form', message }, tagName);
    }
  }

  /** The scalar that a marker here marks, or why it marks none. */
  #markedScalar(): MarkableScalar | Misplacement {
    if (this.#token.start < this.#openQuoteEnd) {
      return placement.IN_OPEN_QUOTE;
    }
    if (this.#scalar && this.#lastOnLine && styleOf(this.#lastOnLine)) {
      return this.#scalar.misplacement ?? this.#scalar;
    }
    return placement.behindOther(this.#lastOnLine);
  }

  #addMarker(
    marker: Pick<LocatedMarker, 'line' | 'tagName' | 'form'> & MarkableScalar,
  ): void {
    const { line, tagName, form, start, end, style } = marker;
    const readEnd = this.#careful
      ? Math.min(end, start + MAX_VALUE_BYTES)
      : end;
    const current = readScalar(this.#textOf(start, readEnd), style);
    const message = this.#careful
      ? explainMarkerValue(form, current)
      : undefined;
    if (message !== undefined) {
      this.#report(line, { code: 'not-a-value', message }, tagName);
      return;
    }
    this.#markers.push({ line, tagName, form, current, start, end, style });
    this.#mayBecomeKey = this.#flow.inside;
  }

  /** Reports each line with a key in a token that is no comment. */
  *#reportTexts(): PausingWork<void> {
    const { kind, start, end } = this.#token;
    const { raw, masked } = this.#manifest;
    const style = styleOf(kind);
    const isOpen =
      style && style !== 'plain' && findClosingQuote(masked, start) === -1;
    let lastLine = 0;
    let seen = 0;
    while (this.#nextKey < end) {
      const key = this.#nextKey;
      const line = this.#lineAt(key);
      if (line !== lastLine) {
        lastLine = line;
        // No further back: each of a million keys may stand on the same line.
        const before = raw.slice(Math.max(0, key - MAX_LINE_BYTES - 1), key);
        const text = before.slice(before.lastIndexOf('\n') + 1);
        const marker = this.#markerIn(text, key);
        if (kind !== 'block-scalar' || !marker.commentedOut) {
          const outsideTemplates = isOpen
            ? placement.IN_OPEN_QUOTE
            : placement.textOutsideComment(kind, text.includes('#'));
          this.#report(
            line,
            this.#isInTemplate(key) ? placement.IN_TEMPLATE : outsideTemplates,
            marker.tagName,
          );
        }
      }
      this.#nextKey = this.#takeKey();
      seen += 1;
      if (seen % TOKENS_AT_ONCE === 0) {
        yield;
      }
    }
  }

  /** What would be the marker on a line of text. */
  #markerIn(
    textBefore: string,
    key: number,
  ): { tagName?: string; commentedOut: boolean } {
    const hash = textBefore.lastIndexOf('#');
    if (hash === -1 || textBefore.length > MAX_LINE_BYTES) {
      return { commentedOut: false };
    }
    const { raw } = this.#manifest;
    const feed = raw.indexOf('\n', key);
    const lineEnd = feed === -1 ? raw.length : feed;
    const lineStart = key - textBefore.length;
    const end = Math.min(lineEnd, key + MAX_LINE_BYTES);
    const line = this.#textOf(lineStart, end).trim();
    const comment = readMarkerComment(
      this.#textOf(lineStart + hash, end).trimEnd(),
    );
    return {
      tagName:
        'reference' in comment ? tagNameIn(comment.reference) : undefined,
      commentedOut:
        this.#careful && line.startsWith('#') && isCommentedOut(line),
    };
  }

  #isInTemplate(key: number): boolean {
    const { masks } = this.#manifest;
    while (
      this.#nextKeyMask < masks.length &&
      masks[this.#nextKeyMask].end <= key
    ) {
      this.#nextKeyMask += 1;
    }
    const mask = masks[this.#nextKeyMask];
    return mask !== undefined && mask.start <= key;
  }

  #report(
    line: number,
    { code, message }: Misplacement,
    tagName?: string,
  ): void {
    this.#problems.add({ code, line, ...(tagName && { tagName }), message });
  }

  #takeKey(): number {
    const { done, value } = this.#keys.next();
    return done ? Infinity : value;
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

/**
 * Finds the markers of a manifest and reports everything meant as one that is none.
 *
 * @remarks
 * Reads tokens and no tree, so that a file that is not valid YAML as a whole, such as a
 * Helm template, still has markers on the lines that leave no doubt.
 */
export function locateMarkers(
  manifest: ManifestText,
  problems: ProblemLog,
  { careful = false, maxTokens = Infinity }: LocateOptions = {},
): PausingWork<LocatedMarkers> {
  return new MarkerLocator(manifest, problems, careful).locate(maxTokens);
}

/** The name in a marker, also where its form is unknown. */
function tagNameIn(reference: string): string | undefined {
  return reference.split(':', 1)[0] || undefined;
}

function endsValue(kind: TokenKind | undefined): boolean {
  return (
    kind === 'alias' ||
    kind === 'flow-map-end' ||
    kind === 'flow-seq-end' ||
    (kind !== undefined && styleOf(kind) !== undefined)
  );
}
