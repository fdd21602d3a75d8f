import {
  BranchNotFoundError,
  BrokenAnswerError,
  EmptyRepositoryError,
  GitTimeoutError,
  isBusy,
  UnsupportedRepositoryError,
} from './errors';
import { HttpError } from '../http';
import { parseAdvertisement, parseLsRefs } from './advertisement';
import type { Advertisement, RemoteRefs } from './advertisement';
import { fetchFeatures, learned } from './fetchServer';
import type { FetchFeatures, FetchServer } from './fetchServer';
import type { GitHttp } from './GitHttp';
import type { GitHead } from './GitRemote';
import { settledWithin } from './settledWithin';
import { delimiterPacket, flushPacket, packet } from './pktLine';

export type { FetchFeatures } from './fetchServer';

/** A branch, and what was learned of the server while it was looked up. */
export interface FoundHead {
  head: GitHead;
  server: FetchServer;
}

// Half a million refs of 100 bytes fit.
const MAX_REF_BYTES = 64 * 1024 * 1024;

/**
 * The same for a look at a server that nothing is known of. What lists more is
 * asked for one branch alone.
 */
const MAX_LISTING_BYTES = 4 * 1024 * 1024;

/**
 * How long a server that has said that it speaks protocol 2 may take for the
 * first question in it until it is asked in protocol 0 as well: a gateway may
 * swallow what it does not know.
 */
const PATIENCE_MS = 10_000;

/** How many branches an error names. */
const NAMED_BRANCHES = 5;

/**
 * Asks where a branch is, as a known server wants to be asked.
 *
 * @param branch - default: what the remote's HEAD stands for
 */
export async function findHead(
  http: GitHttp,
  branch: string | undefined,
  known: FetchServer,
): Promise<FoundHead> {
  if (known.protocol === 2) {
    const refs = await lsRefs(http, branch);
    return { head: await pickHead(http, refs, branch), server: known };
  }
  if (known.withoutVersion2) {
    return headOfAdvertisement(http, branch, await advertise(http), known);
  }
  return discoverHead(http, branch);
}

/**
 * Looks at a server that nothing is known of, in one request that every server
 * understands, and learns nothing of it.
 *
 * Protocol 2 is never spoken unasked: some servers do not answer what they do not
 * know, and end when their client gives up.
 */
export async function listHead(
  http: GitHttp,
  branch: string | undefined,
): Promise<GitHead> {
  let listing: Advertisement;
  try {
    listing = await advertise(http, undefined, MAX_LISTING_BYTES);
  } catch (error) {
    if (error instanceof UnsupportedRepositoryError) {
      return (await discoverHead(http.at(), branch)).head;
    }
    throw error;
  }
  return pickHead(http, listing, branch, listing);
}

/** Nothing that another question could change. */
function isFinal(error: unknown): boolean {
  return (
    error instanceof HttpError ||
    error instanceof GitTimeoutError ||
    isBusy(error)
  );
}

/** Asks as git does: first what the server speaks, then in its language. */
export async function discoverHead(
  http: GitHttp,
  branch: string | undefined,
): Promise<FoundHead> {
  const advertisement = await advertise(http, 2);
  if (advertisement.protocol === 0) {
    return headOfAdvertisement(http, branch, advertisement);
  }
  const features = fetchFeatures(advertisement);
  const answer = lsRefs(http, branch);
  const answered = async (refs: RemoteRefs): Promise<FoundHead> => ({
    head: await pickHead(http, refs, branch),
    server: learned({ base: http.base, protocol: 2, features }),
  });
  const outcome = await settledWithin(PATIENCE_MS, answer);
  if (outcome?.value) {
    return answered(outcome.value);
  }
  if (
    outcome &&
    (isFinal(outcome.error) || outcome.error instanceof BrokenAnswerError)
  ) {
    throw outcome.error;
  }
  // A gateway may keep from it what the server itself would answer.
  const old = version0(http.at(http.base), branch);
  try {
    return outcome
      ? await old
      : await Promise.any([old, answer.then(answered)]);
  } catch {
    return answered(await answer);
  }
}

async function version0(
  http: GitHttp,
  branch: string | undefined,
): Promise<FoundHead> {
  const advertisement = await advertise(http);
  const found = await headOfAdvertisement(http, branch, advertisement);
  return { ...found, server: { ...found.server, withoutVersion2: true } };
}

