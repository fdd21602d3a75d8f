import {
  type DatabaseService,
  resolvePackagePath,
} from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';

/** Brings the plugin's database up to date and answers with a client for it. */
export async function openDatabase(database: DatabaseService): Promise<Knex> {
  const knex = await database.getClient();
  if (isSqlite(knex)) {
    await writeWithoutWaiting(knex);
  }
  if (!database.migrations?.skip) {
    await migrate(knex);
  }
  return knex;
}

/**
 * One replica at a time: on an empty database, those that start together would
 * all make the tables in which knex notes its migrations, and all but one fail.
 */
async function migrate(knex: Knex): Promise<void> {
  await knex.transaction(async trx => {
    if (!isSqlite(knex)) {
      await trx.raw(`select pg_advisory_xact_lock(hashtext('image-scan'))`);
    }
    await trx.migrate.latest({
      directory: resolvePackagePath(
        'backstage-plugin-image-scan-backend',
        'migrations',
      ),
    });
  });
}

/**
 * Frees everything that is leased, where nobody else can hold it: a SQLite
 * database belongs to one process, so at its start every lease is left over
 * from one that died.
 */
export async function clearLeftoverLeases(knex: Knex): Promise<void> {
  if (!isSqlite(knex)) {
    return;
  }
  for (const table of ['git_repos', 'image_scans']) {
    await knex(table).update({ lease_token: null, lease_until: null });
  }
  await knex('branch_locks').delete();
}

/**
 * SQLite waits for the disk at each commit, and the whole process with it. With
 * a write-ahead log it need not: what was committed survives a crash of the
 * process, and one of the machine leaves an older state that is whole, from
 * which git and the registries are read again.
 */
async function writeWithoutWaiting(knex: Knex): Promise<void> {
  await knex.raw('PRAGMA journal_mode = WAL');
  await knex.raw('PRAGMA synchronous = NORMAL');
}

/** Whether this is the database of a single process. */
export function isSqlite(knex: Knex): boolean {
  return String(knex.client.config.client).includes('sqlite');
}
