import {
  parseDockerConfig,
  parseImageReference,
} from 'backstage-plugin-image-scan-node';
import type { RegistrySettings, Secret } from '../config/readImageScanConfig';
import { RegistryCredentialResolver } from './RegistryCredentialResolver';

const dockerConfig = (...hosts: string[]) =>
  parseDockerConfig(
    JSON.stringify({
      auths: Object.fromEntries(
        hosts.map(host => [host, { username: 'u', password: `of ${host}` }]),
      ),
    }),
  );

const secrets: Secret[] = [
  { type: 'git', name: 'git-write', username: 'git', password: 'write' },
  {
    type: 'docker-config',
    name: 'hub',
    dockerConfig: dockerConfig('https://index.docker.io/v1/', 'ghcr.io'),
  },
  {
    type: 'docker-config',
    name: 'limited',
    dockerConfig: dockerConfig('harbor.corp'),
    gitRepos: ['ns/allowed'],
  },
];
const registries: RegistrySettings[] = [
  {
    host: 'harbor.corp',
    credentials: { username: 'robot', password: 'all' },
  },
  {
    host: 'private.corp:5000',
    credentials: { username: 'robot', password: 'some' },
    gitRepos: ['ns/allowed'],
  },
  { host: 'plain.corp', insecure: true },
  {
    host: 'registry-1.docker.io',
    credentials: { username: 'hubuser', password: 'hub' },
  },
];
const resolver = new RegistryCredentialResolver({ secrets, registries });
const request = (image: string, secretRef?: string, gitRepo = 'repo') => ({
  gitRepo,
  reference: parseImageReference(image),
  secretRef,
});

describe('RegistryCredentialResolver', () => {
  it.each([
    ['nginx', 'hub', 'repo', 'of https://index.docker.io/v1/'],
    ['ghcr.io/org/app', 'hub', 'repo', 'of ghcr.io'],
    ['harbor.corp/app', 'limited', 'ns/allowed', 'of harbor.corp'],
    ['harbor.corp/app', undefined, 'repo', 'all'],
    ['private.corp:5000/app', undefined, 'ns/allowed', 'some'],
    ['nginx', undefined, 'repo', 'hub'],
    ['docker.io/library/nginx', undefined, 'repo', 'hub'],
  ])('%s with secretRef %s of %s', (image, secretRef, gitRepo, password) => {
    expect(resolver.resolve(request(image, secretRef, gitRepo))).toMatchObject({
      type: 'basic',
      password,
    });
  });

  it.each([
    ['plain.corp/app', 'repo'],
    ['private.corp:5000/app', 'repo'],
    ['private.corp/app', 'ns/allowed'],
    ['harbor.corp:8443/app', 'repo'],
    ['harbor.corp.evil.example/app', 'repo'],
    ['ghcr.io/org/app', 'repo'],
  ])('%s of %s goes without', (image, gitRepo) => {
    expect(
      resolver.resolve(request(image, undefined, gitRepo)),
    ).toBeUndefined();
  });

  it.each([
    ['nginx', 'git-write', 'repo', 'is not a dockerConfigJson secret'],
    ['nginx', 'unknown', 'repo', 'which no entry of imageScan.secrets has'],
    ['harbor.corp/app', 'limited', 'other', 'other may not use'],
    [
      'evil.example/app',
      'hub',
      'repo',
      'secret hub has no entry for evil.example',
    ],
  ])('%s with secretRef %s of %s is refused', (...parts) => {
    const [image, secretRef, gitRepo, message] = parts;
    const resolve = () => resolver.resolve(request(image, secretRef, gitRepo));
    expect(resolve).toThrow(message);
    expect(resolve).toThrow(
      expect.objectContaining({ name: 'NotAllowedError' }),
    );
    expect(resolve).not.toThrow(/password|write"/);
  });

  describe('keys', () => {
    const keyOf = (...parts: Parameters<typeof request>) =>
      resolver.keyOf(request(...parts));

    it('are shared by those who use the same credentials', () => {
      expect(keyOf('nginx', 'hub', 'a')).toBe(keyOf('nginx', 'hub', 'b'));
      expect(keyOf('harbor.corp/x', undefined, 'a')).toBe(
        keyOf('harbor.corp/y', undefined, 'b'),
      );
      expect(keyOf('plain.corp/x', undefined, 'a')).toBe('anonymous');
    });

    it('differ where the credentials may', () => {
      const keys = [
        keyOf('harbor.corp/x'),
        keyOf('harbor.corp/x', 'hub'),
        keyOf('harbor.corp/x', 'limited', 'ns/allowed'),
        keyOf('harbor.corp/x', 'limited', 'other'),
        keyOf('harbor.corp/x', 'limited', 'another'),
        keyOf('harbor.corp/x', 'git-write', 'other'),
        keyOf('harbor.corp/x', 'unknown', 'other'),
        keyOf('private.corp:5000/x', undefined, 'ns/allowed'),
        keyOf('private.corp:5000/x', undefined, 'other'),
      ];
      expect(new Set(keys).size).toBe(keys.length);
    });

    it('hold no secret', () => {
      expect(keyOf('harbor.corp/x')).not.toContain('robot');
      expect(keyOf('nginx', 'hub')).not.toContain('of ');
    });
  });
});
