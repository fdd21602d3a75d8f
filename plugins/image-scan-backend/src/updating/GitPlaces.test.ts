import {
  GitTimeoutError,
  GitUnreachableError,
} from 'backstage-plugin-image-scan-node';
import { GitPlaces, MOST_WAITING } from './GitPlaces';

const silence = new GitTimeoutError('silent');

describe('GitPlaces', () => {
  /** `good-3` is on the host `good`, `drip-17.3` on `drip-17`. */
  const start = (...keys: string[]) => {
    const repoOf = (key: string) =>
      `https://${key.split(/[-.](?=\d+$)/)[0]}.example.com/${key}`;
    const places = new GitPlaces(keys.map(key => ({ key, repo: repoOf(key) })));
    const run = (key: string, error?: Error) => {
      places.started(key);
      places.failed(key, error);
      places.ended(key, false);
    };
    const taken = (running: readonly string[] = []) =>
      keys.filter(places.gate(running));
    return { places, run, taken };
  };
  const repos = (host: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${host}-${index}`);

  afterEach(() => {
    jest.useRealTimers();
  });

  it('gives a host one place until it has answered, and then several', () => {
    const { run, taken } = start(...repos('good', 20), ...repos('new', 3));
    expect(taken()).toEqual(['good-0', 'new-0']);
    expect(taken(['good-0', 'new-0'])).toEqual([]);
    run('good-0');
    expect(taken()).toEqual([...repos('good', 8), 'new-0']);
    expect(taken(repos('good', 6))).toEqual(['good-0', 'good-1', 'new-0']);
  });

  it('counts every answer, and no work that was given up', () => {
    const { places, run, taken } = start(...repos('good', 2));
    places.started('good-0');
    places.ended('good-0', true);
    expect(taken()).toHaveLength(1);
    run('good-0', new GitUnreachableError('answered with status 500', 500));
    expect(taken()).toHaveLength(2);
  });

  it('lets one silent git repo at a time hold a place of its host', () => {
    const hung = repos('host', 9).slice(1);
    const { run, taken } = start(...repos('host', 12));
    run('host-0');
    hung.forEach(key => run(key, silence));
    expect(taken()).toEqual([
      'host-0',
      'host-1',
      ...['host-9', 'host-10', 'host-11'],
    ]);
    run('host-1');
    expect(taken()).toContain('host-1');
    expect(taken()).toContain('host-2');
    expect(taken()).not.toContain('host-3');
  });

  it('always has places for hosts that answer, beside any number that do not', () => {
    const drips = Array.from({ length: 100 }, (_, index) => `drip${index}-0`);
    const { places, run, taken } = start(
      ...drips,
      ...repos('good', 3),
      ...repos('slow', 8),
    );
    run('good-0');
    run('slow-0');
    const waiting = drips.slice(0, MOST_WAITING);
    expect(taken()).toEqual([
      ...waiting,
      ...repos('good', 3),
      ...repos('slow', 8),
    ]);
    expect(taken(waiting)).toEqual([...repos('good', 3), ...repos('slow', 8)]);

    // A host that answers and is slow now waits with the others.
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    places.started('slow-0');
    jest.advanceTimersByTime(2_000);
    expect(taken([...waiting.slice(1), 'slow-0'])).toEqual(repos('good', 3));
    jest.useRealTimers();
  });

  it('has none for git repos that are not configured', () => {
    const { places } = start('good-0');
    expect(places.gate([])('other')).toBe(false);
    expect(places.gate(['gone'])('good-0')).toBe(true);
  });
});
