import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
) => unknown;

/** An HTTP(S) server on an ephemeral loopback port that answers as a test wants. */
export class TestServer {
  /** `METHOD path?query` of every request, in order. */
  readonly requests: string[] = [];
  readonly headers: IncomingMessage['headers'][] = [];
  connections = 0;
  handler: Handler;

  readonly #server: Server;
  readonly #scheme: string;

  private constructor(server: Server, scheme: string, handler: Handler) {
    this.#server = server;
    this.#scheme = scheme;

    this.handler = handler;
    server.on('request', (request, response) => {
      this.requests.push(`${request.method} ${request.url}`);
      this.headers.push(request.headers);
      Promise.resolve(this.handler(request, response)).catch(error => {
        response.destroy(error);
      });
    });
    server.on(scheme === 'https' ? 'secureConnection' : 'connection', () => {
      this.connections += 1;
    });
    // What a test sends on purpose may be broken.
    server.on('clientError', (_, socket) => socket.destroy());
  }

  static async start(
    handler: Handler,
    tls?: { key: string; cert: string },
  ): Promise<TestServer> {
    const server = tls ? createHttpsServer(tls) : createHttpServer();
    const started = new TestServer(server, tls ? 'https' : 'http', handler);
    await new Promise<void>(resolve =>
      server.listen(0, '127.0.0.1', () => resolve()),
    );
    return started;
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `${this.#scheme}://${this.host}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }
}

/** Answers with JSON. */
export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string | string[]> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...headers,
  });
  response.end(JSON.stringify(body));
}
