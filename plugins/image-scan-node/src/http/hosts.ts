import type { HostOptions } from '../types';

/**
 * The hosts that the operator listed, found by URL. An entry without a port
 * stands for the scheme's default port, as in a URL; any other port is another
 * service and needs an entry of its own.
 */
export class HostList {
  readonly #byHost = new Map<string, HostOptions>();

  constructor(hosts: readonly HostOptions[] = []) {
    for (const host of hosts) {
      this.#byHost.set(host.host.toLowerCase(), host);
    }
  }

  /** The options of the URL's host, or undefined where it is not listed. */
  find(url: URL): HostOptions | undefined {
    if (url.port) {
      return this.#byHost.get(url.host);
    }
    const port = url.protocol === 'http:' ? 80 : 443;
    return (
      this.#byHost.get(url.hostname) ??
      this.#byHost.get(`${url.hostname}:${port}`)
    );
  }
}
