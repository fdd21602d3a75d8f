import dns from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import net, { isIP } from 'node:net';
import type { LookupFunction, TcpNetConnectOpts } from 'node:net';
import tls from 'node:tls';
import type { ConnectionOptions } from 'node:tls';

type LookupCallback = Parameters<LookupFunction>[2];

/**
 * A made-up internet around the real sockets of this process: names and what they
 * resolve to, and public addresses that lead to loopback. It sits behind what is
 * tested: the addresses it is asked to connect to are those that were let through.
 */
export class TestInternet {
  /** Names that were looked up. */
  readonly lookups: string[] = [];
  /** Addresses that sockets were opened to. */
  readonly connected: string[] = [];
  readonly #names = new Map<string, string[][]>();
  readonly #routes = new Map<string, string>();
  readonly #spies: jest.SpyInstance[] = [];

  readonly #ca: string;

  /** @param ca - signs the certificates of this internet */
  constructor(ca: string) {
    this.#ca = ca;

    const realLookup = dns.lookup;
    const lookup = (
      name: string,
      options: LookupOptions,
      callback: LookupCallback,
    ) => this.#lookup(name, options, callback);
    // The test's own requests go by localhost.
    this.#spies.push(
      jest.spyOn(dns, 'lookup').mockImplementation(((...args: unknown[]) => {
        const [name, options, callback] = args;
        return typeof name === 'string' &&
          typeof options === 'object' &&
          this.#names.has(name)
          ? lookup(name, options as LookupOptions, callback as LookupCallback)
          : Reflect.apply(realLookup, dns, args);
      }) as typeof dns.lookup),
    );
    this.#trustOwnCa();
    this.#routeSockets();
  }

  /** What each look-up of a name answers in turn; the last answer stays. */
  name(name: string, ...answers: string[][]): void {
    this.#names.set(name, answers);
  }

  /** Leads connections to a public address to loopback, at the same port. */
  route(address: string, to = '127.0.0.1'): void {
    this.#routes.set(address, to);
  }

  stop(): void {
    this.#spies.forEach(spy => spy.mockRestore());
  }

  #lookup(
    name: string,
    options: LookupOptions,
    callback: LookupCallback,
  ): void {
    this.lookups.push(name);
    const answers = this.#names.get(name) ?? [];
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    const found = (answer ?? []).map(address => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    setImmediate(() => {
      if (options.all) {
        callback(null, found);
      } else {
        callback(null, found[0].address, found[0].family);
      }
    });
  }

  #trustOwnCa(): void {
    const { connect } = tls;
    this.#spies.push(
      jest.spyOn(tls, 'connect').mockImplementation(((...args: unknown[]) => {
        const [options, ...rest] = args as [ConnectionOptions, ...unknown[]];
        return Reflect.apply(connect, tls, [
          { ...options, ca: options.ca ?? this.#ca },
          ...rest,
        ]);
      }) as typeof tls.connect),
    );
  }

  #routeSockets(): void {
    const { connect } = net.Socket.prototype;
    const routed = (options: TcpNetConnectOpts) => this.#routed(options);
    function routedConnect(this: net.Socket, ...args: unknown[]) {
      // Node hands over a list that it has sorted already, or just options.
      const sorted = Array.isArray(args[0]) ? args[0] : args;
      sorted[0] = routed(sorted[0]);
      return Reflect.apply(connect, this, args);
    }
    this.#spies.push(
      jest
        .spyOn(net.Socket.prototype, 'connect')
        .mockImplementation(routedConnect as typeof connect),
    );
  }

  #routed(options: TcpNetConnectOpts): TcpNetConnectOpts {
    const { host = 'localhost', lookup = dns.lookup } = options;
    if (isIP(host) !== 0) {
      return { ...options, host: this.#destination(host) };
    }
    return {
      ...options,
      lookup: (name, lookupOptions, callback) =>
        lookup(name, lookupOptions, (error, found, family) => {
          if (error) {
            callback(error, found, family);
          } else if (typeof found === 'string') {
            callback(null, this.#destination(found), 4);
          } else {
            callback(
              null,
              found.map(address => this.#routedAddress(address)),
            );
          }
        }),
    };
  }

  #routedAddress({ address }: LookupAddress): LookupAddress {
    const to = this.#destination(address);
    return { address: to, family: isIP(to) };
  }

  #destination(address: string): string {
    this.connected.push(address);
    return this.#routes.get(address) ?? address;
  }
}