async function headOfAdvertisement(
  http: GitHttp,
  branch: string | undefined,
  advertisement: Advertisement,
  known?: FetchServer,
): Promise<FoundHead> {
  const { protocol } = advertisement;
  const features = fetchFeatures(advertisement);
  return {
    head: await pickHead(http, advertisement, branch, advertisement),
    server: known ?? learned({ base: http.base, protocol, features }),
  };
}

/** Asks what fetches from a server can ask for. */
export async function learnFeatures(
  http: GitHttp,
): Promise<FetchServer & { features: FetchFeatures }> {
  const advertisement = await advertise(http, 2);
  const { protocol } = advertisement;
  const features = fetchFeatures(advertisement);
  return learned({ base: http.base, protocol, features });
}

async function advertise(
  http: GitHttp,
  protocol?: 2,
  maxBytes = MAX_REF_BYTES,
): Promise<Advertisement> {
  const answer = await http.advertisement({
    service: 'git-upload-pack',
    protocol,
    maxBytes,
  });
  return parseAdvertisement(answer, http.remote, text => http.clean(text));
}

async function lsRefs(
  http: GitHttp,
  branch: string | undefined,
): Promise<RemoteRefs> {
  return askRefs(http, ['HEAD', ...(branch ? [`refs/heads/${branch}`] : [])]);
}

async function askRefs(
  http: GitHttp,
  prefixes: readonly string[],
): Promise<RemoteRefs> {
  const body = Buffer.concat([
    packet('command=ls-refs\n'),
    delimiterPacket,
    packet('symrefs\n'),
    ...prefixes.map(prefix => packet(`ref-prefix ${prefix}\n`)),
    flushPacket,
  ]);
  const answer = await http.call(
    {
      service: 'git-upload-pack',
      protocol: 2,
      maxBytes: MAX_REF_BYTES,
    },
    body,
  );
  return parseLsRefs(answer, http.remote, text => http.clean(text));
}

/** @param all - every branch that there is, where it is known */
async function pickHead(
  http: GitHttp,
  { refs, headTarget }: RemoteRefs,
  branch: string | undefined,
  all?: RemoteRefs,
): Promise<GitHead> {
  const name = branch ? `refs/heads/${branch}` : headTarget ?? guess(refs);
  const commit = name === undefined ? undefined : refs.get(name);
  // HEAD itself is told where the branch behind it was not asked for.
  const viaHead =
    commit ?? (name && name === headTarget ? refs.get('HEAD') : undefined);
  if (name?.startsWith('refs/heads/') && viaHead) {
    return { branch: name.slice('refs/heads/'.length), commit: viaHead };
  }
  const { remote } = http;
  const defaultBranch = headTarget?.replace(/^refs\/heads\//, '');
  if (branch && defaultBranch && refs.has('HEAD')) {
    throw new BranchNotFoundError(
      `${remote} has no branch ${branch}; its default branch is ${defaultBranch}`,
    );
  }
  // A HEAD that names no branch looks like a repository without any.
  const branches = branchesOf(all ?? (await askRefs(http, ['refs/heads/'])));
  if (branches.length === 0) {
    throw new EmptyRepositoryError(
      `${remote} is empty${
        branch ? `, or has neither a branch ${branch} nor a default one` : ''
      }; push a first commit`,
    );
  }
  const known = `its branches are ${nameSome(branches)}`;
  if (branch) {
    throw new BranchNotFoundError(
      `${remote} has no branch ${branch}; ${known}`,
    );
  }
  throw new BranchNotFoundError(
    refs.has('HEAD')
      ? `${remote} names no default branch; name the branch to use: ${known}`
      : `The HEAD of ${remote} stands for a branch that is not there; name the branch to use: ${known}`,
  );
}

function branchesOf({ refs }: RemoteRefs): string[] {
  return [...refs.keys()]
    .filter(name => name.startsWith('refs/heads/'))
    .map(name => name.slice('refs/heads/'.length));
}

function nameSome(branches: readonly string[]): string {
  const named = branches.slice(0, NAMED_BRANCHES).join(', ');
  const others = branches.length - NAMED_BRANCHES;
  return others > 0 ? `${named} and ${others} more` : named;
}

/** Old servers do not say what HEAD stands for; one branch with its commit does. */
function guess(refs: Map<string, string>): string | undefined {
  const commit = refs.get('HEAD');
  const candidates = [...refs].filter(
    ([name, oid]) => name.startsWith('refs/heads/') && oid === commit,
  );
  return candidates.length === 1 ? candidates[0][0] : undefined;
}
