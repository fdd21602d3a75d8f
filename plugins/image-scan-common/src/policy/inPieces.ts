/** Tags between two pauses: a millisecond or two of the slowest. */
const ITEMS_AT_ONCE = 500;

/**
 * Work on a long list that says by `yield` where it may be interrupted, every
 * millisecond or so, and what comes of it.
 *
 * @public
 */
export type Pieces<T> = Generator<void, T, void>;

/** Does it in one piece. */
export function inOnePiece<T>(work: Pieces<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) {
      return step.value;
    }
  }
}

/** Goes through a list, with pauses. */
export function* eachOf<T>(
  items: Iterable<T>,
  work: (item: T) => void,
): Pieces<void> {
  let done = 0;
  for (const item of items) {
    work(item);
    done += 1;
    if (done % ITEMS_AT_ONCE === 0) {
      yield;
    }
  }
}

/** Maps a list, with pauses. @public */
export function* mapEach<T, R>(
  items: Iterable<T>,
  work: (item: T) => R,
): Pieces<R[]> {
  const results: R[] = [];
  yield* eachOf(items, item => results.push(work(item)));
  return results;
}

/** Sorts as `Array.prototype.sort` does, with pauses: parts first, which are then merged. @public */
export function* sortEach<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
): Pieces<T[]> {
  let parts: T[][] = [];
  for (let start = 0; start < items.length; start += ITEMS_AT_ONCE) {
    parts.push(items.slice(start, start + ITEMS_AT_ONCE).sort(compare));
    yield;
  }
  while (parts.length > 1) {
    const merged: T[][] = [];
    for (let index = 0; index < parts.length; index += 2) {
      const [first, second = []] = parts.slice(index, index + 2);
      merged.push(yield* merge(first, second, compare));
    }
    parts = merged;
  }
  return parts[0] ?? [];
}

function* merge<T>(
  first: readonly T[],
  second: readonly T[],
  compare: (a: T, b: T) => number,
): Pieces<T[]> {
  const merged: T[] = [];
  let one = 0;
  let two = 0;
  while (one < first.length || two < second.length) {
    const takesFirst =
      two === second.length ||
      (one < first.length && compare(first[one], second[two]) <= 0);
    if (takesFirst) {
      merged.push(first[one]);
      one += 1;
    } else {
      merged.push(second[two]);
      two += 1;
    }
    if (merged.length % ITEMS_AT_ONCE === 0) {
      yield;
    }
  }
  return merged;
}
