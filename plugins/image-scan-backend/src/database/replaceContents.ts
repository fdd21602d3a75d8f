import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Problem } from 'backstage-plugin-image-scan-common';
import { pause, runInTurns } from 'backstage-plugin-image-scan-node';
import type { Knex } from 'knex';
import { decisionsByScan, type StoredDecision } from '../model/decisions';
import type {
  RememberedMarker,
  ScanDefinition,
  ScanMarker,
} from '../model/types';
import { hasColumns, readRows, replaceRows } from './changedRows';
import { CHUNK } from './chunks';
import {
  type ComparedScan,
  compareScan,
  type Comparison,
  memoryColumns,
  readComparison,
} from './compareContents';
import { decisionColumns, endDecisions, readBinding } from './decisionRows';
import { findRenamed, moveScan } from './followRenames';
import type { GitRepoClaim, RepositoryContents } from './GitRepoStore';
import { insertRows } from './insertRows';
import { takeOverDecisions } from './takeOverDecisions';
import { divideOthers, removeOthers } from './otherScans';
import { scanColumns } from './scanColumns';
import { foldersOfScans, storeFolders } from './scanFolders';
import type {
  DecisionRow,
  GitRepoRow,
  ImageScanRow,
  MarkerRow,
} from './tables';

/** Scans, and about as many of their rows, of one transaction: others wait for it. */
const SCANS_AT_ONCE = 200;
const ROWS_AT_ONCE = 2_000;

/** A scan with all that is stored of it. */
interface ScanContents {
  definition: ScanDefinition;
  markers: readonly ScanMarker[];
  problems: readonly Problem[];
  folders: ReadonlySet<string>;
}

/**
 * Makes the stored scans and markers of a git repo those that were read at its
 * head, keeping what is still true of each scan. Does nothing more when the claim is
 * lost.
 *
 * @remarks
 * Many scans are stored in several transactions, each scan with its markers and
 * folders in one, and only what is another than before. Until the last one the git
 * repo has no head, so that after a crash it is read again.
 *
 * @param finish - part of the last transaction
 * @returns the rollbacks that were noticed
 */
export async function replaceContents(
  knex: Knex,
  claim: GitRepoClaim,
  contents: RepositoryContents,
  now: number,
  finish: (trx: Knex.Transaction) => Promise<void> = async () => {},
): Promise<StoredDecision[]> {
  const { key } = claim.gitRepo;
  const { folders, problem } = await runInTurns(
    foldersOfScans(contents.definitions, contents.markers),
  );
  const markers = groupByScan(contents.markers);
  await pause();
  // In the order of their ids, as everything locks several scans.
  const scans = [...contents.definitions]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(
      (definition): ScanContents => ({
        definition,
        markers: markers.get(definition.id) ?? [],
        problems: contents.scanProblems.get(definition.id) ?? [],
        folders: folders.get(definition.id) ?? new Set(),
      }),
    );
  await pause();
  const comparison = await readComparison(
    knex,
    key,
    contents,
    now,
    claim.gitRepo.headCommit,
  );
  if (!comparison.isElsewhere) {
    await followRenames(knex, claim, contents);
  }
  await takeOverDecisions(knex, claim, contents, {
    isNew: comparison.isFirst,
    now,
  });
  const batches = divide(scans);
  const last = batches.pop() ?? [];
  const noticed: StoredDecision[] = [];
  for (const batch of batches) {
    const held = await knex.transaction(async trx => {
      const isHeld = await updateGitRepo(trx, claim, { head_commit: null });
      if (isHeld) {
        noticed.push(...(await storeScans(trx, key, batch, comparison)));
      }
      return isHeld;
    });
    if (!held) {
      return noticed;
    }
    await nextTurn();
  }
  await knex.transaction(async trx => {
    const held = await updateGitRepo(trx, claim, {
      branch: contents.branch,
      head_commit: contents.headCommit,
      ...memoryColumns(contents),
      problems: JSON.stringify(
        problem ? [...contents.problems, problem] : contents.problems,
      ),
    });
    if (held) {
      noticed.push(...(await storeScans(trx, key, last, comparison)));
      await removeOthers(trx, key, contents, now);
      await finish(trx);
    }
  });
  return noticed;
}

/** Answers whether the claim is held. */
async function updateGitRepo(
  trx: Knex.Transaction,
  { gitRepo: { key }, token }: GitRepoClaim,
  columns: Partial<GitRepoRow>,
): Promise<boolean> {
  const held = await trx<GitRepoRow>('git_repos')
    .where({ key, lease_token: token })
    .update(columns);
  return held > 0;
}

