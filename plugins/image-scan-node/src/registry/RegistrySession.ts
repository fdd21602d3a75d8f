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
import { parseRetryAfter, retryDelay } from './retry';
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
  /** Statuses to return beside 200; every other one is thrown. */
  accepted?: readonly number[];
}

/** A response that was read to its end. */
export interface RegistryAnswer {
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
  private readonly key: string;

  constructor(
    private readonly context: SessionContext,
    readonly image: ImageReference,
    /** Scheme, host and port of the registry's API. */
    private readonly registry: URL,
    private readonly credentials: RegistryCredentials | undefined,
    private readonly signal: AbortSignal,
  ) {
    this.key = Authorizer.keyOf(registry.origin, image.repository, credentials);
  }

  async send(request: RegistryRequest): Promise<RegistryAnswer> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.authorized(request);
      } catch (error) {
        const delay = retryDelay(error, tries, this.context.limits);
        if (delay === undefined || this.signal.aborted) {
          throw error;
        }
        this.context.debug(`Trying again: ${error}`, { tries, delay });
        await sleep(delay, undefined, { signal: this.signal });
      }
    }
  }

  /**
   * Lets other hosts go first, after work for this one that kept the process
   * busy for some milliseconds.
   */
  async makeWay(busy: number): Promise<void> {
    await this.context.limiter.makeWay(this.registry.host, busy, this.signal);
  }

  /** Sends with what signed in last; after a 401 signs in once. */
  private async authorized(request: RegistryRequest): Promise<RegistryAnswer> {
    const { accepted } = request;
    const sent = this.context.authorizer.current(this.key);
    const first = await this.exchange(request, sent);
    if (!this.isChallenge(first.response)) {
      return this.accept(first, accepted);
    }
    const fresh = await this.context.authorizer.renew(
      this.key,
      sent,
      this.signal,
      () => this.signIn(first),
    );
    return this.accept(await this.exchange(request, fresh), accepted);
  }

  /** A 401 from where a redirect led is none: credentials are not for that host. */
  private isChallenge({ status, url }: HttpResponse): boolean {
    return status === 401 && url.origin === this.registry.origin;
  }

  private exchange(
    request: RegistryRequest,
    authorization: string | undefined,
  ): Promise<Exchanged> {
    const url = new URL(
      `/v2/${this.image.repository}/${request.path}`,
      this.registry,
    );
    url.search = request.query ?? '';
    return this.limited(
      {
        method: request.method,
        url,
        headers: {
          accept: request.accept,
          ...(authorization ? { authorization } : {}),
        },
        signal: this.signal,
      },
      request.maxBytes,
    );
  }

  /** One exchange in its host's turn, redirects and body included. */
  private async limited(
    request: HttpRequest & { signal: AbortSignal },
    maxBytes: number,
  ): Promise<Exchanged> {
    const { method, url, signal } = request;
    const started = performance.now();
    try {
      const { response, body } = await this.context.limiter.run(
        url.host,
        signal,
        () =>
          this.sendAndRead(
            { ...request, idleTimeout: this.context.idleTimeout },
            maxBytes,
          ),
      );
      this.context.debug(`${method} ${url.host}${url.pathname}`, {
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

  private async sendAndRead(
    request: HttpRequest & { signal: AbortSignal },
    maxBytes: number,
  ): Promise<{ response: HttpResponse; body: Buffer }> {
    const { transport, limits, debug } = this.context;
    const response =
      request.method === 'POST'
        ? await transport.request(request)
        : await requestFollowingRedirects(transport, request, limits.redirects);
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

  private accept(
    exchanged: Exchanged,
    accepted: readonly number[] = [],
  ): RegistryAnswer {
    const { response, body } = exchanged;
    const { status, headers } = response;
    if (status !== 200 && !accepted.includes(status)) {
      throw this.statusError(exchanged);
    }
    return { status, headers, body };
  }

  private statusError(exchanged: Exchanged): RegistryError {
    const { host, response, body, authorization } = exchanged;
    const { limiter, limits } = this.context;
    const { status, headers, url } = response;
    const retryAfter = parseRetryAfter(headers['retry-after'], limits);
    if (status === 429 || status === 503) {
      limiter.backOff(host, retryAfter ?? limits.retryDelays[0] ?? 0);
    }
    const words = registryWords(
      body,
      headers['content-type'],
      secretsOf(this.credentials, authorization),
    );
    return fromStatus(
      this.image,
      { host: url.host, status, words },
      retryAfter,
    );
  }

  /** Bearer before Basic, as registries that offer both want it. */
  private async signIn(refused: Exchanged): Promise<Authorization> {
    const { credentials } = this;
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
    // Others may wait for this token too, so the end of one scan does not end it.
    return withDeadline(
      {
        time: this.context.limits.scanTime / 2,
        signals: [this.context.closed],
        onTimeout: () =>
          registryError(this.image, 'timeout', 'no token came in time'),
      },
      async signal => {
        const challenges = await this.challengesOf(refused, signal);
        const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
        if (bearer) {
          const { image, registry } = this;
          return fetchToken(
            { image, registry, challenge: bearer, credentials },
            this.tokenSender(signal),
          );
        }
        const basic = challenges.some(({ scheme }) => scheme === 'basic');
        if (basic && credentials?.type === 'basic') {
          const { username, password } = credentials;
          return {
            header: basicHeader(username, password),
            lifetime: Infinity,
          };
        }
        throw this.statusError(refused);
      },
    );
  }

  /** Some registries (gcr.io) only say at `/v2/` how to sign in. */
  private async challengesOf(
    refused: Exchanged,
    signal: AbortSignal,
  ): Promise<Challenge[]> {
    const header = refused.response.headers['www-authenticate'];
    if (header !== undefined) {
      return parseChallenges(header);
    }
    const { response } = await this.limited(
      { method: 'GET', url: new URL('/v2/', this.registry), signal },
      this.context.limits.errorBytes,
    );
    return this.isChallenge(response)
      ? parseChallenges(response.headers['www-authenticate'])
      : [];
  }

  private tokenSender(signal: AbortSignal): SendTokenRequest {
    return async (request, accepted) =>
      this.accept(
        await this.limited(
          { ...request, signal },
          this.context.limits.tokenBytes,
        ),
        accepted,
      );
  }
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
