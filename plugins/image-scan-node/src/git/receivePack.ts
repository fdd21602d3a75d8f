import { runInTurns } from '../inTurns';
import { parseAdvertisement, throwRemoteError } from './advertisement';
import {
  BranchMovedError,
  BranchNotFoundError,
  GitUnreachableError,
} from './errors';
import type { GitHttp } from './GitHttp';
import type { GitCommit } from './GitRemote';
import { writePackInTurns } from './pack';
import type { GitObject } from './objects';
import { flushPacket, lineText, packet, readPackets } from './pktLine';

const SERVICE = 'git-receive-pack';
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** What was learned of the server that pushes go to; remembered as one. */
export interface PushServer {
  /** Where redirects led while it was learned. */
  base: URL;
  /** What a push uses, as the server writes it. */
  uses: readonly string[];
  /**
   * Whether it is git itself, whose word is enough. Others (dulwich) report a
   * push as done that they did not do because the branch had moved.
   */
  isGit: boolean;
  /** Milliseconds since 1970. */
  learnedAt: number;
}

/** The server has said that it wrote nothing, and why. */
export class PushFailure extends Error {
  readonly reason: string;
  readonly words?: string;

  constructor(
    reason: string,
    /** What it printed for people. */
    words?: string,
  ) {
    super(reason);
    this.reason = reason;
    this.words = words;
  }
}

// The first of each row that is offered is used.
const USES = [
  ['report-status', 'report-status-v2'],
  ['side-band-64k'],
  ['quiet'],
] as const;

/**
 * Asks what pushes to a remote can use, and looks where the branch is now.
 *
 * @throws BranchMovedError, BranchNotFoundError
 */
export async function findPushServer(
  http: GitHttp,
  { oid, parent, branch }: GitCommit,
): Promise<PushServer> {
  const { refs, capabilities } = parseAdvertisement(
    await http.advertisement({ service: SERVICE, maxBytes: MAX_ANSWER_BYTES }),
    http.remote,
    text => http.clean(text),
  );
  const current = refs.get(`refs/heads/${branch}`);
  if (current === undefined) {
    throw new BranchNotFoundError(`${http.remote} has no branch ${branch} now`);
  }
  if (current !== parent && current !== oid) {
    throw new BranchMovedError(http.remote, branch);
  }
  return toPushServer(http.base, capabilities);
}

/** What an advertisement tells of pushes. */
export function toPushServer(
  base: URL,
  capabilities: ReadonlySet<string>,
): PushServer {
  const uses = USES.flatMap(
    names => names.find(name => capabilities.has(name)) ?? [],
  );
  const isGit = [...capabilities].some(name => name.startsWith('agent=git/'));
  return { base, uses, isGit, learnedAt: Date.now() };
}

/**
 * Pushes a commit to its branch, which must still be at the commit's parent: the
 * remote compares and sets, so no other push is ever lost, and the same push can
 * be sent twice.
 *
 * @param objects - absent for a deletion, with which no pack may be sent
 * @returns whether the remote has confirmed it; false where its word is not to be
 *   had, or not enough
 * @throws PushFailure where the remote wrote nothing, `GitUnreachableError` where
 *   it did not say
 */
export async function pushCommit(
  http: GitHttp,
  { uses, isGit }: PushServer,
  { oid, parent, branch }: Pick<GitCommit, 'oid' | 'parent' | 'branch'>,
  objects: readonly GitObject[] | undefined,
): Promise<boolean> {
  const ref = `refs/heads/${branch}`;
  const body = Buffer.concat([
    packet(`${parent} ${oid} ${ref}\0 ${uses.join(' ')}`),
    flushPacket,
    ...(objects ? [await runInTurns(writePackInTurns(objects))] : []),
  ]);
  const answer = await http.call(
    { service: SERVICE, maxBytes: MAX_ANSWER_BYTES },
    body,
  );
  const { lines, words } = readAnswer(answer, http);
  const asksForReport = uses.some(name => name.startsWith('report-status'));
  const accepted = readReport(lines, words, {
    http,
    ref,
    branch,
    asksForReport,
  });
  return accepted && isGit;
}

/**
 * Reads the answer to a push: the report is on band 1, and what hooks print for
 * people is on band 2. Some servers have no bands, or leave them out although
 * they were asked for.
 */
function readAnswer(
  answer: Buffer,
  http: GitHttp,
): { lines: string[]; words?: string } {
  const lines: string[] = [];
  const report: Buffer[] = [];
  const words: Buffer[] = [];
  for (const next of readPackets(answer, http.remote)) {
    if (next.kind === 'data') {
      const [band] = next.data;
      const content = next.data.subarray(1);
      if (band === 1) {
        report.push(content);
      } else if (band === 2) {
        words.push(content);
      } else if (band === 3) {
        throw new GitUnreachableError(
          `${http.remote} failed: ${http.clean(content.toString())}`,
        );
      } else {
        const line = lineText(next.data);
        throwRemoteError(line, http.remote, text => http.clean(text));
        lines.push(line);
      }
    }
  }
  for (const next of readPackets(Buffer.concat(report), http.remote)) {
    if (next.kind === 'data') {
      lines.push(lineText(next.data));
    }
  }
  return {
    lines,
    words: http.clean(Buffer.concat(words).toString()) || undefined,
  };
}

function readReport(
  lines: readonly string[],
  words: string | undefined,
  options: {
    http: GitHttp;
    ref: string;
    branch: string;
    asksForReport: boolean;
  },
): boolean {
  const { http, ref, branch } = options;
  const after = (start: string) =>
    lines.find(line => line.startsWith(start))?.slice(start.length);
  const unpacked = after('unpack ');
  const failure =
    after(`ng ${ref} `) ?? (unpacked === 'ok' ? undefined : unpacked);
  if (failure !== undefined) {
    throw new PushFailure(http.clean(failure), words);
  }
  const accepted = lines.includes(`ok ${ref}`);
  if (!accepted && options.asksForReport) {
    throw new GitUnreachableError(
      `${http.remote} did not say what became of the push to ${branch}${
        words ? `; it says: ${words}` : ''
      }`,
    );
  }
  return accepted;
}
