import type { z } from 'zod/v4';
import type { HttpResponse, HttpTransport } from '../http';
import { HttpError, readBody } from '../http';
import { readJson } from '../json';
import { cleanRemoteText, secretsOfHeader } from '../remoteText';
import { parseRetryAfter } from '../retryAfter';
import { neededRights } from './capabilities';
import type { ForgeType } from './Forge';
import { ForgeError } from './ForgeError';
import type { ForgeErrorCategory } from './ForgeError';
import type { ForgePauses } from './ForgePauses';
import { forgeWords } from './forgeWords';

/** @public */
export interface ForgeConnection {
  /** Where the API is, such as `https://api.github.com`. */
  apiBaseUrl: string;
  /**
   * The Authorization header, asked for at every request, so that it can expire; sent
   * only to the origin (scheme, host and port) of the API.
   */
  authorization: () => Promise<string | undefined>;
  transport: HttpTransport;
  pauses: ForgePauses;
  /** Milliseconds for one request and its answer; default a minute. */
  timeout?: number;
}

/** One request to the API of a forge. */
export interface ForgeCall {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base of the API, encoded, with a slash at its start. */
  path: string;
  /** Another base, on the same origin. */
  base?: string;
  query?: readonly (readonly [string, string])[];
  body?: object;
  /** What it does, for errors: `opening a pull request`. */
  does: string;
  signal?: AbortSignal;
}

/** Says what a refusal means where its status alone does not. */
export type ReadRefusal = (
  status: number,
  words: string,
) => ForgeErrorCategory | undefined;

const DEFAULT_TIMEOUT = 60_000;
/** Ten pull requests with the longest bodies fit. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MAX_ERROR_BYTES = 256 * 1024;
const MAX_REDIRECTS = 3;
/** Waited where a forge that is busy does not say how long. */
const DEFAULT_PAUSE = 60_000;
const LONGEST_PAUSE = 60 * 60_000;
/** Bitbucket Cloud says so of a request that took it too long. */
const OWN_TIMEOUT_STATUS = 555;

/**
 * JSON over the guarded transport with one forge, on behalf of one repository. Whatever
 * goes wrong becomes a `ForgeError` that names the host, the status and the right that
 * may be missing.
 */
export class ForgeHttp {
  readonly #type: ForgeType;
  readonly #connection: ForgeConnection;
  readonly #readRefusal: ReadRefusal;
  readonly #base: URL;

  constructor(
    type: ForgeType,
    connection: ForgeConnection,
    readRefusal: ReadRefusal,
  ) {
    this.#type = type;
    this.#connection = connection;
    this.#readRefusal = readRefusal;
    this.#base = new URL(connection.apiBaseUrl);
  }

