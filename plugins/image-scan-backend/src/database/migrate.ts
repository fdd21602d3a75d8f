import {
  DatabaseService,
  resolvePackagePath,
} from '@backstage/backend-plugin-api';
import { Knex } from 'knex';

/** Brings the plugin's database up to date and answers with a client for it. */
export async function openDatabase(database: DatabaseService): Promise<Knex> {
  const knex = await database.getClient();
  if (!database.migrations?.skip) {
    await knex.migrate.latest({
      directory: resolvePackagePath(
        'backstage-plugin-image-scan-backend',
        'migrations',
      ),
    });
  }
  return knex;
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

/** Whether this is the database of a single process. */
export function isSqlite(knex: Knex): boolean {
  return String(knex.client.config.client).includes('sqlite');
}
