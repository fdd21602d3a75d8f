import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigReader } from '@backstage/config';
import { DefaultGithubCredentialsProvider } from '@backstage/integration';
import { aGitRepo } from '../__testUtils__/aGitRepo';
import type { Secret } from '../config/readImageScanConfig';
import { GitCredentialResolver } from './GitCredentialResolver';

const secrets: Secret[] = [
  { type: 'git', name: 'git-write', username: 'bot', password: 'secret' },
];
const basic = (username: string, password: string) => ({ username, password });
const header = (value: string) => ({ headers: { Authorization: value } });
const base64 = (text: string) => Buffer.from(text).toString('base64');

const gitlabAt = (host: string) => ({
  host,
  apiBaseUrl: `https://${host}/api/v4`,
});

function resolve(
  repo: string,
  integrations: object,
  spec: Record<string, unknown> = {},
) {
  const resolver = new GitCredentialResolver({
    secrets,
    config: new ConfigReader({ integrations: { ...integrations } }),
  });
  return resolver.resolve(aGitRepo('repo', { repo, ...spec }));
}

describe('GitCredentialResolver', () => {
  it.each([
    [
      'a GitHub token',
      'https://github.com/org/repo',
      { github: [{ host: 'github.com', token: 'gh' }] },
      basic('x-access-token', 'gh'),
    ],
    [
      'a token of GitHub Enterprise',
      'https://ghe.example.com/org/repo.git',
      {
        github: [
          { host: 'github.com', token: 'gh' },
          {
            host: 'ghe.example.com',
            apiBaseUrl: 'https://ghe.example.com/api/v3',
            token: 'ghe',
          },
        ],
      },
      basic('x-access-token', 'ghe'),
    ],
    [
      'a GitLab token',
      'https://gitlab.example.com/group/sub/repo.git',
      { gitlab: [{ ...gitlabAt('gitlab.example.com'), token: 'gl' }] },
      basic('oauth2', 'gl'),
    ],
    [
      'a Gitea password',
      'https://gitea.example.com/org/repo.git',
      {
        gitea: [
          { host: 'gitea.example.com', username: 'u', password: 'token' },
        ],
      },
      basic('u', 'token'),
    ],
    [
      'a personal access token of Azure DevOps',
      'https://dev.azure.com/org/project/_git/repo',
      {
        azure: [
          {
            host: 'dev.azure.com',
            credentials: [{ personalAccessToken: 'pat' }],
          },
        ],
      },
      header(`Basic ${base64(':pat')}`),
    ],
    [
      'an API token of Bitbucket Cloud',
      'https://bitbucket.org/team/repo.git',
      { bitbucketCloud: [{ username: 'me@example.com', token: 'api' }] },
      basic('x-bitbucket-api-token-auth', 'api'),
    ],
    [
      'an app password of Bitbucket Cloud',
      'https://bitbucket.org/team/repo.git',
      { bitbucketCloud: [{ username: 'me', appPassword: 'app' }] },
      basic('me', 'app'),
    ],
    [
      'a token of Bitbucket Server',
      'https://bitbucket.example.com/scm/KEY/repo.git',
      { bitbucketServer: [{ host: 'bitbucket.example.com', token: 'bbs' }] },
      header('Bearer bbs'),
    ],
    [
      'a password of Bitbucket Server',
      'https://bitbucket.example.com/scm/KEY/repo.git',
      {
        bitbucketServer: [
          { host: 'bitbucket.example.com', username: 'me', password: 'pw' },
        ],
      },
      basic('me', 'pw'),
    ],
  ])('takes %s', async (_, repo, integrations, expected) => {
    await expect(resolve(repo, integrations)).resolves.toEqual(expected);
  });

  it.each([
    ['a host without an integration', 'https://git.example.com/r', {}],
    ['GitHub without a token', 'https://github.com/org/repo', {}],
    ['GitLab without a token', 'https://gitlab.com/org/repo', {}],
    ['Bitbucket Cloud without credentials', 'https://bitbucket.org/t/r', {}],
    [
      'Gitea without a password',
      'https://gitea.example.com/o/r',
      { gitea: [{ host: 'gitea.example.com' }] },
    ],
    [
      'Bitbucket Server without credentials',
      'https://bitbucket.example.com/scm/K/r',
      { bitbucketServer: [{ host: 'bitbucket.example.com' }] },
    ],
    [
      'a host whose name only begins like one with a token',
      'https://github.com.evil.example/org/repo',
      { github: [{ host: 'github.com', token: 'gh' }] },
    ],
    [
      'another port of a host with a token',
      'https://gitlab.example.com:8443/org/repo',
      { gitlab: [{ ...gitlabAt('gitlab.example.com'), token: 'gl' }] },
    ],
    [
      'a host that Backstage has no git credentials for',
      'https://gerrit.example.com/repo',
      {
        gerrit: [
          {
            host: 'gerrit.example.com',
            gitilesBaseUrl: 'https://gerrit.example.com/gitiles',
            username: 'u',
            password: 'p',
          },
        ],
      },
    ],
  ])('has nothing for %s', async (_, repo, integrations) => {
    await expect(resolve(repo, integrations)).resolves.toBeUndefined();
  });

  it('prefers clientSecretName, and takes nothing else with it', async () => {
    const github = { github: [{ host: 'github.com', token: 'gh' }] };
    const repo = 'https://github.com/org/repo';
    await expect(
      resolve(repo, github, { clientSecretName: 'git-write' }),
    ).resolves.toEqual(basic('bot', 'secret'));
    await expect(
      resolve(repo, github, { clientSecretName: 'unknown' }),
    ).resolves.toBeUndefined();
  });

  it('says why a host gives no token, without the secret that it echoes', async () => {
    const getCredentials = jest
      .spyOn(DefaultGithubCredentialsProvider.prototype, 'getCredentials')
      .mockRejectedValue(new Error('cannot resolve top-s%65cret at auth'));
    try {
      const resolving = resolve('https://github.com/org/repo', {
        github: [{ host: 'github.com', token: 'top-secret' }],
      });
      await expect(resolving).rejects.toThrow(
        expect.objectContaining({
          name: 'ServiceUnavailableError',
          cause: undefined,
          message: expect.stringMatching(
            /^There are no credentials for https:\/\/github\.com\/org\/repo from integrations\.github: cannot resolve \*\*\* at auth/,
          ),
        }),
      );
    } finally {
      getCredentials.mockRestore();
    }
  });
});

