import { ConfigReader } from '@backstage/config';
import type { JsonObject } from '@backstage/types';
import { parseImageReference } from 'backstage-plugin-image-scan-node';
import { findGitRepoKey, readImageScanConfig } from './readImageScanConfig';

const read = (imageScan: JsonObject | undefined) =>
  readImageScanConfig(new ConfigReader(imageScan ? { imageScan } : {}));

const gitRepo = (name = 'my-repo', spec: JsonObject = {}) => ({
  metadata: { name },
  spec: { repo: `https://git.example.com/org/${name}`, ...spec },
});
const dockerConfigJson = JSON.stringify({
  auths: { 'ghcr.io': { username: 'u', password: 'of-ghcr' } },
});
const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

describe('readImageScanConfig', () => {
  it('takes the example of the documentation', () => {
    const settings = read({
      gitRepos: [
        {
          kind: 'GitRepo',
          metadata: { name: 'my-repo', namespace: 'fleet-local' },
          spec: {
            repo: 'https://git.example.com/org/repo',
            branch: 'main',
            paths: ['.'],
            imageScanInterval: '5m',
            clientSecretName: 'git-write',
            imageScanCommit: {
              authorName: 'foo',
              authorEmail: 'foo@bar.com',
              messageTemplate: 'update image',
            },
            paused: false,
          },
        },
      ],
      secrets: [
        { name: 'git-write', username: 'git', password: 'token' },
        { name: 'dockerhub-secret', dockerConfigJson, gitRepos: ['my-repo'] },
      ],
      registries: [
        { host: 'registry.internal:5000', insecure: true },
        {
          host: 'harbor.corp',
          ca: CA,
          username: 'robot$x',
          password: 'harbor',
          gitRepos: ['my-repo'],
          concurrency: 8,
          timeout: '5m',
        },
      ],
      gitHosts: [{ host: 'Git.example.com:443', timeout: '10m' }],
    });
    expect(settings.warnings).toEqual([]);
    expect(settings.gitHosts).toEqual([
      { host: 'git.example.com', timeout: 600_000 },
    ]);
    expect(settings.gitRepos).toEqual([
      expect.objectContaining({
        key: 'fleet-local/my-repo',
        branch: 'main',
        paths: ['.'],
        imageScanInterval: 300_000,
        clientSecretName: 'git-write',
        paused: false,
        commit: {
          authorName: 'foo',
          authorEmail: 'foo@bar.com',
          messageTemplate: 'update image',
        },
      }),
    ]);
    expect(settings.secrets).toEqual([
      { type: 'git', name: 'git-write', username: 'git', password: 'token' },
      {
        type: 'docker-config',
        name: 'dockerhub-secret',
        dockerConfig: expect.objectContaining({ hosts: ['ghcr.io'] }),
        gitRepos: ['fleet-local/my-repo'],
      },
    ]);
    expect(settings.registries).toEqual([
      expect.objectContaining({
        host: 'registry.internal:5000',
        insecure: true,
      }),
      expect.objectContaining({
        host: 'harbor.corp',
        ca: CA,
        credentials: { username: 'robot$x', password: 'harbor' },
        gitRepos: ['fleet-local/my-repo'],
        concurrency: 8,
        timeout: 300_000,
      }),
    ]);
  });

  it('needs nothing', () => {
    const nothing = {
      gitRepos: [],
      secrets: [],
      registries: [],
      warnings: ['imageScan.gitRepos is empty, so nothing is scanned'],
    };
    expect(read({ gitRepos: null, secrets: null, registries: null })).toEqual(
      nothing,
    );
    expect(read(undefined)).toEqual(nothing);
    expect(read({})).toEqual(nothing);
  });

  it.each([
    'docker.io',
    'index.docker.io',
    'registry-1.docker.io',
    'Docker.IO',
  ])('takes %s for the host that answers for Docker Hub', host => {
    const { registries } = read({
      registries: [{ host, username: 'u', password: 'p' }],
    });
    expect(registries[0].host).toBe(parseImageReference('nginx').apiHost);
  });

  it('names a registry as scans do', () => {
    const { registries } = read({ registries: [{ host: 'Harbor.Corp:443' }] });
    expect(registries[0].host).toBe(
      parseImageReference('harbor.corp/x').apiHost,
    );
  });

  it('raises a short interval and says so', () => {
    const { gitRepos, warnings } = read({
      gitRepos: [
        gitRepo('my-repo', { branch: 'main', imageScanInterval: '1s' }),
      ],
    });
    expect(gitRepos[0].imageScanInterval).toBe(5_000);
    expect(warnings).toEqual([
      expect.stringMatching(/^imageScan\.gitRepos \(my-repo\): .*5\s?s/),
    ]);
  });

  const git = { name: 'git', username: 'git', password: 'p' };
  it.each<[string, JsonObject, RegExp]>([
    [
      'an unknown key',
      { gitRepo: [] },
      /imageScan\.gitRepo: .*allowed here: gitRepos, secrets, registries/,
    ],
    [
      'an unknown key of a secret',
      { secrets: [{ ...git, pasword: 'p' }] },
      /imageScan\.secrets\[0\]\.pasword: .*allowed here: name, username, password, dockerConfigJson, gitRepos/,
    ],
    [
      'an unknown key of a registry',
      { registries: [{ host: 'a.corp', tls: false }] },
      /imageScan\.registries\[0\]\.tls: .*allowed here: host, insecure, ca/,
    ],
    ['no list', { gitRepos: {} }, /imageScan\.gitRepos: must be a list/],
    ['no list', { secrets: 'x' }, /imageScan\.secrets: must be a list/],
    ['no manifest', { gitRepos: ['x'] }, /imageScan\.gitRepos\[0\]: /],
    [
      'a misspelt field',
      { gitRepos: [gitRepo('my-repo', { imageScanIntervall: '5m' })] },
      /imageScan\.gitRepos\[0\]: .*imageScanIntervall.*imageScanInterval/,
    ],
    [
      'a bad duration',
      { gitRepos: [gitRepo('my-repo', { imageScanInterval: 'soon' })] },
      /imageScan\.gitRepos\[0\]: .*imageScanInterval.*soon/,
    ],
    [
      'an ssh URL',
      { gitRepos: [gitRepo('my-repo', { repo: 'git@github.com:o/r.git' })] },
      /imageScan\.gitRepos\[0\]: .*https:\/\/github\.com\/o\/r/,
    ],
    [
      'an unknown variable',
      {
        gitRepos: [
          gitRepo('my-repo', {
            imageScanCommit: { messageTemplate: '{{ author }}' },
          }),
        ],
      },
      /spec\.imageScanCommit\.messageTemplate: \{\{ author \}\} is not a variable.*known: gitRepo/,
    ],
    [
      'two git repos of one name',
      { gitRepos: [gitRepo(), gitRepo()] },
      /imageScan\.gitRepos: my-repo is there more than once/,
    ],
    [
      'two secrets of one name',
      { secrets: [git, git] },
      /imageScan\.secrets: git is there more than once/,
    ],
    [
      'two registries of one host',
      { registries: [{ host: 'docker.io' }, { host: 'index.docker.io' }] },
      /imageScan\.registries: registry-1\.docker\.io is there more than once/,
    ],
    [
      'a name that no secret has',
      {
        gitRepos: [gitRepo('my-repo', { clientSecretName: 'x' })],
        secrets: [git],
      },
      /clientSecretName is x, which no entry of imageScan\.secrets has; known: git/,
    ],
    [
      'a registry secret for git',
      {
        gitRepos: [gitRepo('my-repo', { clientSecretName: 'hub' })],
        secrets: [{ name: 'hub', dockerConfigJson }],
      },
      /clientSecretName is hub, a dockerConfigJson secret; git needs/,
    ],
    [
      'a secret whose variable is unset',
      { secrets: [{ name: 'hub' }] },
      /imageScan\.secrets\[0\] \(hub\): has no value: .*that variable is not set/,
    ],
    [
      'a password whose variable is unset',
      { secrets: [{ name: 'git', username: 'git' }] },
      /imageScan\.secrets\[0\] \(git\): has no password; .*variable is not set/,
    ],
    [
      'an empty password',
      { secrets: [{ ...git, password: '' }] },
      /imageScan\.secrets\[0\] \(git\): has no password; .*variable is not set/,
    ],
    [
      'a secret without a name',
      { secrets: [{ username: 'git', password: 'p' }] },
      /imageScan\.secrets\[0\]\.name: the name is missing/,
    ],
    [
      'a secret of both kinds',
      { secrets: [{ ...git, dockerConfigJson }] },
      /imageScan\.secrets\[0\] \(git\): .*not both/,
    ],
    [
      'a git secret with gitRepos',
      { gitRepos: [gitRepo()], secrets: [{ ...git, gitRepos: ['my-repo'] }] },
      /imageScan\.secrets\[0\] \(git\): has gitRepos, which only a dockerConfigJson/,
    ],
    [
      'a docker config that is none',
      { secrets: [{ name: 'hub', dockerConfigJson: 'top-secret' }] },
      /imageScan\.secrets\[0\] \(hub\): .*not a JSON object/,
    ],
    [
      'a secret for an unknown git repo',
      {
        gitRepos: [gitRepo()],
        secrets: [{ name: 'hub', dockerConfigJson, gitRepos: ['other'] }],
      },
      /\(hub\): gitRepos names other, which no entry.*known: my-repo/,
    ],
    [
      'a host with a scheme',
      { registries: [{ host: 'https://a.corp' }] },
      /imageScan\.registries\[0\]\.host: must be a host or host:port/,
    ],
    [
      'a host with a user',
      { registries: [{ host: 'user@a.corp' }] },
      /imageScan\.registries\[0\]\.host: must be a host or host:port/,
    ],
    [
      'a certificate that is none',
      { registries: [{ host: 'a.corp', ca: './ca.pem' }] },
      /imageScan\.registries\[0\]\.ca: must be a certificate in PEM form/,
    ],
    [
      'a certificate for plain http',
      { registries: [{ host: 'a.corp', ca: CA, insecure: true }] },
      /imageScan\.registries\[0\] \(a\.corp\): has a ca but is insecure/,
    ],
    [
      'a registry password whose variable is unset',
      { registries: [{ host: 'a.corp', username: 'u' }] },
      /imageScan\.registries\[0\] \(a\.corp\): has no password; .*not set/,
    ],
    [
      'an empty registry password',
      { registries: [{ host: 'a.corp', username: 'u', password: '' }] },
      /imageScan\.registries\[0\] \(a\.corp\): has no password; .*not set/,
    ],
    [
      'a registry limited to git repos without credentials',
      {
        gitRepos: [gitRepo()],
        registries: [{ host: 'a.corp', gitRepos: ['my-repo'] }],
      },
      /imageScan\.registries\[0\] \(a\.corp\): has gitRepos but no username/,
    ],
    [
      'too much at a time',
      { registries: [{ host: 'a.corp', concurrency: 1000 }] },
      /imageScan\.registries\[0\]\.concurrency: must be a whole number from 1 to 64/,
    ],
    [
      'a timeout that is no duration',
      { registries: [{ host: 'a.corp', timeout: '1d' }] },
      /imageScan\.registries\[0\] \(a\.corp\): timeout: "1d" is not a duration/,
    ],
    [
      'a git host without a timeout',
      { gitHosts: [{ host: 'a.corp' }] },
      /imageScan\.gitHosts\[0\]\.timeout: the timeout is missing/,
    ],
    [
      'a git host that waits for ever',
      { gitHosts: [{ host: 'a.corp', timeout: '0s' }] },
      /imageScan\.gitHosts\[0\] \(a\.corp\): timeout: must be from 1s to 1h/,
    ],
  ])('refuses %s', (_, imageScan, message) => {
    expect(() => read(imageScan)).toThrow(message);
    expect(() => read(imageScan)).toThrow(
      expect.objectContaining({ name: 'InputError' }),
    );
    expect(() => read(imageScan)).not.toThrow(/top-secret/);
  });

  it('names everything that is wrong at once', () => {
    const reading = () =>
      read({
        gitRepos: [gitRepo('my-repo', { clientSecretName: 'x' }), 'nothing'],
        secrets: [{ name: 'hub' }],
        registries: [{ host: 'a.corp', username: 'u' }],
      });
    for (const place of [
      'imageScan.gitRepos (my-repo)',
      'imageScan.gitRepos[1]',
      'imageScan.secrets[0] (hub)',
      'imageScan.registries[0] (a.corp)',
    ]) {
      expect(reading).toThrow(`\n- ${place}: `);
    }
  });
});

describe('findGitRepoKey', () => {
  const gitRepos = [
    { key: 'a/twin', name: 'twin', namespace: 'a' },
    { key: 'b/twin', name: 'twin', namespace: 'b' },
    { key: 'a/one', name: 'one', namespace: 'a' },
    { key: 'c/both', name: 'both', namespace: 'c' },
    { key: 'both', name: 'both' },
  ];

  it.each([
    ['one', 'a/one'],
    ['a:one', 'a/one'],
    ['a/one', 'a/one'],
    ['b:twin', 'b/twin'],
    ['both', 'both'],
    ['c:both', 'c/both'],
  ])('%s is %s', (name, key) => {
    expect(findGitRepoKey(gitRepos, name)).toBe(key);
  });

  it('refuses what is unknown or stands for several', () => {
    expect(() => findGitRepoKey(gitRepos, 'two')).toThrow(
      'known: a/twin, b/twin',
    );
    expect(() => findGitRepoKey(gitRepos, 'undefined:both')).toThrow('known');
    expect(() => findGitRepoKey(gitRepos, 'twin')).toThrow(
      'is not unique; write namespace:name',
    );
    expect(() => findGitRepoKey([], 'x')).toThrow('known: none');
  });
});
