import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';

/** A request as it arrived. */
export interface ReceivedRequest {
  method: string;
  /** With the query. */
  path: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  body: string;
}

/** What a server does with a request. */
export type Behaviour = (exchange: Exchange) => unknown;

type Headers = Readonly<Record<string, string | readonly string[] | number>>;

/**
 * One request and the socket to answer it on, byte by byte where that is wanted:
 * nothing here keeps an answer within the rules of HTTP.
 */
export class Exchange {
  readonly request: ReceivedRequest;
  readonly socket: Socket;
  readonly index: number;

  constructor(
    request: ReceivedRequest,
    socket: Socket,
    /** How many requests the server had before. */
    index: number,
  ) {
    this.request = request;
    this.socket = socket;
    this.index = index;
  }

  /** A proper answer, kept open; the body of a HEAD is left out. */
  answer(status: number, headers: Headers = {}, body: string | Buffer = '') {
    const bytes = Buffer.from(body);
    const lines = Object.entries(headers).flatMap(([name, value]) =>
      [value].flat().map(text => `${name}: ${text}\r\n`),
    );
    const hasBody = this.request.method !== 'HEAD' && bytes.length > 0;
    this.write(
      Buffer.concat([
        Buffer.from(`HTTP/1.1 ${status} Said\r\n${lines.join('')}`, 'latin1'),
        Buffer.from(
          status === 204 || status === 304 || 'content-length' in headers
            ? '\r\n'
            : `content-length: ${bytes.length}\r\n\r\n`,
        ),
        hasBody ? bytes : Buffer.alloc(0),
      ]),
    );
  }

  /** A proper answer in JSON. */
  json(content: unknown, headers: Headers = {}, status = 200) {
    this.answer(
      status,
      { 'content-type': 'application/json', ...headers },
      JSON.stringify(content),
    );
  }

  /** These bytes and nothing else; the connection stays open. */
  write(bytes: string | Buffer) {
    if (!this.socket.destroyed) {
      this.socket.write(bytes);
    }
  }

  /** These bytes, and then the end of the connection. */
  end(bytes: string | Buffer) {
    this.socket.end(bytes);
  }

  /** These bytes, and then a reset. */
  reset(bytes: string | Buffer = '') {
    this.socket.write(bytes, () => this.socket.resetAndDestroy());
  }

  /** Sends the same piece again and again until the client hangs up, or so often. */
  flood(head: string, piece: string | Buffer, times = Infinity, tail = '') {
    const bytes = Buffer.from(piece);
    let left = times;
    const more = () => {
      while (left > 0 && !this.socket.destroyed) {
        left -= 1;
        if (!this.socket.write(bytes)) {
          this.socket.once('drain', more);
          return;
        }
      }
      this.write(tail);
    };
    this.write(head);
    more();
  }

  /** Sends a piece every so many milliseconds until the client hangs up. */
  drip(head: string, piece: string, every = 20) {
    this.write(head);
    const timer = setInterval(() => this.write(piece), every);
    this.socket.once('close', () => clearInterval(timer));
  }
}

/**
 * A registry, token service or any other host that answers whatever a test wants,
 * on loopback, over plain sockets or TLS. It remembers everything it was sent.
 */
export class MisbehavingRegistry {
  readonly requests: ReceivedRequest[] = [];
  /** Every byte that arrived, in the clear, as text. */
  received = '';
  connections = 0;
  /** Stays the same when it is stopped. */
  port = 0;
  readonly #sockets = new Set<Socket>();

  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(
    behave: Behaviour,
    options: { tls?: TlsOptions; address?: string } = {},
  ): Promise<MisbehavingRegistry> {
    const { tls, address = '127.0.0.1' } = options;
    const server = tls ? createTlsServer(tls) : createServer();
    const registry = new MisbehavingRegistry(server);
    server.on('connection', socket => {
      registry.connections += 1;
      registry.#keep(socket);
    });
    server.on(tls ? 'secureConnection' : 'connection', socket =>
      registry.#serve(socket, behave),
    );
    server.on('tlsClientError', () => {
      // The client said no, which is what some tests are for.
    });
    server.listen(0, address);
    await once(server, 'listening');
    registry.port = (server.address() as AddressInfo).port;
    return registry;
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  /** Sockets that the other side has not closed. */
  get openSockets(): number {
    return this.#sockets.size;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) {
      return;
    }
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#sockets.forEach(socket => socket.destroy());
    await closed;
  }

  #keep(socket: Socket) {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {
      // Clients that hang up in the middle are the point of these tests.
    });
  }

  #serve(socket: Socket, behave: Behaviour) {
    this.#keep(socket);
    let buffered = '';
    const take = () => {
      const parsed = parseRequest(buffered);
      buffered = parsed ? parsed.rest : buffered;
      return parsed?.request;
    };
    socket.on('data', data => {
      this.received += data.toString('utf8');
      buffered += data.toString('latin1');
      for (let request = take(); request; request = take()) {
        this.requests.push(request);
        behave(new Exchange(request, socket, this.requests.length - 1));
      }
    });
  }
}

function parseRequest(
  text: string,
): { request: ReceivedRequest; rest: string } | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) {
    return undefined;
  }
  const [first, ...lines] = text.slice(0, head).split('\r\n');
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const end = head + 4 + Number(headers['content-length'] ?? 0);
  if (text.length < end) {
    return undefined;
  }
  const [method, path] = first.split(' ');
  const query = new URL(path, 'http://localhost').searchParams;
  const body = text.slice(head + 4, end);
  return {
    request: { method, path, query, headers, body },
    rest: text.slice(end),
  };
}
