import {
  ConflictError,
  NotFoundError,
  NotImplementedError,
  ServiceUnavailableError,
} from '@backstage/errors';

/**
 * A push lost a race: the branch is no longer where it was read. Nothing was
 * written; open the remote again and redo the change.
 *
 * @public
 */
export class BranchMovedError extends ConflictError {
  constructor(remote: string, branch: string) {
    super(
      `The branch ${branch} of ${remote} has moved since it was read; read it again and redo the change`,
    );
  }
}

/**
 * The remote's rules refused a push: a protected branch or a hook. Nothing was
 * written, and the same push will be refused until the rules change.
 *
 * @public
 */
export class PushRefusedError extends ConflictError {
  constructor(
    remote: string,
    branch: string,
    /** The reason git gives, such as `pre-receive hook declined`. */
    readonly reason: string,
    /** What the remote said, in its own words: one line of at most 1 KiB. */
    readonly remoteMessage?: string,
  ) {
    super(
      `${remote} refused the push to ${branch}: ${reason}${
        remoteMessage ? `; it says: ${remoteMessage}` : ''
      }. Let the account of this git repo push to the branch, or name another branch`,
    );
  }
}

/** The remote wants credentials, or others (401, 403). @public */
export class GitAuthError extends ServiceUnavailableError {}

/** There is no repository at the URL, or none that these credentials may see. @public */
export class RepositoryNotFoundError extends NotFoundError {}

/** The repository has no such branch. @public */
export class BranchNotFoundError extends NotFoundError {}

/** The repository has no commit yet. @public */
export class EmptyRepositoryError extends NotFoundError {}

/**
 * A repository or server that cannot be used: SHA-256 object names, too large,
 * without shallow fetches.
 *
 * @public
 */
export class UnsupportedRepositoryError extends NotImplementedError {}

/**
 * The remote could not be reached, failed, or broke off its answer. Trying again
 * later may help.
 *
 * @public
 */
export class GitUnreachableError extends ServiceUnavailableError {
  constructor(
    message: string,
    /** The HTTP status, where that is what failed. */
    readonly status?: number,
  ) {
    super(message);
  }
}

/** The remote was silent for too long. @public */
export class GitTimeoutError extends GitUnreachableError {}
