import { Problem } from 'backstage-plugin-image-scan-common';
import { Knex } from 'knex';
import { assessScan } from '../assessScan';
import { ScanDefinition, ScanMarker, StoredScan } from '../types';
import { GitRepoClaim, RepositoryContents } from './GitRepoStore';
import {
  assessmentColumns,
  definitionColumns,
  toStoredScan,
} from './imageScanRows';
import { GitRepoRow, ImageScanRow, MarkerRow, ScanFolderRow } from './tables';

/** Rows of one insert, below SQLite's limit on bound values. */
const INSERT_CHUNK = 100;

/**
 * Makes the stored scans and markers of a git repo those that were read at its
 * head, keeping what is still true of each scan. Does nothing and answers false
 * when the claim is lost.
 */
export async function replaceContents(
  trx: Knex.Transaction,
  claim: GitRepoClaim,
  contents: RepositoryContents,
  now: number,
): Promise<boolean> {
  const { key } = claim.gitRepo;
  const held = await trx<GitRepoRow>('git_repos')
    .where({ key, lease_token: claim.token })
    .update({
      branch: contents.branch,
      head_commit: contents.headCommit,
      problems: JSON.stringify(contents.problems),
    });
  if (held === 0) {
    return false;
  }

  const rows = await trx<ImageScanRow>('image_scans')
    .where({ git_repo: key })
    .orderBy('id')
    .forUpdate();
  const before = new Map(rows.map(row => [row.id, row]));
  const markers = groupByScan(contents.markers);
  const present = new Set(contents.definitions.map(({ id }) => id));

  await removeScans(
    trx,
    rows.map(row => row.id).filter(id => !present.has(id)),
  );
  for (const definition of contents.definitions) {
    const columns = scanColumns({
      definition,
      before: before.get(definition.id),
      markers: markers.get(definition.id) ?? [],
      problems: contents.scanProblems.get(definition.id) ?? [],
      now,
    });
    await trx<ImageScanRow>('image_scans')
      .insert({ id: definition.id, ...columns })
      .onConflict('id')
      .merge();
  }

  await trx<MarkerRow>('markers').where({ git_repo: key }).delete();
  await trx.batchInsert(
    'markers',
    contents.markers.map(({ scanId, ...marker }) => ({
      git_repo: key,
      scan_id: scanId,
      ...marker,
    })),
    INSERT_CHUNK,
  );
  await trx<ScanFolderRow>('scan_folders').where({ git_repo: key }).delete();
  await trx.batchInsert(
    'scan_folders',
    contents.definitions.flatMap(definition =>
      foldersOf(definition, markers.get(definition.id) ?? []).map(folder => ({
        git_repo: key,
        folder,
        scan_id: definition.id,
      })),
    ),
    INSERT_CHUNK,
  );
  return true;
}

/**
 * Every folder at or above a scan's definition and markers; `.` is the root.
 */
export function foldersOf(
  definition: { path: string },
  markers: readonly { file: string }[],
): string[] {
  const folders = new Set<string>(['.']);
  const addWithParents = (folder: string) => {
    const parts = folder === '.' ? [] : folder.split('/');
    parts.forEach((_, index) =>
      folders.add(parts.slice(0, index + 1).join('/')),
    );
  };
  addWithParents(definition.path);
  for (const { file } of markers) {
    addWithParents(file.split('/').slice(0, -1).join('/') || '.');
  }
  return [...folders];
}

async function removeScans(
  trx: Knex.Transaction,
  ids: readonly string[],
): Promise<void> {
  for (let index = 0; index < ids.length; index += INSERT_CHUNK) {
    await trx<ImageScanRow>('image_scans')
      .whereIn('id', ids.slice(index, index + INSERT_CHUNK))
      .delete();
  }
}

function groupByScan(
  markers: readonly ScanMarker[],
): Map<string, ScanMarker[]> {
  const groups = new Map<string, ScanMarker[]>();
  for (const marker of markers) {
    const group = groups.get(marker.scanId);
    if (group) {
      group.push(marker);
    } else {
      groups.set(marker.scanId, [marker]);
    }
  }
  return groups;
}

function scanColumns(options: {
  definition: ScanDefinition;
  before?: ImageScanRow;
  markers: readonly ScanMarker[];
  problems: readonly Problem[];
  now: number;
}): Omit<
  ImageScanRow,
  'id' | 'lease_token' | 'lease_until' | 'last_update_id'
> {
  const { definition, before, markers, problems, now } = options;
  const stored = before && toStoredScan(before);
  // A result was chosen by image and policy; with another definition or
  // credential it says nothing any more.
  const kept =
    stored?.definition.hash === definition.hash &&
    stored.definition.listKey === definition.listKey
      ? stored
      : undefined;
  const assessment = assessScan({
    definition,
    latest: kept?.latest,
    failed: Boolean(kept?.failure),
    markers,
    settled: stored?.settled,
  });
  return {
    ...definitionColumns(definition),
    problems: JSON.stringify(problems),
    latest_tag: kept?.latest?.tag ?? null,
    latest_digest: kept?.latest?.digest ?? null,
    last_scan_at: kept?.lastScanAt ?? null,
    next_scan_at: nextScanAt(definition, kept, now),
    stale_at: before?.stale_at ?? null,
    scan_error: kept?.failure?.message ?? null,
    scan_error_at: kept?.failure?.at ?? null,
    scan_failures: kept?.failure?.count ?? 0,
    ...assessmentColumns(assessment),
  };
}

function nextScanAt(
  definition: ScanDefinition,
  kept: StoredScan | undefined,
  now: number,
): number | null {
  if (definition.suspend) {
    return null;
  }
  if (kept?.nextScanAt === undefined) {
    return now;
  }
  // A shorter interval counts at once; a longer one from the next scan on.
  return Math.min(kept.nextScanAt, now + definition.interval);
}
