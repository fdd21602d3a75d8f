import { HttpError } from '../http';
import {
  BranchMovedError,
  BranchNotFoundError,
  GitAuthError,
  GitTimeoutError,
  isBusy,
  PushRefusedError,
  RemoteFailureError,
  RepositoryNotFoundError,
  StaleConnectionLostError,
  GitUnreachableError,
} from './errors';
import type { GitHttp } from './GitHttp';
import type { GitCommit } from './GitRemote';
import type { GitObject } from './objects';
import { findPushServer, pushCommit, PushFailure } from './receivePack';
import type { PushServer } from './receivePack';

// Each host has words of its own, so they decide only where the branch is not
// seen to have moved: what is read may lag behind what is written.
const RACE_WORDS =
  /fetch first|non-fast[- ]?forward|stale info|incorrect old value|invalid old id|but expected|(ref|reference|branch|tip|head)\b.*\b(already|has|was)( been)? (updated|changed|moved)/i;

/** A rule of people refuses until they change it, whatever else its words say. */
const RULE_WORDS =
  /hook|protect|declin|den(y|ied)|prohibit|forbid|permi(t|ssion)|polic|not allowed|reject|must /i;

/** Troubles of the server itself. */
const TROUBLE_WORDS =
  /lock|failed to update ref|unpack|unable to|disk|space|memory|time|try again|temporar|unavailable|internal|busy/i;

/** The server took a push, and only a look at the branch tells what it did. */
class UnconfirmedError extends Error {}

export interface PushOptions {
  http: GitHttp;
  /** What was learned at an earlier push. */
  known?: PushServer;
  commit: GitCommit;
  objects: readonly GitObject[];
  /** The commit that the branch is at now. */
  look: () => Promise<string>;
  /** Whether the commit is at or behind the head of the branch. */
  contains: () => Promise<boolean>;
}

/**
 * A push whose outcome is found out by looking where the branch is, never by the
 * server's wording alone.
 *
 * What was remembered of a server may have become wrong, and a kept connection
 * may be lost before anything was answered. The push is then sent once more,
 * which is safe: it names the commit that the branch must be at.
 */
export class Push {
  readonly #options: PushOptions;

  constructor(options: PushOptions) {
    this.#options = options;
  }

  /**
   * @returns what was learned of the server
   * @throws BranchMovedError and PushRefusedError, where nothing was written, and
   *   `GitUnreachableError` where that is not known
   */
  async run(): Promise<PushServer> {
    const { known } = this.#options;
    const server = known ?? (await this.#learn());
    let failure: unknown;
    try {
      await this.#send(server);
      return server;
    } catch (error) {
      failure = error;
    }
    if (this.#isMisplaced(failure) || !(await this.#hasArrived(failure))) {
      if (!this.#mayBeOutdated(failure)) {
        throw this.#toError(failure);
      }
      return this.#sendAgain(failure);
    }
    return server;
  }

  async #learn(): Promise<PushServer> {
    const { http, commit } = this.#options;
    return findPushServer(http.at(), commit);
  }

  async #send(server: PushServer): Promise<void> {
    const { http, commit, objects } = this.#options;
    const at = http.at(server.base);
    if (!(await pushCommit(at, server, commit, objects))) {
      throw new UnconfirmedError();
    }
  }

  async #sendAgain(first: unknown): Promise<PushServer> {
    try {
      const server = await this.#learn();
      try {
        await this.#send(server);
      } catch (error) {
        if (!(await this.#hasArrived(error))) {
          throw this.#toError(error);
        }
      }
      return server;
    } catch (error) {
      // What the second one was told says nothing about one still under way.
      throw isDefinite(first) ? error : this.#toError(first);
    }
  }

  /** Refused at a place that a redirect of earlier led to. */
  #isMisplaced(error: unknown): boolean {
    const { http, known } = this.#options;
    return (
      isNoEntry(error) &&
      known !== undefined &&
      known.base.href !== http.at().base.href
    );
  }

  #mayBeOutdated(error: unknown): boolean {
    return (
      error instanceof StaleConnectionLostError ||
      (this.#options.known !== undefined && !(error instanceof PushFailure))
    );
  }

  /**
   * Looks where the branch is after a push that failed.
   *
   * @returns whether it is at the commit or beyond it; where it is not, the push
   *   has not arrived yet
   * @throws BranchMovedError
   */
  async #hasArrived(error: unknown): Promise<boolean> {
    const { http, commit, look, contains } = this.#options;
    if (isFinal(error)) {
      throw error;
    }
    let where: string;
    try {
      where = await look();
    } catch (reason) {
      // The server cannot be asked. What it said before is all that is known.
      throw reason instanceof BranchNotFoundError && isDefinite(error)
        ? reason
        : this.#toError(error);
    }
    if (where === commit.oid) {
      return true;
    }
    if (where === commit.parent) {
      return false;
    }
    const moved = new BranchMovedError(http.remote, commit.branch);
    if (error instanceof PushFailure) {
      throw moved;
    }
    // Others may have pushed on top of it meanwhile.
    let isThere: boolean;
    try {
      isThere = await contains();
    } catch {
      throw this.#toError(error);
    }
    if (!isThere) {
      throw isDefinite(error) ? moved : this.#toError(error);
    }
    return true;
  }

  /** What callers are told of a push that did not move the branch. */
  #toError(error: unknown): unknown {
    const { http, commit } = this.#options;
    const { remote } = http;
    if (error instanceof UnconfirmedError) {
      return new GitUnreachableError(
        `${remote} took the push, but its branch ${commit.branch} has not moved`,
      );
    }
    if (!(error instanceof PushFailure)) {
      return error;
    }
    const { reason, words } = error;
    const isRule = RULE_WORDS.test(reason);
    if (!isRule && RACE_WORDS.test(reason)) {
      return new BranchMovedError(remote, commit.branch, false);
    }
    return new PushRefusedError(
      remote,
      commit.branch,
      reason,
      words,
      !isRule && TROUBLE_WORDS.test(reason),
    );
  }
}

function isNoEntry(error: unknown): boolean {
  return (
    error instanceof GitAuthError || error instanceof RepositoryNotFoundError
  );
}

/** Failures of which a look at the branch would tell nothing, or too early. */
function isFinal(error: unknown): boolean {
  return (
    error instanceof HttpError ||
    error instanceof GitTimeoutError ||
    isNoEntry(error) ||
    isBusy(error)
  );
}

/** Whether the server has ended the push, so that it cannot arrive any more. */
function isDefinite(error: unknown): boolean {
  const isRefused =
    error instanceof GitUnreachableError &&
    error.status !== undefined &&
    error.status >= 400 &&
    error.status < 500;
  return (
    isRefused ||
    isNoEntry(error) ||
    error instanceof PushFailure ||
    error instanceof RemoteFailureError ||
    error instanceof UnconfirmedError
  );
}
