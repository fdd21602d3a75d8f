import { toError } from '@backstage/errors';
import type { Knex } from 'knex';
import { assessScan } from '../model/assessScan';
import { isAgreed } from '../model/noticeRollbacks';
import type { ScanDefinition, ScanResult } from '../model/types';
import { completeUnchanged } from './completeUnchanged';
import { readBinding } from './decisionRows';
import { assessmentColumns, toScanMarker, toStoredScan } from './imageScanRows';
import { requestUpdate } from './requestUpdate';
import type { ScanCompletion, ScanOutcome } from './ScanQueue';
import type { GitRepoRow, ImageScanRow, MarkerRow } from './tables';

/**
 * Stores what became of scans and gives them back.
 *
 * @returns for each whether that was done, or the error why it could not be:
 *   false, with nothing done, where a scan is not held any more, or has another
 *   definition or something else to pass over by now
 */
export async function completeScans(
  knex: Knex,
  completions: readonly ScanCompletion[],
): Promise<(boolean | Error)[]> {
  // A scan that was lost and claimed again may be here twice.
  const byId = new Map(
    completions.map(completion => [completion.definition.id, completion]),
  );
  const unchanged = await completeUnchanged(knex, [...byId.values()]);
  return Promise.all(
    completions.map(async completion => {
      const { id } = completion.definition;
      if (unchanged.has(id) && byId.get(id) === completion) {
        return true;
      }
      try {
        return await knex.transaction(trx => reassessScan(trx, completion));
      } catch (error) {
        return toError(error);
      }
    }),
  );
}

/** Assesses a scan with its outcome; false where the claim holds it no more. */
async function reassessScan(
  trx: Knex.Transaction,
  { token, definition: claimed, epoch, outcome, now }: ScanCompletion,
): Promise<boolean> {
  // The git repo is locked first, as a sync does it. So markers read next are
  // those that a sync has left or will find this result beside, neither waits
  // for the other in a circle, and of two last first results one sees both.
  await trx<GitRepoRow>('git_repos')
    .where({ key: claimed.gitRepo })
    .forUpdate()
    .first('key');
  const row = await trx<ImageScanRow>('image_scans')
    .where({ id: outcome.scanId, lease_token: token })
    .forUpdate()
    .first();
  if (!row || !isOfDefinition(row, claimed) || row.choice_epoch !== epoch) {
    return false;
  }
  const markers = await trx<MarkerRow>('markers').where({
    scan_id: outcome.scanId,
  });
  const stored = toStoredScan(row);
  const decisions = await readBinding(trx, stored.definition.gitRepo, now);
  const latest = 'error' in outcome ? stored.latest : outcome.result;
  const assessment = assessScan({
    definition: stored.definition,
    latest,
    choice: 'error' in outcome ? stored.choice : outcome.choice,
    failed: 'error' in outcome,
    markers: markers.map(toScanMarker),
    settled: stored.settled,
    decisions,
  });
  if (latest && !('error' in outcome)) {
    await noteAgreement(trx, stored.definition, latest, markers);
  }
  const result =
    'error' in outcome
      ? {
          scan_error: outcome.error,
          scan_error_at: now,
          scan_failures: row.scan_failures + 1,
        }
      : {
          latest_tag: latest?.tag ?? null,
          latest_digest: latest?.digest ?? null,
          choice: JSON.stringify(outcome.choice ?? {}),
          last_scan_at: now,
          stale_at: outcome.staleAt,
          scan_error: null,
          scan_error_at: null,
          scan_failures: 0,
        };
  await trx<ImageScanRow>('image_scans')
    .where({ id: outcome.scanId })
    .update({
      ...result,
      ...assessmentColumns(assessment),
      next_scan_at: nextScanAt(outcome, claimed, stored.definition, now),
      lease_token: null,
      lease_until: null,
    });
  const isFirst = stored.lastScanAt === undefined && !stored.failure;
  const isNew =
    latest !== undefined &&
    (latest.tag !== stored.latest?.tag ||
      latest.digest !== stored.latest.digest);
  if (isFirst || isNew) {
    await requestUpdate(trx, stored.definition.gitRepo, now);
  }
  return true;
}

/** Remembers of values that say what the result wants that they were agreed on. */
async function noteAgreement(
  trx: Knex.Transaction,
  definition: ScanDefinition,
  latest: ScanResult,
  markers: readonly MarkerRow[],
): Promise<void> {
  for (const row of markers) {
    if (!row.agreed && isAgreed(definition, latest, toScanMarker(row))) {
      const { scan_id, file, line, form, current } = row;
      await trx<MarkerRow>('markers')
        .where({ scan_id, file, line, form, current })
        .update({ agreed: true });
    }
  }
}

/**
 * Whether a row still has the definition that was claimed: one that changed
 * during the scan is due again, and this result says nothing about it.
 */
function isOfDefinition(row: ImageScanRow, claimed: ScanDefinition): boolean {
  return (
    claimed.hash === row.definition_hash && claimed.listKey === row.list_key
  );
}

/** Suspension and a shorter interval that came while the scan ran count at once. */
function nextScanAt(
  outcome: ScanOutcome,
  claimed: ScanDefinition,
  current: ScanDefinition,
  now: number,
): number | null {
  if (current.suspend) {
    return null;
  }
  return current.interval < claimed.interval
    ? Math.min(outcome.nextScanAt, now + current.interval)
    : outcome.nextScanAt;
}
