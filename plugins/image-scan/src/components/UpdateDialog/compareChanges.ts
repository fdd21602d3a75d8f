import type { UpdateChange } from 'backstage-plugin-image-scan-common';

/** How the changes of an update differ from those that were shown before. */
export interface ChangesDelta {
  added: UpdateChange[];
  removed: UpdateChange[];
  /** The same place, but now another value is there or would be. */
  altered: { before: UpdateChange; after: UpdateChange }[];
}

/** Compares two previews place by place. */
export function compareChanges(
  before: UpdateChange[],
  after: UpdateChange[],
): ChangesDelta {
  const old = new Map(before.map(change => [place(change), change]));
  const delta: ChangesDelta = { added: [], removed: [], altered: [] };
  for (const change of after) {
    const known = old.get(place(change));
    old.delete(place(change));
    if (!known) {
      delta.added.push(change);
    } else if (known.from !== change.from || known.to !== change.to) {
      delta.altered.push({ before: known, after: change });
    }
  }
  delta.removed.push(...old.values());
  return delta;
}

function place(change: UpdateChange): string {
  return JSON.stringify([
    change.file,
    change.line,
    change.tagName,
    change.form,
  ]);
}
