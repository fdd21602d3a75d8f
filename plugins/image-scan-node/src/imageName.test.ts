import { stripTag } from './imageName';

describe('stripTag', () => {
  it.each([
    ['nginx', 'nginx'],
    ['nginx:1.27', 'nginx'],
    ['nginx:1.27@sha256:abc', 'nginx'],
    ['nginx@sha256:abc', 'nginx'],
    ['docker.io/library/nginx:1', 'docker.io/library/nginx'],
    ['host:5000/a/b', 'host:5000/a/b'],
    ['host:5000/a/b:1.0', 'host:5000/a/b'],
    ['host:5000/a/b:1.0@sha256:abc', 'host:5000/a/b'],
    ['[::1]:5000/a:1', '[::1]:5000/a'],
    ['user:secret@host/a', 'user:secret@host/a'],
    ['user:secret@ghcr.io', 'user:secret@ghcr.io'],
    ['secret@localhost:5000', 'secret@localhost:5000'],
    [':1.0', ''],
    ['', ''],
  ])('makes %j %j', (image, name) => {
    expect(stripTag(image)).toBe(name);
  });
});
