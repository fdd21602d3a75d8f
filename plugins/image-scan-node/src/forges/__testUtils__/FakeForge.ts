import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod/v4';
import { json, TestServer } from '../../http/__testUtils__/TestServer';

/** A pull request as the fake keeps it. */
export interface FakePullRequest {
  number: number;
  head: string;
  base: string;
  title: string;
  body: string;
  draft: boolean;
  state: 'open' | 'merged' | 'closed';
  labels: string[];
  reviewers: string[];
  comments: string[];
  autoMerge?: string;
  closedBy?: string;
  /** Raised with each change. */
  version: number;
}

/** A request as it arrived, and what was answered. */
export interface RecordedRequest {
  method: string;
  /** Below the host, without the query. */
  path: string;
  query: [string, string][];
  body?: unknown;
  authorization?: string;
  status: number;
  answer?: unknown;
}

export interface FakeAnswer {
  status: number;
  body?: unknown;
}

/** One operation of a forge's API. */
export interface FakeRoute {
  method: string;
  /** Matches the whole path. */
  path: RegExp;
  /** The parameters that it knows; any other is a fault of the client. */
  query?: readonly string[];
  /** The body that it takes, where anything else is a fault of the client. */
  body?: z.ZodType;
  answer(call: {
    /** Groups of the path. */
    groups: string[];
    query: URLSearchParams;
    // What `body` has let through.
    body: Record<string, unknown>;
  }): FakeAnswer;
}

/** The head of every branch of the fake. */
export const HEAD_COMMIT = 'a'.repeat(40);
export const MERGE_COMMIT = 'b'.repeat(40);

/**
 * A forge on loopback that keeps pull requests and speaks the dialect of one kind. It
 * takes nothing that its routes do not know: what a client sends besides is a fault.
 */
export class FakeForge {
  readonly pulls: FakePullRequest[] = [];
  readonly requests: RecordedRequest[] = [];
  /** What clients sent and no forge would take. */
  readonly faults: string[] = [];
  /** Answers in place of the dialect where it returns true. */
  intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Called before each request is answered. */
  beforeAnswer?: (request: RecordedRequest) => void;

  #server?: TestServer;
  readonly #routes: readonly FakeRoute[];

  private constructor(makeRoutes: (forge: FakeForge) => FakeRoute[]) {
    this.#routes = makeRoutes(this);
  }

  static async start(
    makeRoutes: (forge: FakeForge) => FakeRoute[],
  ): Promise<FakeForge> {
    const forge = new FakeForge(makeRoutes);
    forge.#server = await TestServer.start((request, response) =>
      forge.#answer(request, response),
    );
    return forge;
  }

  get host(): string {
    return this.#server?.host ?? '';
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  find(number: number): FakePullRequest | undefined {
    return this.pulls.find(pull => pull.number === number);
  }

  /** Undefined where one is open already. */
  open(
    pull: Pick<FakePullRequest, 'head' | 'base' | 'title' | 'body' | 'draft'>,
  ): FakePullRequest | undefined {
    const { head, base } = pull;
    if (this.ofBranch(head, base).some(({ state }) => state === 'open')) {
      return undefined;
    }
    const opened: FakePullRequest = {
      ...pull,
      number: this.pulls.length + 1,
      state: 'open',
      labels: [],
      reviewers: [],
      comments: [],
      version: 0,
    };
    this.pulls.push(opened);
    return opened;
  }

  /** Newest first. */
  ofBranch(head: string, base: string): FakePullRequest[] {
    return this.pulls
      .filter(pull => pull.head === head && pull.base === base)
      .reverse();
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const url = new URL(request.url ?? '', this.url);
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString();
    const recorded: RecordedRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: [...url.searchParams],
      body: text === '' ? undefined : JSON.parse(text),
      authorization: request.headers.authorization,
      status: 0,
    };
    this.requests.push(recorded);
    this.beforeAnswer?.(recorded);
    if (this.intercept?.(request, response)) {
      return;
    }
    const { status, body } = this.#route(recorded, url);
    recorded.status = status;
    recorded.answer = body;
    if (body === undefined) {
      response.writeHead(status).end();
    } else {
      json(response, body, status);
    }
  }

  #route(recorded: RecordedRequest, url: URL): FakeAnswer {
    for (const route of this.#routes) {
      const match = route.path.exec(recorded.path);
      if (match?.[0] === recorded.path && route.method === recorded.method) {
        const unknown = recorded.query.filter(
          ([name]) => !route.query?.includes(name),
        );
        const parsed = route.body?.safeParse(recorded.body);
        const isUnasked = !route.body && recorded.body !== undefined;
        if (unknown.length > 0 || isUnasked || parsed?.success === false) {
          return this.#fault(
            recorded,
            `${unknown.join()} ${parsed?.error?.message ?? ''}`,
          );
        }
        return route.answer({
          groups: match.slice(1).map(decodeURIComponent),
          query: url.searchParams,
          body: Object(parsed?.data),
        });
      }
    }
    return this.#fault(recorded, 'no such operation');
  }

  #fault({ method, path }: RecordedRequest, reason: string): FakeAnswer {
    this.faults.push(`${method} ${path}: ${reason}`);
    return { status: 400, body: { message: 'a fault of the client' } };
  }
}
