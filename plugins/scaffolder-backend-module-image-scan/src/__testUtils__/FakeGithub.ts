import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '@backstage/types';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

/** The API of a GitHub Enterprise that hands out tokens of an app. */
export class FakeGithub {
  /** How often it was asked for a token. */
  asked = 0;
  isSilent = false;
  /** Refuses with everything that it was sent. */
  isEchoing = false;
  /** Names that the app may see. */
  repositories = ['repo'];

  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeGithub> {
    const server = createServer();
    const github = new FakeGithub(server);
    server.on('request', (request, response) => {
      request.resume();
      if (github.isSilent) {
        return;
      }
      const [status, body] = github.#answer(request);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return github;
  }

  /** For `integrations.github`: an app at ghe.example.com. */
  get integration(): JsonObject {
    const { port } = this.#server.address() as AddressInfo;
    const app = {
      appId: 1,
      clientId: 'client',
      clientSecret: 'secret-of-the-client',
      webhookSecret: 'secret-of-the-hook',
      privateKey,
    };
    return {
      host: 'ghe.example.com',
      apiBaseUrl: `http://127.0.0.1:${port}`,
      apps: [app],
    };
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer({ method, url = '', headers }: IncomingMessage): [number, unknown] {
    if (this.isEchoing) {
      return [403, { message: `No entry with ${headers.authorization} here` }];
    }
    if (method === 'POST') {
      this.asked += 1;
      const token = {
        token: `ghs_token-${this.asked}`,
        expires_at: new Date(Date.now() + 3_600_000),
        repository_selection: 'selected',
      };
      return [201, token];
    }
    if (url.startsWith('/app/installations')) {
      return [200, [{ id: 7, account: { login: 'org' } }]];
    }
    const repositories = this.repositories.map(name => ({ name }));
    return [200, { repositories, total_count: repositories.length }];
  }
}
