/**
 * Runs a piece of work under a time limit and the given signals, and throws the
 * reason of whichever ended it. Timer and listeners are gone when it returns
 * (`AbortSignal.any` would keep them on a signal that lives long).
 */
export async function withDeadline<T>(
  options: {
    /** Milliseconds. */
    time: number;
    signals: readonly (AbortSignal | undefined)[];
    /** The error of running out of time. */
    onTimeout: () => Error;
  },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const removers: (() => void)[] = [];
  for (const signal of options.signals) {
    if (signal) {
      signal.throwIfAborted();
      const onAbort = () => controller.abort(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      removers.push(() => signal.removeEventListener('abort', onAbort));
    }
  }
  const timer = setTimeout(
    () => controller.abort(options.onTimeout()),
    options.time,
  );
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    removers.forEach(remove => remove());
  }
}

/** Waits for a promise that others share; the signal ends only this wait. */
export async function untilAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
