import { throwRemoteError } from './advertisement';
import { GitUnreachableError } from './errors';
import type { GitHttp } from './GitHttp';
import {
  cutShort,
  delimiterPacket,
  flushPacket,
  lineText,
  packet,
  readPackets,
} from './pktLine';
import type { FetchFeatures } from './remoteHead';

/** What to fetch. */
export interface FetchRequest {
  /** Names of the objects, with everything they stand for. */
  wants: readonly string[];
  /**
   * How many commits of history, where the remote can stop there; 1 is the
   * wanted commit alone. Absent for objects that are no commits.
   */
  depth?: number;
  /** What is left out, where the remote can: contents, or directories as well. */
  filter?: 'blob:none' | 'tree:0';
  /**
   * A commit that is here, with its directories and without its history: what
   * it has is not sent again, and deltas may stand on it.
   */
  have?: string;
}

/**
 * Fetches objects as one pack.
 *
 * @param maxBytes - a larger answer is an `UnsupportedRepositoryError`
 * @returns undefined when the remote does not give one of them away: because it
 *   is gone, or because the remote serves nothing but the heads of branches
 */
export async function fetchPack(
  http: GitHttp,
  features: FetchFeatures,
  request: FetchRequest,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const { protocol } = features;
  const body =
    protocol === 2
      ? askVersion2(features, request)
      : askVersion0(features, request);
  const answer = await http.call(
    {
      service: 'git-upload-pack',
      protocol: protocol === 2 ? 2 : undefined,
      maxBytes,
    },
    Buffer.concat(body),
  );
  return readPack(answer, http);
}

function askVersion2(
  { shallow, filter }: FetchFeatures,
  request: FetchRequest,
): Buffer[] {
  const { wants, depth, have } = request;
  const lines = ['no-progress', 'ofs-delta'];
  if (filter && request.filter) {
    lines.push(`filter ${request.filter}`);
  }
  if (shallow && depth !== undefined) {
    if (have) {
      // Only with thin-pack does git look into what is here for what to leave out.
      lines.push('thin-pack', `shallow ${have}`, `have ${have}`);
    }
    lines.push(`deepen ${depth}`);
  }
  return [
    packet('command=fetch\n'),
    delimiterPacket,
    ...[...lines, ...wants.map(oid => `want ${oid}`), 'done'].map(line =>
      packet(`${line}\n`),
    ),
    flushPacket,
  ];
}

function askVersion0(
  { shallow, uses = [] }: FetchFeatures,
  { wants, depth }: FetchRequest,
): Buffer[] {
  const [first, ...others] = wants;
  return [
    packet(`want ${[first, ...uses].join(' ')}\n`),
    ...others.map(oid => packet(`want ${oid}\n`)),
    ...(shallow && depth !== undefined ? [packet(`deepen ${depth}\n`)] : []),
    flushPacket,
    packet('done\n'),
  ];
}

/** Takes the pack out of an answer: what stands before it says nothing new. */
function readPack(answer: Buffer, http: GitHttp): Buffer | undefined {
  const pack: Buffer[] = [];
  let begun = false;
  let complete = false;
  for (const next of readPackets(answer, http.remote)) {
    complete = begun && next.kind === 'flush';
    if (next.kind === 'pack') {
      // Without bands, as from a server that has none. Whether it is whole is
      // seen by who reads it.
      return next.data;
    }
    if (next.kind === 'data') {
      const [band] = next.data;
      if (band === 1) {
        begun = true;
        pack.push(next.data.subarray(1));
      } else if (band === 3) {
        const words = http.clean(next.data.toString('utf8', 1));
        throw new GitUnreachableError(`${http.remote} failed: ${words}`);
      } else if (band !== 2) {
        const line = lineText(next.data);
        // The words of git, and of JGit.
        if (/^ERR .*(not our ref|not valid)/.test(line)) {
          return undefined;
        }
        throwRemoteError(line, http.remote, text => http.clean(text));
      }
    }
  }
  if (!complete) {
    throw cutShort(http.remote);
  }
  return Buffer.concat(pack);
}
