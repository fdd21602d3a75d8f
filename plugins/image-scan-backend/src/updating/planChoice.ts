import {
  type Problem,
  tagOfMarkerValue,
  type UpdateChange,
} from 'backstage-plugin-image-scan-common';
import { assessScan, desiredValue } from '../model/assessScan';
import {
  describeDecision,
  findBinding,
  type StoredDecision,
} from '../model/decisions';
import { orderOf } from '../model/orderOf';
import { pairMarkers } from '../model/pairMarkers';
import type { ScanMarker } from '../model/types';
import {
  type ChosenTag,
  nameScan,
  notWritten,
  type PlannedScan,
  type ScanToPlan,
  wouldBeWrittenOver,
} from './planScan';

/** Works out what a tag that a person names wants of the markers of a scan. */
export function planChosen(scan: ScanToPlan, chosen: ChosenTag): PlannedScan {
  const { definition, stored, markers } = scan;
  const decisions = withoutChosen(scan);
  const { listKey, ...wanted } = chosen;
  const { state, held, currentTag, change } = assessScan({
    definition,
    latest: wanted,
    failed: false,
    markers,
    settled: stored?.settled,
    decisions,
  });
  const planned: PlannedScan = {
    ...nameScan(definition),
    from: currentTag,
    to: chosen.tag,
    change,
  };
  if (markers.length === 0) {
    return notWritten(planned, 'values', 'has no marker that could be written');
  }
  if (definition.listKey !== listKey) {
    const reason = `has another image by now, whose registry need not have ${chosen.tag}`;
    return notWritten(planned, 'changed', reason);
  }
  if (state === 'suspended') {
    return notWritten(planned, 'suspended', 'is suspended');
  }
  if (held?.decision) {
    const reason = `is kept as it is: ${held.reason}`;
    return notWritten(planned, 'decision', reason, held.decision);
  }
  if (state === 'up-to-date') {
    return notWritten(planned, 'unchanged', `has ${chosen.tag} already`);
  }
  const written = markers.map(marker => ({
    ...marker,
    current: desiredValue(definition, wanted, marker) ?? marker.current,
  }));
  return {
    ...planned,
    image: { image: definition.image, ...wanted },
    goesBack: held?.reason,
    holdsAfterwards: wouldBeWrittenOver({ ...scan, decisions }, written),
    chosenTag: chosen.tag,
  };
}

/** A value that an update wrote, and what stood there before. */
interface WrittenValue extends ScanMarker {
  before: string;
}

/**
 * Works out which of the values that an update wrote to a scan are still there, and
 * writes back what stood there before.
 *
 * @param report - told of those that are not, and why
 */
export function planRevert(
  scan: ScanToPlan,
  changes: readonly UpdateChange[],
  report: (problem: Problem) => void,
): PlannedScan {
  const { definition, markers } = scan;
  const { id: scanId, tagName } = definition;
  const wrote = changes.map(
    ({ file, line, form, from, to }): WrittenValue => ({
      ...{ scanId, file, line, form },
      current: to,
      before: from,
    }),
  );
  const files = new Set(wrote.map(({ file }) => file));
  const pairs = pairMarkers(
    wrote,
    markers.filter(({ file }) => files.has(file)),
  );
  const values = new Map<ScanMarker, string>();
  for (const [marker, { form, current, before }] of pairs) {
    const { file, line } = marker;
    if (marker.form === form && marker.current === current) {
      values.set(marker, before);
    } else {
      const now = marker.current || 'empty';
      const message = `not reverted, because it is ${now} by now and not ${current}`;
      report({ file, line, tagName, message });
    }
  }
  const paired = new Set(pairs.values());
  for (const each of wrote) {
    if (!paired.has(each)) {
      const { file, line, current } = each;
      const message = `not reverted, because the marker of ${current} is not there any more`;
      report({ file, line, tagName, message });
    }
  }
  return planValues(scan, values);
}

function planValues(
  scan: ScanToPlan,
  values: ReadonlyMap<ScanMarker, string>,
): PlannedScan {
  const { definition, markers } = scan;
  const decisions = withoutChosen(scan);
  const from = onlyOne(
    [...values.keys()].map(({ form, current }) =>
      tagOfMarkerValue(form, current),
    ),
  );
  const tags = [...values].map(([{ form }, value]) =>
    tagOfMarkerValue(form, value),
  );
  const to = onlyOne(tags);
  const order = orderOf(definition, scan.stored?.choice);
  const planned: PlannedScan = {
    ...nameScan(definition),
    from,
    to,
    change: to === undefined ? undefined : order.changeKind(from, to),
  };
  if (values.size === 0) {
    const reason = 'has no value any more that the update wrote';
    return notWritten(planned, 'changed', reason);
  }
  if (definition.suspend) {
    return notWritten(planned, 'suspended', 'is suspended');
  }
  const [binding] = tags.flatMap(
    (tag = '') => findBinding(decisions, definition, tag) ?? [],
  );
  if (binding) {
    const { id, kind } = binding;
    const reason = `is kept as it is: ${describeDecision(binding)}`;
    return notWritten(planned, 'decision', reason, { id, kind });
  }
  const back =
    from === undefined || to === undefined
      ? undefined
      : order.explainStepBack(from, to);
  const written = markers.map(marker => ({
    ...marker,
    current: values.get(marker) ?? marker.current,
  }));
  return {
    ...planned,
    values,
    goesBack: back && `git has ${from}, ${back}`,
    holdsAfterwards: wouldBeWrittenOver({ ...scan, decisions }, written),
    chosenTag: to ?? '',
  };
}

/** What binds a scan but for an earlier choice, which the new one replaces. */
function withoutChosen({
  definition,
  decisions,
}: ScanToPlan): readonly StoredDecision[] {
  return decisions.filter(
    ({ kind, scanId }) => kind !== 'chosen' || scanId !== definition.id,
  );
}

function onlyOne<T>(items: readonly T[]): T | undefined {
  const different = new Set(items);
  return different.size === 1 ? [...different][0] : undefined;
}
