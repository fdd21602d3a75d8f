import { RegistryError } from './errors';
import type { RegistryLimits } from './limits';

const retryStatuses = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Milliseconds that a Retry-After header asks for: seconds or an HTTP date (RFC
 * 9110 §10.2.3), at most the longest back-off. Undefined for no header, a past
 * date, a negative number and what is neither.
 */
export function parseRetryAfter(
  header: string | undefined,
  limits: RegistryLimits,
  now: number = Date.now(),
): number | undefined {
  const text = header?.trim() ?? '';
  let time = Number.NaN;
  if (/^\d+$/.test(text)) {
    time = Number(text) * 1000;
  } else if (/^[A-Z][a-z]{2,8}, /.test(text)) {
    time = Date.parse(text) - now;
  }
  return time > 0 ? Math.min(time, limits.longestBackOff) : undefined;
}

/**
 * Milliseconds to wait before a request is tried again after an error, or
 * undefined where that is pointless: the tries are used up, the error would be
 * the same, or the registry wants a longer pause than a scan may wait.
 *
 * @param tries - how many have failed so far, from 1
 */
export function retryDelay(
  error: unknown,
  tries: number,
  limits: RegistryLimits,
): number | undefined {
  if (!(error instanceof RegistryError) || tries > limits.retryDelays.length) {
    return undefined;
  }
  const transient =
    error.status === undefined
      ? ['unreachable', 'timeout', 'rate-limited'].includes(error.category)
      : retryStatuses.has(error.status);
  const asked = error.retryAfter ?? 0;
  if (!transient || asked > limits.longestWait) {
    return undefined;
  }
  const base = Math.max(asked, limits.retryDelays[tries - 1]);
  return base * (1 + Math.random() / 4);
}
