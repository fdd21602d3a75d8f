import { inspect } from 'node:util';
import { parseDockerConfig, parseImageReference } from '.';

const auth = (pair: string) => Buffer.from(pair).toString('base64');
const basic = (username: string, password: string) => ({
  type: 'basic',
  username,
  password,
});

function credentialsFor(auths: Record<string, unknown>, image: string) {
  return parseDockerConfig(JSON.stringify({ auths })).credentialsFor(
    parseImageReference(image),
  );
}

describe('parseDockerConfig', () => {
  it.each([
    'https://index.docker.io/v1/', // kubectl create secret docker-registry, docker login
    'https://index.docker.io/v1',
    'https://index.docker.io/v2/',
    'index.docker.io',
    'docker.io',
    'https://docker.io',
    'registry-1.docker.io',
    'https://registry-1.docker.io/v2/',
  ])('finds Docker Hub under %s', key => {
    const auths = { [key]: { auth: auth('u:p') } };
    expect(credentialsFor(auths, 'nginx')).toEqual(basic('u', 'p'));
    expect(credentialsFor(auths, 'docker.io/a/b')).toEqual(basic('u', 'p'));
    expect(credentialsFor(auths, 'ghcr.io/a/b')).toBeUndefined();
  });

  it.each([
    'ghcr.io',
    'GHCR.io',
    'ghcr.io/',
    'https://ghcr.io',
    'http://ghcr.io/',
    'https://ghcr.io/v1/',
    'https://ghcr.io/v2/',
    'ghcr.io:443',
    'ghcr.io/org',
    'ghcr.io/org/app',
    '*.io',
    'g?cr.io',
  ])('finds a host under %s', key => {
    expect(
      credentialsFor(
        { [key]: { username: 'u', password: 'p' } },
        'ghcr.io/org/app',
      ),
    ).toEqual(basic('u', 'p'));
  });

  it.each([
    ['ghcr.io/or', 'ghcr.io/org/app'],
    ['ghcr.io/org/app/x', 'ghcr.io/org/app'],
    ['ghcr.io', 'ghcr.io:5000/a'],
    ['ghcr.io:5000', 'ghcr.io/a'],
    ['*.io', 'a.ghcr.io/a'],
    ['*', 'ghcr.io/a'],
    ['*.io', 'ghcr.io:5000/a'],
    ['*.azurecr.io', 'azurecr.io/a'],
    ['evilghcr.io', 'ghcr.io/a'],
  ])('key %s is not for %s', (key, image) => {
    expect(
      credentialsFor({ [key]: { auth: auth('u:p') } }, image),
    ).toBeUndefined();
  });

  it('prefers the longest path, then the host, then a glob', () => {
    const auths: Record<string, unknown> = {
      '*.corp.io': { auth: auth('glob:p') },
      'r.corp.io': { auth: auth('host:p') },
      'r.corp.io/a': { auth: auth('a:p') },
      'https://r.corp.io/a/b': { auth: auth('ab:p') },
    };
    const user = (image: string) => {
      const found = credentialsFor(auths, image);
      return found?.type === 'basic' && found.username;
    };
    expect(user('r.corp.io/a/b/c')).toBe('ab');
    expect(user('r.corp.io/a/bc')).toBe('a');
    expect(user('r.corp.io/x')).toBe('host');
    expect(user('q.corp.io/x')).toBe('glob');
  });

  it.each([
    [{ auth: auth('u:p:q') }, basic('u', 'p:q')],
    [{ auth: auth('u:') }, basic('u', '')],
    [{ auth: auth('robot$x:p$w') }, basic('robot$x', 'p$w')],
    [{ auth: auth('u:pä😀') }, basic('u', 'pä😀')],
    [{ auth: auth('u:p\0\0') }, basic('u', 'p')],
    [{ auth: auth('u:p\n') }, basic('u', 'p')],
    [
      { auth: `${auth('u:ppp').slice(0, 4)}\n${auth('u:ppp').slice(4)}` },
      basic('u', 'ppp'),
    ],
    [{ auth: auth('u:p').replace(/=+$/, '') }, basic('u', 'p')],
    [{ auth: auth('a:b'), username: 'u', password: 'p' }, basic('a', 'b')],
    [
      { auth: auth('<token>:refresh') },
      { type: 'identity-token', token: 'refresh' },
    ],
    [
      { username: '<token>', password: 't' },
      { type: 'identity-token', token: 't' },
    ],
    [
      { auth: auth('u:p'), identitytoken: 'id' },
      { type: 'identity-token', token: 'id' },
    ],
    [{ registrytoken: 'rt' }, { type: 'registry-token', token: 'rt' }],
    [{ username: 'u', password: 'p', email: 'e', auth: '' }, basic('u', 'p')],
    [{}, undefined],
  ])('reads %j', (entry, expected) => {
    expect(credentialsFor({ 'r.io': entry }, 'r.io/a')).toEqual(expected);
  });

  it.each([
    { auth: 'not base64!' },
    { auth: auth('no colon') },
    { auth: Buffer.from([0x75, 0x3a, 0xff]).toString('base64') },
    { auth: 7 },
    { username: [] },
    'text',
    null,
  ])('says which entry cannot be used, without its content: %j', bad => {
    const auths = { 'bad.io': bad, 'r.io': { auth: auth('u:p') } };
    expect(credentialsFor(auths, 'r.io/a')).toEqual(basic('u', 'p'));
    expect(() => credentialsFor(auths, 'bad.io/a')).toThrow(
      /entry "bad\.io" of the docker config cannot be used/,
    );
  });

  it('reads the older .dockercfg and ignores credential helpers', () => {
    const legacy = parseDockerConfig(
      JSON.stringify({ 'https://index.docker.io/v1/': { auth: auth('u:p') } }),
    );
    expect(legacy.hosts).toEqual(['index.docker.io']);
    expect(legacy.credentialsFor(parseImageReference('nginx'))).toEqual(
      basic('u', 'p'),
    );
    const helpers = parseDockerConfig(
      JSON.stringify({ credsStore: 'evil', credHelpers: { 'r.io': 'evil' } }),
    );
    expect(helpers.hosts).toEqual([]);
    expect(
      helpers.credentialsFor(parseImageReference('r.io/a')),
    ).toBeUndefined();
  });

  it('lists its hosts once', () => {
    const auths = {
      'docker.io': {},
      'https://index.docker.io/v1/': {},
      'r.io/a': {},
      'r.io': {},
      '*.x.io': {},
    };
    expect(parseDockerConfig(JSON.stringify({ auths })).hosts.sort()).toEqual([
      '*.x.io',
      'index.docker.io',
      'r.io',
    ]);
  });

  it.each([
    '',
    'geheim',
    '{"auths":"geheim"}',
    '{"auths":null}',
    '[]',
    'null',
    '{"auths":{"r.io":{"auth":"geheim"',
  ])('refuses %s and does not quote it', text => {
    let message = '';
    try {
      parseDockerConfig(text);
    } catch (error) {
      message = inspect(error);
    }
    expect(message).toContain('docker config');
    expect(message).not.toContain('geheim');
  });
});

