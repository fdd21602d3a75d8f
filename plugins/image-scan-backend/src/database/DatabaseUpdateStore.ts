import { UpdateChange } from 'backstage-plugin-image-scan-common';
import { Knex } from 'knex';
import { StoredUpdate } from '../types';
import {
  ImageScanRow,
  ScanFolderRow,
  toMilliseconds,
  UpdateRow,
  UpdateScanRow,
} from './tables';
import { UpdateStore } from './UpdateStore';

/** Keeps the history of commits in the database. */
export class DatabaseUpdateStore implements UpdateStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async announce(update: StoredUpdate): Promise<void> {
    const scanIds = scanIdsOf(update);
    await this.#knex.transaction(async trx => {
      await trx<UpdateRow>('updates').insert({
        id: update.id,
        git_repo: update.gitRepo,
        branch: update.branch,
        commit: update.commit,
        message: update.message,
        initiator: update.initiator,
        changes: JSON.stringify(update.changes),
        status: 'announced',
        created_at: update.createdAt,
      });
      await trx.batchInsert<UpdateScanRow>(
        'update_scans',
        scanIds.map(scanId => ({ update_id: update.id, scan_id: scanId })),
        100,
      );
    });
  }

  async confirm(update: StoredUpdate): Promise<void> {
    await this.#knex.transaction(async trx => {
      await trx<UpdateRow>('updates')
        .where({ id: update.id })
        .update({ status: 'done' });
      await trx<ImageScanRow>('image_scans')
        .whereIn(
          'id',
          trx<UpdateScanRow>('update_scans')
            .where({ update_id: update.id })
            .select('scan_id'),
        )
        .update({ last_update_id: update.id });
    });
  }

  async withdraw(id: string): Promise<void> {
    await this.#knex.transaction(async trx => {
      await trx<UpdateScanRow>('update_scans')
        .where({ update_id: id })
        .delete();
      await trx<UpdateRow>('updates').where({ id }).delete();
    });
  }

  async announced(gitRepo: string): Promise<StoredUpdate[]> {
    const rows = await this.#knex<UpdateRow>('updates')
      .where({ git_repo: gitRepo, status: 'announced' })
      .orderBy('created_at');
    return rows.map(toUpdate);
  }

  async list(
    filter: {
      gitRepos: readonly string[];
      imageScanId?: string;
      folders?: readonly string[];
    },
    page: { limit: number; offset: number },
  ): Promise<{ items: StoredUpdate[]; totalItems: number }> {
    const filtered = () => {
      const query = this.#knex<UpdateRow>('updates')
        .where({ status: 'done' })
        .whereIn('git_repo', [...filter.gitRepos]);
      if (filter.imageScanId !== undefined || filter.folders) {
        query.whereIn('id', this.#updatesOfScans(filter));
      }
      return query;
    };
    const [{ count }] = await filtered().count({ count: '*' });
    const rows: UpdateRow[] = await filtered()
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .limit(page.limit)
      .offset(page.offset)
      .select('*');
    return { items: rows.map(toUpdate), totalItems: Number(count) };
  }

  #updatesOfScans(filter: {
    gitRepos: readonly string[];
    imageScanId?: string;
    folders?: readonly string[];
  }) {
    const query = this.#knex<UpdateScanRow>('update_scans').select('update_id');
    if (filter.imageScanId !== undefined) {
      query.where({ scan_id: filter.imageScanId });
    }
    if (filter.folders) {
      query.whereIn(
        'scan_id',
        this.#knex<ScanFolderRow>('scan_folders')
          .whereIn('git_repo', [...filter.gitRepos])
          .whereIn('folder', [...filter.folders])
          .select('scan_id'),
      );
    }
    return query;
  }
}

export function toUpdate(row: UpdateRow): StoredUpdate {
  const changes: UpdateChange[] = JSON.parse(row.changes);
  return {
    id: row.id,
    gitRepo: row.git_repo,
    branch: row.branch,
    commit: row.commit,
    message: row.message,
    initiator: row.initiator,
    changes,
    createdAt: toMilliseconds(row.created_at),
  };
}

function scanIdsOf(update: StoredUpdate): string[] {
  return [...new Set(update.changes.map(({ imageScanId }) => imageScanId))];
}
