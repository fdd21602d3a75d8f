import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  imageContent,
  MANIFEST_TYPE,
  sha256,
} from '../../servers/imageContent';
import { broughtBy, echoOf, inHeader } from './echo';
import type { Brought } from './echo';
import { isFullRun } from '../guaranteeScale';

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  brought: Brought;
}

type Behaviour = (exchange: Exchange) => void;

const manifest = imageContent('secrets').manifest;

/** Wants Basic for every request, and only then shows what it is about. */
function basic(answer: Behaviour): Behaviour {
  return exchange => {
    const { request, response } = exchange;
    if (request.headers.authorization === undefined) {
      response.setHeader('www-authenticate', 'Basic realm="registry"');
      response.writeHead(401).end();
      return;
    }
    answer(exchange);
  };
}

function refuse(status: number, headers: Record<string, string> = {}) {
  return basic(({ response, brought }) => {
    const message = echoOf(brought);
    response.writeHead(status, {
      'content-type': 'application/json',
      ...headers,
    });
    response.end(JSON.stringify({ errors: [{ code: 'DENIED', message }] }));
  });
}

function listTags({ response }: Exchange): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ tags: ['1.0.0', '1.1.0'] }));
}

function redirect(location: (brought: Brought) => string): Behaviour {
  return basic(({ response, brought }) => {
    response.writeHead(307, { location: location(brought) }).end();
  });
}

/** Failing classes by the last part of a repository's name. */
const behaviours: Record<string, Behaviour> = {
  good: basic(listTags),
  'refused-400': refuse(400),
  'refused-401': refuse(401, { 'www-authenticate': 'Basic realm="x"' }),
  'refused-403': refuse(403),
  'refused-404': refuse(404),
  'refused-418': refuse(418),
  'refused-500': refuse(500),
  'refused-in-text': basic(({ response, brought }) => {
    response.writeHead(403, { 'content-type': 'text/plain' });
    response.end(echoOf(brought).replaceAll('; ', '\n'));
  }),
  'refused-in-long-text': basic(({ response, brought }) => {
    response.writeHead(403, { 'content-type': 'text/plain' });
    response.end(`no${' '.repeat(4090)}${echoOf(brought)}`);
  }),
  'refused-in-colours': basic(({ response, brought }) => {
    response.writeHead(403, { 'content-type': 'text/plain' });
    const [first = ''] = brought.values;
    response.end([...first].join('\u001b[0m'));
  }),
  'redirect-userinfo': redirect(
    ({ values: [value] }) => `https://${encodeURIComponent(value)}@127.0.0.1/x`,
  ),
  'redirect-path': redirect(
    ({ values: [value] }) => `https://127.0.0.1:1/${inHeader(value)}`,
  ),
  'redirect-query': redirect(
    ({ values: [value] }) =>
      `https://localhost:1/?token=${encodeURIComponent(value)}`,
  ),
  'redirect-nowhere': redirect(
    ({ values: [value] }) => `http://[${inHeader(value)}`,
  ),
  'no-json': basic(({ response, brought }) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(echoOf(brought));
  }),
  'other-repository': basic(({ response, brought }) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ name: echoOf(brought), tags: [] }));
  }),
  'bad-link': basic(({ response, brought }) => {
    response.setHeader('link', `<${inHeader(echoOf(brought))}`);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"tags":["1.0.0"]}');
  }),
  cut: basic(({ response, brought }) => {
    response.writeHead(200, { 'content-length': '100000' });
    response.write(`{"tags":["${echoOf(brought)}`);
    response.destroy();
  }),
  'no-http': basic(({ request, brought }) => {
    request.socket.end(`${echoOf(brought)}\r\n\r\n`);
  }),
  'bad-header': basic(({ request, brought }) => {
    request.socket.end(
      `HTTP/1.1 200 OK\r\nx ${inHeader(echoOf(brought))}\r\n\r\n`,
    );
  }),
  'realm-nowhere': ({ response, brought, request }) => {
    response.setHeader(
      'www-authenticate',
      request.headers.authorization
        ? `Bearer realm="${inHeader(echoOf(brought))}"`
        : 'Basic realm="x"',
    );
    response.writeHead(401).end();
  },
  // Ended by the client's own clock, which takes half a minute.
  ...(isFullRun && {
    silent: basic(({ response, brought }) => {
      response.writeHead(200);
      response.write(echoOf(brought));
    }),
  }),
};

