import type { PausingWork } from 'backstage-plugin-image-scan-node';

/** Definitions, markers, changes or problems between two pauses. */
export const ITEMS_AT_ONCE = 500;

/** Groups items by a key, with pauses. */
export function* groupInTurns<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): PausingWork<Map<string, T[]>> {
  const groups = new Map<string, T[]>();
  for (let index = 0; index < items.length; index += 1) {
    const key = keyOf(items[index]);
    const group = groups.get(key);
    if (group) {
      group.push(items[index]);
    } else {
      groups.set(key, [items[index]]);
    }
    if (index % ITEMS_AT_ONCE === 0) {
      yield;
    }
  }
  return groups;
}
