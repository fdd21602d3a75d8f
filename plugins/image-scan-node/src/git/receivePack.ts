import { parseAdvertisement, throwRemoteError } from './advertisement';
import {
  BranchMovedError,
  BranchNotFoundError,
  GitUnreachableError,
  PushRefusedError,
  UnsupportedRepositoryError,
} from './errors';
import type { GitHttp } from './GitHttp';
import type { GitCommit } from './GitRemote';
import { writePack } from './pack';
import type { GitObject } from './objects';
import { flushPacket, lineText, packet, readPackets } from './pktLine';

const service = 'git-receive-pack';
const maxAnswerBytes = 64 * 1024 * 1024;

// What servers say when a branch is not where the push expects it: git, and JGit.
const movedReasons =
  /failed to update ref|fetch first|non-fast[- ]forward|cannot lock ref|failed to lock|stale info|incorrect old value/i;

/** What a remote can do with a push. */
export interface PushFeatures {
  /** Names of those that are used, as the remote writes them. */
  used: readonly string[];
}

/**
 * Asks what pushes to a remote can use, and looks where the branch is now.
 *
 * @throws BranchMovedError, BranchNotFoundError, UnsupportedRepositoryError
 */
export async function findPushFeatures(
  http: GitHttp,
  { parent, branch }: GitCommit,
): Promise<PushFeatures> {
  const { refs, capabilities } = parseAdvertisement(
    await http.advertisement({ service, maxBytes: maxAnswerBytes }),
    http.remote,
    text => http.clean(text),
  );
  const current = refs.get(`refs/heads/${branch}`);
  if (current === undefined) {
    throw new BranchNotFoundError(`${http.remote} has no branch ${branch} now`);
  }
  if (current !== parent) {
    throw new BranchMovedError(http.remote, branch);
  }
  if (!capabilities.has('report-status')) {
    throw new UnsupportedRepositoryError(
      `${http.remote} is on a git server that does not report what became of a push`,
    );
  }
  const used = ['report-status', 'side-band-64k', 'quiet'].filter(name =>
    capabilities.has(name),
  );
  return { used };
}

/**
 * Pushes a commit to its branch, which must still be at the commit's parent: the
 * remote compares and sets, so no other push is ever lost.
 *
 * Throws `BranchMovedError` or `PushRefusedError` where the remote wrote nothing,
 * `GitUnreachableError` where it did not say.
 */
export async function pushCommit(
  http: GitHttp,
  { used }: PushFeatures,
  { oid, parent, branch }: GitCommit,
  objects: readonly GitObject[],
): Promise<void> {
  const ref = `refs/heads/${branch}`;
  const body = Buffer.concat([
    packet(`${parent} ${oid} ${ref}\0 ${used.join(' ')}`),
    flushPacket,
    writePack(objects),
  ]);
  const answer = await http.call({ service, maxBytes: maxAnswerBytes }, body);
  const { report, words } = used.includes('side-band-64k')
    ? splitBands(answer, http)
    : { report: answer, words: '' };
  checkReport(report, words, { http, ref, branch });
}

/** The report is on band 1; what hooks print for people is on band 2. */
function splitBands(
  answer: Buffer,
  http: GitHttp,
): { report: Buffer; words: string } {
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
        throwRemoteError(lineText(next.data), http.remote, text =>
          http.clean(text),
        );
      }
    }
  }
  return {
    report: Buffer.concat(report),
    words: http.clean(Buffer.concat(words).toString()),
  };
}

function checkReport(
  report: Buffer,
  words: string,
  { http, ref, branch }: { http: GitHttp; ref: string; branch: string },
): void {
  let unpacked: string | undefined;
  let accepted = false;
  let reason: string | undefined;
  for (const next of readPackets(report, http.remote)) {
    if (next.kind === 'data') {
      const line = lineText(next.data);
      if (line.startsWith('unpack ')) {
        unpacked = line.slice('unpack '.length);
      } else if (line === `ok ${ref}`) {
        accepted = true;
      } else if (line.startsWith(`ng ${ref} `)) {
        reason = line.slice(`ng ${ref} `.length);
      }
    }
  }
  if (reason !== undefined && movedReasons.test(reason)) {
    throw new BranchMovedError(http.remote, branch);
  }
  const failure =
    reason ??
    (unpacked === undefined || unpacked === 'ok' ? undefined : unpacked);
  if (failure !== undefined) {
    throw new PushRefusedError(
      http.remote,
      branch,
      http.clean(failure),
      words || undefined,
    );
  }
  if (!accepted) {
    throw new GitUnreachableError(
      `${http.remote} did not say what became of the push to ${branch}`,
    );
  }
}
