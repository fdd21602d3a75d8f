import { randomUUID } from 'node:crypto';
import { ConflictError, NotFoundError } from '@backstage/errors';
import type { Knex } from 'knex';
import type { StoredDecision } from '../model/decisions';
import {
  decisionColumns,
  endDecisions,
  readBinding,
  readMemoryOf,
  scansPassingOver,
  toDecision,
} from './decisionRows';
import type {
  DecisionFilter,
  DecisionStore,
  ListedDecision,
  NewDecision,
  RollbackMaker,
} from './DecisionStore';
import { reassessScans } from './reassessScans';
import { renewChoices } from './renewChoices';
import type {
  DecisionRow,
  GitRepoRow,
  ImageScanRow,
  ScanFolderRow,
} from './tables';

/** Who ends what is past its date. */
const BY_DATE = 'schedule';

/** Keeps what people decided in the database. */
export class DatabaseDecisionStore implements DecisionStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async list(
    filter: DecisionFilter,
    { now, limit, offset }: { now: number; limit: number; offset: number },
  ): Promise<{ items: ListedDecision[]; totalItems: number }> {
    const filtered = () => this.#filtered(filter, now);
    const [{ count }] = await filtered().count({ count: '*' });
    const rows: DecisionRow[] = await filtered()
      .orderBy('decided_at', 'desc')
      .orderBy('id')
      .limit(limit)
      .offset(offset)
      .select('*');
    return { items: await this.#listed(rows), totalItems: Number(count) };
  }

  async get(id: string): Promise<ListedDecision | undefined> {
    const rows = await this.#knex<DecisionRow>('decisions').where({ id });
    const [decision] = await this.#listed(rows);
    return decision;
  }

  binding(gitRepo: string, now: number): Promise<StoredDecision[]> {
    return readBinding(this.#knex, gitRepo, now);
  }

  async decide(
    decisions: readonly NewDecision[],
    now: number,
  ): Promise<StoredDecision[]> {
    return this.#knex.transaction(async trx => {
      const scanOf = await scansOf(trx, decisions);
      const gitRepoOf = ({ about }: NewDecision) =>
        about.scanId === undefined
          ? about.gitRepo
          : scanOf.get(about.scanId)?.git_repo;
      const keys = decisions.map(gitRepoOf);
      const locked = await lockGitRepos(
        trx,
        keys.some(key => key === undefined) ? undefined : keys,
      );
      await lockScans(
        trx,
        locked,
        decisions.map(({ about }) => about.scanId),
      );
      const stored: StoredDecision[] = [];
      for (const decision of decisions) {
        const key = gitRepoOf(decision);
        const gitRepo =
          key === undefined ? undefined : locked.find(row => row.key === key);
        if (key !== undefined && !gitRepo) {
          throw new NotFoundError(`There is no git repo ${key}`);
        }
        const made = place(decision, gitRepo, scanOf);
        await replaceEarlier(trx, made, now);
        await releaseWith(trx, decision, now);
        const whole = { ...made, id: randomUUID(), at: now };
        await trx<DecisionRow>('decisions').insert(decisionColumns(whole));
        stored.push(whole);
      }
      await renewChoices(trx, scansPassingOver(stored), now);
      await reassess(trx, locked, stored, now);
      return stored;
    });
  }

  async release(
    id: string,
    { by, reason }: { by: string; reason?: string },
    now: number,
  ): Promise<StoredDecision> {
    return this.#knex.transaction(async trx => {
      const row = await trx<DecisionRow>('decisions').where({ id }).first();
      if (!row) {
        throw new NotFoundError(`There is no decision ${id}`);
      }
      const locked = await lockGitRepos(
        trx,
        row.git_repo === null ? undefined : [row.git_repo],
      );
      await lockScans(trx, locked, [row.scan_id ?? undefined]);
      const [ended] = await endDecisions(trx, [id], {
        how: 'released',
        by,
        at: now,
        reason,
      });
      if (!ended) {
        throw new ConflictError(`The decision ${id} has ended already`);
      }
      await reassess(trx, locked, [ended], now);
      return ended;
    });
  }

  async nameMaker(
    { id, rollback: asked }: StoredDecision,
    maker: RollbackMaker,
  ): Promise<void> {
    await this.#knex.transaction(async trx => {
      const row = await trx<DecisionRow>('decisions')
        .where({ id })
        .forUpdate()
        .first();
      const rollback = row && toDecision(row).rollback;
      if (
        rollback?.headAfter === asked?.headAfter &&
        rollback?.headBefore === asked?.headBefore
      ) {
        await trx<DecisionRow>('decisions')
          .where({ id })
          .update({ detail: JSON.stringify({ ...rollback, ...maker }) });
      }
    });
  }

  async endPast(now: number): Promise<void> {
    const past = (knex: Knex) =>
      knex<DecisionRow>('decisions')
        .whereNull('ended_at')
        .where('until_at', '<=', now);
    if (!(await past(this.#knex).first('id'))) {
      return;
    }
    await this.#knex.transaction(async trx => {
      const rows = await past(trx).select('id', 'git_repo', 'scan_id');
      const keys = rows.map(row => row.git_repo ?? undefined);
      const locked = await lockGitRepos(
        trx,
        keys.includes(undefined) ? undefined : keys,
      );
      await lockScans(
        trx,
        locked,
        rows.map(row => row.scan_id ?? undefined),
      );
      const ended = await endDecisions(
        trx,
        rows.map(({ id }) => id),
        { how: 'expired', by: BY_DATE, at: now },
      );
      await reassess(trx, locked, ended, now);
    });
  }

  async #listed(rows: readonly DecisionRow[]): Promise<ListedDecision[]> {
    const ids = rows.flatMap(({ scan_id: scanId }) => scanId ?? []);
    const there: string[] = await this.#knex<ImageScanRow>('image_scans')
      .whereIn('id', ids)
      .pluck('id');
    return rows.map(row => ({
      ...toDecision(row),
      scanIsGone: row.scan_id !== null && !there.includes(row.scan_id),
    }));
  }

  #filtered(
    { gitRepos, andBeside, scanId, folders, active }: DecisionFilter,
    now: number,
  ) {
    const query = this.#knex<DecisionRow>('decisions').where(any => {
      any.whereIn('git_repo', [...gitRepos]).orWhereNull('git_repo');
      if (andBeside) {
        any.orWhereNotIn('git_repo', [...andBeside]);
      }
    });
    if (scanId !== undefined) {
      query.where({ scan_id: scanId });
    }
    if (folders && !folders.includes('.')) {
      query.where(any =>
        any
          .whereNull('scan_id')
          .orWhereIn(
            'scan_id',
            this.#knex<ScanFolderRow>('scan_folders')
              .whereIn('git_repo', [...gitRepos])
              .whereIn('folder', [...folders])
              .select('scan_id'),
          )
          .orWhere(gone => {
            gone.whereNotIn(
              'scan_id',
              this.#knex<ImageScanRow>('image_scans').select('id'),
            );
            gone.where(under => {
              for (const folder of folders) {
                const below = `${folder.replace(/[\\%_]/g, '\\$&')}/%`;
                under
                  .orWhere({ path: folder })
                  .orWhereRaw(`path like ? escape '\\'`, [below]);
              }
            });
          }),
      );
    }
    if (active === true) {
      query
        .whereNull('ended_at')
        .where(any => any.whereNull('until_at').orWhere('until_at', '>', now));
    } else if (active === false) {
      query.where(any =>
        any.whereNotNull('ended_at').orWhere('until_at', '<=', now),
      );
    }
    return query;
  }
}

