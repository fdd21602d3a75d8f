import { InputError, toError } from '@backstage/errors';
import { parseDuration } from './fleet';

/** The least and the most that a `timeout` may be. */
const SHORTEST_TIMEOUT = 1_000;
const LONGEST_TIMEOUT = 60 * 60_000;

/** A host of git repos that differs from the defaults. @public */
export interface GitHostSettings {
  /** As a URL has it: in lower case, without the port of its scheme. */
  host: string;
  /** Milliseconds for one exchange with it. */
  timeout: number;
}

/**
 * Reads the `timeout` of a host.
 *
 * @returns milliseconds
 * @throws InputError
 * @public
 */
export function parseTimeout(text: string): number {
  let timeout: number;
  try {
    timeout = parseDuration(text);
  } catch (error) {
    throw new InputError(`timeout: ${toError(error).message}`);
  }
  if (timeout < SHORTEST_TIMEOUT || timeout > LONGEST_TIMEOUT) {
    throw new InputError('timeout: must be from 1s to 1h');
  }
  return timeout;
}

/** Reads an entry of `imageScan.gitHosts`. @throws InputError @public */
export function parseGitHost(entry: {
  host: string;
  timeout: string;
}): GitHostSettings {
  return {
    host: canonicalGitHost(entry.host),
    timeout: parseTimeout(entry.timeout),
  };
}

/** A host as a URL has it. @public */
export function canonicalGitHost(host: string): string {
  return host.toLowerCase().replace(/:443$/, '');
}

/**
 * Milliseconds for one exchange with the host of a repository, which may be listed with
 * the port of its scheme; undefined where it is not listed.
 *
 * @public
 */
export function gitTimeoutOf(
  url: string,
  gitHosts: readonly GitHostSettings[],
): number | undefined {
  return gitHosts.find(gitHost => isOnHost(url, gitHost))?.timeout;
}

/** Whether a repository is on a host. @public */
export function isOnHost(url: string, { host }: GitHostSettings): boolean {
  const there = new URL(url);
  return (
    there.host === host ||
    (there.protocol === 'http:' && `${there.host}:80` === host)
  );
}
