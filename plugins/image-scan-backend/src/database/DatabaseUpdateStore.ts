import {
  tagOfMarkerValue,
  type UpdateChange,
} from 'backstage-plugin-image-scan-common';
import type { Knex } from 'knex';
import { findBinding, type StoredDecision } from '../model/decisions';
import type { StoredUpdate } from '../model/types';
import { chunksOf, NARROW_CHUNK } from './chunks';
import { decisionColumns, endDecisions, readBinding } from './decisionRows';
import { reassessScans } from './reassessScans';
import {
  type DecisionRow,
  type GitRepoRow,
  type ImageScanRow,
  type MarkerRow,
  type ScanFolderRow,
  toMilliseconds,
  type UpdateRow,
  type UpdateScanRow,
} from './tables';
import { DecidedMeanwhileError, type UpdateStore } from './UpdateStore';

/** Keeps the history of commits in the database. */
export class DatabaseUpdateStore implements UpdateStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async announce(
    update: StoredUpdate,
    made: readonly StoredDecision[] = [],
  ): Promise<void> {
    const scanIds = scanIdsOf(update);
    await this.#knex.transaction(async trx => {
      // Whoever decides locks it as well, so that one of both sees the other.
      await lockGitRepo(trx, update.gitRepo);
      await checkDecisions(trx, update);
      await trx<UpdateRow>('updates').insert({
        id: update.id,
        git_repo: update.gitRepo,
        branch: update.branch,
        commit: update.commit,
        message: update.message,
        initiator: update.initiator,
        changes: JSON.stringify(update.changes),
        releases: JSON.stringify(update.releases ?? []),
        chosen: update.chosen ? JSON.stringify(update.chosen) : null,
        status: 'announced',
        created_at: update.createdAt,
      });
      await trx.batchInsert<UpdateScanRow>(
        'update_scans',
        scanIds.map(scanId => ({ update_id: update.id, scan_id: scanId })),
        100,
      );
      await trx.batchInsert<DecisionRow>(
        'decisions',
        made.map(decisionColumns),
        20,
      );
    });
  }

  async confirm(update: StoredUpdate): Promise<void> {
    await this.#knex.transaction(async trx => {
      await lockGitRepo(trx, update.gitRepo);
      await trx<UpdateRow>('updates')
        .where({ id: update.id })
        .update({ status: 'done' });
      await lockScans(trx, update);
      await rememberValues(trx, update);
      await endDecisions(trx, update.releases ?? [], {
        how: 'released',
        by: update.initiator,
        at: Date.now(),
      });
      await settleChosen(trx, update);
      // Made anew within a second after a push that seemed to fail, a commit has
      // the same name: that is one update, not two.
      const twins = await trx<UpdateRow>('updates')
        .where({ git_repo: update.gitRepo, commit: update.commit })
        .whereNot({ id: update.id });
      await removeUpdates(
        trx,
        twins.map(({ id }) => id),
      );
      await removeChosen(trx, twins);
      // An update that a crash left open may be settled after a later one.
      const later = trx<UpdateRow>('updates')
        .where({ git_repo: update.gitRepo })
        .andWhere('created_at', '>', update.createdAt)
        .select('id');
      const written = trx<ImageScanRow>('image_scans')
        .whereIn(
          'id',
          trx<UpdateScanRow>('update_scans')
            .where({ update_id: update.id })
            .select('scan_id'),
        )
        .where(query => {
          query
            .whereNull('last_update_id')
            .orWhereNotIn('last_update_id', later);
        })
        .orderBy('id')
        .forUpdate()
        .select('id');
      await trx<ImageScanRow>('image_scans')
        .whereIn('id', written)
        .update({ last_update_id: update.id });
    });
  }

  async withdraw(id: string): Promise<void> {
    await this.#knex.transaction(async trx => {
      const row = await trx<UpdateRow>('updates')
        .where({ id, status: 'announced' })
        .first();
      if (!row) {
        return;
      }
      await lockGitRepo(trx, row.git_repo);
      await removeUpdates(trx, [id]);
      const scanIds = await removeChosen(trx, [row]);
      if (scanIds.length > 0) {
        await reassessScans(trx, row.git_repo, Date.now(), scanIds);
      }
    });
  }

  async get(id: string): Promise<StoredUpdate | undefined> {
    const row = await this.#knex<UpdateRow>('updates')
      .where({ id, status: 'done' })
      .first();
    return row && toUpdate(row);
  }

  async ofCommits(
    gitRepo: string,
    commits: readonly string[],
  ): Promise<string[]> {
    const found: string[] = [];
    for (const chunk of chunksOf(commits, NARROW_CHUNK)) {
      found.push(
        ...(await this.#knex<UpdateRow>('updates')
          .where({ git_repo: gitRepo })
          .whereIn('commit', chunk)
          .pluck('commit')),
      );
    }
    return found;
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

async function lockGitRepo(trx: Knex.Transaction, key: string): Promise<void> {
  await trx<GitRepoRow>('git_repos').where({ key }).forUpdate().first('key');
}

/**
 * Locks the scans that were written and those that pass over another tag once it is done,
 * in the order of their ids, as everything locks several rows.
 */
async function lockScans(
  trx: Knex.Transaction,
  update: StoredUpdate,
): Promise<void> {
  const written = trx<UpdateScanRow>('update_scans').where({
    update_id: update.id,
  });
  const released = trx<DecisionRow>('decisions')
    .whereIn('id', update.releases ?? [])
    .whereNotNull('scan_id');
  await trx<ImageScanRow>('image_scans')
    .whereIn('id', written.select('scan_id'))
    .orWhereIn('id', released.select('scan_id'))
    .orderBy('id')
    .forUpdate()
    .select('id');
}

async function checkDecisions(
  trx: Knex.Transaction,
  update: StoredUpdate,
): Promise<void> {
  const released = new Set([
    ...(update.releases ?? []),
    ...(update.chosen?.replaced ?? []),
  ]);
  const binding = await readBinding(trx, update.gitRepo, update.createdAt);
  const decisions = binding.filter(({ id }) => !released.has(id));
  if (decisions.length === 0) {
    return;
  }
  for (const { imageScanId, form, to } of update.changes) {
    const decision = findBinding(
      decisions,
      { id: imageScanId, gitRepo: update.gitRepo },
      tagOfMarkerValue(form, to) ?? '',
    );
    if (decision) {
      throw new DecidedMeanwhileError(decision);
    }
  }
}

/**
 * What a person chose takes the place of an earlier choice. The scans are due, since
 * what git has by now may be chosen although it is too young.
 */
async function settleChosen(
  trx: Knex.Transaction,
  { id, chosen, initiator }: StoredUpdate,
): Promise<void> {
  if (!chosen) {
    return;
  }
  const now = Date.now();
  await endDecisions(trx, chosen.replaced, {
    how: 'replaced',
    by: initiator,
    at: now,
  });
  const due = trx<ImageScanRow>('image_scans')
    .whereIn(
      'id',
      trx<UpdateScanRow>('update_scans')
        .where({ update_id: id })
        .select('scan_id'),
    )
    .whereNotNull('next_scan_at')
    .orderBy('id')
    .forUpdate()
    .select('id');
  await trx<ImageScanRow>('image_scans')
    .whereIn('id', due)
    .update({ next_scan_at: now });
}

/** What was written is what was agreed on, though it was not read yet. */
async function rememberValues(
  trx: Knex.Transaction,
  { changes }: StoredUpdate,
): Promise<void> {
  const written = new Map(
    changes.map(change => {
      const { imageScanId, file, form, from, to } = change;
      return [JSON.stringify([imageScanId, file, form, from, to]), change];
    }),
  );
  for (const { imageScanId, file, form, from, to } of written.values()) {
    await trx<MarkerRow>('markers')
      .where({ scan_id: imageScanId, file, form, current: from })
      .update({ current: to, agreed: true });
  }
}

function toUpdate(row: UpdateRow): StoredUpdate {
  const changes: UpdateChange[] = JSON.parse(row.changes);
  const releases: string[] = JSON.parse(row.releases);
  const chosen: StoredUpdate['chosen'] = row.chosen
    ? JSON.parse(row.chosen)
    : undefined;
  return {
    id: row.id,
    gitRepo: row.git_repo,
    branch: row.branch,
    commit: row.commit,
    message: row.message,
    initiator: row.initiator,
    changes,
    ...(releases.length > 0 && { releases }),
    ...(chosen && { chosen }),
    createdAt: toMilliseconds(row.created_at),
  };
}

async function removeUpdates(
  trx: Knex.Transaction,
  ids: readonly string[],
): Promise<void> {
  await trx<UpdateScanRow>('update_scans')
    .whereIn('update_id', [...ids])
    .delete();
  await trx<UpdateRow>('updates')
    .whereIn('id', [...ids])
    .delete();
}

/** @returns the scans that what is removed was about */
async function removeChosen(
  trx: Knex.Transaction,
  updates: readonly UpdateRow[],
): Promise<string[]> {
  const ids = updates.flatMap(row => toUpdate(row).chosen?.made ?? []);
  const rows = await trx<DecisionRow>('decisions')
    .whereIn('id', ids)
    .select('scan_id');
  await trx<DecisionRow>('decisions').whereIn('id', ids).delete();
  return rows.flatMap(({ scan_id: scanId }) => scanId ?? []);
}

function scanIdsOf(update: StoredUpdate): string[] {
  return [...new Set(update.changes.map(({ imageScanId }) => imageScanId))];
}
