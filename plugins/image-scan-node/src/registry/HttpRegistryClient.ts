import { setMaxListeners } from 'node:events';
import { InputError } from '@backstage/errors';
import { createHttpTransport } from '../http';
import type { HttpTransport } from '../http';
import type { HostOptions } from '../types';
import { Authorizer } from './Authorizer';
import { withDeadline } from './deadline';
import { readDigest } from './digests';
import { registryError } from './errors';
import { isValidDigest, isValidTag } from './grammar';
import { HostLimiter } from './HostLimiter';
import { apiHostOf, parseImageReference } from './imageReference';
import type { ImageReference } from './imageReference';
import { registryLimits } from './limits';
import type { RegistryLimits } from './limits';
import { readPlatforms } from './platforms';
import type { RegistryClient, RegistryRequestOptions } from './RegistryClient';
import { RegistrySession } from './RegistrySession';
import type { SessionContext } from './RegistrySession';
import { collectTags } from './tagPages';

/** @public */
export interface HttpRegistryClientOptions {
  /**
   * Hosts that differ from the defaults; any name of Docker Hub stands for it.
   * With an own `transport`, give the same list to both.
   */
  hosts?: readonly HostOptions[];
  /** Default: one of its own, closed with the client. */
  transport?: HttpTransport;
  logger?: {
    debug(message: string, meta?: Record<string, string | number>): void;
  };
  /** Caps that differ from {@link registryLimits}. */
  limits?: Partial<RegistryLimits>;
}

/** Requests that a host gets at the same time, where nothing else is configured. @public */
export const DEFAULT_CONCURRENCY = 4;

/**
 * A {@link RegistryClient} that speaks the OCI distribution protocol with any
 * registry. One instance serves the whole process: it shares connections, tokens
 * and back-off between scans.
 *
 * @public
 */
export class HttpRegistryClient implements RegistryClient {
  readonly #context: SessionContext;
  readonly #hosts: ReadonlyMap<string, HostOptions>;
  readonly #ownTransport?: HttpTransport;
  readonly #closing = new AbortController();

  constructor(options: HttpRegistryClientOptions = {}) {
    setMaxListeners(0, this.#closing.signal); // one for every scan under way
    const hosts = (options.hosts ?? []).map(host => ({
      ...host,
      host: apiHostOf(host.host),
    }));
    this.#hosts = new Map(hosts.map(host => [host.host, host]));
    const limits = { ...registryLimits, ...options.limits };
    const transport = options.transport ?? createHttpTransport({ hosts });
    this.#ownTransport = options.transport ? undefined : transport;
    this.#context = {
      transport,
      limiter: new HostLimiter(
        host => this.#hosts.get(host)?.concurrency ?? DEFAULT_CONCURRENCY,
        limits,
      ),
      authorizer: new Authorizer(),
      limits,
      closed: this.#closing.signal,
      debug: (message, meta) => options.logger?.debug(message, meta),
    };
  }

  async listTags(
    image: ImageReference | string,
    options: RegistryRequestOptions = {},
  ): Promise<string[]> {
    return this.#inSession(image, options, session =>
      collectTags(session, this.#context),
    );
  }

  async resolveDigest(
    image: ImageReference | string,
    tag: string,
    options: RegistryRequestOptions = {},
  ): Promise<string> {
    if (!isValidTag(tag)) {
      throw new InputError(`Not a tag: ${JSON.stringify(tag.slice(0, 200))}`);
    }
    return this.#inSession(image, options, session =>
      readDigest(session, tag, this.#context.limits),
    );
  }

  async readPlatforms(
    image: ImageReference | string,
    digest: string,
    options: RegistryRequestOptions = {},
  ): Promise<string[]> {
    if (!isValidDigest(digest)) {
      throw new InputError(
        `Not a digest: ${JSON.stringify(digest.slice(0, 200))}`,
      );
    }
    return this.#inSession(image, options, session =>
      readPlatforms(session, digest, this.#context.limits),
    );
  }

  close(): void {
    const reason = new Error('The registry client was closed');
    reason.name = 'AbortError';
    this.#closing.abort(reason);
    this.#ownTransport?.close();
  }

  #inSession<T>(
    image: ImageReference | string,
    options: RegistryRequestOptions,
    work: (session: RegistrySession) => Promise<T>,
  ): Promise<T> {
    const reference =
      typeof image === 'string' ? parseImageReference(image) : image;
    const context = this.#contextOf(reference);
    const { scanTime } = context.limits;
    return withDeadline(
      {
        time: scanTime,
        signals: [options.signal, this.#closing.signal],
        onTimeout: () =>
          registryError(
            reference,
            'timeout',
            `the time of imageScan.registries[].timeout, which can be raised, is over: no complete answer within ${
              scanTime / 1000
            } s`,
          ),
      },
      signal =>
        work(
          new RegistrySession(
            context,
            reference,
            this.#registryOf(reference),
            options.credentials,
            signal,
          ),
        ),
    );
  }

  /** With the operator's time for this registry, which then may be silent as long. */
  #contextOf({ apiHost }: ImageReference): SessionContext {
    const { timeout } = this.#hosts.get(apiHost) ?? {};
    return timeout === undefined
      ? this.#context
      : {
          ...this.#context,
          limits: { ...this.#context.limits, scanTime: timeout },
          idleTimeout: timeout,
        };
  }

  #registryOf({ apiHost }: ImageReference): URL {
    const scheme = this.#hosts.get(apiHost)?.insecure ? 'http' : 'https';
    return new URL(`${scheme}://${apiHost}/`);
  }
}
