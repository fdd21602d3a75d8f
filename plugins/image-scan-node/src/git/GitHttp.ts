import type { GitCredentials } from '../types';
import { HttpError, readBody } from '../http';
import type { HttpResponse, HttpTransport } from '../http';
import { cleanRemoteText, secretsOfHeader } from '../remoteText';
import { StaleConnectionError } from '../http/HttpTransport';
import {
  GitAuthError,
  GitTimeoutError,
  GitUnreachableError,
  NotGitError,
  RepositoryNotFoundError,
  StaleConnectionLostError,
  UnsupportedRepositoryError,
} from './errors';
import { readErrorWords } from './errorWords';
import { startDeadline } from './exchangeDeadline';
import type { ExchangeDeadline } from './exchangeDeadline';

export type GitService = 'git-upload-pack' | 'git-receive-pack';

export interface GitHttpOptions {
  url: URL;
  credentials?: GitCredentials;
  transport: HttpTransport;
  signal?: AbortSignal;
  /**
   * Milliseconds for one exchange, from the question to the end of the answer
   * with all redirects between; default 2 minutes.
   */
  timeout?: number;
  /** Where requests go first, such as where redirects led before; default the URL. */
  base?: URL;
}

export interface GitHttpRequest {
  service: GitService;
  /** With 2 the Git-Protocol header asks for it. */
  protocol?: 2;
  /** More than this in the answer is an `UnsupportedRepositoryError`. */
  maxBytes: number;
}

// Servers tell git from browsers by this prefix.
const USER_AGENT = 'git/backstage-plugin-image-scan';
const IDLE_TIMEOUT = 60_000;
/** Milliseconds for one exchange, where a host is given no other time. */
export const DEFAULT_TIMEOUT = 120_000;
const MAX_REDIRECTS = 5;

/**
 * The two requests of git's smart HTTP protocol, for one piece of work with one
 * set of credentials.
 *
 * Redirects are followed here, for POST too, because a renamed repository must
 * go on working. Credentials are sent to the origin of the configured URL alone.
 * Everything that goes wrong becomes one of the errors in `errors.ts`, in the
 * server's own words where it has some; only an abort stays an `HttpError`.
 */
export class GitHttp {
  /** Names the remote in errors: the configured URL, which holds no credentials. */
  readonly remote: string;
  // Follows redirects; always without a slash at its end.
  #base: URL;
  /** What must not come back in any text. */
  readonly #secrets: string[];
  readonly #authHeaders: Record<string, string>;
  readonly #timeout: number;

  readonly #options: GitHttpOptions;

  constructor(options: GitHttpOptions) {
    this.#options = options;

    this.remote = options.url.href;
    this.#base =
      options.base ??
      withPath(options.url, options.url.pathname.replace(/\/+$/, ''));
    this.#authHeaders = toHeaders(options.credentials);
    this.#timeout = options.timeout ?? DEFAULT_TIMEOUT;
    this.#secrets = Object.values(this.#authHeaders).flatMap(secretsOfHeader);
  }

  /** Where the next request goes: the URL, or where redirects have led. */
  get base(): URL {
    return this.#base;
  }

