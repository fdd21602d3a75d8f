import type { PausingWork } from '../inTurns';
import type { MarkerProblem } from '../types';
import { maskTemplates } from './maskTemplates';
import type { Mask } from './maskTemplates';
import { LEXER_SIGNS } from './TokenReader';

/** Larger files are reported and not read: lexing takes about a second for each 10 MB. */
const MAX_BYTES = 10 * 1024 * 1024;

/** Bytes of a line, which the lexer may go through in one stretch. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

// Any case of `$imagescan`, so that a misspelt `$imageScan` is reported, and the form
// that JSON also allows for `$`. NUL bytes in between are UTF-16 and UTF-32. A longer
// word such as `$imageScanDir` is a name of a script, but not where a marker begins.
const KEY =
  /(?:\$|\\u0024)\0{0,3}i\0{0,3}m\0{0,3}a\0{0,3}g\0{0,3}e\0{0,3}s\0{0,3}c\0{0,3}a\0{0,3}n(?:(?!\0{0,3}\w)|(?<=#[ \t]{0,8}\{[ \t]{0,8}"\$imagescan))/gi;

const EXACT_KEY = '$imagescan';

/** A manifest that can be lexed. Characters are bytes: offsets need no conversion. */
export interface ManifestText {
  /** The file as latin1, without a byte order mark. */
  raw: string;
  /** As long as `raw`, with Go template actions and comments made harmless. */
  masked: string;
  /** What was masked, in order. */
  masks: Mask[];
  /** Bytes of the byte order mark in front of `raw`. */
  bomLength: number;
}

/**
 * Tells whether a manifest can hold a marker or something meant as one.
 *
 * @remarks
 * Looks for the text `$imagescan` anywhere in the bytes, in any case, with `$` also as
 * `\u0024`, and in UTF-16 too. False means that there is nothing to find and nothing to
 * report. In a file too large to be read only the exact bytes count.
 *
 * @public
 */
export function mayHoldMarkers(source: Buffer): boolean {
  return isTooLarge(source)
    ? holdsExactKey(source)
    : findKeys(source.toString('latin1')).next().done !== true;
}

/** Offsets of everything in the text that looks like the key of a marker, in order. */
export function* findKeys(latin1: string): Generator<number, void> {
  for (const match of latin1.matchAll(KEY)) {
    yield match.index;
  }
}

/**
 * Makes a manifest ready for the lexer.
 *
 * @returns undefined where it holds nothing meant as a marker, a problem where it cannot
 * be read
 */
export function* readManifestText(
  source: Buffer,
): PausingWork<ManifestText | MarkerProblem | undefined> {
  if (!mayHoldMarkers(source)) {
    return undefined;
  }
  yield;
  return yield* readUnmarkedText(source);
}

/** {@link readManifestText}, whether or not there is a marker. */
export function* readUnmarkedText(
  source: Buffer,
): PausingWork<ManifestText | MarkerProblem> {
  if (isTooLarge(source)) {
    return unreadable(
      1,
      `The file has ${source.length} bytes; files above ${MAX_BYTES} bytes are not searched for markers. Split it into smaller files.`,
    );
  }
  const text = source.toString('latin1');
  const nul = text.indexOf('\0');
  if (nul !== -1) {
    return unreadable(
      lineOf(text, nul),
      'The file holds NUL bytes: it is UTF-16 or not text, and its markers do nothing. Save it as UTF-8.',
    );
  }
  const control = LEXER_SIGNS.map(sign => text.indexOf(sign)).find(
    at => at >= 0,
  );
  if (control !== undefined) {
    return unreadable(
      lineOf(text, control),
      'The file holds a control character that YAML does not allow, so its markers do nothing. Remove the character.',
    );
  }
  yield;
  const loneReturn = text.search(/\r(?!\n)/);
  if (loneReturn !== -1) {
    return unreadable(
      lineOf(text, loneReturn),
      'The file holds a carriage return without a line feed, which YAML readers take for different things, so its markers do nothing. End lines with LF or CRLF.',
    );
  }
  yield;
  const longLine = findLongLine(text);
  if (longLine !== undefined) {
    return unreadable(
      lineOf(text, longLine),
      'The line is longer than 4 MiB, so the markers of the file do nothing. Divide the line, or keep its value in a file of its own.',
    );
  }
  const bomLength = text.startsWith('\xef\xbb\xbf') ? 3 : 0;
  const raw = text.slice(bomLength);
  return { raw, bomLength, ...(yield* maskTemplates(raw)) };
}

function isTooLarge(source: Buffer): boolean {
  return source.length > MAX_BYTES;
}

function holdsExactKey(source: Buffer): boolean {
  let at = source.indexOf(EXACT_KEY);
  while (at !== -1) {
    const end = at + EXACT_KEY.length;
    if (!/^\w/.test(source.toString('latin1', end, end + 1))) {
      return true;
    }
    at = source.indexOf(EXACT_KEY, end);
  }
  return false;
}

/** The offset of a line that is too long. */
function findLongLine(text: string): number | undefined {
  let start = 0;
  while (text.length - start > MAX_LINE_BYTES) {
    const feed = text.lastIndexOf('\n', start + MAX_LINE_BYTES);
    if (feed < start) {
      return start;
    }
    start = feed + 1;
  }
  return undefined;
}

function lineOf(text: string, offset: number): number {
  let line = 1;
  let feed = text.indexOf('\n');
  while (feed !== -1 && feed < offset) {
    line += 1;
    feed = text.indexOf('\n', feed + 1);
  }
  return line;
}

function unreadable(line: number, message: string): MarkerProblem {
  return { code: 'unreadable-file', line, message };
}
