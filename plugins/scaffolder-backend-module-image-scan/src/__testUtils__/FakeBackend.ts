import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DiscoveryService } from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import {
  ConflictError,
  isError,
  NotAllowedError,
  serializeError,
  toError,
} from '@backstage/errors';
import type {
  ImageScan,
  UpdateRequest,
  UpdateResult,
} from 'backstage-plugin-image-scan-common';
import type { RewriteServices } from '../actions/rewrite';
import { GitAccess } from '../repository/GitAccess';

/** The image-scan backend as the actions see it, over HTTP. */
export class FakeBackend {
  scans: ImageScan[] = [];
  paths = ['.'];
  /** What is not written yet; a write takes it all. */
  pending: Pick<UpdateResult, 'changes' | 'problems' | 'diff'> = {
    changes: [],
    problems: [],
    diff: '',
  };
  /** Stands for the head and `pending`. */
  plan = 'plan-1';
  isAllowed = true;
  readonly commits: string[] = [];
  readonly updates: UpdateRequest[] = [];
  readonly authorizations: string[] = [];
  readonly queries: string[] = [];

  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeBackend> {
    const server = createServer();
    const backend = new FakeBackend(server);
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk);
      }
      const body = Buffer.concat(chunks).toString();
      backend.authorizations.push(request.headers.authorization ?? '');
      response.setHeader('content-type', 'application/json');
      try {
        const url = new URL(request.url ?? '/', 'http://localhost');
        const answer = backend.#answer(url, body && JSON.parse(body));
        response.end(JSON.stringify(answer));
      } catch (cause) {
        const error = toError(cause);
        response.statusCode = statusOf(error);
        response.end(
          JSON.stringify({
            error: serializeError(error),
            response: { statusCode: response.statusCode },
          }),
        );
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return backend;
  }

  get services(): RewriteServices {
    const { port } = this.#server.address() as AddressInfo;
    const getBaseUrl = async (plugin: string) =>
      `http://127.0.0.1:${port}/api/${plugin}`;
    const discovery: DiscoveryService = {
      getBaseUrl,
      getExternalBaseUrl: getBaseUrl,
    };
    const config = mockServices.rootConfig();
    const access = new GitAccess(config);
    return { auth: mockServices.auth(), discovery, config, access };
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(url: URL, body: UpdateRequest): unknown {
    if (!this.isAllowed) {
      throw new NotAllowedError('You may not update my-repo');
    }
    if (url.pathname === '/api/image-scan/git-repos/my-repo') {
      return { name: 'my-repo', paths: this.paths };
    }
    if (url.pathname === '/api/image-scan/image-scans') {
      this.queries.push(url.search);
      const offset = Number(url.searchParams.get('offset'));
      const limit = Number(url.searchParams.get('limit'));
      return {
        items: this.scans.slice(offset, offset + limit),
        totalItems: this.scans.length,
      };
    }
    if (url.pathname === '/api/image-scan/git-repos/my-repo/update') {
      return this.#update(body);
    }
    throw new Error(`Nobody answers ${url.pathname}`);
  }

  #update(request: UpdateRequest): UpdateResult {
    this.updates.push(request);
    const { plan, dryRun } = request;
    if (!dryRun && plan !== undefined && plan !== this.plan) {
      throw new ConflictError('my-repo changed since the preview');
    }
    const result: UpdateResult = {
      branch: 'main',
      message: request.message ?? 'update image',
      plan: this.plan,
      scans: [],
      ...this.pending,
    };
    if (dryRun || result.changes.length === 0) {
      return result;
    }
    const commit = `${this.commits.length + 1}`.repeat(40);
    this.commits.push(commit);
    this.pending = { ...this.pending, changes: [], diff: '' };
    this.plan = `plan-${this.commits.length + 1}`;
    return {
      ...result,
      commit,
      commitUrl: `https://git.example.com/my-repo/commit/${commit}`,
    };
  }
}

function statusOf(error: Error): number {
  if (isError(error) && error.name === 'NotAllowedError') {
    return 403;
  }
  return error.name === 'ConflictError' ? 409 : 500;
}
