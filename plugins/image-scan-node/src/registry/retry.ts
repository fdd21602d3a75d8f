import { RegistryError } from './errors';
import type { RegistryLimits } from './limits';

const retryStatuses = new Set([408, 429, 500, 502, 503, 504]);

const LOWEST_SHARE_OF_PULLS = 0.1;

/**
 * Milliseconds to make no pull (a GET of a manifest) for, where the registry
 * counts them and the last tenth has begun. Docker Hub says so with
 * `ratelimit-limit: 100;w=21600` and `ratelimit-remaining: 7;w=21600`: pulls and
 * the seconds of their window. Undefined where there are enough left, or where
 * nothing readable is said.
 */
export function pauseForPulls(
  headers: Readonly<Record<string, string | undefined>>,
  limits: RegistryLimits,
): number | undefined {
  const quota = /^\s*(\d{1,15})\s*(?:;\s*w\s*=\s*(\d{1,15})\s*)?$/;
  const remaining = quota.exec(headers['ratelimit-remaining'] ?? '');
  const limit = quota.exec(headers['ratelimit-limit'] ?? '');
  const most = Number(limit?.[1] ?? 0);
  if (!remaining || Number(remaining[1]) > most * LOWEST_SHARE_OF_PULLS) {
    return undefined;
  }
  const window = Number(remaining[2] ?? limit?.[2] ?? 0) * 1000;
  return window > 0
    ? Math.min(window, limits.longestBackOff)
    : limits.longestBackOff;
}

/**
 * Milliseconds to wait before a request is tried again after an error, or
 * undefined where that is pointless: the tries are used up, the error would be
 * the same, or the registry wants a longer pause than a scan may wait.
 *
 * @param tries - how many have failed so far, from 1
 */
export function requestRetryDelay(
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
