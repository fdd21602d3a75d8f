import { randomBytes } from 'node:crypto';
import { throwRemoteError } from './advertisement';
import {
  GitAuthError,
  GitUnreachableError,
  isBusy,
  RepositoryNotFoundError,
  UnsupportedRepositoryError,
} from './errors';
import type { FetchFeatures } from './fetchServer';
import type { GitHttp } from './GitHttp';
import {
  cutShort,
  flushPacket,
  lineText,
  packet,
  readPackets,
} from './pktLine';

/** Generations behind the head that are asked about, the next where it was not enough. */
const DEPTHS = [50, 5_000] as const;

/** A line for each commit that the history would be cut off at. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** A question to a server. */
interface Deepening {
  /** Where the branch is. */
  head: string;
  /** Commits that the history of a clone would end at. */
  ends: readonly string[];
  /** How many generations there shall be; the head is the first. */
  depth: number;
  /** What a fetch of protocol 0 names, where the server speaks that alone. */
  uses?: readonly string[];
}

/**
 * Asks a server whether a commit is at most 5,000 generations behind the head of a
 * branch, merged branches included. Nothing is fetched, whatever the commits hold.
 *
 * It is the question by which git deepens a clone that is cut off: told where that
 * ends and how deep it shall be, the server names the ends that it goes beyond, and
 * sends the rest only when asked again. In protocol 2 the rest comes along at once, so
 * protocol 0 is spoken, which servers of both speak.
 *
 * @returns undefined where the answer tells nothing
 */
export async function askHistory(
  http: GitHttp,
  { shallow, uses }: FetchFeatures,
  head: string,
  commit: string,
): Promise<boolean | undefined> {
  if (!shallow) {
    return undefined;
  }
  for (const depth of DEPTHS) {
    // The head is always gone beyond, and what is nowhere never: who answers these two
    // wrong has not understood the question.
    const nowhere = randomBytes(20).toString('hex');
    const ends = [head, commit, nowhere];
    // An end must lie before the last generation that is counted.
    const question = { head, ends, depth: depth + 2, uses };
    let beyond: Set<string>;
    try {
      beyond = await deepen(http, question);
    } catch (error) {
      if (!isRemoteError(error) || isBusy(error)) {
        throw error;
      }
      // Not understood, or not let through; the branch can be searched instead.
      return undefined;
    }
    if (!beyond.has(head) || beyond.has(nowhere)) {
      return undefined;
    }
    if (beyond.has(commit)) {
      return true;
    }
  }
  return false;
}

/** @returns which of the ends the history goes beyond */
async function deepen(
  http: GitHttp,
  { head, ends, depth, uses = [] }: Deepening,
): Promise<Set<string>> {
  const lines = [
    `want ${[head, ...uses].join(' ')}`,
    ...ends.map(oid => `shallow ${oid}`),
    `deepen ${depth}`,
  ];
  const answer = await http.call(
    { service: 'git-upload-pack', maxBytes: MAX_ANSWER_BYTES },
    Buffer.concat([...lines.map(line => packet(`${line}\n`)), flushPacket]),
  );
  const beyond = new Set<string>();
  for (const next of readPackets(answer, http.remote)) {
    if (next.kind !== 'data') {
      return beyond;
    }
    const line = lineText(next.data);
    throwRemoteError(line, http.remote, text => http.clean(text));
    if (line.startsWith('unshallow ')) {
      beyond.add(line.slice('unshallow '.length));
    }
  }
  throw cutShort(http.remote);
}

function isRemoteError(error: unknown): boolean {
  return (
    error instanceof GitUnreachableError ||
    error instanceof GitAuthError ||
    error instanceof RepositoryNotFoundError ||
    error instanceof UnsupportedRepositoryError
  );
}
