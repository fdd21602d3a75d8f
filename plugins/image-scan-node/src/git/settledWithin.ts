/** What became of a promise. */
export type Settled<T> =
  | { value: T; error?: undefined }
  | { value?: undefined; error: unknown };

/**
 * What becomes of a promise within some time; undefined while it is open.
 *
 * @param time - milliseconds
 */
export async function settledWithin<T>(
  time: number,
  promise: Promise<T>,
): Promise<Settled<T> | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<undefined>(resolve => {
    timer = setTimeout(resolve, time, undefined);
  });
  const settled = promise.then(
    (value): Settled<T> => ({ value }),
    (error: unknown): Settled<T> => ({ error }),
  );
  try {
    return await Promise.race([settled, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
