import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  Server,
  ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { GitServer } from './GitServer';
import type { GitServerOptions } from './GitServer';

/** A request with its body, before git sees it. */
export interface BentRequest {
  method: string;
  /** With the query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** What it is, in the words of git's protocol. */
  kind: 'look' | 'look to push' | 'version 2' | 'version 0' | 'push' | 'other';
}

/** An answer of git, or one in its place. */
export interface BentAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

type OwnAnswer = Partial<BentAnswer> | 'silence' | 'reset' | undefined;

export interface Bends {
  /**
   * Answers in place of git, changes what git is asked, or `silence`: nothing at
   * all is answered; `reset`: the connection is cut.
   */
  before?: (request: BentRequest) => OwnAnswer | Promise<OwnAnswer>;
  /** Changes what git answers. */
  after?: (request: BentRequest, answer: BentAnswer) => BentAnswer;
}

/**
 * Real git behind a server that bends its answers, so that they are those of
 * other git servers.
 */
export class BentGitServer {
  /** What was asked, in order. */
  readonly requests: BentRequest[] = [];
  bends: Bends = {};

  readonly git: GitServer;
  readonly #server: Server;

  private constructor(git: GitServer, server: Server) {
    this.git = git;
    this.#server = server;
  }

  static async start(options: GitServerOptions = {}): Promise<BentGitServer> {
    const server = createServer();
    const bent = new BentGitServer(await GitServer.start(options), server);
    server.on('request', (request, response) => {
      bent.#answer(request, response).catch(() => response.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return bent;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  url(repository: string): string {
    return `http://${this.host}/${repository}.git`;
  }

  /** The kinds of requests since the last call. */
  takeKinds(): string[] {
    return this.requests.splice(0).map(({ kind }) => kind);
  }

  /** Closes the connections that clients keep, without a word. */
  dropConnections(): void {
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await this.git.stop();
  }

  async #answer(
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) {
      chunks.push(chunk);
    }
    const request: BentRequest = {
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      headers: { ...incoming.headers },
      body: Buffer.concat(chunks),
      kind: 'other',
    };
    request.kind = kindOf(request);
    this.requests.push(request);
    const own = await this.bends.before?.(request);
    if (own === 'silence') {
      return;
    }
    if (own === 'reset') {
      incoming.socket.resetAndDestroy();
      return;
    }
    const answer = own
      ? { status: 200, headers: {}, body: Buffer.alloc(0), ...own }
      : await this.#askGit(request);
    const { status, headers, body } =
      (own ? undefined : this.bends.after?.(request, answer)) ?? answer;
    response.writeHead(status, { ...headers, 'content-length': body.length });
    response.end(body);
  }

  async #askGit({
    method,
    path,
    headers,
    body,
  }: BentRequest): Promise<BentAnswer> {
    const passed = httpRequest(`http://${this.git.host}${path}`, {
      method,
      headers: { ...headers, host: this.git.host, connection: 'close' },
    });
    passed.end(body);
    const [answer]: IncomingMessage[] = await once(passed, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of answer) {
      chunks.push(chunk);
    }
    const { 'transfer-encoding': _, connection: __, ...kept } = answer.headers;
    return {
      status: answer.statusCode ?? 500,
      headers: kept,
      body: Buffer.concat(chunks),
    };
  }
}

function kindOf({ method, path, body }: BentRequest): BentRequest['kind'] {
  if (method === 'GET') {
    return path.includes('git-receive-pack') ? 'look to push' : 'look';
  }
  if (path.endsWith('/git-receive-pack')) {
    return 'push';
  }
  if (path.endsWith('/git-upload-pack')) {
    return /^[0-9a-f]{4}command=/.test(body.toString('latin1', 0, 12))
      ? 'version 2'
      : 'version 0';
  }
  return 'other';
}

/** A line in git's wire format. */
export function pkt(data: string | Buffer): Buffer {
  const bytes = Buffer.from(data);
  const length = (bytes.length + 4).toString(16).padStart(4, '0');
  return Buffer.concat([Buffer.from(length), bytes]);
}

/** The packets of an answer; a number is a mark such as flush (0). */
export function packetsOf(answer: Buffer): (Buffer | number)[] {
  const packets: (Buffer | number)[] = [];
  for (let at = 0; at < answer.length; ) {
    const length = parseInt(answer.toString('latin1', at, at + 4), 16);
    packets.push(length < 4 ? length : answer.subarray(at + 4, at + length));
    at += Math.max(length, 4);
  }
  return packets;
}

/** The answer with other capabilities; of protocol 0. */
export function withCapabilities(answer: BentAnswer, list: string): BentAnswer {
  let isDone = false;
  const lines = packetsOf(answer.body).map(line => {
    if (typeof line === 'number') {
      return Buffer.from(`000${line}`);
    }
    const nul = line.indexOf(0);
    if (nul < 0 || isDone) {
      return pkt(line);
    }
    isDone = true;
    return pkt(
      Buffer.concat([line.subarray(0, nul + 1), Buffer.from(`${list}\n`)]),
    );
  });
  return { ...answer, body: Buffer.concat(lines) };
}

/** What is on the first band, as a server without bands would send it. */
export function withoutBands(answer: BentAnswer): BentAnswer {
  const parts = packetsOf(answer.body).flatMap(line =>
    typeof line !== 'number' && line[0] === 1 ? [line.subarray(1)] : [],
  );
  return { ...answer, body: Buffer.concat(parts) };
}
