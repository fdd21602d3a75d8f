import { explainMarkerValue } from './markerValue';
import type { MarkerForm } from './markerForm';

const digest = `sha256:${'c'.repeat(64)}`;

describe('explainMarkerValue', () => {
  it.each<[MarkerForm, string]>([
    ['tag', '1.2.3'],
    ['tag', `v5.36.0@${digest}`],
    ['tag', `1.2.3@sha512:${'a'.repeat(128)}`],
    ['tag', 'latest'],
    ['tag', 'REPLACE_ME'],
    ['tag', 'main-3f2a1b4'],
    ['tag', ''],
    ['tag', '~'],
    ['tag', 'null'],
    ['image', 'nginx'],
    ['image', 'old'],
    ['image', 'nginx:latest'],
    ['image', 'REPLACE_ME'],
    ['image', 'ghcr.io/acme/REPLACE_ME'],
    ['image', 'host:5000/a'],
    ['image', 'host:5000/a/b_c:1.2'],
    ['image', '[::1]:5000/a:1'],
    ['image', `a@${digest}`],
    ['image', `host:5000/a:1.0@${digest}`],
    ['image', ''],
    ['image', '3proxy'],
    ['image', 'library/1.2.3'],
    ['digest', 'nginx'],
    ['digest', 'nginx:1.25'],
    ['digest', `nginx:1.25@${digest}`],
    ['name', 'host:5000/a'],
    ['name', 'nginx'],
    ['name', 'REPLACE_ME'],
  ])('lets %s be written over %j', (form, value) => {
    expect(explainMarkerValue(form, value)).toBeUndefined();
  });

  it.each<[MarkerForm, string]>([
    ['tag', 'APP_VERSION=1.9.0'],
    ['tag', '--tag=1.2.3'],
    ['tag', 'version 1.2.3'],
    ['tag', '1.2.3\n'],
    ['tag', ' 1.2.3'],
    ['tag', '${TAG}'],
    ['tag', '<tag>'],
    ['tag', '-alpine'],
    ['tag', '1.2.3+build'],
    ['tag', '1.2.3@'],
    ['tag', '1.2.3@sha256:abc'],
    ['tag', `1.2.3@${digest}@${digest}`],
    ['tag', 'v1,v2'],
    ['tag', `a/${'b'.repeat(1100)}`],
    ['image', '--image=ghcr.io/acme/web:1.0.0'],
    ['image', 'IMAGE=nginx'],
    ['image', 'oci://ghcr.io/acme/web'],
    ['image', 'https://ghcr.io/acme/web:1.0'],
    ['image', 'docker run nginx:1.0'],
    ['image', 'ghcr.io/acme/web:1.0.0\n'],
    ['image', 'ghcr.io/acme/web:${VERSION}'],
    ['image', 'nginx:'],
    ['image', '/etc/app:ro'],
    ['image', 'data:/var/lib'],
    ['image', '12:30:00'],
    ['image', 'a//b'],
    ['image', `nginx:1.0@sha256:short`],
    ['image', 'nginx:1.0,redis:7'],
    ['digest', 'REF=nginx:1.0'],
    ['name', 'REPO=nginx'],
    ['image', `ghcr.io/${'a/'.repeat(600)}b:1`],
  ])(
    'lets %s not be written over %j, which is something else',
    (form, value) => {
      expect(explainMarkerValue(form, value)).toMatch(
        /^The value ".*" is not (an image|a tag), so it was not overwritten\. .*\.$/,
      );
    },
  );

  it.each<[MarkerForm, string]>([
    ['image', '1.2.0'],
    ['image', 'v2'],
    ['image', '7'],
    ['image', '3.18-alpine'],
    ['image', 'alpine-3.18'],
    ['image', '20240131'],
    ['image', '3f2a1b4c'],
    ['image', 'latest'],
    ['image', `1.2.0@${digest}`],
    ['digest', '1.2.0'],
    ['name', '1.2.0'],
  ])('lets %s not be written over the tag %j', (form, value) => {
    expect(explainMarkerValue(form, value)).toContain('is a tag alone');
  });

  it.each([
    'ghcr.io/acme/web:1.0.0',
    'ghcr.io/acme/web',
    'nginx:1.25',
    'host:5000/a',
    `nginx:1.25@${digest}`,
  ])('lets a tag not be written over the whole image %j', value => {
    expect(explainMarkerValue('tag', value)).toContain('is a whole image');
  });

  it.each(['nginx:1.25', 'host:5000/a:1', `nginx:1.25@${digest}`])(
    'lets a name not drop the tag of %j',
    value => {
      expect(explainMarkerValue('name', value)).toContain('has a tag');
    },
  );

  it('lets a name not drop a digest', () => {
    expect(explainMarkerValue('name', `nginx@${digest}`)).toContain(
      'has a digest',
    );
  });

  it.each<MarkerForm>(['image', 'name', 'tag', 'digest'])(
    'lets %s not be written over a digest alone',
    form => {
      expect(explainMarkerValue(form, digest)).toContain('a digest alone');
    },
  );

  it('cuts what is long', () => {
    const message = explainMarkerValue('tag', 'x='.repeat(100_000)) ?? '';
    expect(message.length).toBeLessThan(400);
  });
});
