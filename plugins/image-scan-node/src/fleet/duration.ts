import { InputError } from '@backstage/errors';

// As the Fleet API has it: not all of Go's syntax; no sign, no `.5h`, no `1.h`.
const SYNTAX = /^(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|[µμ]s|ms|s|m|h))+$/;
const PART = /([0-9]+)(?:\.([0-9]+))?(ns|us|[µμ]s|ms|s|m|h)/g;

const MAX_LENGTH = 32;
/** About 292 years: what Go's nanoseconds can hold. */
const MAX_HOURS = 2_562_047n;

const NANOSECONDS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

/**
 * Reads a Go duration as the Fleet API accepts it: `0`, or numbers with the units `h`,
 * `m`, `s`, `ms`, `us` (or `µs`) and `ns`, such as `5m`, `1h30m` or `1.5h`; at most 32
 * characters and 2562047h. There are no days, weeks or years.
 *
 * @returns milliseconds; a part of one counts as a whole one, so that nothing but zero
 * becomes 0
 * @throws InputError naming the text and what is allowed
 * @public
 */
export function parseDuration(text: string): number {
  if (text === '0') {
    return 0;
  }
  if (text.length > MAX_LENGTH || !SYNTAX.test(text)) {
    throw invalid(text, hint(text));
  }
  let nanoseconds = 0n;
  for (const [, whole, fraction = '', unit] of text.matchAll(PART)) {
    const size = NANOSECONDS.get(unit) ?? 0n;
    nanoseconds +=
      (BigInt(whole + fraction) * size) / 10n ** BigInt(fraction.length);
  }
  if (nanoseconds > MAX_HOURS * 3_600_000_000_000n) {
    throw invalid(text, `at most ${MAX_HOURS}h is allowed`);
  }
  return Number((nanoseconds + 999_999n) / 1_000_000n);
}

/**
 * Writes a duration as {@link parseDuration} reads it: `15m`, `1h30m`, `1.5s`, `300ms`.
 *
 * @param milliseconds - not negative
 * @public
 */
export function formatDuration(milliseconds: number): string {
  const all = Math.round(milliseconds);
  if (all > 0 && all < 1000) {
    return `${all}ms`;
  }
  const hours = Math.floor(all / 3_600_000);
  const minutes = Math.floor((all % 3_600_000) / 60_000);
  const seconds = (all % 60_000) / 1000;
  const parts = [
    hours > 0 ? `${hours}h` : '',
    minutes > 0 ? `${minutes}m` : '',
    seconds > 0 ? `${seconds}s` : '',
  ];
  return parts.join('') || '0s';
}

function hint(text: string): string {
  if (/^[0-9.]+$/.test(text)) {
    const number = text.slice(0, 8);
    return `a number needs a unit, such as ${number}m for minutes or ${number}s for seconds`;
  }
  if (/^[0-9.]+[dwy]/.test(text) || /[0-9][dwy]$/.test(text)) {
    return 'there are no days, weeks or years; write hours, such as 24h';
  }
  return 'write numbers with the units h, m, s, ms, us or ns, such as 5m or 1h30m';
}

function invalid(text: string, reason: string): InputError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return new InputError(
    `${JSON.stringify(shown)} is not a duration: ${reason}`,
  );
}
