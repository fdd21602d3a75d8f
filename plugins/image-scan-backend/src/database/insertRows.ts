import type { Knex } from 'knex';
import type { ImageScanRow, MarkerRow, ScanFolderRow } from './tables';

/** The rows of which many are stored at once. */
interface ManyRows {
  image_scans: Partial<ImageScanRow>;
  markers: MarkerRow;
  scan_folders: ScanFolderRow;
}

/**
 * Inserts rows, all of them with the same columns.
 *
 * @remarks
 * By plain `values`, and without the columns that are null in each row: for SQLite, knex
 * writes a union of a `select` for each row with an alias for each value, which takes
 * longer to be composed and read than the rows to be stored.
 */
export async function insertRows<Table extends keyof ManyRows>(
  trx: Knex.Transaction,
  table: Table,
  rows: readonly ManyRows[Table][],
): Promise<void> {
  if (rows.length === 0) {
    return;
  }
  const values = rows.map(row => Object.entries(row));
  const names = values[0].map(([name]) => name);
  const used = [...names.keys()].filter(index =>
    values.some(row => row[index][1] !== null),
  );
  const marks = `(${used.map(() => '?').join()})`;
  await trx.raw(
    `insert into "${table}" (${used
      .map(index => `"${names[index]}"`)
      .join()}) values ${values.map(() => marks).join()}`,
    values.flatMap(row => used.map(index => row[index][1])),
  );
}
