import type { ScanMarker } from './types';

/**
 * Finds, for the markers of one scan as they are read now, those that they were before.
 * Each is paired once.
 *
 * @remarks
 * Lines move, files are renamed and forms change, so what is most alike is paired
 * first: the same value in the same file, then the same form in the same file, then
 * another form in the same file, where one names the whole image no more or anew, and
 * last the same value in a file that took the place of one that is gone. What is left
 * was removed or added.
 *
 * @returns by the marker that is read now
 */
export function pairMarkers<Before extends ScanMarker>(
  before: readonly Before[],
  now: readonly ScanMarker[],
): Map<ScanMarker, Before> {
  const pairs = new Map<ScanMarker, Before>();
  const paired = new Set<Before>();
  const pairBy = (keyOf: (marker: ScanMarker) => string | undefined): void => {
    const left = now.filter(marker => !pairs.has(marker));
    if (left.length === 0 || paired.size === before.length) {
      return;
    }
    const free = groupByKey(
      before.filter(marker => !paired.has(marker)),
      keyOf,
    );
    for (const [key, markers] of groupByKey(left, keyOf)) {
      for (const [old, marker] of alongLines(free.get(key) ?? [], markers)) {
        pairs.set(marker, old);
        paired.add(old);
      }
    }
  };

  pairBy(({ file, form, current }) => keyOfTexts(file, form, current));
  pairBy(({ file, form }) => keyOfTexts(file, form));
  pairBy(({ file, form }) => (form === 'name' ? undefined : file));
  const filesBefore = new Set(before.map(({ file }) => file));
  const filesNow = new Set(now.map(({ file }) => file));
  pairBy(({ file, form, current }) =>
    filesBefore.has(file) && filesNow.has(file)
      ? undefined
      : keyOfTexts(form, current),
  );
  return pairs;
}

function groupByKey<Marker extends ScanMarker>(
  markers: readonly Marker[],
  keyOf: (marker: ScanMarker) => string | undefined,
): Map<string, Marker[]> {
  const groups = new Map<string, Marker[]>();
  for (const marker of markers) {
    const key = keyOf(marker);
    const group = key === undefined ? undefined : groups.get(key);
    if (group) {
      group.push(marker);
    } else if (key !== undefined) {
      groups.set(key, [marker]);
    }
  }
  return groups;
}

/**
 * In the order of their lines; where some were removed or added, those that are still on
 * the same line first.
 */
function* alongLines<Before extends ScanMarker>(
  before: readonly Before[],
  now: readonly ScanMarker[],
): Generator<[Before, ScanMarker]> {
  if (before.length === now.length) {
    const inOrder = [...before].sort(byLine);
    for (const [index, marker] of [...now].sort(byLine).entries()) {
      yield [inOrder[index], marker];
    }
    return;
  }
  const byPlace = new Map(before.map(old => [placeOf(old), old]));
  const stayed = new Set<ScanMarker>();
  const moved: ScanMarker[] = [];
  for (const marker of now) {
    const old = byPlace.get(placeOf(marker));
    if (old && !stayed.has(old)) {
      stayed.add(old);
      yield [old, marker];
    } else {
      moved.push(marker);
    }
  }
  const free = before.filter(old => !stayed.has(old)).sort(byLine);
  for (const [index, marker] of moved.sort(byLine).entries()) {
    if (index < free.length) {
      yield [free[index], marker];
    }
  }
}

/** Neither a path nor a value that is stored holds a NUL. */
function keyOfTexts(...texts: readonly string[]): string {
  return texts.join('\0');
}

function placeOf({ file, line }: ScanMarker): string {
  return keyOfTexts(file, `${line}`);
}

function byLine(a: ScanMarker, b: ScanMarker): number {
  if (a.file !== b.file) {
    return a.file < b.file ? -1 : 1;
  }
  return a.line - b.line;
}
