import {
  type ImageScanOrderField,
  type ImageScanState,
  imageScanStates,
} from 'backstage-plugin-image-scan-common';
import type { Knex } from 'knex';
import type { ScanMarker } from '../model/types';
import { toDecision } from './decisionRows';
import { type ListedRow, toListedScan } from './imageScanRows';
import type { ImageScanFilter, ListedScan } from './ImageScanStore';
import { isSqlite } from './migrate';
import type {
  DecisionRow,
  ImageScanRow,
  MarkerRow,
  ScanFolderRow,
} from './tables';

/*
 * A page is one query that leaves no planner a choice: which scans there are
 * comes first, and all that a page shows of them is looked up by key. Without
 * statistics, as on tables just filled, a planner takes a large git repo for a
 * small one, and would read every scan of it to find the few below a folder.
 */

/** Which part of a list to show, as of a moment. */
export interface PageOptions {
  now: number;
  orderBy: { field: ImageScanOrderField; order: 'asc' | 'desc' };
  limit: number;
  offset: number;
}

/**
 * A scan of a page; its markers are a JSON array of all but `scanId`, its decisions one
 * of their rows.
 */
type PageRow = Omit<ListedRow, 'state_now'> & {
  severity: number;
  markers: string;
  decisions: string;
};

/** A number of scans in a state. */
export interface StateCount {
  state: ImageScanState;
  count: number;
}

interface CountRow {
  severity: number;
  count: number | string;
}

/**
 * The rank of the state as of a moment, what needs somebody first: a result that
 * is too old, or that belongs to a repository not read for too long, is not up
 * to date any more.
 */
const SEVERITY = severityWhere(
  'image_scans.git_repo in (select key from git_repos where stale_at < ?)',
);

/** The same where the git repo is joined anyhow. */
const LISTED_SEVERITY = severityWhere('git_repos.stale_at < ?');

const ORDER_COLUMNS: Record<
  Exclude<ImageScanOrderField, 'state'>,
  keyof ImageScanRow
> = {
  image: 'image',
  tagName: 'tag_name',
  gitRepo: 'git_repo',
  latestTag: 'latest_tag',
  lastScanTime: 'last_scan_at',
};

/** What a page shows of a scan, its git repo and the update that wrote it last. */
const LISTED_COLUMNS = `image_scans.*,
  git_repos.update_error, git_repos.update_error_at,
  git_repos.update_failures, git_repos.update_not_before,
  updates."commit" as update_commit, updates.created_at as update_created_at,
  ${LISTED_SEVERITY} as severity`;

const MARKER_COLUMNS = [
  'file',
  'line',
  'form',
  'current',
] as const satisfies readonly (keyof MarkerRow)[];

/** A whole row. */
const DECISION_COLUMNS = [
  'id',
  'kind',
  'remote',
  'branch',
  'path',
  'tag_name',
  'image',
  'git_repo',
  'scan_id',
  'tag',
  'reason',
  'decided_by',
  'decided_at',
  'until_at',
  'ended_by',
  'ended_at',
  'ended_how',
  'ended_reason',
  'detail',
] as const satisfies readonly (keyof DecisionRow)[];

/** A page of the scans that a filter lets through. */
export async function readPage(
  knex: Knex,
  filter: ImageScanFilter,
  { now, orderBy, limit, offset }: PageOptions,
): Promise<ListedScan[]> {
  const listed = listedScans(knex, now);
  if (filter.folders && offset === 0) {
    // Most often all there is, so that sorting it costs next to nothing.
    filterScans(knex, listed, filter, now).limit(limit);
  } else {
    // Of many scans only ids are sorted, not all that a page shows of each.
    const ids = knex('image_scans').select('id', severity(knex, now));
    filterScans(knex, ids, filter, now)
      .modify(order, orderBy)
      .limit(limit)
      .offset(offset);
    whereId(knex, listed, knex.from(ids.as('page')).select('id'));
  }
  const rows: PageRow[] = await listed.modify(order, orderBy);
  return rows.map(toPageItem);
}

/** One scan, as a page shows it. */
export async function readOne(
  knex: Knex,
  id: string,
  now: number,
): Promise<ListedScan | undefined> {
  const row: PageRow | undefined = await listedScans(knex, now)
    .where('image_scans.id', id)
    .first();
  return row && toPageItem(row);
}

/** How many scans that a filter lets through are in which state. */
export async function countStates(
  knex: Knex,
  filter: Omit<ImageScanFilter, 'state'>,
  now: number,
): Promise<StateCount[]> {
  const rows: CountRow[] = await countedScans(knex, filter, now);
  return rows.map(toStateCount);
}

/** How many scans of each git repo are in which state. */
export async function countStatesByGitRepo(
  knex: Knex,
  gitRepos: readonly string[],
  now: number,
): Promise<(StateCount & { gitRepo: string })[]> {
  const rows: (CountRow & { git_repo: string })[] = await countedScans(
    knex,
    { gitRepos },
    now,
  )
    .select('image_scans.git_repo')
    .groupBy('image_scans.git_repo');
  return rows.map(row => ({ ...toStateCount(row), gitRepo: row.git_repo }));
}

