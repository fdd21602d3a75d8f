import { ConfigReader } from '@backstage/config';
import { createForge, ForgePauses } from 'backstage-plugin-image-scan-node';
import { aGitRepo } from '../__testUtils__/aGitRepo';
import type { Secret } from '../config/readImageScanConfig';
import { ForgeCredentialResolver } from './ForgeCredentialResolver';
import { GitCredentialResolver } from './GitCredentialResolver';

const secrets: Secret[] = [
  { type: 'git', name: 'bot', username: 'bot', password: 'secret' },
  { type: 'git', name: 'token', username: 'x-token-auth', password: 'secret' },
  {
    type: 'git',
    name: 'api-token',
    username: 'x-bitbucket-api-token-auth',
    password: 'secret',
  },
];
const basic = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

function start(repo: string, integrations: object, clientSecretName?: string) {
  const forges = new ForgeCredentialResolver(
    new GitCredentialResolver({
      secrets,
      config: new ConfigReader({ integrations: { ...integrations } }),
    }),
  );
  const definition = aGitRepo('repo', {
    repo,
    ...(clientSecretName ? { clientSecretName } : {}),
  });
  return { forges, definition };
}

const GITHUB = 'https://github.com/org/repo';
const GHES = 'https://ghe.example.com/org/repo.git';
const GITLAB = 'https://gitlab.example.com/group/sub/repo.git';
const GITEA = 'https://gitea.example.com/org/repo.git';
const CLOUD = 'https://bitbucket.org/org/repo';
const SERVER = 'https://bitbucket.example.com/scm/KEY/repo.git';
const AZURE = 'https://dev.azure.com/org/project/_git/repo';

const ghes = {
  host: 'ghe.example.com',
  apiBaseUrl: 'https://ghe.example.com/api/v3',
};
const gitlab = {
  host: 'gitlab.example.com',
  apiBaseUrl: 'https://gitlab.example.com/api/v4',
};
const gitea = { host: 'gitea.example.com' };
const server = { host: 'bitbucket.example.com' };