  /** The same from another place, without one from the URL. */
  at(base?: URL): GitHttp {
    return new GitHttp({ ...this.#options, base });
  }

  /** GET info/refs: what the service has and can do. */
  async advertisement(request: GitHttpRequest): Promise<Buffer> {
    return this.#exchange(request, lookMessage(request));
  }

  /** POST to the service. */
  async call(request: GitHttpRequest, body: Buffer): Promise<Buffer> {
    return this.#exchange(request, callMessage(request, body));
  }

  /**
   * The same piece by piece, for who does not keep all of it: POST with a body, else GET
   * info/refs. The time for the exchange counts until the last piece was taken.
   */
  async *stream(
    request: GitHttpRequest,
    body?: Buffer,
  ): AsyncGenerator<Buffer, void> {
    const deadline = startDeadline(this.#timeout, this.#options.signal);
    try {
      const response = await this.#answer(
        request,
        body ? callMessage(request, body) : lookMessage(request),
        deadline.signal,
      );
      let size = 0;
      for await (const piece of response.body) {
        size += piece.length;
        if (size > request.maxBytes) {
          response.discard();
          throw new HttpError('too-large', 'The answer is too large');
        }
        yield piece;
      }
    } catch (error) {
      throw this.#toExchangeError(error, request, deadline);
    } finally {
      deadline.stop();
    }
  }

  /** One line that can be shown, from what the server said. */
  clean(text: string): string {
    return cleanRemoteText(text, this.#secrets);
  }

  async #exchange(request: GitHttpRequest, message: Message): Promise<Buffer> {
    const deadline = startDeadline(this.#timeout, this.#options.signal);
    try {
      const response = await this.#answer(request, message, deadline.signal);
      return await readBody(response, request.maxBytes);
    } catch (error) {
      throw this.#toExchangeError(error, request, deadline);
    } finally {
      deadline.stop();
    }
  }

  /** The answer of a git server, its body not read yet. */
  async #answer(
    request: GitHttpRequest,
    message: Message,
    signal: AbortSignal | undefined,
  ): Promise<HttpResponse> {
    const response = await this.#send(request, message, signal);
    const { status, headers } = response;
    if (status === 203) {
      // How Azure answers credentials that it does not know.
      response.discard();
      throw this.#signInError();
    }
    if (status !== 200) {
      throw await this.#statusError(response);
    }
    const [contentType] = (headers['content-type'] ?? '').split(';');
    if (contentType.trim() !== message.contentType) {
      response.discard();
      throw new NotGitError(
        `${this.#where()} answered, but not as a git server (content type ${this.clean(
          headers['content-type'] ?? 'missing',
        )}); is it the URL of a repository, and does it ask for a sign-in?`,
      );
    }
    return response;
  }

  async #send(
    { protocol, service }: GitHttpRequest,
    message: Message,
    signal: AbortSignal | undefined,
  ): Promise<HttpResponse> {
    const { transport, url: home } = this.#options;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const url = withPath(this.#base, this.#base.pathname + message.path);
      url.search = message.search;
      const response = await transport.request({
        method: message.method,
        url,
        headers: {
          'user-agent': USER_AGENT,
          ...(protocol === 2 ? { 'git-protocol': 'version=2' } : {}),
          ...message.headers,
          ...(url.origin === home.origin ? this.#authHeaders : {}),
        },
        body: message.body,
        signal,
        idleTimeout: IDLE_TIMEOUT,
        isRepeatable: service === 'git-upload-pack',
      });
      if (![301, 302, 303, 307, 308].includes(response.status)) {
        return response;
      }
      response.discard();
      this.#base = this.#redirected(
        url,
        response.headers.location,
        message.path,
      );
    }
    throw new GitUnreachableError(
      `${this.remote} redirects more than ${MAX_REDIRECTS} times`,
    );
  }

