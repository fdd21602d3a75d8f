import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { type GitRepoRow, type ReplicaRow, toMilliseconds } from './tables';

/**
 * How long what a replica knows outlives its last sign of life. A restart, of one
 * or of all, must not lose what git last agreed with.
 */
export const KNOWN_FOR_MS = 10 * 60_000;

/** After this time without a sign of life a replica has died. */
export const REPLICA_LIVES_MS = 30_000;

/** A git repo as a replica's configuration has it. */
export interface KnownGitRepo {
  key: string;
  /** Stands for all that its configuration says. */
  definitionHash: string;
  /** Least time between two commits. */
  interval?: number;
}

/**
 * Which git repos this replica knows, beside what the others know.
 *
 * @remarks
 * During a rolling update replicas have different configurations. Rows of a git
 * repo go when no replica of the last minutes knows it, and whoever knows it puts
 * them back where they are missing. Where definitions differ, that of the replica
 * which started last counts as long as it runs; the others leave the git repo
 * alone meanwhile, so that nothing is read or written as an outdated one says.
 */
export class KnownGitRepos {
  readonly #knex: Knex;
  readonly #replica = randomUUID();
  #known: ReadonlyMap<string, KnownGitRepo> | undefined;
  #startedAt = 0;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Whether rows of a git repo are this replica's to work on. */
  has(row: Pick<GitRepoRow, 'key' | 'definition_hash'>): boolean {
    return (
      this.#known === undefined ||
      this.#known.get(row.key)?.definitionHash === row.definition_hash
    );
  }

  /**
   * The definition that counts here: a condition on rows of a git repo, or false
   * where this replica does not know it.
   */
  conditionOn(key: string): Partial<GitRepoRow> | false {
    if (this.#known === undefined) {
      return { key };
    }
    const hash = this.#known.get(key)?.definitionHash;
    return hash === undefined ? false : { key, definition_hash: hash };
  }

