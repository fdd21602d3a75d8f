import type { MarkerForm } from 'backstage-plugin-image-scan-common';
import { parseImageReference } from 'backstage-plugin-image-scan-node';
import { desiredValue } from './assessScan';
import {
  isForward,
  isSameSaying,
  readMarkerSaying,
  sayInForm,
  tagOfSaying,
} from './markerSaying';
import { orderOf, type ScanOrder } from './orderOf';
import { pairMarkers } from './pairMarkers';
import type {
  ChoiceNotes,
  RememberedMarker,
  ScanDefinition,
  ScanMarker,
  ScanResult,
} from './types';

/** What is remembered of a scan from the reading before. */
export interface ScanMemory {
  markers: readonly RememberedMarker[];
  definitionHash: string;
  suspend: boolean;
}

/** A value that an update which was announced and not settled writes. */
export interface OwnValue {
  file: string;
  form: MarkerForm;
  to: string;
}

/** What a reading of a scan's markers says beside what is remembered. */
export interface NoticedChanges {
  /** What is to be remembered now, in the order in which the markers were read. */
  markers: RememberedMarker[];
  /** The markers whose value somebody took back since the reading before. */
  rolledBack: RememberedMarker[];
  /** Somebody took back, in git, the last of what had been rolled back. */
  undone: boolean;
  /** The definition changed, and its rule admits nothing of what was rolled back. */
  redefined: boolean;
}

/**
 * Compares the markers of a scan, as read now, with what is remembered of them: whether
 * somebody went back in git from a value that had been agreed on.
 *
 * @remarks
 * Every reading is to be compared before anything is planned on it. What is no step
 * forward by the rule is back: an older or unorderable tag, another image, an older
 * digest, a text that is neither. Whether a newer result came meanwhile does not matter.
 */
export function noticeRollbacks(input: {
  definition: ScanDefinition;
  /** Of this very definition. */
  latest?: ScanResult;
  /** What was found beside it; default nothing. */
  choice?: ChoiceNotes;
  /** Absent where the scan or its place is new. */
  memory?: ScanMemory;
  read: readonly ScanMarker[];
  ownValues?: readonly OwnValue[];
  /** Learn only, as after markers began to be read in another way; default false. */
  learnsOnly?: boolean;
}): NoticedChanges {
  const { definition, latest, memory, read, ownValues = [] } = input;
  const isRedefined =
    memory !== undefined && memory.definitionHash !== definition.hash;
  const judges =
    memory !== undefined &&
    !isRedefined &&
    !memory.suspend &&
    !definition.suspend &&
    !input.learnsOnly;
  const own = new Set(ownValues.map(valueKey));
  const order = orderOf(definition, input.choice);
  const pairs = pairMarkers(memory?.markers ?? [], read);

  const markers: RememberedMarker[] = [];
  const rolledBack: RememberedMarker[] = [];
  let cleared = 0;
  for (const marker of read) {
    const before = pairs.get(marker);
    const isWanted = isAgreed(definition, latest, marker);
    const remembered: RememberedMarker = {
      scanId: marker.scanId,
      file: marker.file,
      line: marker.line,
      form: marker.form,
      current: marker.current,
      agreed: isWanted || (before?.agreed === true && !isRedefined),
    };
    markers.push(remembered);
    if (!before) {
      continue;
    }
    const isOurs =
      own.size > 0 && own.has(valueKey({ ...marker, to: marker.current }));
    const from = valueBefore(before, marker.form, definition);
    const isSameText =
      before.form === marker.form && before.current === marker.current;
    if (isSameText && from === undefined) {
      remembered.agreed ||= isOurs;
      continue;
    }
    const now = readMarkerSaying(marker.form, marker.current);
    const was = readMarkerSaying(before.form, before.current);
    const isChanged = !isSameSaying(was, now);
    if (from !== undefined) {
      const fromSaying = readMarkerSaying(marker.form, from);
      const isUndone =
        isWanted ||
        isSameSaying(fromSaying, now) ||
        isForward(order, fromSaying, now);
      // A result that comes to want the value that a person chose undoes nothing.
      if (isChanged && isUndone) {
        cleared += 1;
        continue;
      }
      remembered.rolledFrom = from;
    }
    if (isOurs) {
      remembered.agreed = true;
    }
    if (
      judges &&
      before.agreed &&
      isChanged &&
      !isWanted &&
      !isOurs &&
      !isForward(order, was, now)
    ) {
      remembered.rolledFrom ??= sayInForm(was, marker.form, definition.image);
      rolledBack.push(remembered);
    }
  }

  const held = markers.filter(({ rolledFrom }) => rolledFrom !== undefined);
  const redefined =
    isRedefined &&
    held.length > 0 &&
    !held.some(marker => admitsRolledFrom(definition, order, marker));
  if (redefined) {
    for (const marker of held) {
      marker.rolledFrom = undefined;
    }
  }
  return {
    markers,
    rolledBack,
    undone: cleared > 0 && held.length === 0,
    redefined,
  };
}

/** What a scan is settled with once somebody went back: a tag, or nothing. */
export function settledAfterRollback(
  rolledBack: readonly RememberedMarker[],
): string {
  const tags = rolledBack.flatMap(
    ({ form, current }) => tagOfSaying(readMarkerSaying(form, current)) ?? [],
  );
  return tags[0] ?? '';
}

/** Whether a value says what the result would write. */
export function isAgreed(
  definition: ScanDefinition,
  latest: ScanResult | undefined,
  marker: ScanMarker,
): boolean {
  const wanted = latest && desiredValue(definition, latest, marker);
  return (
    wanted !== undefined &&
    (wanted === marker.current ||
      isSameSaying(
        readMarkerSaying(marker.form, wanted),
        readMarkerSaying(marker.form, marker.current),
      ))
  );
}

/** What was rolled back from, where the form may be another by now. */
function valueBefore(
  { form, rolledFrom }: RememberedMarker,
  formNow: MarkerForm,
  { image }: ScanDefinition,
): string | undefined {
  return rolledFrom === undefined || form === formNow
    ? rolledFrom
    : sayInForm(readMarkerSaying(form, rolledFrom), formNow, image);
}

function admitsRolledFrom(
  { image }: ScanDefinition,
  order: ScanOrder,
  { form, rolledFrom = '' }: RememberedMarker,
): boolean {
  const saying = readMarkerSaying(form, rolledFrom);
  if ('text' in saying) {
    return false;
  }
  const { tag } = saying;
  return (
    (saying.image === undefined ||
      saying.image === parseImageReference(image).canonicalName) &&
    (tag === undefined || order.admits(tag))
  );
}

function valueKey({ file, form, to }: OwnValue): string {
  return JSON.stringify([file, form, to]);
}