  /** The new base, provided that the redirect goes to the same part of a repository. */
  #redirected(from: URL, location: string | undefined, path: string): URL {
    const to =
      location && URL.canParse(location, from)
        ? new URL(location, from)
        : undefined;
    const isWeb = to?.protocol === 'https:' || to?.protocol === 'http:';
    if (
      to &&
      isWeb &&
      !to.pathname.endsWith(path) &&
      to.hostname !== from.hostname
    ) {
      throw this.#signInError(to);
    }
    if (!to || !isWeb || !to.pathname.endsWith(path)) {
      throw new NotGitError(
        `${this.remote} redirects${
          to && isWeb ? ` to ${this.clean(to.origin)}, but` : ','
        } not to a git repository; is it the URL of a repository, and does it ask for a sign-in?`,
      );
    }
    if (from.protocol === 'https:' && to.protocol !== 'https:') {
      throw new GitUnreachableError(
        `${this.remote} redirects away from https to ${this.clean(
          to.origin,
        )}, which is not followed`,
      );
    }
    return withPath(to, to.pathname.slice(0, -path.length));
  }

  /** A page for people to sign in at is how some hosts refuse credentials. */
  #signInError(to?: URL): GitAuthError {
    const advice =
      this.#secrets.length > 0
        ? 'the credentials are wrong or have expired'
        : 'name credentials that may read and write it';
    return new GitAuthError(
      `${this.#where()} answered with a page${
        to ? ` at ${this.clean(to.origin)}` : ''
      } to sign in at; ${advice}`,
    );
  }

  async #statusError(response: HttpResponse): Promise<Error> {
    const { status } = response;
    const said = this.clean(
      await readErrorWords(response, this.#options.signal),
    );
    const words = said ? `: ${said}` : '';
    const where = this.#where();
    const isHome = this.#base.origin === this.#options.url.origin;
    if (status === 401 || status === 403 || status === 407) {
      let advice = 'name credentials that may read and write it';
      if (!isHome) {
        advice =
          'credentials are not sent to another host than the configured one; configure the new URL';
      } else if (status === 401 && this.#secrets.length > 0) {
        advice = 'the credentials are wrong or have expired';
      }
      return new GitAuthError(
        `${where} refused access (${status})${words}; ${advice}`,
      );
    }
    if (status === 404 || status === 410) {
      return new RepositoryNotFoundError(
        `There is no repository at ${where} (${status}), or none that these credentials may see${words}`,
      );
    }
    return new GitUnreachableError(
      `${where} answered with status ${status}${words}`,
      status,
    );
  }

  /** The remote, and where it redirected to. */
  #where(): string {
    const { url } = this.#options;
    return this.#base.origin === url.origin &&
      this.#base.pathname === url.pathname.replace(/\/+$/, '')
      ? this.remote
      : `${this.remote} (redirected to ${this.clean(this.#base.href)})`;
  }

  #toExchangeError(
    error: unknown,
    request: GitHttpRequest,
    deadline: ExchangeDeadline,
  ): unknown {
    return error instanceof HttpError && deadline.isOver()
      ? new GitTimeoutError(
          `${this.remote} took longer than ${
            this.#timeout / 1000
          } s for one request, the most that it may take; a slow git host can be given more time`,
        )
      : this.#toGitError(error, request);
  }

  #toGitError(error: unknown, { maxBytes }: GitHttpRequest): unknown {
    if (!(error instanceof HttpError) || error.category === 'aborted') {
      return error;
    }
    if (error.category === 'too-large') {
      return new UnsupportedRepositoryError(
        `${this.remote} answered with more than ${Math.ceil(
          maxBytes / 1024 / 1024,
        )} MiB, more than is read`,
      );
    }
    const message = `The git remote ${this.remote} failed: ${this.clean(
      error.message,
    )}`;
    if (error instanceof StaleConnectionError) {
      return new StaleConnectionLostError(message);
    }
    return error.category === 'timeout'
      ? new GitTimeoutError(message)
      : new GitUnreachableError(message);
  }
}

interface Message {
  method: 'GET' | 'POST';
  /** Below the repository's URL. */
  path: string;
  search: string;
  headers: Record<string, string>;
  body?: Buffer;
  /** What the answer must be. */
  contentType: string;
}

function lookMessage({ service }: GitHttpRequest): Message {
  return {
    method: 'GET',
    path: '/info/refs',
    search: `?service=${service}`,
    headers: {},
    contentType: `application/x-${service}-advertisement`,
  };
}

function callMessage({ service }: GitHttpRequest, body: Buffer): Message {
  return {
    method: 'POST',
    path: `/${service}`,
    search: '',
    body,
    headers: {
      'content-type': `application/x-${service}-request`,
      'content-length': String(body.length),
      accept: `application/x-${service}-result`,
    },
    contentType: `application/x-${service}-result`,
  };
}

function withPath(url: URL, pathname: string): URL {
  const result = new URL(url.origin);
  result.pathname = pathname;
  return result;
}

function toHeaders(credentials?: GitCredentials): Record<string, string> {
  if (!credentials) {
    return {};
  }
  if ('headers' in credentials) {
    return Object.fromEntries(
      Object.entries(credentials.headers).map(([name, value]) => [
        name.toLowerCase(),
        value,
      ]),
    );
  }
  const { username, password } = credentials;
  const basic = Buffer.from(`${username}:${password}`).toString('base64');
  return { authorization: `Basic ${basic}` };
}
