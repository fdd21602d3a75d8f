import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Knex } from 'knex';
import { CHUNK, chunksOf } from './chunks';
import type { KnownScan } from './followRenames';
import type { RepositoryContents } from './GitRepoStore';
import type { ImageScanRow } from './tables';

/** Of the scans that are not read now, those whose entry is there all the same. */
export function divideOthers<Row extends KnownScan>(
  rows: readonly Row[],
  { definitions, unusable }: RepositoryContents,
): { gone: Row[]; kept: { row: Row; file: string }[] } {
  const present = new Set(definitions.map(({ id }) => id));
  const fileOf = new Map(
    unusable.map(({ path, tagName, file }) => [entryKey(path, tagName), file]),
  );
  const gone: Row[] = [];
  const kept: { row: Row; file: string }[] = [];
  for (const row of rows) {
    if (!present.has(row.id)) {
      const file =
        fileOf.get(entryKey(row.path, row.tag_name)) ??
        fileOf.get(entryKey(row.path));
      if (file === undefined) {
        gone.push(row);
      } else {
        kept.push({ row, file });
      }
    }
  }
  return { gone, kept };
}

function entryKey(path: string, tagName?: string): string {
  return JSON.stringify([path, tagName]);
}

/** Removes the scans that are in git no more, and leaves those that cannot be used. */
export async function removeOthers(
  trx: Knex.Transaction,
  key: string,
  contents: RepositoryContents,
  now: number,
): Promise<void> {
  const rows = await trx<ImageScanRow>('image_scans')
    .where({ git_repo: key })
    .orderBy('id')
    .select('id', 'path', 'tag_name', 'definition_hash');
  await nextTurn();
  const { gone, kept } = divideOthers(rows, contents);
  for (const chunk of chunksOf(gone, CHUNK)) {
    const ids = chunk.map(({ id }) => id);
    await trx('image_scans').whereIn('id', ids).delete();
    for (const table of ['markers', 'scan_folders']) {
      await trx(table).whereIn('scan_id', ids).delete();
    }
    await nextTurn();
  }
  for (const { row, file } of kept) {
    await trx<ImageScanRow>('image_scans')
      .where({ id: row.id })
      .update({
        state: 'error',
        held: null,
        change_kind: null,
        next_scan_at: null,
        scan_error: `${file}: the entry ${row.tag_name} cannot be used, so nothing is scanned or written; what is known and decided of it is kept`,
        scan_error_at: now,
      });
  }
}