function divide(scans: readonly ScanContents[]): ScanContents[][] {
  const batches: ScanContents[][] = [];
  let batch: ScanContents[] = [];
  let rows = 0;
  for (const scan of scans) {
    batch.push(scan);
    rows += scan.markers.length + scan.folders.size;
    if (batch.length === SCANS_AT_ONCE || rows >= ROWS_AT_ONCE) {
      batches.push(batch);
      batch = [];
      rows = 0;
    }
  }
  if (batch.length > 0) {
    batches.push(batch);
  }
  return batches;
}

/** @returns the rollbacks that were noticed */
async function storeScans(
  trx: Knex.Transaction,
  key: string,
  scans: readonly ScanContents[],
  read: Comparison,
): Promise<StoredDecision[]> {
  const { now } = read;
  // As they bind now that the git repo is locked, not when it was read.
  const decisionsOf = decisionsByScan(await readBinding(trx, key, now));
  const comparison = { ...read, decisionsOf };
  const stored = new Map<string, MarkerRow[]>();
  const markers = new Map<string, MarkerRow[]>();
  const noticed: StoredDecision[] = [];
  for (let start = 0; start < scans.length; start += CHUNK) {
    const chunk = scans.slice(start, start + CHUNK);
    const ids = chunk.map(({ definition }) => definition.id);
    const rows = await trx<ImageScanRow>('image_scans')
      .whereIn('id', ids)
      .orderBy('id')
      .forUpdate();
    const before = new Map(rows.map(row => [row.id, row]));
    await readRows<MarkerRow>(trx, 'markers', ids, stored);
    const added: ReturnType<typeof scanColumns>[] = [];
    const changed: typeof added = [];
    for (const scan of chunk) {
      const { id } = scan.definition;
      const row = before.get(id);
      const compared = compareScan(
        scan.definition,
        { scan: row, markers: stored.get(id) ?? [] },
        scan.markers,
        comparison,
      );
      await storeDecision(trx, compared);
      if (compared.noticed) {
        noticed.push(compared.noticed);
      }
      markers.set(
        id,
        compared.markers.map(marker => toMarkerRow(key, marker)),
      );
      const columns = scanColumns({ ...scan, before: row, compared, now });
      if (!row) {
        added.push(columns);
      } else if (!hasColumns(row, columns)) {
        changed.push(columns);
      }
      // Where tags are ordered by a pattern, that takes its time.
      await pause();
    }
    await insertRows(trx, 'image_scans', added);
    if (changed.length > 0) {
      await trx<ImageScanRow>('image_scans')
        .insert(changed)
        .onConflict('id')
        .merge();
    }
    await nextTurn();
  }
  await replaceRows<MarkerRow>(trx, 'markers', markers, stored, markerKey);
  await storeFolders(trx, key, scans);
  return noticed;
}

async function storeDecision(
  trx: Knex.Transaction,
  { noticed, ended }: ComparedScan,
): Promise<void> {
  if (noticed) {
    await trx<DecisionRow>('decisions')
      .insert(decisionColumns(noticed))
      .onConflict('id')
      .merge();
  }
  if (ended) {
    await endDecisions(trx, [ended.id], ended.end);
  }
}

function toMarkerRow(key: string, marker: RememberedMarker): MarkerRow {
  return {
    git_repo: key,
    scan_id: marker.scanId,
    file: marker.file,
    line: marker.line,
    form: marker.form,
    current: marker.current,
    agreed: marker.agreed,
    rolled_from: marker.rolledFrom ?? null,
  };
}

function markerKey(row: MarkerRow): string {
  const { file, line, form, current, agreed, rolled_from } = row;
  return JSON.stringify([
    file,
    line,
    form,
    current,
    Boolean(agreed),
    rolled_from,
  ]);
}

/** Lets scans whose folder or tagName was renamed be the same as before. */
async function followRenames(
  knex: Knex,
  claim: GitRepoClaim,
  contents: RepositoryContents,
): Promise<void> {
  const { key } = claim.gitRepo;
  const read = async (db: Knex) => {
    const rows = await db<ImageScanRow>('image_scans')
      .where({ git_repo: key })
      .orderBy('id')
      .select('id', 'path', 'tag_name', 'definition_hash');
    const known = new Set(rows.map(({ id }) => id));
    const { gone } = divideOthers(rows, contents);
    return findRenamed(
      gone,
      contents.definitions.filter(({ id }) => !known.has(id)),
    );
  };
  if ((await read(knex)).size === 0) {
    return;
  }
  await knex.transaction(async trx => {
    if (await updateGitRepo(trx, claim, { head_commit: null })) {
      for (const [from, definition] of await read(trx)) {
        await moveScan(trx, from, definition);
      }
    }
  });
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
