import { setTimeout as sleep } from 'node:timers/promises';
import { HttpError, readBody, requestFollowingRedirects } from '../http';
import type { HttpRequest, HttpResponse, HttpTransport } from '../http';
import { secretsOfHeader } from '../remoteText';
import type { RegistryCredentials } from '../types';
import { Authorizer } from './Authorizer';
import type { Authorization } from './Authorizer';
import { parseChallenges } from './challenge';
import type { Challenge } from './challenge';
import { withDeadline } from './deadline';
import {
  fromHttpError,
  fromStatus,
  registryError,
  RegistryError,
  registryWords,
} from './errors';
import type { HostLimiter } from './HostLimiter';
import type { ImageReference } from './imageReference';
import type { RegistryLimits } from './limits';
import { repositoryOf } from './repositoryName';
import { parseRetryAfter } from '../retryAfter';
import { requestRetryDelay } from './retry';
import { basicHeader, bearerHeader, fetchToken } from './tokens';
import type { SendTokenRequest } from './tokens';

/** What all sessions of a client share. */
export interface SessionContext {
  transport: HttpTransport;
  limiter: HostLimiter;
  authorizer: Authorizer;
  limits: RegistryLimits;
  /** Milliseconds that an answer may keep silent, where that is not the default. */
  idleTimeout?: number;
  /** Aborted when the client is closed. */
  closed: AbortSignal;
  debug(message: string, meta?: Record<string, string | number>): void;
}

/** One request for something of the session's repository. */
export interface RegistryRequest {
  method: 'GET' | 'HEAD';
  /** Under `/v2/<repository>/`. */
  path: string;
  /** Without the question mark. */
  query?: string;
  accept: string;
  /** Cap of the body of a 200. */
  maxBytes: number;
  /** Which statuses to return beside 200; every other one is thrown. */
  accepted?: readonly number[] | ((status: number, url: URL) => boolean);
}

/** A response that was read to its end. */
export interface RegistryAnswer {
  /** Where redirects led. */
  url: URL;
  status: number;
  headers: HttpResponse['headers'];
  body: Buffer;
}

/** A response read to its end, whatever its status. */
interface Exchanged {
  /** The host whose turn it was: the one asked first, whatever redirects did. */
  host: string;
  response: HttpResponse;
  body: Buffer;
  authorization?: string;
}

/**
 * Talks with a registry about one repository: signs in, waits its turn, follows
 * redirects and tries again. Everything it throws is a `RegistryError`, except
 * for the reason of its signal.
 */
export class RegistrySession {
  readonly #key: string;

  readonly #context: SessionContext;
  readonly image: ImageReference;
  readonly #registry: URL;
  readonly #credentials: RegistryCredentials | undefined;
  readonly #signal: AbortSignal;

