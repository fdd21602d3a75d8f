import {
  BranchNotFoundError,
  EmptyRepositoryError,
  GitAuthError,
  GitTimeoutError,
  GitUnreachableError,
  UnsupportedRepositoryError,
} from './errors';
import { HttpError } from '../http';
import { parseAdvertisement, parseLsRefs } from './advertisement';
import type { Advertisement, RemoteRefs } from './advertisement';
import type { GitHttp } from './GitHttp';
import type { GitHead } from './GitRemote';
import { delimiterPacket, flushPacket, packet } from './pktLine';

/** The version of git's protocol that a remote speaks. */
export type GitProtocol = 0 | 2;

/** What a remote lets a fetch leave out. */
export interface FetchFeatures {
  protocol: GitProtocol;
  /** History. */
  shallow: boolean;
  /** Contents, which can be fetched one by one later. */
  filter: boolean;
}

// Half a million refs of 100 bytes fit.
const maxRefBytes = 64 * 1024 * 1024;

/**
 * Asks where a branch is.
 *
 * Protocol 2 is asked straight away, without the request that would first find
 * out whether the server speaks it: a look at an unchanged remote happens all the
 * time, and one that does not speak it is found out once.
 *
 * @param branch - default: what the remote's HEAD stands for
 * @param known - the protocol, where an earlier call has found it out
 */
export async function findHead(
  http: GitHttp,
  branch: string | undefined,
  known?: GitProtocol,
): Promise<{ head: GitHead; protocol: GitProtocol }> {
  if (known === 0) {
    return discoverHead(http, branch);
  }
  let refs: RemoteRefs;
  try {
    refs = await lsRefs(http, branch);
  } catch (error) {
    const isFinal =
      error instanceof GitAuthError ||
      error instanceof GitTimeoutError ||
      error instanceof HttpError ||
      (error instanceof GitUnreachableError && isBusy(error.status));
    if (isFinal) {
      throw error;
    }
    // A server of another protocol answers as it likes; what it says to the
    // question that all of them know is what counts.
    return discoverHead(http, branch);
  }
  return { head: pickHead(refs, branch, http.remote), protocol: 2 };
}

/** A server that asks to be left alone is not asked in another way. */
function isBusy(status: number | undefined): boolean {
  return status === 429 || status === 503;
}

async function discoverHead(
  http: GitHttp,
  branch: string | undefined,
): Promise<{ head: GitHead; protocol: GitProtocol }> {
  const advertisement = await advertise(http);
  const { protocol } = advertisement;
  if (protocol === 2) {
    const refs = await lsRefs(http, branch);
    return { head: pickHead(refs, branch, http.remote), protocol };
  }
  return { head: pickHead(advertisement, branch, http.remote), protocol };
}

/** Asks what fetches from a remote can ask for. */
export async function findFeatures(http: GitHttp): Promise<FetchFeatures> {
  const { protocol, capabilities, refs } = await advertise(http);
  if (protocol === 2) {
    const fetch = [...capabilities].find(name => name.startsWith('fetch='));
    const features = new Set(fetch?.slice('fetch='.length).split(' '));
    return {
      protocol,
      shallow: features.has('shallow'),
      filter: features.has('filter'),
    };
  }
  if (!capabilities.has('side-band-64k') && refs.size > 0) {
    throw new UnsupportedRepositoryError(
      `${http.remote} is on a git server that is too old: it does not offer side-band-64k`,
    );
  }
  // Filters of protocol 0 do not let single blobs be asked for afterwards.
  return { protocol, shallow: capabilities.has('shallow'), filter: false };
}

async function advertise(http: GitHttp): Promise<Advertisement> {
  const answer = await http.advertisement({
    service: 'git-upload-pack',
    protocol: 2,
    maxBytes: maxRefBytes,
  });
  return parseAdvertisement(answer, http.remote, text => http.clean(text));
}

async function lsRefs(
  http: GitHttp,
  branch: string | undefined,
): Promise<RemoteRefs> {
  const body = Buffer.concat([
    packet('command=ls-refs\n'),
    delimiterPacket,
    packet('symrefs\n'),
    packet('ref-prefix HEAD\n'),
    ...(branch ? [packet(`ref-prefix refs/heads/${branch}\n`)] : []),
    flushPacket,
  ]);
  const answer = await http.call(
    { service: 'git-upload-pack', protocol: 2, maxBytes: maxRefBytes },
    body,
  );
  return parseLsRefs(answer, http.remote, text => http.clean(text));
}

function pickHead(
  { refs, headTarget }: RemoteRefs,
  branch: string | undefined,
  remote: string,
): GitHead {
  const name = branch ? `refs/heads/${branch}` : headTarget ?? guess(refs);
  const commit = name === undefined ? undefined : refs.get(name);
  // HEAD itself is told where the branch behind it was not asked for.
  const viaHead =
    commit ?? (name && name === headTarget ? refs.get('HEAD') : undefined);
  if (name?.startsWith('refs/heads/') && viaHead) {
    return { branch: name.slice('refs/heads/'.length), commit: viaHead };
  }
  if (refs.size === 0) {
    throw new EmptyRepositoryError(
      `${remote} is empty${
        branch ? `, or has neither a branch ${branch} nor a default one` : ''
      }; push a first commit`,
    );
  }
  const defaultBranch = headTarget?.replace(/^refs\/heads\//, '');
  throw new BranchNotFoundError(
    branch
      ? `${remote} has no branch ${branch}${
          defaultBranch ? `; its default branch is ${defaultBranch}` : ''
        }`
      : `${remote} names no default branch; name the branch to use`,
  );
}

/** Old servers do not say what HEAD stands for; one branch with its commit does. */
function guess(refs: Map<string, string>): string | undefined {
  const commit = refs.get('HEAD');
  const candidates = [...refs].filter(
    ([name, oid]) => name.startsWith('refs/heads/') && oid === commit,
  );
  return candidates.length === 1 ? candidates[0][0] : undefined;
}
