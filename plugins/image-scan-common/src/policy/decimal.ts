/** A decimal number of any length, as it is read and compared: exactly. @public */
export interface Decimal {
  isNegative: boolean;
  /** Without zeros in front; empty for 0. */
  integer: string;
  /** Without zeros at the end; empty for none. */
  fraction: string;
}

// What may follow each class is disjoint from it, so a match takes linear time.
const DECIMAL = /^([+-]?)(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))$/;

/**
 * Reads a decimal number: an optional sign and digits of ASCII with at most one point.
 *
 * @remarks
 * Nothing else is a number: no exponent (the short commit `1e10` would beat every build
 * number), no hexadecimal digits, no underscores, no infinity.
 *
 * @returns undefined where the text is none
 * @public
 */
export function parseDecimal(text: string): Decimal | undefined {
  const match: readonly (string | undefined)[] | null = DECIMAL.exec(text);
  if (!match) {
    return undefined;
  }
  const [, sign, whole = '', behind, alone] = match;
  const integer = whole.slice(countZeros(whole));
  const fraction = withoutLastZeros(behind ?? alone ?? '');
  return {
    isNegative: sign === '-' && integer + fraction !== '',
    integer,
    fraction,
  };
}

/**
 * Compares two numbers, all their digits.
 *
 * @returns 1 when `a` is the larger, -1 when `b` is, 0 when they are equal
 * @public
 */
export function compareDecimals(a: Decimal, b: Decimal): -1 | 0 | 1 {
  if (a.isNegative !== b.isNegative) {
    return a.isNegative ? -1 : 1;
  }
  return a.isNegative ? compareSizes(b, a) : compareSizes(a, b);
}

function compareSizes(a: Decimal, b: Decimal): -1 | 0 | 1 {
  if (a.integer.length !== b.integer.length) {
    return a.integer.length < b.integer.length ? -1 : 1;
  }
  // Of fractions one that goes on is the larger, as it ends with no zero.
  return (
    compareTexts(a.integer, b.integer) || compareTexts(a.fraction, b.fraction)
  );
}

function compareTexts(a: string, b: string): -1 | 0 | 1 {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}

function countZeros(digits: string): number {
  let count = 0;
  while (digits[count] === '0') {
    count += 1;
  }
  return count;
}

function withoutLastZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') {
    end -= 1;
  }
  return digits.slice(0, end);
}
