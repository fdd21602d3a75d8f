import { cpuTimeSince } from '../__testUtils__/cpuTime';
import { MarkerScope } from './MarkerScope';

const at = (path: string, tagName = 'app') => ({ path, tagName });

describe('MarkerScope', () => {
  const root = at('.');
  const apps = at('apps');
  const redis = at('apps/redis');

  it.each([
    ['deployment.yaml', root],
    ['other/deployment.yaml', root],
    ['apps/deployment.yaml', apps],
    ['apps/redis/deployment.yaml', redis],
    ['apps/redis/base/deployment.yaml', redis],
    ['apps/redis-cluster/deployment.yaml', apps],
  ])('means the nearest scan at or above %s', (file, definition) => {
    const scope = new MarkerScope([apps, redis, root], []);
    expect(scope.resolve('app', file)).toEqual({ scan: definition });
  });

  it('means the only scan of that name wherever it lies', () => {
    const scope = new MarkerScope([redis], []);
    expect(scope.resolve('app', 'charts/values.yaml')).toEqual({
      scan: redis,
    });
  });

  it('means none of several that do not lie above', () => {
    const scope = new MarkerScope([redis, at('apps/web')], []);
    expect(scope.resolve('app', 'charts/values.yaml')).toEqual({
      problem: expect.stringMatching(/apps\/redis, apps\/web/),
    });
  });

  it('knows no other spelling of a name', () => {
    const scope = new MarkerScope([root], []);
    expect(scope.resolve('App', 'deployment.yaml')).toEqual({
      problem: expect.stringContaining('no scan has the tagName App'),
    });
    expect(scope.resolve('constructor', 'deployment.yaml')).toEqual({
      problem: expect.any(String),
    });
  });

  it('lets an entry that cannot be used stand in the way', () => {
    const file = 'apps/redis/fleet.yaml';
    const scope = new MarkerScope(
      [root],
      [{ path: 'apps/redis', file, tagName: 'app' }],
    );
    expect(scope.resolve('app', 'apps/redis/deployment.yaml')).toEqual({
      problem: `the entry app in ${file} cannot be used, or has no result as it stands there`,
    });
    expect(scope.resolve('app', 'apps/deployment.yaml')).toEqual({
      scan: root,
    });
  });

  it('lets a file that cannot be read stand in the way of every name', () => {
    const scope = new MarkerScope(
      [root, at('.', 'web')],
      [{ path: 'apps', file: 'apps/fleet.yaml' }],
    );
    for (const name of ['app', 'web']) {
      expect(scope.resolve(name, 'apps/deployment.yaml')).toEqual({
        problem: expect.stringContaining('apps/fleet.yaml cannot be read'),
      });
    }
  });

  it('passes over what cannot be used further up', () => {
    const scope = new MarkerScope(
      [redis],
      [{ path: '.', file: 'fleet.yaml', tagName: 'app' }],
    );
    expect(scope.resolve('app', 'apps/redis/deployment.yaml')).toEqual({
      scan: redis,
    });
  });

  it('does not fall back across an obstacle to the only scan of that name', () => {
    const scope = new MarkerScope(
      [at('teams/b')],
      [{ path: 'teams/a', file: 'teams/a/fleet.yaml', tagName: 'app' }],
    );
    expect(scope.resolve('app', 'teams/a/deployment.yaml')).toEqual({
      problem: expect.any(String),
    });
  });

  it('names the obstacle of a folder that was given first', () => {
    const whole = { path: 'apps', file: 'apps/fleet.yaml' };
    const named = {
      path: 'apps',
      file: 'apps/imagescans.yaml',
      tagName: 'app',
    };
    for (const [obstacles, file] of [
      [[whole, named], whole.file],
      [[named, whole], named.file],
    ] as const) {
      expect(
        new MarkerScope([], obstacles).resolve('app', 'apps/a.yaml'),
      ).toEqual({ problem: expect.stringContaining(file) });
    }
  });

  it('says how many folders have the name where there are many', () => {
    const scans = Array.from({ length: 1000 }, (_, index) =>
      at(`apps/${index}`),
    );
    const target = new MarkerScope(scans, []).resolve('app', 'charts/a.yaml');
    expect(target).toEqual({
      problem: expect.stringMatching(
        /apps\/0, apps\/1, apps\/2, apps\/3, apps\/4 and 995 more folders$/,
      ),
    });
  });

  it('finds 50,000 markers among 50,000 scans of one name, and as many obstacles', () => {
    const folders = Array.from(
      { length: 50_000 },
      (_, index) => `apps/${index}`,
    );
    const obstacles = folders.map(path => ({
      path: `${path}/broken`,
      file: `${path}/broken/fleet.yaml`,
      tagName: 'app',
    }));
    const scope = new MarkerScope(
      folders.map(path => at(path)),
      obstacles,
    );
    const started = process.cpuUsage();
    const count = (name: string) =>
      folders.filter(path => 'scan' in scope.resolve('app', `${path}/${name}`))
        .length;
    expect(count('a.yaml')).toBe(50_000);
    expect(count('broken/a.yaml')).toBe(0);
    // A look at every scan for every marker takes minutes.
    expect(cpuTimeSince(started)).toBeLessThan(10_000);
  });
});
