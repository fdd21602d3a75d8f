import { AskedWork, STOP_TIMEOUT_MS } from './AskedWork';

const untilAborted = (signal: AbortSignal, cleanUp: () => void) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      cleanUp();
      reject(new Error('interrupted'));
    });
  });

describe('AskedWork', () => {
  it('answers with what the work answers', async () => {
    const asked = new AskedWork();
    await expect(asked.run(undefined, async () => 1)).resolves.toBe(1);
    await expect(
      asked.run(undefined, () => Promise.reject(new Error('no route'))),
    ).rejects.toThrow('no route');
    await asked.stop();
  });

  it('ends with the signal of who asked', async () => {
    const asked = new AskedWork();
    const gone = new AbortController();
    const running = asked.run(gone.signal, signal =>
      untilAborted(signal, () => {}),
    );
    gone.abort(new Error('gone'));
    await expect(running).rejects.toThrow('gone');
  });

  it('ends all at a stop, waits until they have, and begins nothing more', async () => {
    const asked = new AskedWork();
    const cleaned = jest.fn();
    const running = [1, 2].map(() =>
      asked
        .run(undefined, signal => untilAborted(signal, cleaned))
        .catch((error: Error) => error.message),
    );
    await asked.stop();
    expect(cleaned).toHaveBeenCalledTimes(2);
    const reason = 'The backend is being stopped; try again in a moment';
    await expect(Promise.all(running)).resolves.toEqual([reason, reason]);
    const begin = jest.fn();
    await expect(asked.run(undefined, begin)).rejects.toThrow(reason);
    expect(begin).not.toHaveBeenCalled();
  });

  it('does not wait for ever', async () => {
    jest.useFakeTimers();
    try {
      const asked = new AskedWork();
      asked.run(undefined, () => new Promise(() => {}));
      const stopped = jest.fn();
      const stop = asked.stop().then(stopped);
      await jest.advanceTimersByTimeAsync(STOP_TIMEOUT_MS - 1);
      expect(stopped).not.toHaveBeenCalled();
      await jest.advanceTimersByTimeAsync(1);
      await stop;
    } finally {
      jest.useRealTimers();
    }
  });
});
