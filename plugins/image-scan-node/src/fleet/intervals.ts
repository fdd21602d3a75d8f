import { formatDuration, parseDuration } from './duration';

/** Fleet's default for scans and for git repos: 15 minutes. */
export const DEFAULT_INTERVAL = 900_000;
/** What a registry or git server can be asked for good. */
const MIN_INTERVAL = 5_000;

/**
 * Reads the interval between two scans or syncs: a Go duration, where zero is the
 * default of 15 minutes, and what is below 5 seconds is raised to them with a warning.
 *
 * @param name - of the field, for the warning
 * @throws InputError as {@link parseDuration} does
 */
export function readInterval(
  text: string,
  name: string,
): { interval: number; warning?: string } {
  const wanted = parseDuration(text);
  if (wanted === 0) {
    return { interval: DEFAULT_INTERVAL };
  }
  if (wanted < MIN_INTERVAL) {
    const least = formatDuration(MIN_INTERVAL);
    return {
      interval: MIN_INTERVAL,
      warning: `The ${name} ${text} is below ${least}, the least that is possible, and was raised to it.`,
    };
  }
  return { interval: wanted };
}
