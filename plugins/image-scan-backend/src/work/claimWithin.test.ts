import { claimWithin } from './claimWithin';

describe('claimWithin', () => {
  const options = { time: 100, pause: 5, message: 'it is held; try again' };

  it('takes what becomes free meanwhile', async () => {
    const claim = jest
      .fn()
      .mockResolvedValueOnce(undefined)
      .mockResolvedValueOnce(undefined)
      .mockResolvedValue('mine');
    await expect(claimWithin(options, claim)).resolves.toBe('mine');
    expect(claim).toHaveBeenCalledTimes(3);
  });

  it('gives up in time, with the message', async () => {
    const claim = jest.fn().mockResolvedValue(undefined);
    await expect(claimWithin(options, claim)).rejects.toThrow(
      expect.objectContaining({
        name: 'ServiceUnavailableError',
        message: 'it is held; try again',
      }),
    );
    expect(claim.mock.calls.length).toBeGreaterThan(2);
  });

  it('ends at once with a signal, and with its reason', async () => {
    const stop = new AbortController();
    const started = performance.now();
    const claiming = claimWithin(
      { ...options, time: 60_000, pause: 60_000, signal: stop.signal },
      async () => undefined,
    );
    setTimeout(() => stop.abort(new Error('stopped')), 10);
    await expect(claiming).rejects.toThrow('stopped');
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('says what the claim itself failed of', async () => {
    const claim = async () => Promise.reject(new Error('database is down'));
    await expect(claimWithin(options, claim)).rejects.toThrow(
      'database is down',
    );
  });
});