/** The API of a GitHub Enterprise that hands out tokens of an app. */
class TokenServer {
  readonly requests: string[] = [];
  /** Names that the app may see. */
  repositories = ['repo'];
  /** Seconds that a token is valid for. */
  validity = 3_600;
  isSilent = false;

  readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
  }

  static async start(): Promise<TokenServer> {
    const server = createServer();
    const tokens = new TokenServer(server);
    server.on('request', (request, response) => {
      const call = `${request.method} ${request.url?.split('?')[0]}`;
      tokens.requests.push(call);
      if (!tokens.isSilent) {
        response.writeHead(call.startsWith('POST') ? 201 : 200, {
          'content-type': 'application/json',
        });
        response.end(JSON.stringify(tokens.#answer(call)));
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return tokens;
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  #answer(call: string): unknown {
    switch (call) {
      case 'GET /app/installations':
        return [{ id: 7, account: { login: 'org' } }];
      case 'POST /app/installations/7/access_tokens':
        return {
          token: `token-${this.requests.length}`,
          expires_at: new Date(Date.now() + this.validity * 1_000),
          repository_selection: 'selected',
        };
      default:
        return {
          repositories: this.repositories.map(name => ({ name })),
          total_count: this.repositories.length,
        };
    }
  }
}

describe('GitCredentialResolver with an app', () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  let tokens: TokenServer;

  beforeEach(async () => {
    tokens = await TokenServer.start();
  });
  afterEach(() => {
    jest.restoreAllMocks();
    tokens.stop();
  });

  const start = (timeout?: number) => {
    const config = new ConfigReader({
      integrations: {
        github: [
          {
            host: 'ghe.example.com',
            apiBaseUrl: tokens.url,
            apps: [
              {
                appId: 1,
                clientId: 'id',
                clientSecret: 'secret',
                webhookSecret: 'secret',
                privateKey,
              },
            ],
          },
        ],
      },
    });
    return new GitCredentialResolver({ secrets: [], config, timeout });
  };
  const gitRepo = (name: string) =>
    aGitRepo(name, { repo: `https://ghe.example.com/org/${name}.git` });
  /** As much later as it takes for what is remembered to count as old. */
  const later = () => {
    const now = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(now + 11 * 60_000);
  };

  it('asks for one token, however many ask for it, at once and after', async () => {
    tokens.repositories = ['repo', 'other'];
    const resolver = start();
    const ask = (name: string) => resolver.resolve(gitRepo(name));
    const first = await Promise.all([ask('repo'), ask('other'), ask('repo')]);
    for (let round = 0; round < 10; round += 1) {
      expect(await ask('repo')).toEqual(first[0]);
    }
    expect(new Set(first.map(each => JSON.stringify(each))).size).toBe(1);
    expect(tokens.requests).toHaveLength(3);
  });

  it('asks for another before the end of the first', async () => {
    tokens.validity = 5 * 60;
    const resolver = start();
    const first = await resolver.resolve(gitRepo('repo'));
    const second = await resolver.resolve(gitRepo('repo'));
    expect(second).not.toEqual(first);
  });

  it('forgets a token that was refused, but not again and again', async () => {
    const resolver = start();
    const repo = gitRepo('repo');
    const first = await resolver.resolve(repo);
    expect(resolver.forget(repo)).toBe(false);
    expect(await resolver.resolve(repo)).toEqual(first);
    later();
    expect(resolver.forget(repo)).toBe(true);
    expect(await resolver.resolve(repo)).not.toEqual(first);
    expect(resolver.forget(repo)).toBe(false);
  });

  it('sees a repository that the app was given since', async () => {
    const resolver = start();
    await resolver.resolve(gitRepo('repo'));
    const added = gitRepo('added');
    await expect(resolver.resolve(added)).rejects.toThrow(
      'does not have access to a repository with the name added',
    );
    tokens.repositories.push('added');
    later();
    await expect(resolver.resolve(added)).resolves.toMatchObject({
      username: 'x-access-token',
    });
  });

  it('does not wait for ever for a host that gives none', async () => {
    tokens.isSilent = true;
    await expect(start(50).resolve(gitRepo('repo'))).rejects.toThrow(
      'There are no credentials for https://ghe.example.com/org/repo.git from integrations.github: ghe.example.com gave no token in 0.05 s',
    );
  });
});
