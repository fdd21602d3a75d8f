import { toError } from '@backstage/errors';
import { useCallback, useEffect, useRef, useState } from 'react';

/** Milliseconds between two looks while the page is visible. */
export const POLL_INTERVAL = 10_000;

/** Milliseconds between two looks right after somebody did something. */
export const HURRY_INTERVAL = 2_000;

/** How long the hurry lasts, in milliseconds. */
const HURRY_TIME = 20_000;

/** What {@link useLiveData} knows. */
export interface LiveData<T> {
  /** The last good answer; stays while the next one is on its way, and when it fails. */
  value?: T;
  /** Why the last try failed; gone with the next good answer. */
  error?: Error;
  /** When `value` came, in milliseconds since the epoch. */
  loadedAt?: number;
  /** Whether `value` answers another question than the one asked now. */
  isStale: boolean;
  /** Asks again at once, and then faster for a while. */
  refresh(): void;
  /** Takes an answer that came by another way. */
  setValue(value: T): void;
}

interface Answer<T> {
  key: string;
  value?: T;
  error?: Error;
  loadedAt?: number;
}

/**
 * Keeps an answer of the backend fresh while the page is visible.
 *
 * @param key - stands for everything that `load` depends on; a new one asks at once
 */
export function useLiveData<T>(
  key: string,
  load: () => Promise<T>,
): LiveData<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ key });
  const loadRef = useRef(load);
  const hurryUntil = useRef(0);
  const refreshRef = useRef<() => void>(() => {});
  // Answers may overtake each other: one that was asked for before the newest
  // answer that has arrived is dropped.
  const asked = useRef(0);
  const answered = useRef(0);

  useEffect(() => {
    loadRef.current = load;
  });

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stopped = false;

    const ask = async () => {
      clearTimeout(timer);
      timer = undefined;
      asked.current += 1;
      const turn = asked.current;
      const isLate = () => stopped || turn < answered.current;
      try {
        const value = await loadRef.current();
        if (!isLate()) {
          answered.current = turn;
          setAnswer({ key, value, loadedAt: Date.now() });
        }
      } catch (error) {
        if (!isLate()) {
          answered.current = turn;
          setAnswer(old => ({
            ...(old.key === key ? old : { key }),
            error: toError(error),
          }));
        }
      }
      if (!stopped && turn === asked.current && !document.hidden) {
        const wait =
          Date.now() < hurryUntil.current ? HURRY_INTERVAL : POLL_INTERVAL;
        timer = setTimeout(ask, wait);
      }
    };

    const onVisibilityChange = () => {
      if (!document.hidden) {
        ask();
      }
    };

    refreshRef.current = ask;
    document.addEventListener('visibilitychange', onVisibilityChange);
    ask();
    return () => {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibilityChange);
    };
  }, [key]);

  const refresh = useCallback(() => {
    hurryUntil.current = Date.now() + HURRY_TIME;
    refreshRef.current();
  }, []);

  const setValue = useCallback(
    (value: T) => {
      // Whatever is on its way was asked before this was known.
      asked.current += 1;
      answered.current = asked.current;
      setAnswer({ key, value, loadedAt: Date.now() });
      refresh();
    },
    [key, refresh],
  );

  return {
    value: answer.value,
    error: answer.error,
    loadedAt: answer.loadedAt,
    isStale: answer.key !== key,
    refresh,
    setValue,
  };
}