  /**
   * Sends a request and reads its answer.
   *
   * @param refusal - the words of an answer whose status says yes and whose body says no
   */
  async ask<T>(
    call: ForgeCall,
    shape: z.ZodType<T>,
    refusal?: (answer: T) => string | undefined,
  ): Promise<T> {
    const { response, headers } = await this.#exchange(call);
    const parsed = shape.safeParse(
      await this.#json(response, call, MAX_ANSWER_BYTES),
    );
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw this.#error(
        'unavailable',
        call.does,
        `with something else than was asked for: ${
          issue.path.map(String).join('.') || 'all of it'
        } cannot be used`,
        { headers },
      );
    }
    const words = refusal?.(parsed.data);
    if (words !== undefined) {
      throw this.#error('refused', call.does, 'with errors', {
        words,
        headers,
      });
    }
    return parsed.data;
  }

  /** Sends a request whose answer tells nothing more. */
  async send(call: ForgeCall): Promise<void> {
    const { response } = await this.#exchange(call);
    // A page to sign in is no answer to anything.
    if (isPage(response)) {
      response.discard();
      throw this.#signInPage(call);
    }
    await readBody(response, MAX_ANSWER_BYTES);
  }

  async #exchange(
    call: ForgeCall,
  ): Promise<{ response: HttpResponse; headers: Record<string, string> }> {
    const authorization = await this.#connection.authorization();
    this.#checkPause(call, authorization);
    const headers: Record<string, string> = {
      accept: 'application/json',
      ...(call.body ? { 'content-type': 'application/json' } : {}),
      ...(authorization === undefined ? {} : { authorization }),
    };
    const response = await this.#follow(call, headers);
    if (response.status >= 200 && response.status < 300) {
      return { response, headers };
    }
    throw await this.#refusal(response, call, headers);
  }

  #checkPause(call: ForgeCall, authorization: string | undefined): void {
    const { host } = this.#base;
    const left = this.#connection.pauses.left(host, authorization);
    if (left > 0) {
      throw new ForgeError(
        'busy',
        `${host} asked to be left alone; ${
          call.does
        } waits for another ${Math.ceil(left / 1000)} s`,
        { retryAfter: left },
      );
    }
  }

  /** A repository that was renamed goes on working, on the same origin. */
  async #follow(
    call: ForgeCall,
    headers: Record<string, string>,
  ): Promise<HttpResponse> {
    const { transport, timeout = DEFAULT_TIMEOUT } = this.#connection;
    const deadline = AbortSignal.timeout(timeout);
    const signal = call.signal
      ? AbortSignal.any([call.signal, deadline])
      : deadline;
    let url = this.#url(call);
    for (let step = 0; ; step += 1) {
      const response = await transport.request({
        method: call.method,
        url,
        headers,
        body: call.body && Buffer.from(JSON.stringify(call.body)),
        signal,
      });
      const target = redirectTarget(response);
      const keepsMethod =
        call.method === 'GET' || [307, 308].includes(response.status);
      if (!target || !keepsMethod || target.origin !== this.#base.origin) {
        return response;
      }
      response.discard();
      if (step === MAX_REDIRECTS) {
        throw new HttpError(
          'invalid-response',
          `${url.host} redirects more than ${MAX_REDIRECTS} times`,
        );
      }
      url = target;
    }
  }

  #url({ path, query = [], base }: ForgeCall): URL {
    const start = (base ?? this.#base.href).replace(/\/+$/, '');
    const url = new URL(`${start}${path}`);
    for (const [name, value] of query) {
      url.searchParams.append(name, value);
    }
    return url;
  }

  async #json(
    response: HttpResponse,
    call: ForgeCall,
    maxBytes: number,
  ): Promise<unknown> {
    if (isPage(response) || !isJson(response)) {
      response.discard();
      throw this.#signInPage(call);
    }
    const answer = readJson(await readBody(response, maxBytes));
    if ('problem' in answer) {
      throw this.#error(
        'unavailable',
        call.does,
        `with something that ${answer.problem}`,
      );
    }
    return answer.value;
  }

  /** What an answer that is no success means. */
  async #refusal(
    response: HttpResponse,
    call: ForgeCall,
    headers: Record<string, string>,
  ): Promise<ForgeError> {
    const { status } = response;
    const words = await refusalWords(response, call.signal);
    const category =
      this.#readRefusal(status, words) ?? categoryOf(status, words);
    const pause =
      category === 'busy'
        ? pauseOf(response.headers) ?? DEFAULT_PAUSE
        : undefined;
    if (pause !== undefined) {
      this.#connection.pauses.pause(
        this.#base.host,
        headers.authorization,
        pause,
      );
    }
    const target = redirectTarget(response);
    const answer = target
      ? `${status}, a redirect to ${target.host}${target.pathname},`
      : `${status}`;
    return this.#error(category, call.does, answer, {
      words,
      headers,
      status,
      retryAfter: pause,
    });
  }

  #signInPage(call: ForgeCall): ForgeError {
    return this.#error(
      'unauthorized',
      call.does,
      'with a page in place of JSON, which mostly is one to sign in',
    );
  }

  #error(
    category: ForgeErrorCategory,
    does: string,
    answer: string,
    details: {
      words?: string;
      headers?: Record<string, string>;
      status?: number;
      retryAfter?: number;
    } = {},
  ): ForgeError {
    const { words = '', headers = {}, status, retryAfter } = details;
    const said = cleanRemoteText(
      words,
      headers.authorization ? secretsOfHeader(headers.authorization) : [],
    );
    const hint = this.#hint(category, headers);
    return new ForgeError(
      category,
      `${this.#base.host} answered ${answer} to ${does}${
        said ? `; it says: ${said}` : ''
      }${hint ? `. ${hint}` : ''}`,
      { status, retryAfter },
    );
  }

  #hint(
    category: ForgeErrorCategory,
    headers: Record<string, string>,
  ): string | undefined {
    switch (category) {
      case 'unauthorized':
        return headers.authorization === undefined
          ? `No credential was sent. ${neededRights(this.#type)}`
          : `The credential is not valid for it. ${neededRights(this.#type)}`;
      case 'forbidden':
        return neededRights(this.#type);
      case 'not-found':
        return `Where it is there, the credential may not see it. ${neededRights(
          this.#type,
        )}`;
      default:
        return undefined;
    }
  }
}

function categoryOf(status: number, words: string): ForgeErrorCategory {
  // GitHub's secondary limits are a 403 as well.
  if (status === 429 || (status === 403 && /rate limit/i.test(words))) {
    return 'busy';
  }
  switch (status) {
    case 401:
      return 'unauthorized';
    case 403:
      return 'forbidden';
    case 404:
      return 'not-found';
    default:
      return status >= 400 && status < 500 ? 'refused' : 'unavailable';
  }
}

function pauseOf(headers: HttpResponse['headers']): number | undefined {
  const asked = parseRetryAfter(headers['retry-after'], LONGEST_PAUSE);
  const reset = Number(headers['x-ratelimit-reset']);
  if (
    asked === undefined &&
    headers['x-ratelimit-remaining'] === '0' &&
    reset > 0
  ) {
    // In seconds since 1970.
    const left = reset * 1000 - Date.now();
    return left > 0 ? Math.min(left, LONGEST_PAUSE) : undefined;
  }
  return asked;
}

async function refusalWords(
  response: HttpResponse,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (response.status === OWN_TIMEOUT_STATUS || isPage(response)) {
    response.discard();
    return '';
  }
  try {
    const body = await readBody(response, MAX_ERROR_BYTES);
    if (!isJson(response)) {
      return body.toString();
    }
    const answer = readJson(body);
    return 'value' in answer ? forgeWords(answer.value) : '';
  } catch (error) {
    // The status says more than a body that breaks off.
    if (!(error instanceof HttpError) || signal?.aborted) {
      throw error;
    }
    return '';
  }
}

function redirectTarget({ url, status, headers }: HttpResponse) {
  const { location } = headers;
  return [301, 302, 307, 308].includes(status) &&
    location !== undefined &&
    URL.canParse(location, url)
    ? new URL(location, url)
    : undefined;
}

function isPage({ status, headers }: HttpResponse): boolean {
  // Azure DevOps answers 203 with a page where a token is not valid.
  return status === 203 || /html/i.test(headers['content-type'] ?? '');
}

function isJson({ headers }: HttpResponse): boolean {
  return /^application\/(?:[\w.+-]+\+)?json\b/i.test(
    headers['content-type'] ?? '',
  );
}
