import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Knex } from 'knex';
import { assessScan } from '../model/assessScan';
import { decisionsByScan } from '../model/decisions';
import { readBinding } from './decisionRows';
import { assessmentColumns, toScanMarker, toStoredScan } from './imageScanRows';
import { requestUpdate } from './requestUpdate';
import type { ImageScanRow, MarkerRow } from './tables';

/** Scans of one statement. */
const CHUNK = 50;

/**
 * Says anew what the results of a git repo's scans mean, once other decisions bind
 * them, and asks for an update where something can be written now.
 *
 * @param trx - has locked the row of the git repo
 * @param scanIds - the only ones that it can matter to; default all
 */
export async function reassessScans(
  trx: Knex.Transaction,
  gitRepo: string,
  now: number,
  scanIds?: readonly string[],
): Promise<void> {
  const decisionsOf = decisionsByScan(await readBinding(trx, gitRepo, now));
  const ids: readonly string[] = scanIds
    ? [...scanIds].sort()
    : await trx<ImageScanRow>('image_scans')
        .where({ git_repo: gitRepo })
        .orderBy('id')
        .pluck('id');
  for (let start = 0; start < ids.length; start += CHUNK) {
    const chunk = ids.slice(start, start + CHUNK);
    const rows = await trx<ImageScanRow>('image_scans')
      .whereIn('id', chunk)
      .orderBy('id')
      .forUpdate();
    const markers = await trx<MarkerRow>('markers').whereIn('scan_id', chunk);
    for (const row of rows) {
      const stored = toStoredScan(row);
      const columns = assessmentColumns(
        assessScan({
          definition: stored.definition,
          latest: stored.latest,
          choice: stored.choice,
          failed: Boolean(stored.failure),
          markers: markers
            .filter(marker => marker.scan_id === row.id)
            .map(toScanMarker),
          settled: stored.settled,
          decisions: decisionsOf(row.id),
        }),
      );
      if (columns.state !== row.state || columns.held !== row.held) {
        await trx<ImageScanRow>('image_scans')
          .where({ id: row.id })
          .update(columns);
      }
    }
    await nextTurn();
  }
  await requestUpdate(trx, gitRepo, now);
}
