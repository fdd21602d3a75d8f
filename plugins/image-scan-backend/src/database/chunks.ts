/** Rows of one statement: a few milliseconds, and below the limits on bound values. */
export const CHUNK = 200;

/** The same of rows with few columns. */
export const NARROW_CHUNK = 500;

/** Divides what is too much for one statement. */
export function* chunksOf<T>(
  items: readonly T[],
  size: number,
): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) {
    yield items.slice(start, start + size);
  }
}
