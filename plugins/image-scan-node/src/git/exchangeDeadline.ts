/** The time of one exchange, running. */
export interface ExchangeDeadline {
  /** Aborted by the end of the time and by the signal that it follows. */
  signal: AbortSignal;
  /** Whether it was the time that ended it. */
  isOver(): boolean;
  /** Leaves neither timer nor listener behind. */
  stop(): void;
}

/**
 * A signal that follows another one until the time is over. The listener is
 * removed by hand: a signal that lives long would keep what `AbortSignal.any` adds.
 *
 * @param time - milliseconds
 */
export function startDeadline(
  time: number,
  outer: AbortSignal | undefined,
): ExchangeDeadline {
  const controller = new AbortController();
  const onAbort = () => controller.abort(outer?.reason);
  if (outer?.aborted) {
    onAbort();
  }
  outer?.addEventListener('abort', onAbort, { once: true });
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
      outer?.removeEventListener('abort', onAbort);
    },
  };
}