  constructor(
    context: SessionContext,
    image: ImageReference,
    /** Scheme, host and port of the registry's API. */
    registry: URL,
    credentials: RegistryCredentials | undefined,
    signal: AbortSignal,
  ) {
    this.#context = context;
    this.image = image;
    this.#registry = registry;
    this.#credentials = credentials;
    this.#signal = signal;

    this.#key = Authorizer.keyOf(
      registry.origin,
      image.repository,
      credentials,
    );
  }

  async send(request: RegistryRequest): Promise<RegistryAnswer> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#authorized(request);
      } catch (error) {
        const delay = requestRetryDelay(error, tries, this.#context.limits);
        if (delay === undefined || this.#signal.aborted) {
          throw error;
        }
        this.#context.debug(`Trying again: ${error}`, { tries, delay });
        await sleep(delay, undefined, { signal: this.#signal });
      }
    }
  }

  /**
   * Lets other hosts go first, after work for this one that kept the process
   * busy for some milliseconds.
   */
  async makeWay(busy: number): Promise<void> {
    await this.#context.limiter.makeWay(
      this.#registry.host,
      busy,
      this.#signal,
    );
  }

  /**
   * Sends with what signed in last, and signs in once where the answer asks for it
   * or may be one for strangers. Then does the same, without credentials, where a
   * redirect led.
   */
  async #authorized(request: RegistryRequest): Promise<RegistryAnswer> {
    const { authorizer } = this.#context;
    const sent = authorizer.current(this.#key);
    const first = await this.#exchange(request, sent);
    let last = first;
    if (this.#asksForSignIn(first)) {
      const fresh = await authorizer.renew(this.#key, sent, this.#signal, () =>
        this.#signIn(first),
      );
      // A token may be the same again and still be good now.
      if (fresh !== sent || !fresh.startsWith('Basic ')) {
        last = await this.#exchange(request, fresh);
      }
      if (last.response.status === 401 && first.response.status !== 401) {
        // What strangers may read is not to fail from now on.
        authorizer.forget(this.#key);
      }
    }
    if (last.response.status === 401 && !this.#isOwn(last.response)) {
      last = await this.#askElsewhere(request, last);
    }
    return this.#accept(last, request.accepted);
  }

  /** Whether it is the registry that answered, and not a host where it redirects. */
  #isOwn({ url }: HttpResponse): boolean {
    return url.origin === this.#registry.origin;
  }

  /**
   * A 401, and a 403 or 404 where it may only mean that nobody has signed in:
   * registries hide that way what strangers may not see.
   */
  #asksForSignIn({ response, authorization }: Exchanged): boolean {
    const { status, headers } = response;
    if (!this.#isOwn(response)) {
      return false;
    }
    if (status !== 403 && status !== 404) {
      return status === 401;
    }
    const isChallenge = isUsable(parseChallenges(headers['www-authenticate']));
    return this.#credentials === undefined
      ? authorization === undefined && isChallenge
      : authorization === undefined || (status === 403 && isChallenge);
  }

  /**
   * Asks once more where another host wants a token: with one that strangers get
   * there. The credentials are not for that host.
   */
  async #askElsewhere(
    request: RegistryRequest,
    refused: Exchanged,
  ): Promise<Exchanged> {
    const { url, headers } = refused.response;
    const repository = repositoryOf(url);
    const challenge = parseChallenges(headers['www-authenticate']).find(
      ({ scheme }) => scheme === 'bearer',
    );
    if (!challenge || repository === undefined) {
      return refused; // not a registry, such as the storage of one
    }
    const repositories = [repository];
    const key = Authorizer.keyOf(url.origin, repository, undefined);
    await this.#context.authorizer.renew(
      key,
      this.#context.authorizer.current(key),
      this.#signal,
      () =>
        this.#inTime(signal =>
          fetchToken(
            { image: this.image, registry: url, challenge, repositories },
            this.#tokenSender(signal),
          ),
        ),
    );
    return this.#exchange(request, refused.authorization);
  }

  /** What a host where the registry redirects gave to strangers, without being asked. */
  #sentElsewhere(url: URL): string | undefined {
    const repository = repositoryOf(url);
    return repository === undefined
      ? undefined
      : this.#context.authorizer.current(
          Authorizer.keyOf(url.origin, repository, undefined),
        );
  }

  #exchange(
    request: RegistryRequest,
    authorization: string | undefined,
  ): Promise<Exchanged> {
    const url = new URL(
      `/v2/${this.image.repository}/${request.path}`,
      this.#registry,
    );
    url.search = request.query ?? '';
    return this.#limited(
      {
        method: request.method,
        url,
        headers: {
          accept: request.accept,
          ...(authorization ? { authorization } : {}),
        },
        signal: this.#signal,
      },
      request.maxBytes,
      target => this.#sentElsewhere(target),
    );
  }

  /** One exchange in its host's turn, redirects and body included. */
  async #limited(
    request: HttpRequest & { signal: AbortSignal },
    maxBytes: number,
    elsewhere?: (url: URL) => string | undefined,
  ): Promise<Exchanged> {
    const { method, url, signal } = request;
    const started = performance.now();
    try {
      const { response, body } = await this.#context.limiter.run(
        url.host,
        signal,
        () =>
          this.#sendAndRead(
            { ...request, idleTimeout: this.#context.idleTimeout },
            maxBytes,
            elsewhere,
          ),
      );
      this.#context.debug(`${method} ${url.host}${url.pathname}`, {
        status: response.status,
        bytes: body.length,
        milliseconds: Math.round(performance.now() - started),
      });
      const authorization = request.headers?.authorization;
      return { host: url.host, response, body, authorization };
    } catch (error) {
      throw error instanceof HttpError
        ? fromHttpError(this.image, error)
        : error;
    }
  }

  async #sendAndRead(
    request: HttpRequest & { signal: AbortSignal },
    maxBytes: number,
    elsewhere: ((url: URL) => string | undefined) | undefined,
  ): Promise<{ response: HttpResponse; body: Buffer }> {
    const { transport, limits, debug } = this.#context;
    const response =
      request.method === 'POST'
        ? await transport.request(request)
        : await requestFollowingRedirects(
            transport,
            request,
            limits.redirects,
            elsewhere,
          );
    if (response.status === 200) {
      return { response, body: await readBody(response, maxBytes) };
    }
    try {
      return { response, body: await readBody(response, limits.errorBytes) };
    } catch (error) {
      if (request.signal.aborted) {
        throw error;
      }
      // The status is worth telling without the words that came with it.
      debug(`The body of an error could not be read: ${error}`);
      return { response, body: Buffer.alloc(0) };
    }
  }

  #accept(
    exchanged: Exchanged,
    accepted: RegistryRequest['accepted'] = [],
  ): RegistryAnswer {
    const { response, body } = exchanged;
    const { url, status, headers } = response;
    const isAccepted =
      typeof accepted === 'function'
        ? accepted(status, url)
        : accepted.includes(status);
    if (status !== 200 && !isAccepted) {
      throw this.#statusError(exchanged);
    }
    return { url, status, headers, body };
  }

  #statusError(exchanged: Exchanged): RegistryError {
    const { host, response, body, authorization } = exchanged;
    const { limiter, limits } = this.#context;
    const { status, headers, url } = response;
    const retryAfter = parseRetryAfter(
      headers['retry-after'],
      limits.longestBackOff,
    );
    if (status === 429 || status === 503) {
      limiter.backOff(host, retryAfter ?? limits.retryDelays[0] ?? 0);
    }
    const words = registryWords(
      body,
      headers['content-type'],
      secretsOf(this.#credentials, authorization),
    );
    return fromStatus(
      this.image,
      { host: url.host, status, words },
      retryAfter,
    );
  }

  /** Bearer before Basic, as registries that offer both want it. */
  async #signIn(refused: Exchanged): Promise<Authorization> {
    const credentials = this.#credentials;
    if (credentials?.type === 'registry-token') {
      const header = bearerHeader(credentials.token);
      if (header) {
        return { header, lifetime: Infinity };
      }
      throw registryError(
        this.image,
        'unauthorized',
        'the registry token has characters that cannot be sent',
      );
    }
    return this.#inTime(async signal => {
      const challenges = await this.#challengesOf(refused, signal);
      const basic = challenges.some(({ scheme }) => scheme === 'basic')
        ? basicAuthorization(credentials)
        : undefined;
      const token = await this.#tokenFor(
        challenges.filter(({ scheme }) => scheme === 'bearer'),
        refused,
        basic !== undefined,
        signal,
      );
      const authorization = token ?? basic;
      if (!authorization) {
        throw this.#statusError(refused);
      }
      return authorization;
    });
  }

  /**
   * A token of the first service that gives one. Where none can be had and there is
   * another way to sign in, undefined in place of the error.
   */
  async #tokenFor(
    challenges: readonly Challenge[],
    refused: Exchanged,
    hasOtherWay: boolean,
    signal: AbortSignal,
  ): Promise<Authorization | undefined> {
    const { image } = this;
    const registry = this.#registry;
    const credentials = this.#credentials;
    const redirected = repositoryOf(refused.response.url);
    const repositories = [
      ...new Set([image.repository, redirected ?? []].flat()),
    ];
    const errors: unknown[] = [];
    for (const challenge of challenges) {
      try {
        return await fetchToken(
          { image, registry, challenge, credentials, repositories },
          this.#tokenSender(signal),
        );
      } catch (error) {
        if (!isServiceUnusable(error) || signal.aborted) {
          throw error;
        }
        errors.push(error);
      }
    }
    if (errors.length > 0 && !hasOtherWay) {
      throw errors[0];
    }
    return undefined;
  }

  /** Others may wait for a token too, so the end of one scan does not end it. */
  #inTime(
    work: (signal: AbortSignal) => Promise<Authorization>,
  ): Promise<Authorization> {
    return withDeadline(
      {
        time: this.#context.limits.scanTime / 2,
        signals: [this.#context.closed],
        onTimeout: () =>
          registryError(this.image, 'timeout', 'no token came in time'),
      },
      work,
    );
  }

  /** Some registries (gcr.io) only say at `/v2/` how to sign in. */
  async #challengesOf(
    refused: Exchanged,
    signal: AbortSignal,
  ): Promise<Challenge[]> {
    const header = refused.response.headers['www-authenticate'];
    if (header !== undefined) {
      return parseChallenges(header);
    }
    const { response } = await this.#limited(
      { method: 'GET', url: new URL('/v2/', this.#registry), signal },
      this.#context.limits.errorBytes,
    );
    return this.#isOwn(response)
      ? parseChallenges(response.headers['www-authenticate'])
      : [];
  }

  #tokenSender(signal: AbortSignal): SendTokenRequest {
    return async (request, accepted) =>
      this.#accept(
        await this.#limited(
          { ...request, signal },
          this.#context.limits.tokenBytes,
        ),
        accepted,
      );
  }
}

function isUsable(challenges: readonly Challenge[]): boolean {
  return challenges.some(
    ({ scheme }) => scheme === 'bearer' || scheme === 'basic',
  );
}

/** Whether it is the service that failed, and not what it thinks of the credentials. */
function isServiceUnusable(error: unknown): boolean {
  return (
    error instanceof RegistryError &&
    !['unauthorized', 'denied', 'rate-limited'].includes(error.category)
  );
}

function basicAuthorization(
  credentials: RegistryCredentials | undefined,
): Authorization | undefined {
  if (credentials?.type !== 'basic') {
    return undefined;
  }
  const { username, password } = credentials;
  return { header: basicHeader(username, password), lifetime: Infinity };
}

function secretsOf(
  credentials: RegistryCredentials | undefined,
  authorization: string | undefined,
): string[] {
  const headers = authorization ? [authorization] : [];
  if (credentials?.type === 'basic') {
    headers.push(basicHeader(credentials.username, credentials.password));
  }
  return [
    ...headers.flatMap(secretsOfHeader),
    ...(credentials && 'token' in credentials ? [credentials.token] : []),
  ];
}
