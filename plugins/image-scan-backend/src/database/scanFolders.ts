import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Problem } from 'backstage-plugin-image-scan-common';
import {
  formatLimit,
  type PausingWork,
  REPOSITORY_LIMITS,
  type RepositoryLimits,
} from 'backstage-plugin-image-scan-node';
import type { Knex } from 'knex';
import type { ScanDefinition, ScanMarker } from '../model/types';
import { readRows, replaceRows } from './changedRows';
import { CHUNK, chunksOf } from './chunks';
import type { ScanFolderRow } from './tables';

/** The folders by which scans are found. */
export interface ScanFolders {
  /** By the ids of scans. */
  folders: ReadonlyMap<string, ReadonlySet<string>>;
  /** Where there are more than are stored. */
  problem?: Problem;
}

/**
 * Every folder at or above the definition and markers of each scan; `.` is the root.
 *
 * @remarks
 * Markers times folders can be millions. Where that is too many, each scan still has
 * the folders of its definition, as far as they have room, and those of the first
 * markers.
 */
export function* foldersOfScans(
  definitions: readonly Pick<ScanDefinition, 'id' | 'path' | 'file'>[],
  markers: readonly Pick<ScanMarker, 'scanId' | 'file'>[],
  limits: Readonly<RepositoryLimits> = REPOSITORY_LIMITS,
): PausingWork<ScanFolders> {
  const folders = new Map<string, Set<string>>();
  let rows = 0;
  let bytes = 0;
  let unlisted = 0;
  let firstUnlisted: string | undefined;
  const hasRoomFor = (folder: string) =>
    rows < limits.folders && bytes + folder.length <= limits.folderBytes;

  /** From the folder up, to one that the scan has with all above it. */
  function* add(ofScan: Set<string>, folder: string, file: string) {
    let next = folder;
    const above: string[] = [];
    while (!ofScan.has(next)) {
      above.push(next);
      yield;
      next = parentOf(next);
    }
    // From the top down, so that what is stored has all above it.
    for (const each of above.reverse()) {
      if (!hasRoomFor(each)) {
        firstUnlisted ??= file;
        unlisted += 1;
        return;
      }
      ofScan.add(each);
      rows += 1;
      bytes += each.length;
    }
  }

  for (const { id } of definitions) {
    folders.set(id, new Set(['.']));
    rows += 1;
  }
  for (const { id, path, file } of definitions) {
    const ofScan = folders.get(id);
    if (ofScan) {
      yield* add(ofScan, path, file);
    }
  }
  for (const { scanId, file } of markers) {
    const ofScan = folders.get(scanId);
    if (ofScan && unlisted === 0) {
      yield* add(ofScan, folderOf(file), file);
    } else if (ofScan && !ofScan.has(folderOf(file))) {
      unlisted += 1;
    }
    yield;
  }
  return firstUnlisted === undefined
    ? { folders }
    : { folders, problem: tooMany(unlisted, firstUnlisted, limits) };
}

function folderOf(file: string): string {
  const slash = file.lastIndexOf('/');
  return slash < 0 ? '.' : file.slice(0, slash);
}

function parentOf(folder: string): string {
  return folderOf(folder);
}

function tooMany(
  count: number,
  file: string,
  limits: Readonly<RepositoryLimits>,
): Problem {
  return {
    file,
    message: `${count.toLocaleString(
      'en-US',
    )} places of scans, the first of them in this file, are not found by their folders, so entities there do not show the scans: ${formatLimit(
      'folders',
      limits,
    )} folders of scans with ${formatLimit(
      'folderBytes',
      limits,
    )} of paths are stored of a git repo (limit folders); narrow spec.paths or divide the git repo`,
  };
}

/** Makes the stored folders of scans those that are given. */
export async function storeFolders(
  trx: Knex.Transaction,
  key: string,
  scans: readonly {
    definition: Pick<ScanDefinition, 'id'>;
    folders: ReadonlySet<string>;
  }[],
): Promise<void> {
  const rows = new Map(
    scans.map(({ definition: { id }, folders }) => [
      id,
      [...folders].map(folder => ({ git_repo: key, folder, scan_id: id })),
    ]),
  );
  const stored = new Map<string, ScanFolderRow[]>();
  for (const ids of chunksOf([...rows.keys()], CHUNK)) {
    await readRows<ScanFolderRow>(trx, 'scan_folders', ids, stored);
    await nextTurn();
  }
  await replaceRows<ScanFolderRow>(
    trx,
    'scan_folders',
    rows,
    stored,
    ({ folder }) => folder,
  );
}
