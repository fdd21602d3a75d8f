import { mockLogger } from '../__testUtils__/mockLogger';
import { LEASE_DURATION_MS, LEASE_RENEWAL_MS } from '../database/leases';
import { leaseHolder } from './holdLease';

/** Work that ends with its signal, or when told to. */
function work() {
  let end = () => {};
  let signal: AbortSignal | undefined;
  const run = (given: AbortSignal) => {
    signal = given;
    return new Promise<string>((resolve, reject) => {
      end = () => resolve('done');
      given.addEventListener('abort', () => reject(new Error('interrupted')));
    });
  };
  return { run, end: () => end(), isAborted: () => Boolean(signal?.aborted) };
}

describe('leaseHolder', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const start = (
    renew: (leases: readonly string[]) => Promise<readonly string[] | void>,
  ) => {
    const logger = mockLogger();
    const renewing = jest.fn(renew);
    return { hold: leaseHolder({ renew: renewing, logger }), renewing, logger };
  };

  it('renews all that is held with one call, and nothing that has ended', async () => {
    const { hold, renewing } = start(async () => []);
    const a = work();
    const b = work();
    const held = [hold('a', undefined, a.run), hold('b', undefined, b.run)];
    await jest.advanceTimersByTimeAsync(LEASE_RENEWAL_MS);
    a.end();
    await expect(held[0]).resolves.toBe('done');
    await jest.advanceTimersByTimeAsync(LEASE_RENEWAL_MS);
    b.end();
    await expect(held[1]).resolves.toBe('done');
    await jest.advanceTimersByTimeAsync(10 * LEASE_RENEWAL_MS);
    expect(renewing.mock.calls).toEqual([[['a', 'b']], [['b']]]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('goes on after a renewal that failed, and says so', async () => {
    const { hold, renewing, logger } = start(async () => []);
    renewing.mockRejectedValueOnce(new Error('database is down'));
    const a = work();
    const held = hold('a', undefined, a.run);
    await jest.advanceTimersByTimeAsync(10 * LEASE_RENEWAL_MS);
    expect(logger.error).toHaveBeenCalledTimes(1);
    expect(logger.error).toHaveBeenCalledWith(
      'Failed to renew leases',
      expect.objectContaining({ message: 'database is down' }),
    );
    expect(a.isAborted()).toBe(false);
    a.end();
    await expect(held).resolves.toBe('done');
  });

  it('ends the work whose lease is lost, and no other', async () => {
    const { hold } = start(async () => ['a']);
    const a = work();
    const b = work();
    const lost = hold('a', undefined, a.run).catch((error: Error) => error);
    const kept = hold('b', undefined, b.run);
    await jest.advanceTimersByTimeAsync(LEASE_RENEWAL_MS);
    await expect(lost).resolves.toMatchObject({
      name: 'ServiceUnavailableError',
      message:
        'Another replica has taken this work over; try again in a moment',
    });
    expect(b.isAborted()).toBe(false);
    b.end();
    await expect(kept).resolves.toBe('done');
  });

  it.each([
    ['fails', async () => Promise.reject(new Error('no route'))],
    ['hangs', () => new Promise<void>(() => {})],
  ])(
    'ends the work when each renewal %s for as long as a lease lasts',
    async (_, renew) => {
      const { hold } = start(renew);
      const a = work();
      const held = hold('a', undefined, a.run).catch((error: Error) => error);
      await jest.advanceTimersByTimeAsync(LEASE_DURATION_MS - 1);
      expect(a.isAborted()).toBe(false);
      await jest.advanceTimersByTimeAsync(LEASE_RENEWAL_MS);
      await expect(held).resolves.toMatchObject({
        message: expect.stringContaining('taken this work over'),
      });
      expect(jest.getTimerCount()).toBe(0);
    },
  );

  it('ends with the given signal and its reason, and renews no more', async () => {
    const { hold, renewing } = start(async () => []);
    const stop = new AbortController();
    const stuck = hold('stuck', stop.signal, () => new Promise(() => {}));
    const a = work();
    const held = hold('a', stop.signal, a.run);
    stop.abort(new Error('stopped'));
    await expect(held).rejects.toThrow('stopped');
    await jest.advanceTimersByTimeAsync(10 * LEASE_RENEWAL_MS);
    expect(renewing).not.toHaveBeenCalled();
    // What begins aborted still runs, to give itself back.
    const late = work();
    const ended = hold('late', stop.signal, async signal => {
      expect(signal.aborted).toBe(true);
      return late.isAborted();
    });
    await expect(ended).resolves.toBe(false);
    expect(stuck).toBeInstanceOf(Promise);
  });
});