function listedScans(knex: Knex, now: number): Knex.QueryBuilder {
  return knex('image_scans')
    .leftJoin('git_repos', 'git_repos.key', 'image_scans.git_repo')
    .leftJoin('updates', 'updates.id', 'image_scans.last_update_id')
    .select(
      knex.raw(
        `${LISTED_COLUMNS}, ${markers(knex)} as markers,
          ${activeDecisions(knex)} as decisions`,
        [now, now, now],
      ),
    );
}

function countedScans(
  knex: Knex,
  filter: ImageScanFilter,
  now: number,
): Knex.QueryBuilder {
  const counted = knex('image_scans')
    .select(severity(knex, now))
    .count({ count: '*' })
    .groupBy('severity');
  return filterScans(knex, counted, filter, now);
}

function filterScans(
  knex: Knex,
  query: Knex.QueryBuilder,
  { gitRepos, folders, state, search }: ImageScanFilter,
  now: number,
): Knex.QueryBuilder {
  if (folders) {
    // Not by the git repo of a scan as well, which would be that other way.
    whereId(
      knex,
      query,
      knex<ScanFolderRow>('scan_folders')
        .whereIn('git_repo', [...gitRepos])
        .whereIn('folder', [...folders])
        .select('scan_id'),
    );
  } else {
    query.whereIn('image_scans.git_repo', [...gitRepos]);
  }
  if (state) {
    query.whereRaw(`${SEVERITY} = ?`, [now, now, rankOf(state)]);
  }
  if (search) {
    const pattern = `%${search
      .toLocaleLowerCase('en-US')
      .replace(/[\\%_]/g, '\\$&')}%`;
    query.where(any => {
      for (const column of ['image', 'tag_name', 'path']) {
        any.orWhereRaw(`lower(image_scans.${column}) like ? escape '\\'`, [
          pattern,
        ]);
      }
    });
  }
  return query;
}

/**
 * PostgreSQL may join what is `in` a query in any order; an array it has to read
 * first. SQLite has no arrays and always reads it first.
 */
function whereId(
  knex: Knex,
  query: Knex.QueryBuilder,
  ids: Knex.QueryBuilder,
): void {
  if (isSqlite(knex)) {
    query.whereIn('image_scans.id', ids);
  } else {
    query.whereRaw('image_scans.id = any(array(?))', [ids]);
  }
}

function order(
  query: Knex.QueryBuilder,
  orderBy: PageOptions['orderBy'],
): void {
  if (orderBy.field === 'state') {
    query.orderBy('severity', orderBy.order);
  } else {
    const column = `image_scans.${ORDER_COLUMNS[orderBy.field]}`;
    // Missing values last, which the databases do not agree on.
    query.orderByRaw('?? is null', [column]).orderBy(column, orderBy.order);
  }
  query.orderBy('image_scans.image').orderBy('image_scans.id');
}

/** In the same query, since each one more costs as much as reading them. */
function markers(knex: Knex): string {
  return `(select
      ${jsonArray(knex, 'markers', MARKER_COLUMNS, 'file, line')}
    from markers where markers.scan_id = image_scans.id)`;
}

function activeDecisions(knex: Knex): string {
  return `(select
      ${jsonArray(knex, 'decisions', DECISION_COLUMNS, 'decided_at desc, id')}
    from decisions
    where decisions.ended_at is null
      and (decisions.until_at is null or decisions.until_at > ?)
      and (decisions.scan_id = image_scans.id
        or (decisions.scan_id is null
          and coalesce(decisions.git_repo, image_scans.git_repo) = image_scans.git_repo)))`;
}

function jsonArray(
  knex: Knex,
  table: string,
  columns: readonly string[],
  orderBy: string,
): string {
  const [array, object] = isSqlite(knex)
    ? ['json_group_array', 'json_object']
    : ['json_agg', 'json_build_object'];
  const fields = columns
    .map(column => `'${column}', ${table}.${column}`)
    .join(', ');
  return `coalesce(cast(${array}(${object}(${fields}) order by ${orderBy}) as text), '[]')`;
}

function severity(knex: Knex, now: number): Knex.Raw {
  return knex.raw(`${SEVERITY} as severity`, [now, now]);
}

function severityWhere(gitRepoIsStale: string): string {
  const others = imageScanStates.filter(state => state !== 'up-to-date');
  return `case image_scans.state
    when 'up-to-date' then case
      when image_scans.stale_at < ? or ${gitRepoIsStale}
      then ${rankOf('unknown')} else ${rankOf('up-to-date')} end
    ${others.map(state => `when '${state}' then ${rankOf(state)}`).join(' ')}
    end`;
}

function rankOf(state: ImageScanState): number {
  return imageScanStates.indexOf(state);
}

function toPageItem(row: PageRow): ListedScan {
  const found: Omit<ScanMarker, 'scanId'>[] = JSON.parse(row.markers);
  const decisions: DecisionRow[] = JSON.parse(row.decisions);
  return toListedScan(
    // Not a copy, which takes long with so many columns.
    Object.assign(row, { state_now: imageScanStates[row.severity] }),
    found.map(marker => ({ scanId: row.id, ...marker })),
    decisions.map(toDecision),
  );
}

function toStateCount({ severity: rank, count }: CountRow): StateCount {
  return { state: imageScanStates[rank], count: Number(count) };
}
