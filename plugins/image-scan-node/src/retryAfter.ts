/**
 * Milliseconds that a Retry-After header asks for: seconds or an HTTP date (RFC
 * 9110 §10.2.3). Undefined for no header, a past date, a negative number and what is
 * neither.
 *
 * @param longest - milliseconds; what asks for more is answered with this
 */
export function parseRetryAfter(
  header: string | undefined,
  longest: number,
  now: number = Date.now(),
): number | undefined {
  const text = header?.trim() ?? '';
  let time = Number.NaN;
  if (/^\d+$/.test(text)) {
    time = Number(text) * 1000;
  } else if (/^[A-Z][a-z]{2,8}, /.test(text)) {
    time = Date.parse(text) - now;
  }
  return time > 0 ? Math.min(time, longest) : undefined;
}
