import { setMaxListeners } from 'node:events';
import { ServiceUnavailableError } from '@backstage/errors';

/** How long a stop waits for running work to give its leases back. */
export const STOP_TIMEOUT_MS = 4_000;

/** What people asked for, so that a stop can end it as it ends what is due. */
export class AskedWork {
  readonly #abort = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor() {
    setMaxListeners(0, this.#abort.signal);
  }

  /**
   * Does a piece of work; its signal is aborted by a stop and by the given one.
   *
   * @throws ServiceUnavailableError after a stop
   */
  async run<T>(
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const stop = this.#abort.signal;
    stop.throwIfAborted();
    signal?.throwIfAborted();
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const sources = [stop, ...(signal ? [signal] : [])];
    const undo = sources.map(source => {
      const onAbort = () => controller.abort(source.reason);
      source.addEventListener('abort', onAbort, { once: true });
      return () => source.removeEventListener('abort', onAbort);
    });
    const running = work(controller.signal);
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      throw controller.signal.aborted ? controller.signal.reason : error;
    } finally {
      this.#running.delete(running);
      undo.forEach(remove => remove());
    }
  }

  /** Ends what runs, and waits a while until it has given back what it holds. */
  async stop(): Promise<void> {
    this.#abort.abort(
      new ServiceUnavailableError(
        'The backend is being stopped; try again in a moment',
      ),
    );
    await withinStopTime(Promise.allSettled([...this.#running]));
  }
}

/** Waits for work that was told to end, but not for ever. */
export async function withinStopTime(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>(resolve => {
    timer = setTimeout(resolve, STOP_TIMEOUT_MS);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
