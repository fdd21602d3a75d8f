import { ConfigReader } from '@backstage/config';
import { DefaultGithubCredentialsProvider } from '@backstage/integration';
import { aGitRepo } from '../__testUtils__/aGitRepo';
import { Secret } from '../config';
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
