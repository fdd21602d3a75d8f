import { randomBytes } from 'node:crypto';
import {
  mockServices,
  type TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { clearLeftoverLeases, isSqlite, openDatabase } from './migrate';
import {
  aDefinition,
  aMarker,
  anUpdate,
  contentsOf,
} from '../__testUtils__/builders';
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
        'decisions',
        'pull_requests',
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

  it.each(databases.eachSupportedId())(
    'leave no column whose texts have a length, %p',
    async id => {
      const { knex } = await tablesOf(id);
      await openDatabase({ getClient: async () => knex });
      if (isSqlite(knex)) {
        return; // It checks no length.
      }
      const columns = await knex('information_schema.columns')
        .whereRaw('table_schema = current_schema()')
        .whereNot('table_name', 'like', 'knex_migrations%')
        .select('table_name', 'column_name', 'data_type');
      expect(columns.length).toBeGreaterThan(60);
      const types = new Set(columns.map(column => column.data_type));
      expect([...types].sort()).toEqual([
        'bigint',
        'boolean',
        'integer',
        'text',
      ]);
    },
  );

  it.each(databases.eachSupportedId())(
    'take long texts wherever people and strangers write them, %p',
    async id => {
      const { knex } = await tablesOf(id);
      await openDatabase({ getClient: async () => knex });
      const { gitRepos, updates, sync, scan, queue, configure } =
        createStores(knex);
      // Without a pattern, as what can be packed is shorter in an index.
      const long = (length: number) =>
        randomBytes(length).toString('base64url').slice(0, length);
      await configure('repo');
      const app = aDefinition(long(3_000), {
        image: `registry.example.com/${long(3_000)}`,
        secretRef: long(3_000),
        registryHost: long(255),
        policy: { semver: { range: `>=1.0.0-${long(3_000)}` } },
      });
      const marker = aMarker(app, {
        file: `${long(3_000)}.yaml`,
        current: long(3_000),
      });
      await sync(contentsOf([app], { branch: long(3_000), markers: [marker] }));
      await scan(app.id, long(3_000));
      await scan(app.id, new Error(long(3_000)));
      await queue.setTags({ listKey: app.listKey }, [long(3_000)], NOW);
      const lock = await gitRepos.lockBranch(long(9_000), NOW);
      expect(lock).toBeDefined();
      const update = anUpdate('update', [app], {
        branch: long(3_000),
        message: long(9_000),
        initiator: `user:default/${long(3_000)}`,
      });
      await updates.announce(update);
      await updates.confirm(update);
      const { items } = await updates.list(
        { gitRepos: ['repo'] },
        { limit: 9, offset: 0 },
      );
      expect(items).toEqual([update]);
    },
  );
});
