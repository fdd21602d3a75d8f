import {
  explainMarkerReference,
  formatMarkerValue,
  parseMarkerReference,
  tagOfMarkerValue,
} from './markerReference';
import type { MarkerForm } from './markerForm';

const digest = `sha256:${'ab'.repeat(32)}`;

describe('parseMarkerReference', () => {
  it.each<[string, string, MarkerForm]>([
    ['app', 'app', 'image'],
    ['app:name', 'app', 'name'],
    ['app:tag', 'app', 'tag'],
    ['app:digest', 'app', 'digest'],
    ['team/app', 'team/app', 'image'],
    ['team/app:tag', 'team/app', 'tag'],
    ['a%20b ~1:name', 'a%20b ~1', 'name'],
    [' app', ' app', 'image'],
    ['tag', 'tag', 'image'],
    ['__proto__', '__proto__', 'image'],
  ])('%j', (text, tagName, form) => {
    expect(parseMarkerReference(text)).toEqual({ tagName, form });
    expect(explainMarkerReference(text)).toBeUndefined();
  });

  it.each([
    ['', 'names no image scan'],
    [':tag', 'names no image scan'],
    [':', 'names no image scan'],
    ['app:', 'unknown form ""'],
    ['app:image', 'unknown form "image"'],
    ['app:TAG', 'unknown form "TAG"'],
    ['app:tag ', 'unknown form "tag "'],
    ['app:tag:name', 'unknown form "tag:name"'],
    ['app:constructor', 'unknown form "constructor"'],
  ])('refuses %j: %s', (text, problem) => {
    expect(parseMarkerReference(text)).toBeUndefined();
    expect(explainMarkerReference(text)).toContain(problem);
    expect(explainMarkerReference(text)).toContain(JSON.stringify(text));
  });

  it('says which forms are allowed', () => {
    expect(explainMarkerReference('app:Tag')).toBe(
      'The marker "app:Tag" has the unknown form "Tag": allowed are app, app:name, app:tag and app:digest.',
    );
  });
});

describe('formatMarkerValue', () => {
  const image = { image: 'localhost:5000/app', tag: '1.2', digest };

  it.each<[MarkerForm, string]>([
    ['image', 'localhost:5000/app:1.2'],
    ['name', 'localhost:5000/app'],
    ['tag', '1.2'],
    ['digest', `localhost:5000/app:1.2@${digest}`],
  ])('writes %s', (form, value) => {
    expect(formatMarkerValue(form, image)).toBe(value);
  });

  it('writes no digest that is not known', () => {
    const { digest: _, ...rest } = image;
    expect(formatMarkerValue('digest', rest)).toBeUndefined();
    expect(formatMarkerValue('image', rest)).toBe('localhost:5000/app:1.2');
  });
});

describe('formatMarkerValue at a pinned value', () => {
  const other = `sha256:${'e'.repeat(64)}`;
  const image = { image: 'localhost:5000/app', tag: '1.5.0', digest };

  it.each<[MarkerForm, string, string | undefined]>([
    ['tag', `1.2.3@${other}`, `1.5.0@${digest}`],
    ['tag', `1.5.0@${digest}`, `1.5.0@${digest}`],
    // A person chose that digest, and the tag is no other.
    ['tag', `1.5.0@${other}`, `1.5.0@${other}`],
    ['tag', '1.5.0', '1.5.0'],
    [
      'image',
      `localhost:5000/app@${other}`,
      `localhost:5000/app:1.5.0@${digest}`,
    ],
    [
      'image',
      `localhost:5000/app:1.2@${other}`,
      `localhost:5000/app:1.5.0@${digest}`,
    ],
    [
      'image',
      `localhost:5000/app:1.5.0@${other}`,
      `localhost:5000/app:1.5.0@${other}`,
    ],
    [
      'digest',
      `localhost:5000/app:1.5.0@${other}`,
      `localhost:5000/app:1.5.0@${digest}`,
    ],
  ])('%s over %s writes %s', (form, current, value) => {
    expect(formatMarkerValue(form, image, current)).toBe(value);
  });

  it('does not unpin where no digest is known', () => {
    const { digest: _, ...rest } = image;
    expect(formatMarkerValue('tag', rest, `1.2.3@${other}`)).toBeUndefined();
    expect(
      formatMarkerValue('image', rest, `localhost:5000/app:1@${other}`),
    ).toBeUndefined();
  });
});

describe('tagOfMarkerValue', () => {
  it.each<[MarkerForm, string, string | undefined]>([
    ['image', 'nginx:1.25', '1.25'],
    ['image', 'localhost:5000/app:1.2', '1.2'],
    ['image', 'localhost:5000/app', undefined],
    ['image', 'nginx', undefined],
    ['image', 'nginx:', undefined],
    ['image', '', undefined],
    ['image', `nginx@${digest}`, undefined],
    ['image', `localhost:5000/app:1.2@${digest}`, '1.2'],
    ['digest', `nginx:1.25@${digest}`, '1.25'],
    ['digest', 'nginx:1.25', '1.25'],
    ['digest', digest, undefined],
    ['tag', '1.25', '1.25'],
    ['tag', '', undefined],
    ['tag', `v5.36.0@${digest}`, 'v5.36.0'],
    ['name', 'nginx:1.25', undefined],
  ])('%s of %j is %j', (form, value, tag) => {
    expect(tagOfMarkerValue(form, value)).toBe(tag);
  });

  it('reads back what was written', () => {
    for (const form of ['image', 'tag', 'digest'] as const) {
      const value = formatMarkerValue(form, {
        image: 'r.example:443/a/b',
        tag: 'v1',
        digest,
      });
      expect(tagOfMarkerValue(form, value ?? '')).toBe('v1');
    }
  });
});
