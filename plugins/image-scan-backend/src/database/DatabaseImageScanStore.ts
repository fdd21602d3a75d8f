import type { ImageScanCounts } from 'backstage-plugin-image-scan-common';
import type { Knex } from 'knex';
import type { StoredScan } from '../model/types';
import {
  countStates,
  countStatesByGitRepo,
  type PageOptions,
  readOne,
  readPage,
  type StateCount,
} from './imageScanQueries';
import { toStoredScan } from './imageScanRows';
import type {
  ImageScanFilter,
  ImageScanStore,
  ListedScan,
} from './ImageScanStore';
import type { ImageScanRow } from './tables';

/** Reads scans from the database. */
export class DatabaseImageScanStore implements ImageScanStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async list(
    filter: ImageScanFilter,
    options: PageOptions,
  ): Promise<{ items: ListedScan[]; counts: ImageScanCounts }> {
    const { state, ...rest } = filter;
    // Everything is below the root.
    const folders = rest.folders?.includes('.') ? undefined : rest.folders;
    const everyState = { ...rest, folders };
    const items = await readPage(this.#knex, { ...everyState, state }, options);
    // A page that holds everything says how many there are.
    const isAll =
      !state && options.offset === 0 && items.length < options.limit;
    const counted = isAll
      ? items.map(({ scan }) => ({ state: scan.state, count: 1 }))
      : await countStates(this.#knex, everyState, options.now);
    return { items, counts: toCounts(counted) };
  }

  get(id: string, now: number): Promise<ListedScan | undefined> {
    return readOne(this.#knex, id, now);
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
    const counted = await countStatesByGitRepo(this.#knex, gitRepos, now);
    return new Map(
      gitRepos.map(key => [
        key,
        toCounts(counted.filter(({ gitRepo }) => gitRepo === key)),
      ]),
    );
  }
}

function toCounts(counted: readonly StateCount[]): ImageScanCounts {
  const counts: ImageScanCounts = {
    error: 0,
    held: 0,
    'update-available': 0,
    unknown: 0,
    suspended: 0,
    'up-to-date': 0,
  };
  for (const { state, count } of counted) {
    counts[state] += count;
  }
  return counts;
}
