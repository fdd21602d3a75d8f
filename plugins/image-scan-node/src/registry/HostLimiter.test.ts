import { setTimeout as sleep } from 'node:timers/promises';
import { HostLimiter } from './HostLimiter';
import { registryLimits } from './limits';
import { parseRetryAfter } from '../retryAfter';

const never = new AbortController().signal;

describe('HostLimiter', () => {
  it('runs so many per host, in order, and hosts do not wait for each other', async () => {
    const limiter = new HostLimiter(host => (host === 'a' ? 2 : 1));
    const started: string[] = [];
    let active = 0;
    let most = 0;
    const work = (name: string) => () => {
      started.push(name);
      active += 1;
      most = Math.max(most, active);
      return sleep(10).then(() => {
        active -= 1;
      });
    };
    const running = [1, 2, 3, 4, 5].map(n =>
      limiter.run('a', never, work(`a${n}`)),
    );
    const other = limiter.run('b', never, async () => started.push('b'));
    await other;
    expect(started).toEqual(['a1', 'a2', 'b']);
    await Promise.all(running);
    expect(most).toBe(2);
    expect(started.slice(3)).toEqual(['a3', 'a4', 'a5']);
  });

  it('lets long work make way for other hosts, and only for those', async () => {
    const limiter = new HostLimiter(() => 2);
    const timed = async (work: () => Promise<unknown>) => {
      const started = performance.now();
      await work();
      return performance.now() - started;
    };
    const long = () => limiter.makeWay('long', 1_000, never);
    await limiter.run('long', never, async () => {
      expect(await timed(long)).toBeLessThan(1_000);
    });
    await limiter.run('other', never, async () => {
      const short = () => limiter.makeWay('long', 20, never);
      // Together they get a quarter of the time.
      expect(
        await timed(() => Promise.all([short(), short()])),
      ).toBeGreaterThan(110);
      const controller = new AbortController();
      const made = limiter.makeWay('long', 1_000_000, controller.signal);
      controller.abort();
      await expect(made).rejects.toThrow();
    });
  });

  it('gives the place on after an error, and leaves the queue on abort', async () => {
    const limiter = new HostLimiter(() => 1);
    const first = limiter.run('a', never, () =>
      sleep(20).then(() => Promise.reject(new Error('x'))),
    );
    const controller = new AbortController();
    const second = limiter.run('a', controller.signal, async () => 'second');
    const third = limiter.run('a', never, async () => 'third');
    controller.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    await expect(first).rejects.toThrow('x');
    expect(await third).toBe('third');
  });

  it('waits for a short back-off and refuses a long one at once', async () => {
    const limiter = new HostLimiter(() => 1);
    limiter.backOff('a', 80);
    limiter.backOff('a', 10); // does not shorten it
    const before = performance.now();
    await limiter.run('a', never, async () => {});
    expect(performance.now() - before).toBeGreaterThanOrEqual(75);
    limiter.backOff('a', 1e12);
    await expect(limiter.run('a', never, async () => {})).rejects.toMatchObject(
      {
        category: 'rate-limited',
        retryAfter: expect.any(Number),
      },
    );
    const error = await limiter.run('a', never, async () => {}).catch(e => e);
    expect(error.retryAfter).toBeLessThanOrEqual(registryLimits.longestBackOff);
    expect(await limiter.run('b', never, async () => 'b')).toBe('b');
  });
});

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['5', 5000],
    [' 7 ', 7000],
    ['0', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['1e3', undefined],
    ['1000000000', registryLimits.longestBackOff],
    ['9'.repeat(400), registryLimits.longestBackOff],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Thu, 01 Jan 2026 23:00:00 GMT', registryLimits.longestBackOff],
    ['Wed, 31 Dec 2025 00:00:00 GMT', undefined],
    ['Thu, nonsense', undefined],
  ])('%s is %s', (header, expected) => {
    expect(parseRetryAfter(header, registryLimits.longestBackOff, now)).toBe(
      expected,
    );
  });
});
