import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { imageContent, MANIFEST_TYPE, sha256 } from './imageContent';

export interface MemoryRegistryOptions {
  /** Default: any free one. */
  port?: number;
  /** Wants Basic auth with exactly these. */
  credentials?: { username: string; password: string };
}

interface Manifest {
  body: Buffer;
  type: string;
  digest: string;
}

interface Repository {
  tags: Map<string, string>;
  manifests: Map<string, Manifest>;
}

const LARGEST_BODY = 4 * 1024 * 1024;

/**
 * A registry in memory, on loopback: enough of the OCI distribution API to list
 * tags in pages, read manifests and push images. Blobs are taken and forgotten,
 * since nothing here ever pulls.
 */
export class MemoryRegistry {
  /** How many requests have arrived. */
  requestCount = 0;

  /** Awaited before a request is answered: the place to look at it or to hold it. */
  beforeAnswer?: (
    request: IncomingMessage,
    response: ServerResponse,
  ) => Promise<void>;

  readonly #repositories = new Map<string, Repository>();

  readonly #server: Server;
  readonly #options: MemoryRegistryOptions;

  private constructor(server: Server, options: MemoryRegistryOptions) {
    this.#server = server;
    this.#options = options;
  }

  static async start(
    options: MemoryRegistryOptions = {},
  ): Promise<MemoryRegistry> {
    const server = createServer();
    const registry = new MemoryRegistry(server, options);
    server.on('request', (request, response) => {
      registry.requestCount += 1;
      registry.#answer(request, response).catch((error: Error) => {
        registry.#fail(response, 500, 'UNKNOWN', error.message);
      });
    });
    server.listen(options.port ?? 0, '127.0.0.1');
    await once(server, 'listening');
    return registry;
  }

  /** `127.0.0.1:port`, the first part of an image's name. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  /**
   * Puts an image under a tag, without any request.
   *
   * @param content - other content has another digest; default the tag
   * @returns the digest
   */
  push(repository: string, tag: string, content = tag): string {
    const { manifest } = imageContent(`${repository} ${content}`);
    return this.#keep(repository, tag, manifest, MANIFEST_TYPE);
  }

  pushTags(repository: string, tags: readonly string[]): void {
    tags.forEach(tag => this.push(repository, tag));
  }

  /** Whether there was such a tag. */
  deleteTag(repository: string, tag: string): boolean {
    return this.#repositories.get(repository)?.tags.delete(tag) ?? false;
  }

  /** A second call does nothing. */
  async stop(): Promise<void> {
    if (this.#server.listening) {
      const closed = once(this.#server, 'close');
      this.#server.close();
      this.#server.closeAllConnections();
      await closed;
    }
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const body = await readBody(request);
    await this.beforeAnswer?.(request, response);
    if (!this.#isAllowed(request)) {
      response.setHeader('www-authenticate', 'Basic realm="registry"');
      this.#fail(response, 401, 'UNAUTHORIZED', 'authentication required');
      return;
    }
    if (body === undefined) {
      this.#fail(response, 413, 'SIZE_INVALID', 'the body is too large');
      return;
    }
    const route = `${request.method} ${url.pathname}`;
    const match =
      /^(\w+) \/v2\/(.+)\/(tags\/list|manifests|blobs)(?:\/(.*))?$/.exec(route);
    if (/^(GET|HEAD) \/v2\/?$/.test(route)) {
      this.#sendJson(response, {});
    } else if (!match) {
      this.#fail(response, 404, 'UNSUPPORTED', 'no such resource');
    } else {
      const [, method, repository, kind, rest = ''] = match;
      const reference = decodeURIComponent(rest);
      if (kind === 'tags/list' && method === 'GET') {
        this.#listTags(response, repository, url.searchParams);
      } else if (kind === 'manifests' && method !== 'PUT') {
        this.#sendManifest(response, repository, reference);
      } else if (kind === 'manifests') {
        const type = request.headers['content-type'] ?? MANIFEST_TYPE;
        const digest = this.#keep(repository, reference, body, type);
        response.setHeader('docker-content-digest', digest);
        response.setHeader('location', `/v2/${repository}/manifests/${digest}`);
        response.writeHead(201).end();
      } else {
        this.#takeBlob(response, method, repository, url, body);
      }
    }
  }

  #isAllowed(request: IncomingMessage): boolean {
    const { credentials } = this.#options;
    if (!credentials) {
      return true;
    }
    const pair = `${credentials.username}:${credentials.password}`;
    const expected = `Basic ${Buffer.from(pair).toString('base64')}`;
    const hash = (text: string) => createHash('sha256').update(text).digest();
    return timingSafeEqual(
      hash(request.headers.authorization ?? ''),
      hash(expected),
    );
  }

  #listTags(
    response: ServerResponse,
    repository: string,
    query: URLSearchParams,
  ): void {
    const known = this.#repositories.get(repository);
    if (!known) {
      this.#fail(response, 404, 'NAME_UNKNOWN', 'repository not known');
      return;
    }
    const last = query.get('last') ?? '';
    const size = Number(query.get('n') ?? 1000);
    if (!Number.isInteger(size) || size < 0) {
      this.#fail(response, 400, 'PAGINATION_NUMBER_INVALID', 'invalid n');
      return;
    }
    const rest = [...known.tags.keys()].filter(tag => tag > last).sort();
    const tags = rest.slice(0, size);
    if (tags.length > 0 && rest.length > tags.length) {
      const next = new URLSearchParams({
        n: `${size}`,
        last: tags[tags.length - 1],
      });
      response.setHeader(
        'link',
        `</v2/${repository}/tags/list?${next}>; rel="next"`,
      );
    }
    this.#sendJson(response, { name: repository, tags });
  }

  #sendManifest(
    response: ServerResponse,
    repository: string,
    reference: string,
  ): void {
    const known = this.#repositories.get(repository);
    const digest = known?.tags.get(reference) ?? reference;
    const manifest = known?.manifests.get(digest);
    if (!manifest) {
      this.#fail(response, 404, 'MANIFEST_UNKNOWN', 'manifest unknown');
      return;
    }
    response.writeHead(200, {
      'content-type': manifest.type,
      'content-length': manifest.body.length,
      'docker-content-digest': manifest.digest,
    });
    response.end(manifest.body); // Node leaves it out for HEAD
  }

  /** Starts, takes and confirms an upload in the two requests that clients send. */
  #takeBlob(
    response: ServerResponse,
    method: string,
    repository: string,
    url: URL,
    body: Buffer,
  ): void {
    const uploads = `/v2/${repository}/blobs/uploads/`;
    if (method === 'POST') {
      response.writeHead(202, { location: `${uploads}1` }).end();
      return;
    }
    const digest = url.searchParams.get('digest');
    if (method !== 'PUT' || !url.pathname.startsWith(uploads)) {
      this.#fail(response, 404, 'BLOB_UNKNOWN', 'blobs are not kept');
    } else if (digest !== sha256(body)) {
      this.#fail(response, 400, 'DIGEST_INVALID', 'the digest is another');
    } else {
      const location = `/v2/${repository}/blobs/${digest}`;
      response.writeHead(201, { location }).end();
    }
  }

  #keep(repository: string, tag: string, body: Buffer, type: string): string {
    let known = this.#repositories.get(repository);
    if (!known) {
      known = { tags: new Map(), manifests: new Map() };
      this.#repositories.set(repository, known);
    }
    const digest = sha256(body);
    known.manifests.set(digest, { body, type, digest });
    if (!tag.startsWith('sha256:')) {
      known.tags.set(tag, digest);
    }
    return digest;
  }

  #sendJson(response: ServerResponse, content: object, status = 200) {
    response.setHeader('content-type', 'application/json');
    response.writeHead(status).end(JSON.stringify(content));
  }

  #fail(
    response: ServerResponse,
    status: number,
    code: string,
    message: string,
  ): void {
    if (response.headersSent) {
      response.destroy();
    } else {
      this.#sendJson(response, { errors: [{ code, message }] }, status);
    }
  }
}

/** Undefined for a body over the cap, which is read and dropped. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= LARGEST_BODY) {
      chunks.push(chunk);
    }
  }
  return size > LARGEST_BODY ? undefined : Buffer.concat(chunks);
}
