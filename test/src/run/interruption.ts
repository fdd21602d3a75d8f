const POLL_MS = 500;

/**
 * Aborts when this process is asked to end: Ctrl-C, SIGTERM, a closed terminal,
 * or the end of the npm that started it. npm passes a SIGTERM on to a shell,
 * which dies of it and tells nobody.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => controller.abort(new Error(`Ended by ${signal}`)));
  }
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) {
      clearInterval(timer);
      controller.abort(new Error('Ended with the process that started it'));
    }
  }, POLL_MS);
  timer.unref();
  return controller.signal;
}
