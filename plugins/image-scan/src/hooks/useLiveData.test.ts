import { act, cleanup, renderHook } from '@testing-library/react';
import { HURRY_INTERVAL, POLL_INTERVAL, useLiveData } from './useLiveData';

async function pass(milliseconds: number) {
  await act(async () => {
    await jest.advanceTimersByTimeAsync(milliseconds);
  });
}

function setHidden(hidden: boolean) {
  Object.defineProperty(document, 'hidden', {
    value: hidden,
    configurable: true,
  });
  act(() => {
    document.dispatchEvent(new Event('visibilitychange'));
  });
}

describe('useLiveData', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    cleanup();
    setHidden(false);
    jest.useRealTimers();
  });

  it('asks again and again', async () => {
    let answer = 0;
    const { result } = renderHook(() =>
      useLiveData('key', async () => {
        answer += 1;
        return answer;
      }),
    );
    expect(result.current.value).toBeUndefined();
    await pass(0);
    expect(result.current.value).toBe(1);
    await pass(POLL_INTERVAL);
    expect(result.current.value).toBe(2);
  });

  it('keeps the last good answer when a try fails, and recovers', async () => {
    const load = jest
      .fn()
      .mockResolvedValueOnce('good')
      .mockRejectedValueOnce(new Error('down'))
      .mockResolvedValue('better');
    const { result } = renderHook(() => useLiveData('key', load));
    await pass(0);
    await pass(POLL_INTERVAL);
    expect(result.current).toMatchObject({
      value: 'good',
      error: { message: 'down' },
    });
    await pass(POLL_INTERVAL);
    expect(result.current.value).toBe('better');
    expect(result.current.error).toBeUndefined();
  });

  it('rests while the page is hidden and asks as soon as it is seen', async () => {
    const load = jest.fn().mockResolvedValue('answer');
    renderHook(() => useLiveData('key', load));
    setHidden(true);
    await pass(10 * POLL_INTERVAL);
    expect(load).toHaveBeenCalledTimes(1);
    setHidden(false);
    await pass(0);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('hurries after an action', async () => {
    const load = jest.fn().mockResolvedValue('answer');
    const { result } = renderHook(() => useLiveData('key', load));
    await pass(0);
    act(() => result.current.refresh());
    await pass(0);
    expect(load).toHaveBeenCalledTimes(2);
    await pass(HURRY_INTERVAL);
    expect(load).toHaveBeenCalledTimes(3);
  });

  it('keeps the old answer, marked, until that of a new question is there', async () => {
    const { result, rerender } = renderHook(
      ({ key }) =>
        useLiveData(
          key,
          () => new Promise<string>(resolve => setTimeout(resolve, 500, key)),
        ),
      { initialProps: { key: 'one' } },
    );
    await pass(500);
    rerender({ key: 'two' });
    expect(result.current).toMatchObject({ value: 'one', isStale: true });
    await pass(500);
    expect(result.current).toMatchObject({ value: 'two', isStale: false });
  });

  it('drops an answer to another question when the new one fails', async () => {
    const { result, rerender } = renderHook(
      ({ key }) =>
        useLiveData(key, async () => {
          if (key === 'bad') {
            throw new Error('no');
          }
          return key;
        }),
      { initialProps: { key: 'good' } },
    );
    await pass(0);
    rerender({ key: 'bad' });
    await pass(0);
    expect(result.current.value).toBeUndefined();
    expect(result.current.error).toMatchObject({ message: 'no' });
  });

  it('is not overtaken by an answer that was asked for before', async () => {
    const answers: ((value: string) => void)[] = [];
    const { result } = renderHook(() =>
      useLiveData(
        'key',
        () => new Promise<string>(resolve => answers.push(resolve)),
      ),
    );
    act(() => result.current.setValue('by another way'));
    await act(async () => answers[0]('old'));
    expect(result.current.value).toBe('by another way');
    await act(async () => answers[1]('new'));
    expect(result.current.value).toBe('new');
  });
});
