import { toError } from '@backstage/errors';
import { useCallback, useRef, useState } from 'react';

/** Work that a button starts. */
export interface Action {
  isRunning: boolean;
  error?: Error;
  /** Starts it, unless it runs already. */
  run(): void;
  /** Forgets the error. */
  dismiss(): void;
}

/** Runs work of a button once at a time and keeps its error. */
export function useAction(work: () => Promise<void>): Action {
  const [isRunning, setRunning] = useState(false);
  const [error, setError] = useState<Error>();
  const running = useRef(false);

  const run = async () => {
    if (running.current) {
      return;
    }
    running.current = true;
    setRunning(true);
    setError(undefined);
    try {
      await work();
    } catch (cause) {
      setError(toError(cause));
    } finally {
      running.current = false;
      setRunning(false);
    }
  };

  const dismiss = useCallback(() => setError(undefined), []);
  return { isRunning, error, run, dismiss };
}
