import { ServiceUnavailableError } from '@backstage/errors';

/**
 * Why a forge did not do what it was asked for: `unauthorized` is a credential that is
 * missing or not valid, `forbidden` one without the right, `not-found` a repository, pull
 * request or person that is not there or not shown, `exists` a pull request that is open
 * already, `nothing-to-merge` a branch without changes, `stale` a pull request that was
 * changed since it was read, `refused` a rule of the forge, `busy` a limit of requests,
 * `unavailable` a failure of its own or an answer that cannot be read, `unsupported`
 * something that this kind of forge has not.
 *
 * @public
 */
export type ForgeErrorCategory =
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'exists'
  | 'nothing-to-merge'
  | 'stale'
  | 'refused'
  | 'busy'
  | 'unavailable'
  | 'unsupported';

/**
 * A forge that did not do what it was asked for. The message names the host, the status
 * and, where it may lack, the right that is needed; it may quote the forge, at most
 * 1 KiB, and never holds a credential.
 *
 * @public
 */
export class ForgeError extends ServiceUnavailableError {
  readonly category: ForgeErrorCategory;
  /** The HTTP status that said so, where one did. */
  readonly status?: number;
  /** Milliseconds until the forge wants to be asked again, where it is `busy`. */
  readonly retryAfter?: number;

  constructor(
    category: ForgeErrorCategory,
    message: string,
    options: { status?: number; retryAfter?: number } = {},
  ) {
    super(message);
    this.category = category;
    this.status = options.status;
    this.retryAfter = options.retryAfter;
  }
}
