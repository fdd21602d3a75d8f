import { CST } from 'yaml';
import type { TokenKind } from './TokenReader';

/** How a scalar is written. */
export type ScalarStyle = 'plain' | 'single' | 'double';

/** The style of a token, undefined where it is not a scalar that can be replaced. */
export function styleOf(kind: TokenKind): ScalarStyle | undefined {
  switch (kind) {
    case 'plain-scalar':
      return 'plain';
    case 'single-quoted-scalar':
      return 'single';
    case 'double-quoted-scalar':
      return 'double';
    default:
      return undefined;
  }
}

const TOKEN_TYPES = {
  plain: 'scalar',
  single: 'single-quoted-scalar',
  double: 'double-quoted-scalar',
} as const;

/**
 * The value that YAML reads: without quotes, escapes resolved, lines folded.
 *
 * What no YAML reader accepts, such as an unknown escape, stays as it is written: the
 * value is about to be replaced, and until then is only shown.
 */
export function readScalar(source: string, style: ScalarStyle): string {
  const token = {
    type: TOKEN_TYPES[style],
    offset: 0,
    indent: 0,
    source,
  };
  return CST.resolveAsScalar(token, true, acceptError).value;
}

/** Without it the first error is thrown. */
function acceptError(): void {}

/**
 * Finds the closing quote of a quoted scalar wherever it stands, as YAML 1.1 readers do.
 *
 * @returns its offset, -1 where there is none
 */
export function findClosingQuote(text: string, start: number): number {
  const quote = text[start];
  let end = text.indexOf(quote, start + 1);
  if (quote === "'") {
    while (end !== -1 && text[end + 1] === quote) {
      end = text.indexOf(quote, end + 2);
    }
    return end;
  }
  while (end !== -1) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') {
      backslashes += 1;
    }
    if (backslashes % 2 === 0) {
      return end;
    }
    end = text.indexOf(quote, end + 1);
  }
  return end;
}

// Images, tags and digests hold nothing else; none of it needs an escape in any quotes.
const WRITABLE = /^[A-Za-z0-9._:/@+[\]-]+$/;

/** Tells whether a text can be written as a value without escapes. */
export function isWritable(text: string): boolean {
  return WRITABLE.test(text);
}

/** A text, ready to be put where a scalar of this style stands. */
export function writeScalar(text: string, style: ScalarStyle): string {
  switch (style) {
    case 'single':
      return `'${text}'`;
    case 'double':
      return `"${text}"`;
    default:
      return isPlainString(text) ? text : `"${text}"`;
  }
}

/**
 * Tells whether every YAML reader takes the text, written plain, for the same string.
 *
 * Covers the YAML 1.2 core schema, the YAML 1.1 types, and what libyaml, PyYAML and
 * go-yaml make of them: underscores in numbers, sexagesimals, dates with one digit.
 */
function isPlainString(text: string): boolean {
  if (!/^[A-Za-z0-9_]/.test(text) || /[[\]]|:$/.test(text)) {
    return false;
  }
  const number = text[0] + text.slice(1).replace(/_/g, '');
  return !(
    /^(?:y|yes|n|no|true|false|on|off|null)$/i.test(text) ||
    /^[0-9]+(?:\.[0-9]*)?(?:e[-+]?[0-9]+)?$/i.test(number) ||
    /^0(?:x[0-9a-f]*|o[0-7]*|b[01]*)$/i.test(number) ||
    /^[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?$/.test(number) ||
    /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:t.*)?$/i.test(text)
  );
}