type LockedGitRepo = Pick<GitRepoRow, 'key' | 'branch' | 'memory_of'>;

/** In the order of their keys, as everything locks several; undefined for all. */
async function lockGitRepos(
  trx: Knex.Transaction,
  keys: readonly (string | undefined)[] | undefined,
): Promise<LockedGitRepo[]> {
  const query = trx<GitRepoRow>('git_repos').orderBy('key').forUpdate();
  if (keys) {
    query.whereIn(
      'key',
      keys.flatMap(key => key ?? []),
    );
  }
  return query.select('key', 'branch', 'memory_of');
}

/**
 * In the order of their ids over all git repos, as everything locks several. What is
 * decided of many touches them in another order afterwards, one git repo after the other.
 *
 * @param scanIds - undefined among them stands for every scan of the git repos
 */
async function lockScans(
  trx: Knex.Transaction,
  gitRepos: readonly LockedGitRepo[],
  scanIds: readonly (string | undefined)[],
): Promise<void> {
  const query = trx<ImageScanRow>('image_scans').orderBy('id').forUpdate();
  if (scanIds.includes(undefined)) {
    query.whereIn(
      'git_repo',
      gitRepos.map(({ key }) => key),
    );
  } else {
    query.whereIn(
      'id',
      scanIds.flatMap(id => id ?? []),
    );
  }
  await query.select('id');
}

