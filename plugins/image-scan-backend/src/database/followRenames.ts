import type { Knex } from 'knex';
import type { ScanDefinition } from '../model/types';
import type {
  DecisionRow,
  ImageScanRow,
  MarkerRow,
  ScanFolderRow,
  UpdateScanRow,
} from './tables';

/** A stored scan, as far as it says which definition it is. */
export type KnownScan = Pick<
  ImageScanRow,
  'id' | 'path' | 'tag_name' | 'definition_hash'
>;

/**
 * Finds the scans whose folder or tagName was renamed: one that vanished is the one
 * that appeared with the same image and policy and the same tagName or folder. Where
 * several could be meant, none is.
 *
 * @returns the definition of now by the id of before
 */
export function findRenamed(
  vanished: readonly KnownScan[],
  appeared: readonly ScanDefinition[],
): Map<string, ScanDefinition> {
  const byHash = new Map<string, ScanDefinition[]>();
  for (const definition of appeared) {
    const ofHash = byHash.get(definition.hash) ?? [];
    byHash.set(definition.hash, ofHash);
    ofHash.push(definition);
  }
  const found = new Map<string, ScanDefinition>();
  const claimed = new Map<string, number>();
  for (const row of vanished) {
    const candidates = (byHash.get(row.definition_hash) ?? []).filter(
      ({ tagName, path }) => tagName === row.tag_name || path === row.path,
    );
    for (const { id } of candidates) {
      claimed.set(id, (claimed.get(id) ?? 0) + 1);
    }
    if (candidates.length === 1) {
      found.set(row.id, candidates[0]);
    }
  }
  return new Map([...found].filter(([, { id }]) => claimed.get(id) === 1));
}

/** Gives a scan its new id, with its memory, its decisions and its history. */
export async function moveScan(
  trx: Knex.Transaction,
  from: string,
  { id: to, path, tagName }: ScanDefinition,
): Promise<void> {
  // Whoever scans it now scans what is no more.
  await trx<ImageScanRow>('image_scans')
    .where({ id: from })
    .update({ id: to, lease_token: null, lease_until: null });
  await trx<MarkerRow>('markers')
    .where({ scan_id: from })
    .update({ scan_id: to });
  await trx<ScanFolderRow>('scan_folders')
    .where({ scan_id: from })
    .update({ scan_id: to });
  await trx<UpdateScanRow>('update_scans')
    .where({ scan_id: from })
    .update({ scan_id: to });
  await trx<DecisionRow>('decisions')
    .where({ scan_id: from })
    .update({ scan_id: to, path, tag_name: tagName });
}
