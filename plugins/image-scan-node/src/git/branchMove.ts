import { HttpError } from '../http';
import { parseAdvertisement } from './advertisement';
import {
  BranchMovedError,
  GitUnreachableError,
  PushRefusedError,
} from './errors';
import type { GitHttp } from './GitHttp';
import type { GitObject } from './objects';
import { pushCommit, PushFailure, toPushServer } from './receivePack';
import type { PushServer } from './receivePack';

/** How git writes that a branch is not there. */
const NOWHERE = '0'.repeat(40);
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** A rule against what this needs, where a push to a branch of users would need none. */
const FORCE_WORDS = /non-fast[- ]?forward|deletion|delete|force/i;

/** From where to where a branch of ours goes. */
export interface BranchMove {
  /** Without `refs/heads/`. */
  branch: string;
  /** The commit that it must be at; absent where there must be none. */
  expected?: string;
  /** Absent: it is deleted. */
  commit?: string;
  /** What the server may not have; not for a deletion. */
  objects?: readonly GitObject[];
}

/** What is seen of a remote before a push, and is what the push compares with. */
interface SeenRefs {
  server: PushServer;
  refs: ReadonlyMap<string, string>;
  capabilities: ReadonlySet<string>;
}

/**
 * Moves a branch that is ours alone to wherever it shall be, also back, or deletes it. The
 * server compares and sets, so it never goes over what somebody else pushed, and the same
 * move can be made twice.
 *
 * @throws BranchMovedError where the branch is somewhere else, PushRefusedError where the
 * server forbids the move: nothing was written
 */
export async function moveBranch(
  http: GitHttp,
  move: BranchMove,
): Promise<void> {
  const { branch, expected = NOWHERE, commit = NOWHERE, objects } = move;
  const seen = await see(http);
  const before = seen.refs.get(`refs/heads/${branch}`) ?? NOWHERE;
  if (before === commit) {
    return;
  }
  if (before !== expected) {
    throw new BranchMovedError(http.remote, branch);
  }
  checkPossible(http, move, seen);
  let failure: unknown;
  try {
    const isSure = await pushCommit(
      http.at(seen.server.base),
      seen.server,
      { oid: commit, parent: expected, branch },
      objects,
    );
    if (isSure) {
      return;
    }
  } catch (error) {
    failure = error;
  }
  await checkArrived(http, { branch, expected, commit }, failure);
}

async function see(http: GitHttp): Promise<SeenRefs> {
  const at = http.at();
  const { refs, capabilities } = parseAdvertisement(
    await at.advertisement({
      service: 'git-receive-pack',
      maxBytes: MAX_ANSWER_BYTES,
    }),
    at.remote,
    text => at.clean(text),
  );
  return { server: toPushServer(at.base, capabilities), refs, capabilities };
}

/** What a server would refuse in words that help nobody. */
function checkPossible(
  { remote }: GitHttp,
  { branch, commit }: BranchMove,
  { refs, capabilities }: SeenRefs,
): void {
  if (commit === undefined && !capabilities.has('delete-refs')) {
    throw new PushRefusedError(
      remote,
      branch,
      'it lets no branch be deleted by a push',
    );
  }
  const inTheWay = [...refs.keys()]
    .filter(name => name.startsWith('refs/heads/'))
    .map(name => name.slice('refs/heads/'.length))
    .find(
      other => branch.startsWith(`${other}/`) || other.startsWith(`${branch}/`),
    );
  if (commit !== undefined && inTheWay !== undefined) {
    throw new PushRefusedError(
      remote,
      branch,
      `there is a branch ${inTheWay}, and git keeps no branch inside of another`,
    );
  }
}

/** Looks where the branch is, whatever the server has said. */
async function checkArrived(
  http: GitHttp,
  move: { branch: string; expected: string; commit: string },
  failure: unknown,
): Promise<void> {
  if (failure instanceof HttpError) {
    // It may still be under way.
    throw failure;
  }
  const { branch, expected, commit } = move;
  const { refs } = await see(http).catch(error => {
    throw failure instanceof PushFailure
      ? toRefusal(http, branch, failure)
      : failure ?? error;
  });
  const now = refs.get(`refs/heads/${branch}`) ?? NOWHERE;
  if (now === commit) {
    return;
  }
  if (now !== expected) {
    throw new BranchMovedError(http.remote, branch);
  }
  if (failure instanceof PushFailure) {
    throw toRefusal(http, branch, failure);
  }
  throw (
    failure ??
    new GitUnreachableError(
      `${http.remote} took the push, but its branch ${branch} has not moved`,
    )
  );
}

function toRefusal(
  { remote }: GitHttp,
  branch: string,
  { reason, words }: PushFailure,
): PushRefusedError {
  return new PushRefusedError(
    remote,
    branch,
    FORCE_WORDS.test(reason)
      ? `${reason}; this branch is made anew for each change, so force pushes to it and its deletion must be allowed`
      : reason,
    words,
  );
}
