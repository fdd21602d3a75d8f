import { cpuTimeSince } from '../__testUtils__/cpuTime';
import { filesUnder, joinPath, normalisePath } from './repoPaths';

describe('filesUnder', () => {
  it.each([
    [['.'], 'a.yaml', true],
    [['apps'], 'apps/a.yaml', true],
    [['apps'], 'apps-two/a.yaml', false],
    [['apps/a.yaml'], 'apps/a.yaml', true],
    [['charts/*'], 'charts/a/b.yaml', true],
    [['charts/*'], 'charts/a/b/c.yaml', true],
    [['charts/*'], 'charts/a.yaml', false],
    [['charts/*'], 'chart/a/b.yaml', false],
    [['*'], 'a/b.yaml', true],
    [['*'], 'b.yaml', false],
    [['*'], '.hidden/b.yaml', true],
    [['k8s/*/_project'], 'k8s/one/_project/a.yaml', true],
    [['k8s/*/_project'], 'k8s/one/two/_project/a.yaml', false],
    // As in Go, two stars are one.
    [['k8s/**'], 'k8s/a/b.yaml', true],
    [['**/web'], 'a/web/b.yaml', true],
    [['**/web'], 'a/b/web/b.yaml', false],
    [['app-?'], 'app-1/a.yaml', true],
    [['app-?'], 'app-/a.yaml', false],
    [['app-?'], 'app-\u{1F600}/a.yaml', true],
    [['app-[a-c1]'], 'app-b/a.yaml', true],
    [['app-[a-c1]'], 'app-1/a.yaml', true],
    [['app-[a-c1]'], 'app-d/a.yaml', false],
    [['app-[^a-c]'], 'app-d/a.yaml', true],
    [['app-[^a-c]'], 'app-a/a.yaml', false],
    [['app-[!a]'], 'app-b/a.yaml', false],
    [['app-[!a]'], 'app-!/a.yaml', true],
    [['a[\\]]'], 'a]/a.yaml', true],
    [['a\\*'], 'a*/a.yaml', true],
    [['a\\*'], 'ab/a.yaml', false],
    [['a*b*c'], 'aXbYbZc/a.yaml', true],
    [['a*b*c'], 'aXbYbZ/a.yaml', false],
    [['*-prod', 'x'], 'a-prod/a.yaml', true],
  ])('%j and %s: %s', (paths, file, expected) => {
    expect(filesUnder(paths)(file)).toBe(expected);
  });

  it('takes its time from the length of a name, not from its shape', () => {
    const isUnder = filesUnder([`${'*a'.repeat(20)}b`]);
    const start = process.cpuUsage();
    expect(isUnder(`${'a'.repeat(1_000)}/x.yaml`)).toBe(false);
    expect(cpuTimeSince(start)).toBeLessThan(1_000);
  });
});

describe('normalisePath', () => {
  it.each([
    ['/apps//*/', 'apps/*'],
    ['[a-z]', '[a-z]'],
    ['./', '.'],
  ])('makes of %s %s', (path, expected) => {
    expect(normalisePath(path)).toEqual({ path: expected });
  });

  it.each(['[', 'a[', 'a[]', 'a[]]', 'a[-]', 'a[b-]', 'a[^]', 'a\\', 'a\\b'])(
    'refuses %s',
    path => {
      expect(normalisePath(path)).toEqual({
        reason: expect.stringContaining('it is no pattern: '),
      });
    },
  );
});

describe('joinPath', () => {
  it.each([
    ['web', 'dev.yaml', 'web/dev.yaml'],
    ['/web/', './sub//dev.yaml', 'web/sub/dev.yaml'],
    ['web', '../dev.yaml', 'dev.yaml'],
    ['web', '/dev.yaml', 'web/dev.yaml'],
    ['.', '.', '.'],
    ['web', '../../dev.yaml', undefined],
    ['..', 'dev.yaml', undefined],
  ])('joins %s and %s to %s', (folder, path, expected) => {
    expect(joinPath(folder, path)).toBe(expected);
  });
});
