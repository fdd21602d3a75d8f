import { mockLogger } from '../__testUtils__/mockLogger';
import { LEASE_RENEWAL_MS } from '../database/leases';
import { WorkLoop, type WorkSource } from './WorkLoop';

/** Work that ends when told to, or when it is aborted. */
class FakeSource implements WorkSource<string> {
  readonly due: string[] = [];
  readonly started: string[] = [];
  readonly ended: string[] = [];
  readonly aborted: string[] = [];
  readonly renewed: string[][] = [];
  readonly limits: number[] = [];
  beforeClaim: Promise<void> | undefined;
  readonly #ends = new Map<string, (error?: Error) => void>();

  async claim(options: { limit: number; running: readonly string[] }) {
    this.limits.push(options.limit);
    await this.beforeClaim;
    return this.due.splice(0, options.limit);
  }

  async run(claim: string, signal: AbortSignal) {
    this.started.push(claim);
    await new Promise<void>((resolve, reject) => {
      const abort = () => {
        this.aborted.push(claim);
        resolve();
      };
      if (signal.aborted) {
        abort();
      }
      signal.addEventListener('abort', abort);
      this.#ends.set(claim, error => (error ? reject(error) : resolve()));
    });
    this.ended.push(claim);
  }

  async renew(claims: readonly string[]) {
    this.renewed.push([...claims]);
  }

  end(claim: string, error?: Error) {
    this.#ends.get(claim)?.(error);
  }
}

const settle = () => new Promise(resolve => setImmediate(resolve));