async function scansOf(
  trx: Knex.Transaction,
  decisions: readonly NewDecision[],
): Promise<Map<string, ImageScanRow>> {
  const ids = decisions.flatMap(({ about }) => about.scanId ?? []);
  const rows = await trx<ImageScanRow>('image_scans').whereIn('id', ids);
  const found = new Map(rows.map(row => [row.id, row]));
  const missing = ids.find(id => !found.has(id));
  if (missing !== undefined) {
    throw new NotFoundError(`There is no image scan ${missing}`);
  }
  return found;
}

/** Where what a decision is about is now. */
function place(
  { about, release: _, ...decision }: NewDecision,
  gitRepo: LockedGitRepo | undefined,
  scanOf: ReadonlyMap<string, ImageScanRow>,
): Omit<StoredDecision, 'id' | 'at'> {
  const scan =
    about.scanId === undefined ? undefined : scanOf.get(about.scanId);
  const remote = gitRepo?.memory_of
    ? readMemoryOf(gitRepo.memory_of)
    : undefined;
  return {
    ...decision,
    gitRepo: gitRepo?.key,
    scanId: scan?.id,
    place: {
      remote: remote?.remote,
      branch: remote?.branch ?? gitRepo?.branch ?? undefined,
      path: scan?.path,
      tagName: scan?.tag_name,
      image: scan?.image,
    },
  };
}

/** Ends what a new decision of the same kind about the same takes the place of. */
async function replaceEarlier(
  trx: Knex.Transaction,
  { kind, gitRepo, scanId, tag, by }: Omit<StoredDecision, 'id' | 'at'>,
  now: number,
): Promise<void> {
  const ids = await trx<DecisionRow>('decisions')
    .where({
      kind,
      git_repo: gitRepo ?? null,
      scan_id: scanId ?? null,
      tag: tag ?? null,
    })
    .whereNull('ended_at')
    .pluck('id');
  await endDecisions(trx, ids, { how: 'replaced', by, at: now });
}

/** Ends what is released together with a new decision. */
async function releaseWith(
  trx: Knex.Transaction,
  { about, release = [], by, reason }: NewDecision,
  now: number,
): Promise<void> {
  if (release.length === 0) {
    return;
  }
  const onScan = await trx<DecisionRow>('decisions')
    .whereIn('id', [...release])
    .where({ scan_id: about.scanId ?? null })
    .pluck('id');
  const other = release.find(id => !onScan.includes(id));
  if (other !== undefined) {
    throw new NotFoundError(`There is no decision ${other} on the image scan`);
  }
  const ended = await endDecisions(trx, release, {
    how: 'released',
    by,
    at: now,
    reason,
  });
  const over = release.find(id => !ended.some(each => each.id === id));
  if (over !== undefined) {
    throw new ConflictError(`The decision ${over} has ended already`);
  }
}

async function reassess(
  trx: Knex.Transaction,
  gitRepos: readonly LockedGitRepo[],
  decisions: readonly StoredDecision[],
  now: number,
): Promise<void> {
  for (const { key } of gitRepos) {
    const about = decisions.filter(
      ({ gitRepo }) => gitRepo === undefined || gitRepo === key,
    );
    const isWide = about.some(({ scanId }) => scanId === undefined);
    await reassessScans(
      trx,
      key,
      now,
      isWide ? undefined : about.flatMap(({ scanId }) => scanId ?? []),
    );
  }
}
