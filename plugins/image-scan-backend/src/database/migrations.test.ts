import {
  mockServices,
  TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { clearLeftoverLeases, isSqlite, openDatabase } from './migrate';
import { createStores, NOW } from '../__testUtils__/stores';

jest.setTimeout(60_000);

const directory = resolvePackagePath(
  'backstage-plugin-image-scan-backend',
  'migrations',
);

describe('migrations', () => {
  const databases = TestDatabases.create();

  const tablesOf = async (id: TestDatabaseId) => {
    const knex = await databases.init(id);
    const tables = async () => {
      const found = [];
      for (const table of [
        'git_repos',
        'image_scans',
        'markers',
        'scan_folders',
        'tag_lists',
        'updates',
        'update_scans',
        'branch_locks',
        'replicas',
      ]) {
        found.push(await knex.schema.hasTable(table));
      }
      return new Set(found);
    };
    return { knex, tables };
  };

  it.each(databases.eachSupportedId())('go up, down and up, %p', async id => {
    const { knex, tables } = await tablesOf(id);
    expect(await tables()).toEqual(new Set([false]));
    await knex.migrate.latest({ directory });
    expect(await tables()).toEqual(new Set([true]));
    await knex.migrate.rollback({ directory }, true);
    expect(await tables()).toEqual(new Set([false]));
    await knex.migrate.latest({ directory });
    expect(await tables()).toEqual(new Set([true]));
  });

  it.each(databases.eachSupportedId())(
    'are left to the operator where migrations are skipped, %p',
    async id => {
      const { knex, tables } = await tablesOf(id);
      const getClient = async () => knex;
      await openDatabase({ getClient, migrations: { skip: true } });
      expect(await tables()).toEqual(new Set([false]));
      await openDatabase(mockServices.database.mock({ getClient }));
      expect(await tables()).toEqual(new Set([true]));
    },
  );

  it.each(databases.eachSupportedId())(
    'leases left over are freed only where one process owns the database, %p',
    async id => {
      const { knex } = await tablesOf(id);
      await openDatabase({ getClient: async () => knex });
      const { gitRepos, configure } = createStores(knex);
      await configure('repo');
      await gitRepos.claim('repo', NOW);
      await gitRepos.lockBranch('branch', NOW);

      await clearLeftoverLeases(knex);

      const freed = isSqlite(knex);
      expect(freed).toBe(id === 'SQLITE_3');
      expect(Boolean(await gitRepos.claim('repo', NOW))).toBe(freed);
      expect(Boolean(await gitRepos.lockBranch('branch', NOW))).toBe(freed);
    },
  );
});
