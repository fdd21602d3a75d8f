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
  readonly isSeen: boolean;

  constructor(
    remote: string,
    branch: string,
    /**
     * Whether the branch was seen somewhere else. False where only the remote's
     * words say so, as when what is read lags behind: pause before trying again.
     */
    isSeen = true,
  ) {
    super(
      isSeen
        ? `The branch ${branch} of ${remote} has moved since it was read; read it again and redo the change`
        : `${remote} says that its branch ${branch} has moved, but shows it where it was read; try again in a while`,
    );
    this.isSeen = isSeen;
  }
}

/**
 * The remote refused a push although the branch is where it was read. Nothing
 * was written.
 *
 * @public
 */
export class PushRefusedError extends ConflictError {
  readonly reason: string;
  readonly remoteMessage?: string;
  readonly isTemporary: boolean;

  constructor(
    remote: string,
    branch: string,
    /** The reason git gives, such as `pre-receive hook declined`. */
    reason: string,
    /** What the remote said, in its own words: one line of at most 1 KiB. */
    remoteMessage?: string,
    /**
     * Whether the trouble is the server's own, such as a lock that somebody else
     * holds or a full disk: the same push may succeed later, so try again with
     * growing pauses. False for rules (a protected branch, a hook), which refuse
     * it until they change.
     */
    isTemporary = false,
  ) {
    super(
      `${remote} refused the push to ${branch}: ${reason}${
        remoteMessage ? `; it says: ${remoteMessage}` : ''
      }. ${
        isTemporary
          ? 'The branch has not moved; if this stays, look for a lock file or a full disk on the server'
          : 'Let the account of this git repo push to the branch, or name another branch'
      }`,
    );
    this.reason = reason;
    this.remoteMessage = remoteMessage;
    this.isTemporary = isTemporary;
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
  readonly status?: number;

  constructor(
    message: string,
    /** The HTTP status, where that is what failed. */
    status?: number,
  ) {
    super(message);
    this.status = status;
  }
}

/** The remote was silent for too long. @public */
export class GitTimeoutError extends GitUnreachableError {}

/**
 * An answer that ends too early or is none of git's protocol: what came in
 * between is at fault, and says nothing about what the server can do.
 */
export class BrokenAnswerError extends GitUnreachableError {}

/** A server that says in git's protocol why it does not go on. */
export class RemoteFailureError extends GitUnreachableError {}

/** An answer that is not a git server's, such as the page of a gateway. */
export class NotGitError extends GitUnreachableError {}

/** A kept connection was closed before anything of an answer had arrived. */
export class StaleConnectionLostError extends GitUnreachableError {}

/** A server that asks to be left alone; it is not asked in another way. */
export function isBusy(error: unknown): boolean {
  return (
    error instanceof GitUnreachableError &&
    (error.status === 429 || error.status === 503)
  );
}
