import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Problem } from 'backstage-plugin-image-scan-common';
import { pause, runInTurns } from 'backstage-plugin-image-scan-node';
import type { Knex } from 'knex';
import { assessScan } from '../model/assessScan';
import { decisionsByScan } from '../model/decisions';
import type {
  RememberedMarker,
  ScanDefinition,
  ScanMarker,
  StoredScan,
} from '../model/types';
import {
  type ComparedScan,
  compareScan,
  type Comparison,
  memoryColumns,
  readComparison,
} from './compareContents';
import { decisionColumns, endDecisions, readBinding } from './decisionRows';
import { findRenamed, type KnownScan, moveScan } from './followRenames';
import type { GitRepoClaim, RepositoryContents } from './GitRepoStore';
import {
  assessmentColumns,
  definitionColumns,
  toStoredScan,
} from './imageScanRows';
import { foldersOfScans } from './scanFolders';
import type {
  DecisionRow,
  GitRepoRow,
  ImageScanRow,
  MarkerRow,
  ScanFolderRow,
} from './tables';

/** Rows of one statement: a few milliseconds, and below the limits on bound values. */
const CHUNK = 50;

/** The same of rows with few columns. */
const NARROW_CHUNK = 200;

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
 * head, keeping what is still true of each scan. Does nothing and answers false
 * when the claim is lost.
 *
 * @remarks
 * Many scans are stored in several transactions, each scan with its markers and
 * folders in one, and only what is another than before. Until the last one the git
 * repo has no head, so that after a crash it is read again.
 *
 * @param finish - part of the last transaction
 */
export async function replaceContents(
  knex: Knex,
  claim: GitRepoClaim,
  contents: RepositoryContents,
  now: number,
  finish: (trx: Knex.Transaction) => Promise<void> = async () => {},
): Promise<boolean> {
  const { key } = claim.gitRepo;
  const { folders, problem } = await runInTurns(
    foldersOfScans(contents.definitions, contents.markers),
  );
  const markers = groupByScan(contents.markers);
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
  const batches = divide(scans);
  const last = batches.pop() ?? [];
  for (const batch of batches) {
    const held = await knex.transaction(async trx => {
      const isHeld = await updateGitRepo(trx, claim, { head_commit: null });
      if (isHeld) {
        await storeScans(trx, key, batch, comparison);
      }
      return isHeld;
    });
    if (!held) {
      return false;
    }
    await nextTurn();
  }
  return knex.transaction(async trx => {
    const held = await updateGitRepo(trx, claim, {
      branch: contents.branch,
      head_commit: contents.headCommit,
      ...memoryColumns(contents),
      problems: JSON.stringify(
        problem ? [...contents.problems, problem] : contents.problems,
      ),
    });
    if (held) {
      await storeScans(trx, key, last, comparison);
      await removeOthers(trx, key, contents, now);
      await finish(trx);
    }
    return held;
  });
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

async function storeScans(
  trx: Knex.Transaction,
  key: string,
  scans: readonly ScanContents[],
  read: Comparison,
): Promise<void> {
  const { now } = read;
  // As they bind now that the git repo is locked, not when it was read.
  const decisionsOf = decisionsByScan(await readBinding(trx, key, now));
  const comparison = { ...read, decisionsOf };
  const stored = new Map<string, MarkerRow[]>();
  const markers = new Map<string, MarkerRow[]>();
  for (let start = 0; start < scans.length; start += CHUNK) {
    const chunk = scans.slice(start, start + CHUNK);
    const ids = chunk.map(({ definition }) => definition.id);
    const rows = await trx<ImageScanRow>('image_scans')
      .whereIn('id', ids)
      .orderBy('id')
      .forUpdate();
    const before = new Map(rows.map(row => [row.id, row]));
    await readRows<MarkerRow>(trx, 'markers', ids, stored);
    const changed: (ReturnType<typeof scanColumns> & { id: string })[] = [];
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
      markers.set(
        id,
        compared.markers.map(marker => toMarkerRow(key, marker)),
      );
      const columns = scanColumns({ ...scan, before: row, compared, now });
      if (!row || !hasColumns(row, columns)) {
        changed.push({ id, ...columns });
      }
      // Where tags are ordered by a pattern, that takes its time.
      await pause();
    }
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
}

/** Whether a row would stay as it is. */
function hasColumns(
  row: ImageScanRow,
  columns: Partial<ImageScanRow>,
): boolean {
  const stored = new Map<string, unknown>(Object.entries(row));
  return Object.entries(columns).every(
    ([name, value]) => comparable(stored.get(name)) === comparable(value),
  );
}

/** SQLite has numbers for booleans, and PostgreSQL text for large numbers. */
function comparable(value: unknown): string | null {
  if (value === null || value === undefined) {
    return null;
  }
  return String(typeof value === 'boolean' ? Number(value) : value);
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

async function storeFolders(
  trx: Knex.Transaction,
  key: string,
  scans: readonly ScanContents[],
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

/** Adds the stored rows of scans. */
async function readRows<Row extends { scan_id: string }>(
  trx: Knex.Transaction,
  table: 'markers' | 'scan_folders',
  ids: readonly string[],
  stored: Map<string, Row[]>,
): Promise<void> {
  const found: Row[] = await trx(table).whereIn('scan_id', [...ids]);
  for (const row of found) {
    const ofScan = stored.get(row.scan_id);
    if (ofScan) {
      ofScan.push(row);
    } else {
      stored.set(row.scan_id, [row]);
    }
  }
}

/** Makes the rows of scans those that are given, by scan, where they differ. */
async function replaceRows<Row extends { scan_id: string }>(
  trx: Knex.Transaction,
  table: 'markers' | 'scan_folders',
  rows: ReadonlyMap<string, Row[]>,
  stored: ReadonlyMap<string, Row[]>,
  keyOf: (row: Row) => string,
): Promise<void> {
  const changed: string[] = [];
  const inserted: Row[] = [];
  for (const [id, ofScan] of rows) {
    const before = (stored.get(id) ?? []).map(keyOf).sort();
    const after = ofScan.map(keyOf).sort();
    const isSame =
      before.length === after.length &&
      before.every((each, index) => each === after[index]);
    if (!isSame) {
      changed.push(id);
      // One by one: there may be more than a call takes arguments.
      ofScan.forEach(row => inserted.push(row));
    }
    await pause();
  }
  for (const ids of chunksOf(changed, CHUNK)) {
    await trx(table).whereIn('scan_id', ids).delete();
    await nextTurn();
  }
  for (const chunk of chunksOf(inserted, NARROW_CHUNK)) {
    await trx(table).insert(chunk);
    await nextTurn();
  }
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

/** Of the scans that are not read now, those whose entry is there all the same. */
function divideOthers<Row extends KnownScan>(
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
async function removeOthers(
  trx: Knex.Transaction,
  key: string,
  contents: RepositoryContents,
  now: number,
): Promise<void> {
  const rows = await trx<ImageScanRow>('image_scans')
    .where({ git_repo: key })
    .orderBy('id')
    .select('id', 'path', 'tag_name', 'definition_hash');
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

function* chunksOf<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) {
    yield items.slice(start, start + size);
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
  compared: ComparedScan;
  problems: readonly Problem[];
  now: number;
}): Omit<
  ImageScanRow,
  'id' | 'lease_token' | 'lease_until' | 'last_update_id'
> {
  const { definition, before, markers, compared, problems, now } = options;
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
    settled: compared.settled,
    decisions: compared.decisions,
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