describe('ForgeCredentialResolver', () => {
  it.each<[string, string, object, string | undefined, string | undefined]>([
    [
      'GitHub',
      GITHUB,
      { github: [{ host: 'github.com', token: 'gh' }] },
      undefined,
      'Bearer gh',
    ],
    [
      'GitHub, with a secret',
      GITHUB,
      { github: [{ host: 'github.com', token: 'gh' }] },
      'bot',
      'Bearer secret',
    ],
    [
      'GitHub Enterprise',
      GHES,
      { github: [{ ...ghes, token: 'ghe' }] },
      undefined,
      'Bearer ghe',
    ],
    [
      'GitHub, without any',
      GITHUB,
      { github: [{ host: 'github.com' }] },
      undefined,
      undefined,
    ],
    [
      'GitLab',
      GITLAB,
      { gitlab: [{ ...gitlab, token: 'gl' }] },
      undefined,
      'Bearer gl',
    ],
    [
      'GitLab, with a secret',
      GITLAB,
      { gitlab: [gitlab] },
      'bot',
      'Bearer secret',
    ],
    [
      'Gitea, with a token',
      GITEA,
      { gitea: [{ ...gitea, password: 'gt' }] },
      undefined,
      'token gt',
    ],
    [
      'Gitea, with a user',
      GITEA,
      { gitea: [{ ...gitea, username: 'u', password: 'gt' }] },
      undefined,
      basic('u', 'gt'),
    ],
    [
      'Gitea, with a secret',
      GITEA,
      { gitea: [gitea] },
      'bot',
      basic('bot', 'secret'),
    ],
    [
      'Bitbucket Cloud, with an API token',
      CLOUD,
      { bitbucketCloud: [{ username: 'me@example.com', token: 'bc' }] },
      undefined,
      basic('me@example.com', 'bc'),
    ],
    [
      'Bitbucket Cloud, with an app password',
      CLOUD,
      { bitbucketCloud: [{ username: 'me', appPassword: 'bc' }] },
      undefined,
      basic('me', 'bc'),
    ],
    [
      'Bitbucket Cloud, with an access token',
      CLOUD,
      { bitbucketCloud: [] },
      'token',
      'Bearer secret',
    ],
    [
      'Data Center, with a token',
      SERVER,
      { bitbucketServer: [{ ...server, token: 'bs' }] },
      undefined,
      'Bearer bs',
    ],
    [
      'Data Center, with a user',
      SERVER,
      { bitbucketServer: [{ ...server, username: 'u', password: 'p' }] },
      undefined,
      basic('u', 'p'),
    ],
    [
      'Data Center, with a token as secret',
      SERVER,
      { bitbucketServer: [server] },
      'token',
      'Bearer secret',
    ],
    [
      'Azure DevOps',
      AZURE,
      {
        azure: [
          {
            host: 'dev.azure.com',
            credentials: [{ personalAccessToken: 'pat' }],
          },
        ],
      },
      undefined,
      basic('', 'pat'),
    ],
    [
      'Azure DevOps, with a secret',
      AZURE,
      { azure: [] },
      'bot',
      basic('bot', 'secret'),
    ],
  ])(
    'signs in to the API of %s',
    async (_, repo, integrations, clientSecretName, expected) => {
      const { forges, definition } = start(
        repo,
        integrations,
        clientSecretName,
      );
      expect(await forges.authorization(definition)).toBe(expected);
    },
  );

  it.each([
    [GITHUB, {}, 'https://api.github.com'],
    [GHES, { github: [ghes] }, ghes.apiBaseUrl],
    [GITLAB, { gitlab: [gitlab] }, gitlab.apiBaseUrl],
    [GITEA, { gitea: [gitea] }, 'https://gitea.example.com/api/v1'],
    [
      GITEA,
      { gitea: [{ ...gitea, baseUrl: 'https://gitea.example.com/git/' }] },
      'https://gitea.example.com/git/api/v1',
    ],
    [CLOUD, {}, 'https://api.bitbucket.org/2.0'],
    [
      SERVER,
      { bitbucketServer: [server] },
      'https://bitbucket.example.com/rest/api/1.0',
    ],
    [AZURE, {}, undefined],
  ])('knows the API of %s', (repo, integrations, apiBaseUrl) => {
    const { forges, definition } = start(repo, integrations);
    const place = forges.placeOf(definition);
    expect(place.apiBaseUrl).toBe(apiBaseUrl);
    const forge = createForge({
      ...place,
      repo,
      authorization: () => forges.authorization(definition),
      transport: { request: () => Promise.reject(new Error()), close() {} },
      pauses: new ForgePauses(),
    });
    expect(forge.capabilities.name).toBeTruthy();
  });

  it('says of a host that no integration names what to do', () => {
    const { forges, definition } = start('https://git.corp/org/repo', {});
    expect(() => forges.placeOf(definition)).toThrow(
      /no entry of integrations names git\.corp.*clientSecretName/,
    );
  });

  it('says of a host without pull requests which have them', () => {
    const { forges, definition } = start('https://gerrit.corp/repo', {
      gerrit: [
        { host: 'gerrit.corp', gitilesBaseUrl: 'https://gerrit.corp/gitiles' },
      ],
    });
    expect(() => forges.placeOf(definition)).toThrow(
      /integrations\.gerrit.*github, gitlab, gitea/,
    );
  });

  it.each([
    [{ bitbucketCloud: [{ token: 'bc' }] }, undefined, /beside the token/],
    [{ bitbucketCloud: [] }, 'api-token', /beside the secret api-token/],
  ])(
    'says that the API of Bitbucket Cloud wants an address: %j %s',
    async (integrations, clientSecretName, message) => {
      const { forges, definition } = start(
        CLOUD,
        integrations,
        clientSecretName,
      );
      await expect(forges.authorization(definition)).rejects.toThrow(message);
    },
  );
});
