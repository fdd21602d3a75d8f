import type { Knex } from 'knex';
import { type GitRepoRow, type ImageScanRow, toMilliseconds } from './tables';

/**
 * Asks for a git repo to be written, where it has something to write.
 *
 * @remarks
 * Not before each of its scans had its first result: what a repository needs at
 * first sight then comes as one commit. A request that comes while another is
 * being served differs from it, so that it outlives the one being served.
 */
export async function requestUpdate(
  trx: Knex.Transaction,
  gitRepo: string,
  now: number,
): Promise<void> {
  const scans = () =>
    trx<ImageScanRow>('image_scans').where({
      git_repo: gitRepo,
      suspend: false,
    });
  const waiting = await scans()
    .whereNull('last_scan_at')
    .whereNull('scan_error_at')
    .first('id');
  const pending =
    !waiting &&
    (await scans().whereNotNull('change_kind').whereNull('held').first('id'));
  if (!pending) {
    return;
  }
  const row = await trx<GitRepoRow>('git_repos')
    .where({ key: gitRepo })
    .forUpdate()
    .first('update_requested_at');
  const before = toMilliseconds(row?.update_requested_at ?? 0);
  await trx<GitRepoRow>('git_repos')
    .where({ key: gitRepo })
    .update({ update_requested_at: Math.max(now, before + 1) });
}
