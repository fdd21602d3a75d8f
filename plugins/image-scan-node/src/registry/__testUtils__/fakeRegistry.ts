import { TestServer } from '../../http/__testUtils__/TestServer';
import type { Handler } from '../../http/__testUtils__/TestServer';
import type { HostOptions } from '../../types';
import { HttpRegistryClient } from '../HttpRegistryClient';
import type { RegistryLimits } from '../limits';

/** A misbehaving registry, a client that may reach it, and what the client logged. */
export interface FakeRegistry {
  server: TestServer;
  client: HttpRegistryClient;
  /** `host:port/org/app` on the server. */
  image: string;
  logged: string[];
  stop(): Promise<void>;
}

export async function startFakeRegistry(
  handler: Handler,
  options: {
    limits?: Partial<RegistryLimits>;
    hosts?: HostOptions[];
    tls?: { key: string; cert: string; ca: string };
    concurrency?: number;
    timeout?: number;
  } = {},
): Promise<FakeRegistry> {
  const { limits, hosts = [], tls, concurrency, timeout } = options;
  const server = await TestServer.start(handler, tls);
  const logged: string[] = [];
  const own: HostOptions = {
    host: server.host,
    concurrency,
    timeout,
    ...(tls ? { ca: tls.ca } : { insecure: true }),
  };
  const client = new HttpRegistryClient({
    hosts: [own, ...hosts],
    limits: { retryDelays: [1, 2], ...limits },
    logger: {
      debug: (message, meta) => logged.push(message + JSON.stringify(meta)),
    },
  });
  return {
    server,
    client,
    image: `${server.host}/org/app`,
    logged,
    stop: async () => {
      client.close();
      await server.stop();
    },
  };
}

/** Proxies of the environment have no part in tests on loopback. */
export function withoutProxies(): void {
  const before = process.env.NO_PROXY;
  beforeAll(() => {
    process.env.NO_PROXY = '*';
  });
  afterAll(() => {
    if (before === undefined) {
      delete process.env.NO_PROXY;
    } else {
      process.env.NO_PROXY = before;
    }
  });
}
