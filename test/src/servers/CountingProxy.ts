import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { pipeline } from 'node:stream';

/** Stands on loopback in front of a server and counts the connections to it. */
export class CountingProxy {
  connectionCount = 0;

  readonly #sockets = new Set<Socket>();

  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param host - `127.0.0.1:port` of the server */
  static async start(host: string): Promise<CountingProxy> {
    const [hostname, port] = host.split(':');
    const server = createServer();
    const proxy = new CountingProxy(server);
    server.on('connection', socket => {
      proxy.connectionCount += 1;
      const onward = connect(Number(port), hostname);
      proxy.#sockets.add(socket);
      // What ends one side ends the other; whoever speaks through it notices.
      pipeline(socket, onward, socket, () => proxy.#sockets.delete(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  /** `127.0.0.1:port` */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#sockets.forEach(socket => socket.destroy());
    await closed;
  }
}