describe('WorkLoop', () => {
  const start = (concurrency = 2) => {
    const source = new FakeSource();
    const logger = mockLogger();
    const loop = new WorkLoop({ source, concurrency, logger });
    return { source, logger, loop };
  };

  it('starts what is due and fits, without waiting for it', async () => {
    const { source, loop } = start();
    source.due.push('slow', 'b', 'c', 'd');
    await loop.tick();
    expect(source.started).toEqual(['slow', 'b']);
    await loop.stop();
  });

  it('does not let slow work keep other work waiting', async () => {
    const { source, loop } = start();
    source.due.push('slow', 'b', 'c', 'd');
    await loop.tick();
    for (const claim of ['b', 'c', 'd']) {
      source.end(claim);
      await settle();
    }
    expect(source.ended).toEqual(['b', 'c', 'd']);
    source.due.push('e');
    await loop.tick();
    expect(source.started).toEqual(['slow', 'b', 'c', 'd', 'e']);
    expect(Math.max(...source.limits)).toBe(2);
    await loop.stop();
  });

  it('steps back while something more urgent goes on, and does not stop', async () => {
    let isUrgent = true;
    const source = new FakeSource();
    const loop = new WorkLoop({
      source,
      concurrency: 4,
      stepsBack: () => isUrgent,
      logger: mockLogger(),
    });
    source.due.push('a', 'b', 'c', 'd', 'e', 'f');
    await loop.tick();
    expect(source.started).toEqual(['a']);
    source.end('a');
    await settle();
    expect(source.started).toEqual(['a', 'b']);
    isUrgent = false;
    await loop.tick();
    expect(source.started).toEqual(['a', 'b', 'c', 'd', 'e']);
    await loop.stop();
  });

  it('claims once at a time, and looks again for who asked meanwhile', async () => {
    const { source, loop } = start(4);
    let open = () => {};
    source.beforeClaim = new Promise(resolve => {
      open = resolve;
    });
    const ticks = [loop.tick(), loop.tick(), loop.tick()];
    await settle();
    expect(source.limits).toEqual([4]);
    source.due.push('a');
    open();
    await Promise.all(ticks);
    expect(source.started).toEqual(['a']);
    source.due.push('b');
    loop.nudge();
    await settle();
    expect(source.started).toEqual(['a', 'b']);
    await loop.stop();
  });

  it('goes on after work that failed, and says so', async () => {
    const { source, loop, logger } = start(1);
    source.due.push('a', 'b');
    await loop.tick();
    source.end('a', new Error('unexpected'));
    await settle();
    await settle();
    expect(source.started).toEqual(['a', 'b']);
    expect(logger.error).toHaveBeenCalledWith(
      'Work ended with an unexpected error',
      expect.objectContaining({ message: 'unexpected' }),
    );
    await loop.stop();
  });

  it('goes on after a claim that failed', async () => {
    const { source, loop, logger } = start();
    source.beforeClaim = Promise.reject(new Error('database is down'));
    await expect(loop.tick()).rejects.toThrow('database is down');
    loop.nudge();
    await settle();
    expect(logger.error).toHaveBeenCalledWith(
      'Failed to look for due work',
      expect.objectContaining({ message: 'database is down' }),
    );
    source.beforeClaim = undefined;
    source.due.push('a');
    await loop.tick();
    expect(source.started).toEqual(['a']);
    await loop.stop();
  });

  it('ends what runs when it stops, and starts nothing more', async () => {
    const { source, loop } = start();
    source.due.push('a', 'b', 'c');
    await loop.tick();
    await loop.stop();
    expect(source.aborted).toEqual(['a', 'b']);
    expect(source.ended).toEqual(['a', 'b']);
    await loop.tick();
    expect(source.started).toEqual(['a', 'b']);
  });

  it('waits at its stop for what is being claimed', async () => {
    const { source, loop } = start();
    let open = () => {};
    source.beforeClaim = new Promise(resolve => {
      open = resolve;
    });
    source.due.push('a');
    const tick = loop.tick();
    const stop = loop.stop();
    await settle();
    open();
    await Promise.all([tick, stop]);
    expect(source.aborted).toEqual(['a']);
    expect(source.ended).toEqual(['a']);
  });

  describe('with time at hand', () => {
    beforeEach(() => {
      jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    });
    afterEach(() => {
      jest.useRealTimers();
    });

    it('renews what it holds, and only that', async () => {
      const { source, loop } = start();
      source.due.push('a', 'b');
      await loop.tick();
      await jest.advanceTimersByTimeAsync(LEASE_RENEWAL_MS);
      source.end('a');
      await settle();
      await jest.advanceTimersByTimeAsync(LEASE_RENEWAL_MS);
      source.end('b');
      await settle();
      await jest.advanceTimersByTimeAsync(10 * LEASE_RENEWAL_MS);
      expect(source.renewed).toEqual([['a', 'b'], ['b']]);

      source.due.push('c');
      await loop.tick();
      await jest.advanceTimersByTimeAsync(LEASE_RENEWAL_MS);
      expect(source.renewed.slice(2)).toEqual([['c']]);
      await loop.stop();
      await jest.advanceTimersByTimeAsync(10 * LEASE_RENEWAL_MS);
      expect(source.renewed).toHaveLength(3);
    });

    it('gives the place of what takes long to other work, up to a limit', async () => {
      const source = new FakeSource();
      const logger = mockLogger();
      const loop = new WorkLoop({
        source,
        concurrency: 2,
        mostRunning: 5,
        logger,
      });
      source.due.push('slow-1', 'slow-2', 'a', 'b', 'c', 'd');
      await loop.tick();
      expect(source.started).toEqual(['slow-1', 'slow-2']);
      await jest.advanceTimersByTimeAsync(500);
      await loop.tick();
      expect(source.started).toEqual(['slow-1', 'slow-2']);
      await jest.advanceTimersByTimeAsync(500);
      await loop.tick();
      expect(source.started.slice(2)).toEqual(['a', 'b']);
      await jest.advanceTimersByTimeAsync(1_000);
      await loop.tick();
      expect(source.started.slice(4)).toEqual(['c']);
      source.end('slow-1');
      await settle();
      expect(source.started.slice(5)).toEqual(['d']);
      await loop.stop();
    });

    it('does not wait for ever at its stop', async () => {
      const { source, loop } = start();
      source.run = () => new Promise(() => {});
      source.due.push('stuck');
      await loop.tick();
      const stopped = jest.fn();
      const stop = loop.stop().then(stopped);
      await jest.advanceTimersByTimeAsync(3_000);
      expect(stopped).not.toHaveBeenCalled();
      await jest.advanceTimersByTimeAsync(2_000);
      await stop;
      expect(stopped).toHaveBeenCalled();
    });
  });
});