  /** Makes the definitions of this replica, the newest, those that count. */
  async configure(
    gitRepos: readonly KnownGitRepo[],
    now: number,
  ): Promise<void> {
    this.#known = new Map(gitRepos.map(gitRepo => [gitRepo.key, gitRepo]));
    this.#startedAt = now;
    await this.#knex.transaction(async trx => {
      const rows = await lockAll(trx);
      await this.#noteReplica(trx, now);
      await forgetUnknown(trx, rows, await replicasSince(trx, now));
      await define(trx, gitRepos, rows, now);
    });
  }

  /**
   * Gives a sign of life, and mends what others have left: rows that are missing,
   * definitions of replicas that are gone, and rows that nobody knows any more.
   *
   * @returns keys of the git repos that are not this replica's to work on
   */
  async keepUp(now: number): Promise<string[]> {
    const known = this.#known;
    if (!known) {
      return [];
    }
    await this.#noteReplica(this.#knex, now);
    const rows = await this.#knex<GitRepoRow>('git_repos').select(
      'key',
      'definition_hash',
    );
    const isAllMine =
      rows.length === known.size && rows.every(row => this.has(row));
    if (isAllMine) {
      return [];
    }
    return this.#knex.transaction(async trx => {
      const locked = await lockAll(trx);
      const replicas = await replicasSince(trx, now);
      await forgetUnknown(trx, locked, replicas);
      const newer = replicas.filter(replica => this.#yieldsTo(replica, now));
      const isOthers = (key: string) =>
        newer.some(({ hashes }) => {
          const hash = hashes.get(key);
          return hash !== undefined && hash !== known.get(key)?.definitionHash;
        });
      const mine = [...known.values()].filter(({ key }) => !isOthers(key));
      await define(trx, mine, locked, now);
      const keys = locked.map(({ key }) => key);
      return keys.filter(key => !known.has(key) || isOthers(key));
    });
  }

  /** This replica ends: whoever is left decides. */
  async leave(): Promise<void> {
    await this.#knex<ReplicaRow>('replicas')
      .where({ id: this.#replica })
      .update({ stopped: true });
  }

  #yieldsTo({ row }: Replica, now: number): boolean {
    const startedAt = toMilliseconds(row.started_at);
    const isNewer =
      startedAt > this.#startedAt ||
      (startedAt === this.#startedAt && row.id > this.#replica);
    return (
      isNewer &&
      !row.stopped &&
      toMilliseconds(row.seen_at) > now - REPLICA_LIVES_MS
    );
  }

  async #noteReplica(knex: Knex, now: number): Promise<void> {
    const hashes = [...(this.#known?.values() ?? [])].map(
      ({ key, definitionHash }) => [key, definitionHash],
    );
    const columns = {
      started_at: this.#startedAt,
      seen_at: now,
      stopped: false,
      git_repos: JSON.stringify(Object.fromEntries(hashes)),
    };
    await knex<ReplicaRow>('replicas')
      .insert({ id: this.#replica, ...columns })
      .onConflict('id')
      .merge();
  }
}

interface Replica {
  row: ReplicaRow;
  /** Of definitions, by the keys of git repos. */
  hashes: ReadonlyMap<string, string>;
}

type LockedRow = Pick<
  GitRepoRow,
  'key' | 'definition_hash' | 'last_update_at' | 'update_error'
>;

/** First and in order, as every transaction over a git repo does it. */
function lockAll(trx: Knex.Transaction): Promise<LockedRow[]> {
  return trx<GitRepoRow>('git_repos')
    .orderBy('key')
    .forUpdate()
    .select('key', 'definition_hash', 'last_update_at', 'update_error');
}

/** The replicas whose knowledge counts; forgets the others. */
async function replicasSince(
  trx: Knex.Transaction,
  now: number,
): Promise<Replica[]> {
  await trx<ReplicaRow>('replicas')
    .where('seen_at', '<', now - KNOWN_FOR_MS)
    .delete();
  const rows = await trx<ReplicaRow>('replicas').orderBy('id');
  return rows.map(toReplica);
}

function toReplica(row: ReplicaRow): Replica {
  const hashes: Record<string, string> = JSON.parse(row.git_repos);
  return { row, hashes: new Map(Object.entries(hashes)) };
}

/** Keys of the git repos that replicas which run know. */
export async function runningKeys(
  knex: Knex,
  now: number,
): Promise<ReadonlySet<string>> {
  const rows = await knex<ReplicaRow>('replicas')
    .where({ stopped: false })
    .where('seen_at', '>', now - REPLICA_LIVES_MS);
  return new Set(
    rows.map(toReplica).flatMap(({ hashes }) => [...hashes.keys()]),
  );
}

/** Removes what no replica knows, but not its history. */
async function forgetUnknown(
  trx: Knex.Transaction,
  rows: readonly LockedRow[],
  replicas: readonly Replica[],
): Promise<void> {
  const unknown = rows
    .map(({ key }) => key)
    .filter(key => !replicas.some(({ hashes }) => hashes.has(key)));
  for (const key of unknown) {
    await trx<GitRepoRow>('git_repos').where({ key }).delete();
    for (const table of ['markers', 'scan_folders', 'image_scans']) {
      await trx(table).where({ git_repo: key }).delete();
    }
  }
}

/**
 * Makes the stored git repos those of the definitions. One whose definition
 * changed is read anew at once, and whatever was worked out by the old one, such
 * as when it may be written again or that there was nothing to write, is worked
 * out anew. Who is at work on it has lost it.
 */
async function define(
  trx: Knex.Transaction,
  gitRepos: readonly KnownGitRepo[],
  rows: readonly LockedRow[],
  now: number,
): Promise<void> {
  const before = new Map(rows.map(row => [row.key, row]));
  for (const { key, definitionHash, interval } of gitRepos) {
    const row = before.get(key);
    if (!row) {
      await trx<GitRepoRow>('git_repos')
        .insert({ key, definition_hash: definitionHash, next_sync_at: now })
        // Others start on nothing at the same moment, where no row can be locked.
        .onConflict('key')
        .ignore();
    } else if (row.definition_hash !== definitionHash) {
      const isWaiting =
        interval !== undefined &&
        row.update_error === null &&
        row.last_update_at !== null;
      await trx<GitRepoRow>('git_repos')
        .where({ key })
        .update({
          definition_hash: definitionHash,
          head_commit: null,
          branch: null,
          next_sync_at: now,
          update_not_before: isWaiting
            ? toMilliseconds(row.last_update_at ?? now) + interval
            : null,
          lease_token: null,
          lease_until: null,
        });
    }
  }
}
