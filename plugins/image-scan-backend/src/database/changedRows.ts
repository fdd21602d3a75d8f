import { setImmediate as nextTurn } from 'node:timers/promises';
import { pause } from 'backstage-plugin-image-scan-node';
import type { Knex } from 'knex';
import { CHUNK, chunksOf, NARROW_CHUNK } from './chunks';
import { insertRows } from './insertRows';
import type { ImageScanRow, MarkerRow, ScanFolderRow } from './tables';

/** Whether a row would stay as it is. */
export function hasColumns(
  row: ImageScanRow,
  columns: Partial<ImageScanRow>,
): boolean {
  const stored = new Map<string, unknown>(Object.entries(row));
  return Object.entries(columns).every(
    ([name, value]) => comparable(stored.get(name)) === comparable(value),
  );
}

/** SQLite has numbers for booleans, and PostgreSQL text for large numbers. */
function comparable(value: unknown): string | null {
  if (value === null || value === undefined) {
    return null;
  }
  return String(typeof value === 'boolean' ? Number(value) : value);
}

/** Adds the stored rows of scans. */
export async function readRows<Row extends { scan_id: string }>(
  trx: Knex.Transaction,
  table: 'markers' | 'scan_folders',
  ids: readonly string[],
  stored: Map<string, Row[]>,
): Promise<void> {
  const found: Row[] = await trx(table).whereIn('scan_id', [...ids]);
  for (const row of found) {
    const ofScan = stored.get(row.scan_id);
    if (ofScan) {
      ofScan.push(row);
    } else {
      stored.set(row.scan_id, [row]);
    }
  }
}

/** Makes the rows of scans those that are given, by scan, where they differ. */
export async function replaceRows<Row extends MarkerRow | ScanFolderRow>(
  trx: Knex.Transaction,
  table: 'markers' | 'scan_folders',
  rows: ReadonlyMap<string, Row[]>,
  stored: ReadonlyMap<string, Row[]>,
  keyOf: (row: Row) => string,
): Promise<void> {
  const changed: string[] = [];
  const inserted: Row[] = [];
  for (const [id, ofScan] of rows) {
    const before = (stored.get(id) ?? []).map(keyOf).sort();
    const after = ofScan.map(keyOf).sort();
    const isSame =
      before.length === after.length &&
      before.every((each, index) => each === after[index]);
    if (!isSame) {
      changed.push(id);
      // One by one: there may be more than a call takes arguments.
      ofScan.forEach(row => inserted.push(row));
    }
    await pause();
  }
  for (const ids of chunksOf(changed, CHUNK)) {
    await trx(table).whereIn('scan_id', ids).delete();
    await nextTurn();
  }
  for (const chunk of chunksOf(inserted, NARROW_CHUNK)) {
    await insertRows(trx, table, chunk);
    await nextTurn();
  }
}
