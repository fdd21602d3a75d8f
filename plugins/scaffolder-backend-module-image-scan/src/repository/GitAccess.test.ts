import { ConfigReader, type Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { ScmIntegrations } from '@backstage/integration';
import type { JsonObject } from '@backstage/types';
import { IntegrationCredentials } from 'backstage-plugin-image-scan-node';
import { FakeGithub } from '../__testUtils__/FakeGithub';
import { GitAccess } from './GitAccess';

const URLS = {
  github: 'https://ghe.example.com/org/repo',
  gitlab: 'https://gitlab.com/org/repo',
  gitea: 'https://gitea.example.com/org/repo',
  azure: 'https://dev.azure.com/org/project/_git/repo',
  bitbucketCloud: 'https://bitbucket.org/team/repo',
  bitbucketServer: 'https://bitbucket.example.com/scm/KEY/repo',
};

const INTEGRATIONS = {
  github: [
    {
      host: 'ghe.example.com',
      apiBaseUrl: 'https://ghe.example.com/api/v3',
      token: 'gh',
    },
  ],
  gitlab: [{ host: 'gitlab.com', token: 'gl' }],
  gitea: [{ host: 'gitea.example.com', username: 'u', password: 'gt' }],
  azure: [
    { host: 'dev.azure.com', credentials: [{ personalAccessToken: 'pat' }] },
  ],
  bitbucketCloud: [{ username: 'me@example.com', token: 'api' }],
  bitbucketServer: [{ host: 'bitbucket.example.com', token: 'bbs' }],
};

const configOf = (integrations: JsonObject, scaffolder: JsonObject = {}) =>
  new ConfigReader({ integrations, scaffolder });

const pair = (username: string, password: string) => ({ username, password });

describe('GitAccess', () => {
  const opened: GitAccess[] = [];
  const open = (config: Config) => {
    const access = new GitAccess(config);
    opened.push(access);
    return access;
  };
  afterEach(() => opened.splice(0).forEach(access => access.close()));

  it.each([
    [URLS.github, pair('x-access-token', 'gh'), pair('x-access-token', 'mine')],
    [URLS.gitlab, pair('oauth2', 'gl'), pair('oauth2', 'mine')],
    [URLS.gitea, pair('u', 'gt'), pair('u', 'mine')],
    [
      URLS.azure,
      { headers: { Authorization: 'Basic OnBhdA==' } },
      pair('notempty', 'mine'),
    ],
    [
      URLS.bitbucketCloud,
      pair('x-bitbucket-api-token-auth', 'api'),
      pair('x-token-auth', 'mine'),
    ],
    [
      URLS.bitbucketServer,
      { headers: { Authorization: 'Bearer bbs' } },
      { headers: { Authorization: 'Bearer mine' } },
    ],
  ])(
    'has for %s the token of its integration, or of the user',
    async (url, own, given) => {
      const access = open(configOf(INTEGRATIONS));
      expect(await access.remote(url).credentials?.()).toEqual(own);
      expect(await access.remote(url, '').credentials?.()).toEqual(own);
      expect(await access.remote(url, 'mine').credentials?.()).toEqual(given);
    },
  );

  it('has none for other hosts, and sends them no token of the user', async () => {
    const access = open(configOf(INTEGRATIONS));
    const url = 'https://git.example.com/org/repo';
    expect(await access.remote(url).credentials?.()).toBeUndefined();
    expect(() => access.remote(url, 'mine')).toThrow(InputError);
  });

  it('demands the token of the user where the operator says so', async () => {
    const strict = open(
      configOf(INTEGRATIONS, { requireScmUserCredentials: true }),
    );
    for (const url of Object.values(URLS)) {
      for (const none of [undefined, '']) {
        expect(() => strict.remote(url, none)).toThrow(
          /No user credentials provided for host/,
        );
      }
      expect(await strict.remote(url, 'mine').credentials?.()).toBeDefined();
    }
    // Nothing of an integration is used for it.
    expect(() => strict.remote('https://git.example.com/r')).not.toThrow();
  });

  it.each(['git@github.com:org/repo', 'https://u:p@github.com/o/r', 'x'])(
    'refuses the URL %s',
    url => {
      expect(() => open(configOf(INTEGRATIONS)).remote(url)).toThrow(
        InputError,
      );
    },
  );
});

describe('GitAccess with gitHosts', () => {
  const withHosts = (...gitHosts: JsonObject[]) =>
    new GitAccess(
      new ConfigReader({ integrations: INTEGRATIONS, imageScan: { gitHosts } }),
    );

  it('gives an exchange the time that is listed for its host', () => {
    const access = withHosts({ host: 'GITEA.example.com:443', timeout: '5m' });
    expect(access.remote(URLS.gitea).timeout).toBe(300_000);
    expect(access.remote(URLS.gitlab).timeout).toBeUndefined();
    access.close();
  });

  it('says which entry it cannot use', () => {
    expect(() =>
      withHosts({ host: 'gitea.example.com', timeout: '5d' }),
    ).toThrow(/^imageScan\.gitHosts\[0\] \(gitea\.example\.com\): timeout: /);
  });
});

describe('IntegrationCredentials of an app', () => {
  let github: FakeGithub;

  beforeEach(async () => {
    github = await FakeGithub.start();
  });
  afterEach(() => github.stop());

  const start = (timeout?: number) =>
    new IntegrationCredentials(
      ScmIntegrations.fromConfig(configOf({ github: [github.integration] })),
      { timeout },
    );

  it('remembers a token until it is to be forgotten', async () => {
    const credentials = start();
    const first = pair('x-access-token', 'ghs_token-1');
    expect(await credentials.find(URLS.github)).toEqual(first);
    expect(await credentials.find(URLS.github)).toEqual(first);
    expect(credentials.forget(URLS.github)).toBe(true);
    expect(await credentials.find(URLS.github)).toEqual(
      pair('x-access-token', 'ghs_token-2'),
    );
    expect(github.asked).toBe(2);
  });

  it('has nothing to forget where the token stands in the configuration', () => {
    const credentials = new IntegrationCredentials(
      ScmIntegrations.fromConfig(configOf(INTEGRATIONS)),
    );
    expect(credentials.forget(URLS.github)).toBe(false);
    expect(credentials.forget(URLS.gitlab)).toBe(false);
  });

  it('sees a repository that the app was given since', async () => {
    const credentials = start();
    await credentials.find(URLS.github);
    github.repositories.push('added');
    expect(await credentials.find('https://ghe.example.com/org/added')).toEqual(
      pair('x-access-token', 'ghs_token-2'),
    );
  });

  it('does not wait for ever', async () => {
    github.isSilent = true;
    await expect(start(50).find(URLS.github)).rejects.toThrow(
      `There are no credentials for ${URLS.github} from integrations.github: ghe.example.com gave no token in 0.05 s`,
    );
  });

  it('says what the host said, without the credentials that it repeats', async () => {
    github.isEchoing = true;
    const error = await start()
      .find(URLS.github)
      .catch(failure => failure);
    expect(error.cause).toBeUndefined();
    expect(error.message).toMatch(
      /^There are no credentials for \S+ from integrations\.github: No entry with bearer [*.]+ here/,
    );
  });
});
