import type { Knex } from 'knex';
import type { ScanResult } from '../model/types';
import type { ScanCompletion, ScanOutcome } from './ScanQueue';
import type { ImageScanRow } from './tables';

type GoodOutcome = Extract<ScanOutcome, { staleAt: number }> & {
  result: ScanResult;
};

/** What must be stored as it was claimed and found, for nothing to be new. */
const SAME_COLUMNS = {
  id: 'text',
  lease_token: 'text',
  definition_hash: 'text',
  list_key: 'text',
  interval_ms: 'bigint',
  latest_tag: 'text',
  latest_digest: 'text',
  choice: 'text',
  choice_epoch: 'integer',
} as const;

const TIME_COLUMNS = {
  last_scan_at: 'bigint',
  stale_at: 'bigint',
  next_scan_at: 'bigint',
} as const;

const DONE_COLUMNS = { ...SAME_COLUMNS, ...TIME_COLUMNS } as const;

const IS_SAME = Object.keys(SAME_COLUMNS)
  .map(column => `done.${column} = image_scans.${column}`)
  .join(' and ');

/** One scan that found something, as a row to compare with what is stored. */
function doneRow(
  { token, definition, epoch, now }: ScanCompletion,
  { scanId, result, choice = {}, staleAt, nextScanAt }: GoodOutcome,
): Record<keyof typeof DONE_COLUMNS, string | number> {
  return {
    id: scanId,
    lease_token: token,
    definition_hash: definition.hash,
    list_key: definition.listKey,
    interval_ms: definition.interval,
    latest_tag: result.tag,
    latest_digest: result.digest,
    choice: JSON.stringify(choice),
    choice_epoch: epoch,
    last_scan_at: now,
    stale_at: staleAt,
    next_scan_at: nextScanAt,
  };
}

/**
 * Gives back the scans that found what was there before, in one statement for
 * all of them. Nothing that their assessment depends on has changed, so their
 * times are all there is to write.
 *
 * @param completions - each of another scan
 * @returns the ids of those scans
 */
export async function completeUnchanged(
  knex: Knex,
  completions: readonly ScanCompletion[],
): Promise<Set<string>> {
  const rows = completions.flatMap(completion => {
    const { outcome } = completion;
    return 'error' in outcome || !outcome.result
      ? []
      : [doneRow(completion, { ...outcome, result: outcome.result })];
  });
  if (rows.length === 0) {
    return new Set();
  }
  const same = () => knex('done').whereRaw(IS_SAME);
  const timeOf = (column: keyof typeof TIME_COLUMNS) =>
    same().select(`done.${column}`);
  const written: Pick<ImageScanRow, 'id'>[] = await knex('image_scans')
    .with('done', Object.keys(DONE_COLUMNS), valuesOf(knex, rows))
    .whereIn(
      'id',
      // In the order of their ids, as everything locks several rows.
      knex('image_scans')
        .whereIn(
          'id',
          rows.map(row => row.id),
        )
        .orderBy('id')
        .forUpdate()
        .select('id'),
    )
    .where({ suspend: false })
    .whereNull('scan_error')
    .whereExists(same().select('done.id'))
    .update({
      last_scan_at: timeOf('last_scan_at'),
      stale_at: timeOf('stale_at'),
      next_scan_at: timeOf('next_scan_at'),
      lease_token: null,
      lease_until: null,
    })
    .returning('id');
  return new Set(written.map(({ id }) => id));
}

/** PostgreSQL takes a bare parameter of `values` for text. */
function valuesOf(
  knex: Knex,
  rows: readonly Record<keyof typeof DONE_COLUMNS, string | number>[],
): Knex.Raw {
  const row = Object.values(DONE_COLUMNS)
    .map(type => `cast(? as ${type})`)
    .join(', ');
  return knex.raw(
    `values ${rows.map(() => `(${row})`).join(', ')}`,
    rows.flatMap(values => Object.values(values)),
  );
}
