/** The time of one exchange, running. */
export interface ExchangeDeadline {
  /** Aborted by the end of the time and by the signals that it follows. */
  signal: AbortSignal;
  /** Whether it was the time that ended it. */
  isOver(): boolean;
  /** Leaves neither timer nor listener behind. */
  stop(): void;
}

/**
 * A signal that follows others until the time is over. The listeners are removed
 * by hand: signals that live long would keep what `AbortSignal.any` adds.
 *
 * @param time - milliseconds
 */
export function startDeadline(
  time: number,
  ...outer: readonly (AbortSignal | undefined)[]
): ExchangeDeadline {
  const controller = new AbortController();
  const removers: (() => void)[] = [];
  for (const signal of outer) {
    const onAbort = () => controller.abort(signal?.reason);
    if (signal?.aborted) {
      onAbort();
    }
    signal?.addEventListener('abort', onAbort, { once: true });
    removers.push(() => signal?.removeEventListener('abort', onAbort));
  }
  let over = false;
  const timer = setTimeout(() => {
    over = !controller.signal.aborted;
    controller.abort();
  }, time);
  return {
    signal: controller.signal,
    isOver: () => over,
    stop() {
      clearTimeout(timer);
      removers.forEach(remove => remove());
    },
  };
}
