import { setTimeout as sleep } from 'node:timers/promises';
import {
  type TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import {
  aDefinition,
  aMarker,
  anUpdate,
  contentsOf,
} from '../__testUtils__/builders';
import { createStores, DIGEST, NOW, openStores } from '../__testUtils__/stores';
import type { ScanDefinition } from '../model/types';
import { isSqlite, openDatabase } from './migrate';
import type { ScanClaim } from './ScanQueue';

jest.setTimeout(120_000);

const REPLICAS = 4;

/** Many replicas at the same rows at the same moment. */
describe('the stores of several replicas', () => {
  const databases = TestDatabases.create();

  const start = async (id: TestDatabaseId, definitions: ScanDefinition[]) => {
    const stores = await openStores(databases, id);
    await stores.configure('repo', 'other');
    for (const key of ['repo', 'other']) {
      const own = definitions.filter(({ gitRepo }) => gitRepo === key);
      const markers = own.map(each => aMarker(each));
      await stores.sync(contentsOf(own, { markers }), NOW, key);
    }
    return stores;
  };

  /** Scans that share lists, some of one git repo and some of the other. */
  const sharing = (lists: number, scansOfList: number) =>
    Array.from({ length: lists * scansOfList }, (_, index) =>
      aDefinition(`app-${index}`, {
        gitRepo: index % 3 === 2 ? 'other' : 'repo',
        listKey: `list-${index % lists}`,
        interval: 20_000,
      }),
    );

  describe.each(databases.eachSupportedId())('%p', id => {
    it('never gives one list to two of them', async () => {
      const [early, late] = sharing(1, 2);
      const { knex, queue } = await start(id, [early, late]);
      // Too late to come along with its sibling, but due for the second look.
      await knex('image_scans')
        .where({ id: late.id })
        .update({ next_scan_at: NOW + 2_000 });
      const look = (now: number) =>
        queue.claimDue({ now, limit: 1, placesOf: () => 1, busyHosts: [] });

      // Both wait for the same row, and go on one after the other.
      const release = await lockRow(knex, early.id);
      const first = look(NOW);
      await waiting(knex, 1);
      const second = look(NOW + 2_000);
      await waiting(knex, 2);
      await release();
      const claims = (await Promise.all([first, second])).flat();
      expect(claims.map(({ listKey }) => listKey)).toEqual(['list-0']);
    });

    it('is made once when they start together on nothing', async () => {
      const knex = await databases.init(id);
      const database = { getClient: async () => knex };
      const replicas = Array.from({ length: REPLICAS }, () =>
        openDatabase(database),
      );
      await expect(Promise.all(replicas)).resolves.toHaveLength(REPLICAS);
      expect(await knex('knex_migrations_lock')).toHaveLength(1);
    });

    it('never has two of them wait for each other', async () => {
      const definitions = sharing(12, 9);
      const { knex, queue, gitRepos, updates } = await start(id, definitions);
      const scansOf = (key: string) =>
        definitions.filter(({ gitRepo }) => gitRepo === key);

      const scan = async (replica: number) => {
        for (let round = 0; round < 6; round += 1) {
          const now = NOW + round * 25_000 + replica;
          const claims = await queue.claimDue({
            now,
            limit: 12,
            placesOf: () => 12,
            busyHosts: [],
          });
          await queue.renew(claims, now);
          for (const claim of claims) {
            await (replica % 2 === 0
              ? queue.complete(claim, outcomesOf(claim, now), now)
              : queue.release(claim));
          }
        }
      };
      const write = async (key: string) => {
        for (let round = 0; round < 6; round += 1) {
          // In another order each time, as two commits may list them.
          const scans = scansOf(key);
          const listed = round % 2 === 0 ? scans : [...scans].reverse();
          const claim = await gitRepos.claim(key, NOW + round * 40_000);
          if (claim) {
            await gitRepos.storeContents(claim, contentsOf(listed), NOW);
            const update = anUpdate(`${key}-${round}`, listed, {
              gitRepo: key,
            });
            await updates.announce(update);
            await updates.confirm(update);
            await gitRepos.release(claim);
          }
        }
      };
      const restart = async () => {
        for (let round = 0; round < 6; round += 1) {
          await createStores(knex).configure('repo', 'other');
        }
      };
      await Promise.all([
        ...Array.from({ length: REPLICAS }, (_, replica) => scan(replica)),
        write('repo'),
        write('other'),
        restart(),
        restart(),
      ]);
      const leased = await knex('image_scans').whereNotNull('lease_token');
      expect(leased).toEqual([]);
    });
  });
});

function outcomesOf(claim: ScanClaim, now: number) {
  return claim.scans.map(({ definition }) => ({
    scanId: definition.id,
    result: { tag: '1.1.0', digest: DIGEST },
    nextScanAt: now + definition.interval,
    staleAt: now + 2 * definition.interval,
  }));
}

/**
 * Locks a scan's row, as another replica does it. SQLite has one connection, so
 * there nothing can come in between.
 *
 * @returns gives the lock back
 */
async function lockRow(knex: Knex, id: string): Promise<() => Promise<void>> {
  if (isSqlite(knex)) {
    return async () => {};
  }
  const trx = await knex.transaction();
  await trx('image_scans').where({ id }).forUpdate().first('id');
  return async () => {
    await trx.commit();
  };
}

/** Waits until so many statements wait for a lock. */
async function waiting(knex: Knex, statements: number): Promise<void> {
  if (isSqlite(knex)) {
    return;
  }
  for (;;) {
    const { rows } = await knex.raw(
      `select count(*) as count from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (Number(rows[0].count) >= statements) {
      return;
    }
    await sleep(20);
  }
}
