import {
  ImageScanCounts,
  ImageScanOrderField,
  ImageScanState,
  imageScanStates,
} from 'backstage-plugin-image-scan-common';
import { Knex } from 'knex';
import { ScanMarker, StoredScan, StoredUpdate } from '../types';
import { toUpdate } from './DatabaseUpdateStore';
import { toScanMarker, toStoredScan } from './imageScanRows';
import { ImageScanFilter, ImageScanStore, ListedScan } from './ImageScanStore';
import { ImageScanRow, MarkerRow, ScanFolderRow, UpdateRow } from './tables';

/**
 * The state as of a moment: a result that is too old, or that belongs to a
 * repository not read for too long, is not up to date any more.
 */
const STATE_NOW = `case
  when image_scans.state = 'up-to-date'
    and (image_scans.stale_at < ? or git_repos.stale_at < ?)
  then 'unknown' else image_scans.state end`;

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

type StateRow = ImageScanRow & { state_now: ImageScanState };

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
    const countRows: { state_now: ImageScanState; count: number | string }[] =
      await this.#filtered(everyState, now)
        .select(this.#stateNow(now))
        .count({ count: '*' })
        .groupBy('state_now');

    const query = this.#filtered(filter, now).select<StateRow[]>(
      'image_scans.*',
      this.#stateNow(now),
    );
    if (orderBy.field === 'state') {
      query.orderByRaw(`${this.#severity(now)} ${orderBy.order}`);
    } else {
      const column = `image_scans.${ORDER_COLUMNS[orderBy.field]}`;
      // Missing values last, which the databases do not agree on.
      query.orderByRaw('?? is null', [column]).orderBy(column, orderBy.order);
    }
    const rows = await query
      .orderBy('image_scans.image')
      .orderBy('image_scans.id')
      .limit(limit)
      .offset(offset);
    return {
      items: await this.#withDetails(rows),
      counts: toCounts(countRows),
    };
  }

  async get(id: string, now: number): Promise<ListedScan | undefined> {
    const rows: StateRow[] = await this.#joined()
      .where('image_scans.id', id)
      .select('image_scans.*', this.#stateNow(now));
    const [item] = await this.#withDetails(rows);
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

  #severity(now: number): string {
    const ranks = imageScanStates
      .map((state, rank) => `when '${state}' then ${rank}`)
      .join(' ');
    const state = this.#knex.raw(STATE_NOW, [now, now]).toQuery();
    return `case (${state}) ${ranks} end`;
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

  async #withDetails(rows: readonly StateRow[]): Promise<ListedScan[]> {
    const markers = await this.#knex<MarkerRow>('markers')
      .whereIn(
        'scan_id',
        rows.map(row => row.id),
      )
      .orderBy(['file', 'line']);
    const updates = await this.#knex<UpdateRow>('updates').whereIn(
      'id',
      rows.flatMap(row => row.last_update_id ?? []),
    );
    const markersOf = new Map<string, ScanMarker[]>();
    for (const row of markers) {
      const list = markersOf.get(row.scan_id) ?? [];
      list.push(toScanMarker(row));
      markersOf.set(row.scan_id, list);
    }
    const updateOf = new Map<string | null, StoredUpdate>(
      updates.map(row => [row.id, toUpdate(row)]),
    );
    return rows.map(row => ({
      scan: { ...toStoredScan(row), state: row.state_now },
      markers: markersOf.get(row.id) ?? [],
      lastUpdate: updateOf.get(row.last_update_id),
    }));
  }
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
