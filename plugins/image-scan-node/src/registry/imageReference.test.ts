import { InputError } from '@backstage/errors';
import {
  InvalidImageReferenceError,
  isValidDigest,
  isValidTag,
  parseImageReference,
} from '.';

const sha256 = `sha256:${'a'.repeat(64)}`;
const sha512 = `sha512:${'0'.repeat(128)}`;

describe('parseImageReference', () => {
  it.each([
    ['nginx', 'index.docker.io', 'library/nginx', 'nginx'],
    [
      'grafana/grafana',
      'index.docker.io',
      'grafana/grafana',
      'grafana/grafana',
    ],
    ['docker.io/nginx', 'index.docker.io', 'library/nginx', 'docker.io/nginx'],
    [
      'index.docker.io/library/nginx',
      'index.docker.io',
      'library/nginx',
      'index.docker.io/library/nginx',
    ],
    [
      'registry-1.docker.io/a/b',
      'index.docker.io',
      'a/b',
      'registry-1.docker.io/a/b',
    ],
    ['GHCR.io/org/app', 'ghcr.io', 'org/app', 'GHCR.io/org/app'],
    ['localhost/app', 'localhost', 'app', 'localhost/app'],
    ['localhost:5000/app', 'localhost:5000', 'app', 'localhost:5000/app'],
    [
      'registry.internal:5000/a/b/c',
      'registry.internal:5000',
      'a/b/c',
      'registry.internal:5000/a/b/c',
    ],
    ['[::1]:5000/app', '[::1]:5000', 'app', '[::1]:5000/app'],
    ['r.io:443/app', 'r.io', 'app', 'r.io:443/app'],
    ['r.io/a__b.c-d--e/f', 'r.io', 'a__b.c-d--e/f', 'r.io/a__b.c-d--e/f'],
  ])('%s', (text, registry, repository, name) => {
    expect(parseImageReference(text)).toEqual({
      registry,
      apiHost:
        registry === 'index.docker.io' ? 'registry-1.docker.io' : registry,
      repository,
      name,
      canonicalName: `${registry}/${repository}`,
    });
  });

  it('gives a host that needs its port a canonical name with it', () => {
    const read = parseImageReference('registry:443/team/app');
    expect(read).toMatchObject({
      registry: 'registry',
      repository: 'team/app',
      canonicalName: 'registry:443/team/app',
    });
    expect(parseImageReference(read.canonicalName)).toMatchObject({
      registry: 'registry',
      repository: 'team/app',
    });
  });

  it('takes tag and digest off the name', () => {
    expect(parseImageReference('nginx:1.2')).toMatchObject({
      name: 'nginx',
      tag: '1.2',
    });
    expect(parseImageReference(`r.io:5/a:v1@${sha256}`)).toMatchObject({
      registry: 'r.io:5',
      name: 'r.io:5/a',
      tag: 'v1',
      digest: sha256,
    });
    expect(parseImageReference(`nginx@${sha512}`)).toMatchObject({
      digest: sha512,
    });
    expect(parseImageReference('localhost:5000')).toMatchObject({
      repository: 'library/localhost',
      tag: '5000',
    });
  });

  it.each([
    ['', /empty/],
    ['nginx ', /blank/],
    ['ng\ninx', /blank or control/],
    ['https://ghcr.io/a/b', /scheme/],
    ['oci://ghcr.io/a/b', /scheme/],
    ['user:pass@r.io/a', /user name/],
    ['Nginx', /upper-case/],
    ['MyOrg/app', /upper-case/],
    ['ghcr.io/Org', /upper-case/],
    ['a/../b', /lower-case letters/],
    ['a//b', /lower-case letters/],
    ['/a', /lower-case letters/],
    ['a/', /lower-case letters/],
    ['a%2fb', /lower-case letters/],
    ['a?b', /lower-case letters/],
    ['a#b', /lower-case letters/],
    ['r.io/', /names no repository/],
    ['r.io/a:', /not a tag/],
    ['a:-x', /not a tag/],
    ['a:b:c', /not a tag/],
    [`a:${'x'.repeat(129)}`, /not a tag/],
    ['a@sha256:abc', /not a digest/],
    [`a@sha256:${'A'.repeat(64)}`, /not a digest/],
    ['a@md5:0', /not a digest/],
    [`a@${sha256}@${sha256}`, /user name/],
    ['r.io:0/a', /host name/],
    ['r.io:65536/a', /host name/],
    ['r.io:x/a', /host name/],
    ['-r.io/a', /host name/],
    ['r..io/a', /host name/],
    ['[::1/a', /host name/],
    ['999.1.1.1/a', /host name/],
    ['127.1/a', /host name/],
    ['2130706433:5000/a', /host name/],
    ['[::ffff:127.0.0.1]/a', /host name/],
    ['r.io:05000/a', /host name/],
    [`r.io/${'a'.repeat(256)}`, /longer than 255/],
  ])('refuses %s', (text, message) => {
    expect(() => parseImageReference(text)).toThrow(message);
    expect(() => parseImageReference(text)).toThrow(InvalidImageReferenceError);
    expect(() => parseImageReference(text)).toThrow(InputError);
  });

  it('shows no password and no long text', () => {
    expect(() => parseImageReference('user:geheim@r.io/a')).toThrow(
      expect.objectContaining({
        message: expect.not.stringContaining('geheim'),
      }),
    );
    expect(() => parseImageReference('user:geheim@nginx')).toThrow(
      expect.objectContaining({
        message: expect.not.stringContaining('geheim'),
      }),
    );
    const caught = (() => {
      try {
        return parseImageReference('A'.repeat(1e6));
      } catch (error) {
        return error;
      }
    })();
    expect(String(caught).length).toBeLessThan(500);
  });
});

it.each([
  ['1.0', true],
  ['_x', true],
  ['__proto__', true],
  ['a'.repeat(128), true],
  ['a'.repeat(129), false],
  ['', false],
  ['.a', false],
  ['-a', false],
  ['a b', false],
  ['a\n', false],
  ['a\n- evil: 1', false],
  ['ä', false],
  ['a\0', false],
  ['1+2', false],
])('isValidTag(%j) is %s', (tag, expected) => {
  expect(isValidTag(tag)).toBe(expected);
});

it.each([
  [sha256, true],
  [sha512, true],
  [`sha256:${'A'.repeat(64)}`, false],
  [`sha256:${'a'.repeat(63)}`, false],
  [`${sha256} `, false],
  [`${sha256}, ${sha256}`, false],
  ['md5:d41d8cd98f00b204e9800998ecf8427e', false],
])('isValidDigest(%s) is %s', (digest, expected) => {
  expect(isValidDigest(digest)).toBe(expected);
});
