import { CustomErrorBase, toError } from '@backstage/errors';
import type { HttpError } from '../http';
import { cleanRemoteText } from '../remoteText';
import type { ImageReference } from './imageReference';
import { isObject } from '../json';

/**
 * Why a registry gave no result. `denied` is a 403, which some registries also
 * answer for what does not exist; `invalid-response` is an answer that breaks
 * the protocol, a list that never ends included.
 *
 * @public
 */
export type RegistryErrorCategory =
  | 'unauthorized'
  | 'denied'
  | 'not-found'
  | 'rate-limited'
  | 'unreachable'
  | 'tls'
  | 'timeout'
  | 'invalid-response'
  | 'too-large'
  | 'refused-address'
  | 'server-error';

/** @public */
export interface RegistryErrorOptions {
  status?: number;
  retryAfter?: number;
  cause?: unknown;
}

/**
 * A registry that gave no result. The message begins with the image, where it is
 * about one, names the host where that is another than the image's, and may quote
 * the registry, at most 1 KiB; it never holds credentials, tokens or the query of
 * a URL.
 *
 * @public
 */
export class RegistryError extends CustomErrorBase {
  name = 'RegistryError' as const;
  /** The HTTP status that said so, where one did. */
  readonly status?: number;
  /** Milliseconds until the registry wants to be asked again, where it said so. */
  readonly retryAfter?: number;
  readonly cause?: Error;

  readonly category: RegistryErrorCategory;

  constructor(
    category: RegistryErrorCategory,
    message: string,
    options: RegistryErrorOptions = {},
  ) {
    // The base would append the words of the cause, which the message has.
    super(message);
    this.category = category;

    this.cause =
      options.cause === undefined ? undefined : toError(options.cause);
    this.status = options.status;
    this.retryAfter = options.retryAfter;
  }
}

/**
 * A `RegistryError` about an image. A text that begins with a host gets another
 * subject where the image's name, which comes before it, has that host already.
 */
export function registryError(
  image: ImageReference,
  category: RegistryErrorCategory,
  text: string,
  options?: RegistryErrorOptions,
): RegistryError {
  const { canonicalName, registry } = image;
  const words = text.startsWith(`${registry} `)
    ? `the registry${text.slice(registry.length)}`
    : text;
  return new RegistryError(category, `${canonicalName}: ${words}`, options);
}

/** An exchange that failed, as an error about an image. */
export function fromHttpError(
  image: ImageReference,
  error: HttpError,
): RegistryError {
  // The abort of a scan is told by its own reason; here it means silence.
  const category = error.category === 'aborted' ? 'timeout' : error.category;
  return registryError(image, category, error.message, { cause: error });
}

/** A status that is no success, as an error about an image. */
export function fromStatus(
  image: ImageReference,
  response: { host: string; status: number; words: string },
  retryAfter?: number,
): RegistryError {
  const { host, status, words } = response;
  const quoted = words ? `: ${words}` : '';
  return registryError(
    image,
    categoryOf(status),
    `${host} answered ${status}${describeStatus(status)}${quoted}`,
    { status, retryAfter },
  );
}

function categoryOf(status: number): RegistryErrorCategory {
  switch (status) {
    case 401:
      return 'unauthorized';
    case 403:
      return 'denied';
    case 404:
      return 'not-found';
    case 407:
      return 'unreachable';
    case 408:
      return 'timeout';
    case 429:
      return 'rate-limited';
    default:
      return status >= 500 ? 'server-error' : 'invalid-response';
  }
}

function describeStatus(status: number): string {
  const texts: Record<number, string> = {
    401: ' (sign-in needed or refused)',
    403: ' (access denied)',
    404: ' (not found)',
    407: ' (the proxy wants credentials)',
    429: ' (too many requests)',
  };
  return texts[status] ?? '';
}

/**
 * What a registry says in an error body, fit to be shown: the messages of the
 * protocol's JSON or plain text, without the given secrets, which some servers
 * echo.
 */
export function registryWords(
  body: Buffer,
  contentType: string | undefined,
  secrets: readonly string[],
): string {
  return cleanRemoteText(
    messagesOf(body.toString('utf8'), contentType ?? ''),
    secrets,
  );
}

function messagesOf(text: string, contentType: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Not JSON, so at most plain text: a page of HTML tells a person nothing.
    return /html|xml/i.test(contentType) || /^\s*</.test(text) ? '' : text;
  }
  const fields = isObject(parsed) ? parsed : {};
  const errors = Array.isArray(fields.errors) ? fields.errors : [fields];
  return errors
    .filter(isObject)
    .map(({ code, message, details, error, error_description }) =>
      [code, error, message, details, error_description]
        .filter(part => typeof part === 'string' && part !== '')
        .join(': '),
    )
    .filter(part => part !== '')
    .join('; ');
}
