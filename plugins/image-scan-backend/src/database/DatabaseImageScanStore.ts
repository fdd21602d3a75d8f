import {
  ImageScanCounts,
  ImageScanOrderField,
  ImageScanState,
  imageScanStates,
} from 'backstage-plugin-image-scan-common';
import { Knex } from 'knex';
import { ScanMarker, StoredScan } from '../types';
import {
  ListedRow,
  toListedScan,
  toScanMarker,
  toStoredScan,
} from './imageScanRows';
import { ImageScanFilter, ImageScanStore, ListedScan } from './ImageScanStore';
import { ImageScanRow, MarkerRow, ScanFolderRow } from './tables';

/**
 * The state as of a moment: a result that is too old, or that belongs to a
 * repository not read for too long, is not up to date any more.
 */
const STATE_NOW = `case
  when image_scans.state = 'up-to-date'
    and (image_scans.stale_at < ? or git_repos.stale_at < ?)
  then 'unknown' else image_scans.state end`;

/** The rank of that state: what needs somebody comes first. */
const SEVERITY = `case (${STATE_NOW}) ${imageScanStates
  .map((state, rank) => `when '${state}' then ${rank}`)
  .join(' ')} end`;

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

/** What a page shows of a scan's git repo and of the update that wrote it last. */
const LISTED_COLUMNS = [
  'image_scans.*',
  'git_repos.update_error',
  'git_repos.update_error_at',
  'git_repos.update_failures',
  'git_repos.update_not_before',
  'updates.commit as update_commit',
  'updates.created_at as update_created_at',
];

/** Reads scans from the database. */
export class DatabaseImageScanStore implements ImageScanStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async list(
    filter: ImageScanFilter,
    options: {
      now: number;
      orderBy: { field: ImageScanOrderField; order: 'asc' | 'desc' };
      limit: number;
      offset: number;
    },
  ): Promise<{ items: ListedScan[]; counts: ImageScanCounts }> {
    const { now, orderBy, limit, offset } = options;
    const { state, ...everyState } = filter;
    const query = this.#listed(this.#filtered(filter, now), now);
    if (orderBy.field === 'state') {
      query.orderByRaw(`${SEVERITY} ${orderBy.order}`, [now, now]);
    } else {
      const column = `image_scans.${ORDER_COLUMNS[orderBy.field]}`;
      // Missing values last, which the databases do not agree on.
      query.orderByRaw('?? is null', [column]).orderBy(column, orderBy.order);
    }
    const rows: ListedRow[] = await query
      .orderBy('image_scans.image')
      .orderBy('image_scans.id')
      .limit(limit)
      .offset(offset);
    // A page that holds everything says how many there are.
    const isAll = !state && offset === 0 && rows.length < limit;
    const [items, counts] = await Promise.all([
      this.#withMarkers(rows),
      isAll ? countStates(rows) : this.#count(everyState, now),
    ]);
    return { items, counts };
  }

  async get(id: string, now: number): Promise<ListedScan | undefined> {
    const rows: ListedRow[] = await this.#listed(
      this.#joined().where('image_scans.id', id),
      now,
    );
    const [item] = await this.#withMarkers(rows);
    return item;
  }

  async ofGitRepo(key: string): Promise<StoredScan[]> {
    const rows = await this.#knex<ImageScanRow>('image_scans').where({
      git_repo: key,
    });
    return rows.map(toStoredScan);
  }

  async countByGitRepo(
    gitRepos: readonly string[],
    now: number,
  ): Promise<Map<string, ImageScanCounts>> {
    const rows: {
      git_repo: string;
      state_now: ImageScanState;
      count: number | string;
    }[] = await this.#filtered({ gitRepos }, now)
      .select('image_scans.git_repo', this.#stateNow(now))
      .count({ count: '*' })
      .groupBy('image_scans.git_repo', 'state_now');
    return new Map(
      gitRepos.map(key => [
        key,
        toCounts(rows.filter(row => row.git_repo === key)),
      ]),
    );
  }

  async #count(
    filter: Omit<ImageScanFilter, 'state'>,
    now: number,
  ): Promise<ImageScanCounts> {
    const rows: { state_now: ImageScanState; count: number | string }[] =
      await this.#filtered(filter, now)
        .select(this.#stateNow(now))
        .count({ count: '*' })
        .groupBy('state_now');
    return toCounts(rows);
  }

  #listed(query: Knex.QueryBuilder, now: number) {
    return query
      .leftJoin('updates', 'updates.id', 'image_scans.last_update_id')
      .select(LISTED_COLUMNS)
      .select(this.#stateNow(now));
  }

  #joined() {
    return this.#knex('image_scans').leftJoin(
      'git_repos',
      'git_repos.key',
      'image_scans.git_repo',
    );
  }

  #stateNow(now: number) {
    return this.#knex.raw(`${STATE_NOW} as state_now`, [now, now]);
  }

  #filtered(filter: ImageScanFilter, now: number) {
    const query = this.#joined().whereIn('image_scans.git_repo', [
      ...filter.gitRepos,
    ]);
    if (filter.folders) {
      query.whereIn(
        'image_scans.id',
        this.#knex<ScanFolderRow>('scan_folders')
          .whereIn('git_repo', [...filter.gitRepos])
          .whereIn('folder', [...filter.folders])
          .select('scan_id'),
      );
    }
    if (filter.state) {
      query.whereRaw(`${STATE_NOW} = ?`, [now, now, filter.state]);
    }
    if (filter.search) {
      const pattern = `%${filter.search
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

  async #withMarkers(rows: readonly ListedRow[]): Promise<ListedScan[]> {
    const markers = await this.#knex<MarkerRow>('markers')
      .whereIn(
        'scan_id',
        rows.map(row => row.id),
      )
      .orderBy(['file', 'line']);
    const markersOf = new Map<string, ScanMarker[]>();
    for (const row of markers) {
      const list = markersOf.get(row.scan_id) ?? [];
      list.push(toScanMarker(row));
      markersOf.set(row.scan_id, list);
    }
    return rows.map(row => toListedScan(row, markersOf.get(row.id) ?? []));
  }
}

function countStates(
  rows: readonly { state_now: ImageScanState }[],
): ImageScanCounts {
  return toCounts(rows.map(row => ({ ...row, count: 1 })));
}

function toCounts(
  rows: readonly { state_now: ImageScanState; count: number | string }[],
): ImageScanCounts {
  const counts: ImageScanCounts = {
    error: 0,
    held: 0,
    'update-available': 0,
    unknown: 0,
    suspended: 0,
    'up-to-date': 0,
  };
  for (const { state_now: state, count } of rows) {
    counts[state] += Number(count);
  }
  return counts;
}
