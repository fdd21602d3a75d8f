import { generateKeyPairSync } from 'node:crypto';
import { ConfigReader } from '@backstage/config';
import type { JsonObject } from '@backstage/types';
import { parseImageReference } from 'backstage-plugin-image-scan-node';
import { badConfigurations } from './__fixtures__/badConfigurations';
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

const { privateKey: sshPrivateKey } = generateKeyPairSync('ed25519', {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const signed = (signingSecretName: string) =>
  gitRepo('my-repo', {
    branch: 'main',
    imageScanCommit: { signingSecretName },
  });

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

  it('reads keys to sign with, and says whose address is shown', () => {
    const { secrets, gitRepos, warnings } = read({
      gitRepos: [
        signed('key'),
        gitRepo('other', {
          branch: 'main',
          imageScanCommit: {
            authorEmail: 'bot@example.com',
            signingSecretName: 'key',
          },
        }),
      ],
      secrets: [{ name: 'key', sshPrivateKey }],
    });
    expect(gitRepos[0].commit.signingSecretName).toBe('key');
    expect(secrets).toMatchObject([
      {
        type: 'signing',
        name: 'key',
        signer: { publicKey: expect.stringMatching(/^ssh-ed25519 /) },
      },
    ]);
    expect(JSON.stringify(secrets)).not.toContain(sshPrivateKey.split('\n')[1]);
    expect(warnings).toEqual([
      expect.stringMatching(/\(my-repo\): .*authorEmail is absent.*verified/),
    ]);
  });

  it.each(badConfigurations.map(({ name, ...bad }) => [name, bad] as const))(
    'refuses %s',
    (_, { imageScan, message }) => {
      expect(() =>
        readImageScanConfig(new ConfigReader({ imageScan })),
      ).toThrow(
        expect.objectContaining({
          name: 'InputError',
          message: `The imageScan configuration cannot be used:\n- ${message}`,
        }),
      );
      expect(message).not.toContain('geheim');
    },
  );

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
