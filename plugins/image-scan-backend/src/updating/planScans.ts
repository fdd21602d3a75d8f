import type { Problem, UpdateChange } from 'backstage-plugin-image-scan-common';
import type { PausingWork } from 'backstage-plugin-image-scan-node';
import type { RepositoryContents } from '../database/GitRepoStore';
import { decisionsByScan } from '../model/decisions';
import type { ScanDefinition, ScanMarker, StoredScan } from '../model/types';
import { groupInTurns, ITEMS_AT_ONCE } from './groupInTurns';
import { planChosen, planRevert } from './planChoice';
import {
  isSelected,
  type PlannedScan,
  type PlanOptions,
  planResult,
  type ScanToPlan,
} from './planScan';

/**
 * Works out what an update wants of each scan of a repository, by its id. Those of
 * which nothing is wanted are left out.
 *
 * @param report - told of values that cannot be written back
 */
export function* planScans(
  { definitions, markers }: RepositoryContents,
  scans: readonly StoredScan[],
  options: PlanOptions,
  report: (problem: Problem) => void,
): PausingWork<Map<string, PlannedScan>> {
  const stored = new Map(scans.map(scan => [scan.definition.id, scan]));
  const markersOf = yield* groupInTurns(markers, ({ scanId }) => scanId);
  const decisionsOf = decisionsByScan(options.decisions ?? []);
  const reverted =
    options.revert &&
    (yield* assignChanges(options.revert, definitions, markersOf));
  reverted?.lost.forEach(change => report(explainLost(change)));
  const planned = new Map<string, PlannedScan>();
  for (let index = 0; index < definitions.length; index += 1) {
    const definition = definitions[index];
    const { id } = definition;
    const scan: ScanToPlan = {
      definition,
      stored: stored.get(id),
      markers: markersOf.get(id) ?? [],
      decisions: decisionsOf(id),
    };
    const wanted = reverted
      ? planReverted(scan, options, reverted.byScan.get(id), report)
      : planScan(scan, options);
    if (wanted) {
      planned.set(id, wanted);
    }
    // Where tags are ordered by a pattern, that takes its time.
    if (definition.filterTags || index % ITEMS_AT_ONCE === 0) {
      yield;
    }
  }
  return planned;
}

function planScan(
  scan: ScanToPlan,
  options: PlanOptions,
): PlannedScan | undefined {
  const { definition, markers } = scan;
  if (!isSelected(definition, options)) {
    return undefined;
  }
  const chosen = options.chosen?.get(definition.id);
  if (chosen) {
    return planChosen(scan, chosen);
  }
  return markers.length > 0 ? planResult(scan, options) : undefined;
}

function planReverted(
  scan: ScanToPlan,
  options: PlanOptions,
  changes: readonly UpdateChange[] | undefined,
  report: (problem: Problem) => void,
): PlannedScan | undefined {
  return changes && isSelected(scan.definition, options)
    ? planRevert(scan, changes, report)
    : undefined;
}

/** Finds the scan that each value was written for; its id may be another since. */
function* assignChanges(
  changes: readonly UpdateChange[],
  definitions: readonly ScanDefinition[],
  markersOf: ReadonlyMap<string, readonly ScanMarker[]>,
): PausingWork<{
  byScan: ReadonlyMap<string, readonly UpdateChange[]>;
  lost: readonly UpdateChange[];
}> {
  const idAt = new Map(
    definitions.flatMap(({ id, tagName }) =>
      (markersOf.get(id) ?? []).map(
        ({ file }) => [JSON.stringify([file, tagName]), id] as const,
      ),
    ),
  );
  yield;
  const ids = new Set(definitions.map(({ id }) => id));
  const idOf = ({ imageScanId, file, tagName }: UpdateChange) =>
    ids.has(imageScanId)
      ? imageScanId
      : idAt.get(JSON.stringify([file, tagName]));
  const byScan = yield* groupInTurns(changes, change => idOf(change) ?? '');
  const lost = byScan.get('') ?? [];
  return { byScan, lost };
}

function explainLost({ file, line, tagName }: UpdateChange): Problem {
  const message = `not reverted, because the scan ${tagName} is not there any more`;
  return { file, line, tagName, message };
}
