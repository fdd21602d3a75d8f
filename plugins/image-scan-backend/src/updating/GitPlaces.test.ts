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

  it('gives a host a few places until it has answered, and then more', () => {
    const { run, taken } = start(...repos('good', 20), ...repos('new', 3));
    const few = [...repos('good', 4), ...repos('new', 3)];
    expect(taken()).toEqual(few);
    expect(taken(few)).toEqual(['new-0']);
    run('good-0');
    expect(taken()).toEqual([...repos('good', 8), ...repos('new', 3)]);
    expect(taken(repos('good', 6))).toEqual([
      ...['good-0', 'good-1'],
      ...repos('new', 3),
    ]);
  });

  it('counts every answer, and no work that was given up', () => {
    const { places, run, taken } = start(...repos('good', 6));
    places.started('good-0');
    places.ended('good-0', true);
    expect(taken()).toHaveLength(4);
    run('good-0', new GitUnreachableError('answered with status 500', 500));
    expect(taken()).toHaveLength(6);
  });

  it('leaves half of the places of a host to its git repos that answer', () => {
    const { run, taken } = start(...repos('host', 16));
    run('host-0');
    const hung = repos('host', 13).slice(1);
    hung.forEach(key => run(key, silence));
    const good = ['host-0', ...repos('host', 16).slice(13)];
    expect(taken()).toEqual(
      repos('host', 16).filter(
        key =>
          good.includes(key) ||
          (hung.indexOf(key) >= 0 && hung.indexOf(key) < 4),
      ),
    );
    expect(taken(hung.slice(0, 4))).toEqual(good);
    run('host-1');
    expect(taken(hung.slice(0, 4))).toContain('host-1');
  });

  it('gives a host in doubt one place where many wait', () => {
    const drips = Array.from({ length: 40 }, (_, index) => `drip${index}-0`);
    const { taken } = start(...drips, ...repos('new', 4));
    expect(taken(drips.slice(0, MOST_WAITING - 2))).toEqual(
      drips.slice(30, 32),
    );
    const half = drips.slice(0, MOST_WAITING / 2);
    const others = taken(half).filter(key => key.startsWith('new'));
    expect(others).toEqual([]);
    const few = start(...drips.slice(0, 16), ...repos('new', 4));
    expect(few.taken(half)).toEqual(['new-0']);
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
