import type { Knex } from 'knex';
import type { StoredDecision } from '../model/decisions';
import { isConditional } from '../model/filtersOf';
import type { ScanDefinition, ScanMarker } from '../model/types';
import { toDecision } from './decisionRows';
import { toScanMarker } from './imageScanRows';
import type { DecisionRow, MarkerRow } from './tables';

/** Scans of one statement. */
const CHUNK = 500;

/** What the choice of a scan goes by beside its rule and the tags. */
export interface ScanConditions {
  markers: ScanMarker[];
  skips: StoredDecision[];
}

/** Reads it of scans whose choice depends on it; of most scans it does not. */
export async function readConditions(
  knex: Knex,
  definitions: readonly ScanDefinition[],
  now: number,
): Promise<Map<string, ScanConditions>> {
  const found = new Map<string, ScanConditions>();
  const of = (id: string): ScanConditions => {
    const known = found.get(id) ?? { markers: [], skips: [] };
    found.set(id, known);
    return known;
  };
  for (const definition of definitions) {
    if (isConditional(definition)) {
      of(definition.id);
    }
  }
  for (const ids of chunksOf(definitions.map(({ id }) => id))) {
    const skips = await knex<DecisionRow>('decisions')
      .whereIn('scan_id', ids)
      .whereIn('kind', ['skip', 'declined'])
      .whereNull('ended_at')
      .where(any => any.whereNull('until_at').orWhere('until_at', '>', now));
    for (const row of skips) {
      if (row.scan_id !== null) {
        of(row.scan_id).skips.push(toDecision(row));
      }
    }
  }
  for (const ids of chunksOf([...found.keys()])) {
    const markers = await knex<MarkerRow>('markers').whereIn('scan_id', ids);
    for (const row of markers) {
      of(row.scan_id).markers.push(toScanMarker(row));
    }
  }
  return found;
}

function* chunksOf(ids: readonly string[]): Generator<string[]> {
  for (let start = 0; start < ids.length; start += CHUNK) {
    yield ids.slice(start, start + CHUNK);
  }
}
