import type { Knex } from 'knex';
import type { ImageScanRow } from './tables';

/**
 * Makes scans due, as something else is to be passed over now. One that is under way does
 * not count: what it brings was chosen before.
 */
export async function renewChoices(
  trx: Knex.Transaction,
  scanIds: readonly string[],
  now: number,
): Promise<void> {
  if (scanIds.length === 0) {
    return;
  }
  await trx<ImageScanRow>('image_scans')
    .whereIn(
      'id',
      // In the order of their ids, as everything locks several rows.
      trx<ImageScanRow>('image_scans')
        .whereIn('id', [...scanIds])
        .orderBy('id')
        .forUpdate()
        .select('id'),
    )
    .update({
      choice_epoch: trx.raw('choice_epoch + 1'),
      // Without a time it is suspended, or cannot be used.
      next_scan_at: trx.raw(
        'case when next_scan_at is null then null else cast(? as bigint) end',
        [now],
      ),
    });
}
