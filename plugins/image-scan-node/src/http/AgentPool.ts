import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type * as proxyAgent from 'proxy-agent';
import type { HostOptions } from '../types';
import {
  guardedLookup,
  isLocalName,
  isPublicAddress,
  refusedAddress,
} from './addresses';
import { defaultCertificates } from './certificates';
import { HostList } from './hosts';
import { HttpError, reasonOf } from './HttpError';
import { proxyFor } from './proxies';

/** Idle connections are closed after this time, in milliseconds. */
const IDLE_SOCKET_TIMEOUT = 30_000;

/** What a request needs to connect. */
export interface Connector {
  agent: HttpAgent;
  /** What TLS trusts, where that is not the default. */
  secureContext?: SecureContext;
}

/**
 * Decides whether and how a URL is reached: the one place where addresses,
 * plain http, private certificates and proxies are settled.
 *
 * Sockets are kept per host by each Agent. Hosts that are not listed share one
 * Agent, whose `lookup` refuses addresses that are not public, so their number
 * (which whoever writes an image reference decides) costs nothing; every listed
 * host has an Agent of its own.
 */
export class AgentPool {
  readonly #hosts: HostList;
  readonly #agents = new Map<string, HttpAgent>();
  readonly #contexts = new Map<HostOptions, SecureContext>();
  #proxyAgent?: Promise<HttpAgent>;

  constructor(hosts: readonly HostOptions[] = []) {
    this.#hosts = new HostList(hosts);
  }

  /** Throws an `HttpError` `refused-address` for a URL that may not be reached. */
  async connectorFor(url: URL): Promise<Connector> {
    const listed = this.#hosts.find(url);
    checkScheme(url, listed);
    const hostname = url.hostname.replace(/^\[|\]$/g, '');
    if (!listed && isIP(hostname) !== 0 && !isPublicAddress(hostname)) {
      throw refusedAddress(url.host);
    }
    const secureContext = listed && this.#secureContextOf(listed);
    if (proxyFor(url.href)) {
      // The proxy resolves the name, so the name is all that can be checked.
      if (!listed && isLocalName(hostname)) {
        throw refusedAddress(url.host);
      }
      this.#proxyAgent ??= createProxyAgent();
      return { agent: await this.#proxyAgent, secureContext };
    }
    return { agent: this.#directAgent(url, listed), secureContext };
  }

  close(): void {
    for (const agent of this.#agents.values()) {
      agent.destroy();
    }
    this.#agents.clear();
    this.#proxyAgent?.then(
      agent => agent.destroy(),
      () => {
        // It was never made, and the request that asked for it said so.
      },
    );
    this.#proxyAgent = undefined;
  }

  /**
   * What Node trusts anyway and the host's own certificates, put together once. Given
   * as `ca`, they would be read again for every connection, which takes far
   * longer than its handshake, and would stand in the name under which an Agent
   * looks for a kept socket: 200 KB with every request.
   */
  #secureContextOf(listed: HostOptions): SecureContext | undefined {
    if (!listed.ca) {
      return undefined;
    }
    let context = this.#contexts.get(listed);
    if (!context) {
      context = createSecureContext({
        ca: [...defaultCertificates(), listed.ca],
      });
      this.#contexts.set(listed, context);
    }
    return context;
  }

  #directAgent(url: URL, listed: HostOptions | undefined): HttpAgent {
    const key = `${url.protocol}//${listed ? url.host : '*'}`;
    let agent = this.#agents.get(key);
    if (!agent) {
      const options = {
        keepAlive: true,
        timeout: IDLE_SOCKET_TIMEOUT,
        ...(listed ? {} : { lookup: guardedLookup }),
      };
      agent =
        url.protocol === 'https:'
          ? new HttpsAgent(options)
          : new HttpAgent(options);
      this.#agents.set(key, agent);
    }
    return agent;
  }
}

function checkScheme(url: URL, listed: HostOptions | undefined): void {
  if (url.protocol === 'http:' && !listed?.insecure) {
    throw new HttpError(
      'refused-address',
      `Plain http to ${url.host} is refused; where it is meant, list the host with imageScan.registries[].insecure: true`,
    );
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new HttpError(
      'refused-address',
      `A URL with the scheme ${url.protocol.slice(
        0,
        20,
      )} is refused; only https is spoken`,
    );
  }
}

// Loaded only where a proxy is configured: the package is ESM only and slow to
// load. It gets no maxSockets, with which it hangs.
async function createProxyAgent(): Promise<HttpAgent> {
  let module: typeof proxyAgent;
  try {
    module = await import('proxy-agent');
  } catch (error) {
    throw new HttpError(
      'unreachable',
      `The support for proxies could not be loaded: ${reasonOf(error)}`,
      error,
    );
  }
  const { ProxyAgent } = module;
  return new ProxyAgent({
    keepAlive: true,
    timeout: IDLE_SOCKET_TIMEOUT,
    getProxyForUrl: proxyFor,
  });
}