describe('keys and files as tools write them', () => {
  const entry = { auth: auth('u:p') };
  it.each([
    ['https://gcr.io/v2/proj', 'gcr.io/proj/app'],
    ['http://quay.io/v1/org/', 'quay.io/org/app'],
    ['gcr.io/v2/proj', 'gcr.io/proj/app'],
    ['gcr.io/v2/proj', 'gcr.io/v2/proj/app'],
    ['registry.hub.docker.com', 'nginx'],
    ['https://registry.hub.docker.com/v2/', 'docker.io/a/b'],
    ['https://index.docker.io/v1/', 'registry.hub.docker.com/library/nginx'],
    ['*.azurecr.io/team', 'x.azurecr.io/team/app'],
    ['HTTPS://Harbor.Corp/', 'harbor.corp/a'],
  ])('%s serves %s', (key, image) => {
    expect(credentialsFor({ [key]: entry }, image)).toEqual(basic('u', 'p'));
  });

  it.each([
    ['https://gcr.io/v2/proj', 'gcr.io/other/app'],
    ['https://gcr.io/v2/proj', 'gcr.io/project/app'],
    ['https://index.docker.io/v1/access-token', 'access-token/app'],
    ['https://index.docker.io/v1/access-token', 'nginx'],
    ['https://index.docker.io/v1/refresh-token', 'nginx'],
    ['hub.docker.com', 'nginx'],
    ['https://index.docker.io/v1/', 'dhi.io/nginx'],
    ['https://robot@harbor.corp', 'harbor.corp/a'],
  ])('%s does not serve %s', (key, image) => {
    expect(credentialsFor({ [key]: entry }, image)).toBeUndefined();
  });

  it.each([
    [{ auth: 'Og==' }],
    [{ auth: auth(':\n') }],
    [{ username: '', password: '' }],
    [{ auth: '' }],
    [{}],
  ])('takes %j for no credentials, and says so', value => {
    const image = parseImageReference('r.io/a');
    const config = parseDockerConfig(
      JSON.stringify({ auths: { 'r.io': value } }),
    );
    expect(config.credentialsFor(image)).toBeUndefined();
    expect(config.isAnonymousFor(image)).toBe(true);
    expect(config.isAnonymousFor(parseImageReference('s.io/a'))).toBe(false);
    for (const keeper of [
      { credsStore: 'desktop' },
      { credHelpers: { 'r.io': 'ecr-login' } },
    ]) {
      const kept = parseDockerConfig(
        JSON.stringify({ auths: { 'r.io': value }, ...keeper }),
      );
      expect(kept.isAnonymousFor(image)).toBe(false);
    }
  });

  it('goes on to the next entry where one is empty', () => {
    const auths = { 'r.io/team': { auth: 'Og==' }, 'r.io': entry };
    expect(credentialsFor(auths, 'r.io/team/a')).toEqual(basic('u', 'p'));
    const both = { 'r.io': { username: 'u', password: 'p', auth: 'Og==' } };
    expect(credentialsFor(both, 'r.io/a')).toEqual(basic('u', 'p'));
  });

  it('reads past a byte order mark, and says what base64 is', () => {
    const text = JSON.stringify({ auths: { 'r.io': entry } });
    const image = parseImageReference('r.io/a');
    expect(parseDockerConfig(`\ufeff${text}\n`).credentialsFor(image)).toEqual(
      basic('u', 'p'),
    );
    expect(() =>
      parseDockerConfig(Buffer.from(text).toString('base64')),
    ).toThrow('decode it first');
  });
});
