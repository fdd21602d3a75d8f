import { closeSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Time on a CPU of the main thread, in milliseconds; not what others take from it. */
class MainThread {
  readonly #schedstat = openSync(
    `/proc/self/task/${process.pid}/schedstat`,
    'r',
  );
  readonly #buffer = Buffer.alloc(64);

  milliseconds(): number {
    const length = readSync(this.#schedstat, this.#buffer, 0, 64, 0);
    return (
      Number(this.#buffer.toString('latin1', 0, length).split(' ')[0]) / 1e6
    );
  }

  close(): void {
    closeSync(this.#schedstat);
  }
}

/** What some work took of the main thread, in milliseconds of CPU. */
export interface Stalls<T> {
  result: T;
  /** The longest stretch during which nothing else could run. */
  longest: number;
  total: number;
}

/**
 * Does some work and says how long it held the event loop at a stretch. Needs
 * Linux: CPU time of one thread is the only figure that a busy machine does not
 * change.
 */
export async function measureStalls<T>(
  work: () => T | Promise<T>,
): Promise<Stalls<T>> {
  const thread = new MainThread();
  let longest = 0;
  let last = thread.milliseconds();
  const look = () => {
    const now = thread.milliseconds();
    longest = Math.max(longest, now - last);
    last = now;
  };
  let timer: NodeJS.Timeout;
  const turn = () => {
    look();
    timer = setTimeout(turn, 1);
  };
  timer = setTimeout(turn, 1);
  try {
    await sleep(3);
    look();
    longest = 0;
    const before = last;
    const result = await work();
    look();
    return { result, longest, total: last - before };
  } finally {
    clearTimeout(timer);
    thread.close();
  }
}