/** Where the token service is what fails, by the last part of a name. */
const tokenBehaviours: Record<string, Behaviour> = {
  'token-good': ({ response }) => response.end(),
  'token-400': tokenRefusal(400),
  'token-401': tokenRefusal(401),
  'token-403': tokenRefusal(403),
  'token-500': tokenRefusal(500),
  'token-none': ({ response, brought }) => {
    response.end(JSON.stringify({ error: echoOf(brought) }));
  },
  'token-unusable': ({ response, brought }) => {
    response.end(JSON.stringify({ token: `${echoOf(brought)}\n` }));
  },
  'token-no-json': ({ response, brought }) => {
    response.end(echoOf(brought));
  },
  'token-redirect': ({ response, brought: { values } }) => {
    response
      .writeHead(307, { location: `http://127.0.0.1:1/${inHeader(values[0])}` })
      .end();
  },
  'token-cut': ({ response, brought }) => {
    response.writeHead(200, { 'content-length': '100000' });
    response.write(echoOf(brought));
    response.destroy();
  },
};

function tokenRefusal(status: number): Behaviour {
  return ({ response, brought }) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        error: 'invalid_grant',
        error_description: echoOf(brought),
        token: brought.values[0],
      }),
    );
  };
}

export const failingRepositories = [
  ...Object.keys(behaviours),
  ...Object.keys(tokenBehaviours),
  'token-refused',
].filter(name => name !== 'good' && name !== 'token-good');

/**
 * A registry and its token service that write back what they were sent, each
 * repository in its own way.
 */
export class EchoingRegistry {
  /** Repositories that were asked with credentials, so that there was something to leak. */
  readonly asked = new Set<string>();

  readonly #server: Server;
  readonly #issuedToken: string;

  private constructor(
    server: Server,
    /** What the token service hands out. */
    issuedToken: string,
  ) {
    this.#server = server;
    this.#issuedToken = issuedToken;
  }

  static async start(options: {
    issuedToken: string;
  }): Promise<EchoingRegistry> {
    const server = createServer();
    const registry = new EchoingRegistry(server, options.issuedToken);
    server.on('request', (request, response) => {
      registry.#answer(request, response).catch(error => {
        response.destroy(error);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return registry;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks).toString();
    const url = new URL(request.url ?? '/', `http://${this.host}`);
    const brought = broughtBy(request, body);
    const [, repository = ''] =
      url.pathname === '/token'
        ? /repository:(.*?):/.exec(
            `${url.searchParams} ${new URLSearchParams(body)}`.replace(
              /%3A|%2F/g,
              code => decodeURIComponent(code),
            ),
          ) ?? []
        : /^\/v2\/(.*?)\/(?:tags|manifests)\//.exec(url.pathname) ?? [];
    if (brought.values.length > 0) {
      this.asked.add(repository);
    }
    const exchange = { request, response, brought };
    const name = repository.split('/').pop() ?? '';
    if (url.pathname === '/token') {
      this.#handOutToken(name, exchange);
    } else if (name.startsWith('token-')) {
      this.#wantToken(name, exchange);
    } else if (url.pathname.includes('/manifests/')) {
      sendManifest(exchange);
    } else {
      behaviours[name]?.(exchange);
    }
  }

  #handOutToken(name: string, exchange: Exchange): void {
    const { response } = exchange;
    if (name === 'token-good' || name === 'token-refused') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ token: this.#issuedToken }));
    } else {
      tokenBehaviours[name]?.(exchange);
    }
  }

  #wantToken(name: string, exchange: Exchange): void {
    const { request, response, brought } = exchange;
    if (request.headers.authorization === `Bearer ${this.#issuedToken}`) {
      if (name === 'token-good') {
        const isManifest = request.url?.includes('/manifests/');
        (isManifest ? sendManifest : listTags)(exchange);
        return;
      }
      response.writeHead(401, { 'content-type': 'text/plain' });
      response.end(echoOf(brought));
      return;
    }
    response.setHeader(
      'www-authenticate',
      `Bearer realm="http://${this.host}/token",service="registry"`,
    );
    response.writeHead(401, { 'content-type': 'text/plain' });
    response.end(echoOf(brought));
  }
}

function sendManifest({ response }: Exchange): void {
  response.writeHead(200, {
    'content-type': MANIFEST_TYPE,
    'content-length': manifest.length,
    'docker-content-digest': sha256(manifest),
  });
  response.end(manifest);
}
