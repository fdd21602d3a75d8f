import { CustomErrorBase, isError, toError } from '@backstage/errors';

/**
 * Why an exchange over HTTP failed: `unreachable` is the network (name,
 * connection, reset), `tls` a certificate or handshake, `timeout` silence or a
 * deadline, `refused-address` a host this side may not reach, `too-large` a body
 * over its cap, `aborted` the caller's own signal, `invalid-response` bytes that
 * are no HTTP or not what was asked for.
 *
 * @public
 */
export type HttpErrorCategory =
  | 'unreachable'
  | 'tls'
  | 'timeout'
  | 'refused-address'
  | 'too-large'
  | 'aborted'
  | 'invalid-response';

/**
 * An exchange that brought no usable response. A status such as 404 is a
 * response, never this error. The message names the host, mostly as its first
 * word, and the reason; it holds no query and no header.
 *
 * @public
 */
export class HttpError extends CustomErrorBase {
  name = 'HttpError' as const;
  readonly cause?: Error;

  readonly category: HttpErrorCategory;

  constructor(category: HttpErrorCategory, message: string, cause?: unknown) {
    // The base would append the words of the cause, which the message has.
    super(message);
    this.category = category;

    this.cause = cause === undefined ? undefined : toError(cause);
  }
}

const TLS_CODES =
  /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|EPROTO$)/;

function codeOf(error: unknown): string {
  return isError(error) && 'code' in error ? String(error.code) : '';
}

/**
 * Puts an error of `node:http`, `node:tls` or the name lookup into one of our
 * categories; an `HttpError` is returned as it is.
 */
export function toHttpError(error: unknown, host: string): HttpError {
  if (error instanceof HttpError) {
    return error;
  }
  const code = codeOf(error);
  if (TLS_CODES.test(code)) {
    return new HttpError(
      'tls',
      `${host} could not be reached over TLS: ${reasonOf(error)}`,
      error,
    );
  }
  if (code.startsWith('HPE_') || code.startsWith('Z_')) {
    return new HttpError(
      'invalid-response',
      `${host} answered with something that is not HTTP: ${reasonOf(error)}`,
      error,
    );
  }
  return new HttpError(
    'unreachable',
    `${host} could not be reached: ${reasonOf(error)}`,
    error,
  );
}

/** The reason in one line; several failed addresses arrive as an AggregateError. */
export function reasonOf(error: unknown): string {
  if (
    isError(error) &&
    Array.isArray(error.errors) &&
    error.errors.length > 0
  ) {
    return reasonOf(error.errors[0]);
  }
  const text = isError(error) ? error.message : String(error);
  const line = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return line.slice(0, 300) || codeOf(error) || 'unknown error';
}
