import {
  type TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { aDefinition, aMarker, contentsOf } from '../__testUtils__/builders';
import { createStores, DIGEST, NOW, openStores } from '../__testUtils__/stores';
import type { ScanDefinition } from '../model/types';
import { LEASE_DURATION_MS } from './leases';
import type { ScanClaim } from './ScanQueue';

jest.setTimeout(60_000);

const due = (now: number, limit = 100) => ({
  now,
  limit,
  placesOf: () => 100,
  busyHosts: [],
});

const idsOf = (claims: readonly ScanClaim[]) =>
  claims
    .flatMap(({ scans }) => scans.map(({ definition }) => definition.tagName))
    .sort();

const numbered = (count: number, overrides: Partial<ScanDefinition> = {}) =>
  Array.from({ length: count }, (_, index) =>
    aDefinition(`app-${String(index).padStart(3, '0')}`, overrides),
  );

describe('DatabaseScanQueue', () => {
  const databases = TestDatabases.create();

  const start = async (id: TestDatabaseId, definitions: ScanDefinition[]) => {
    const stores = await openStores(databases, id);
    await stores.configure('repo');
    await stores.sync(
      contentsOf(definitions, {
        markers: definitions.map(each => aMarker(each)),
      }),
    );
    return stores;
  };

  describe.each(databases.eachSupportedId())('%p', id => {
    it('gives each due scan to one claim until its lease ends', async () => {
      const { queue } = await start(id, numbered(3));
      const claims = await queue.claimDue(due(NOW));
      expect(claims).toHaveLength(3);
      expect(await queue.claimDue(due(NOW))).toEqual([]);
      expect(await queue.claimDue(due(NOW + LEASE_DURATION_MS))).toEqual([]);

      await queue.renew([claims[0]], NOW + 20_000);
      const later = NOW + LEASE_DURATION_MS + 1;
      const taken = await queue.claimDue(due(later));
      expect(taken).toHaveLength(2);
      expect(idsOf(taken)).not.toContain(idsOf([claims[0]])[0]);
    });

    it('does nothing for a claim that was lost', async () => {
      const [app] = numbered(1);
      const { queue, imageScans } = await start(id, [app]);
      const [lost] = await queue.claimDue(due(NOW));
      const later = NOW + LEASE_DURATION_MS + 1;
      const [held] = await queue.claimDue(due(later));

      const outcome = (tag: string) => ({
        scanId: app.id,
        result: { tag, digest: DIGEST },
        nextScanAt: later + 300_000,
        staleAt: later + 600_000,
      });
      await queue.complete(lost, [outcome('6.6.6')], later);
      await queue.release(lost);
      await queue.renew([lost], later + 5);
      expect((await imageScans.get(app.id, later))?.scan.latest).toBe(
        undefined,
      );
      expect(await queue.claimDue(due(later))).toEqual([]);

      await queue.complete(held, [outcome('1.1.0')], later);
      expect((await imageScans.get(app.id, later))?.scan.latest?.tag).toBe(
        '1.1.0',
      );
    });

    it('gives scans back as they were', async () => {
      const { queue } = await start(id, numbered(2));
      for (const claim of await queue.claimDue(due(NOW))) {
        await queue.release(claim);
      }
      expect(idsOf(await queue.claimDue(due(NOW)))).toEqual([
        'app-000',
        'app-001',
      ]);
    });

    it('does not let the siblings of a held list hide other lists', async () => {
      const siblings = numbered(10, { listKey: 'shared' });
      const other = aDefinition('other');
      const { queue, scan } = await start(id, [...siblings, other]);
      const later = NOW + 100_000;
      for (const [index, definition] of siblings.entries()) {
        const nextScanAt = index === 0 ? NOW + 1 : later;
        await scan(definition.id, '1.0.0', NOW, { nextScanAt });
      }
      await scan(other.id, '1.0.0', NOW, { nextScanAt: later + 1 });

      const held = await queue.claimDue(due(NOW + 1));
      expect(idsOf(held)).toEqual(['app-000']);
      await queue.renew(held, later);
      const claims = await queue.claimDue({ ...due(later + 1), limit: 1 });
      expect(idsOf(claims)).toEqual(['other']);
    });

    it('serves scans of one list together, also those due a little later', async () => {
      const listKey = 'shared';
      const interval = 1_000_000;
      const definitions = numbered(4, { listKey, interval });
      const { queue, scan } = await start(id, definitions);
      const [first] = await queue.claimDue(due(NOW));
      expect(first.scans).toHaveLength(4);
      await queue.release(first);

      const later = NOW + 1_000_000;
      const dueAt = [later, later + 50_000, later + 50_001, later + 900_000];
      await queue.complete(
        await claimOf(queue, definitions[0].id, NOW),
        definitions.map((definition, index) => ({
          scanId: definition.id,
          result: { tag: '1.0.0', digest: DIGEST },
          nextScanAt: dueAt[index],
          staleAt: later * 2,
        })),
        NOW,
      );
      const claims = await queue.claimDue(due(later));
      expect(claims).toHaveLength(1);
      expect(idsOf(claims)).toEqual(['app-000', 'app-001']);

      // Its list is being asked for already, so nobody asks for it again.
      expect(await queue.claimDue(due(later + 25_000))).toEqual([]);
      await expect(scan(definitions[3].id, '1.0.0', later)).rejects.toThrow(
        'is held',
      );
    });

    it('passes over hosts that have no place', async () => {
      const slow = numbered(50, { registryHost: 'slow.example.com' });
      const { queue } = await start(id, [
        ...slow,
        aDefinition('other', { registryHost: 'fast.example.com' }),
      ]);
      const first = await queue.claimDue({
        ...due(NOW, 10),
        placesOf: host => (host === 'slow.example.com' ? 4 : 10),
      });
      const hosts = first.map(({ registryHost }) => registryHost);
      expect(hosts.filter(host => host === 'slow.example.com')).toHaveLength(4);

      const second = await queue.claimDue({
        ...due(NOW, 10),
        placesOf: host => (host === 'slow.example.com' ? 0 : 10),
        busyHosts: ['slow.example.com'],
      });
      expect(idsOf([...first, ...second])).toContain('other');
      expect(second.map(({ registryHost }) => registryHost)).not.toContain(
        'slow.example.com',
      );
    });

    it('lets no host hide the others, however many of its scans wait', async () => {
      const hosts = ['a', 'b', 'c'].map(name => `${name}.example.com`);
      const many = hosts.flatMap(registryHost =>
        Array.from({ length: 30 }, (_, index) => {
          const tagName = `${registryHost}-${index}`;
          // Those of one host are found before those of the next.
          return aDefinition(tagName, { registryHost, listKey: tagName });
        }),
      );
      const { queue } = await start(id, many);
      const claims = await queue.claimDue({
        ...due(NOW, 6),
        placesOf: () => 2,
      });
      expect(claims.map(({ registryHost }) => registryHost).sort()).toEqual(
        hosts.flatMap(host => [host, host]),
      );
    });

    it('mixes the hosts of what is due at once, in the order of the lists', async () => {
      const listKeys = ['1', '2', '3', '4'];
      const scans = listKeys.map((listKey, index) =>
        aDefinition(`app-${listKey}`, {
          listKey,
          registryHost: index % 2 === 0 ? 'z.example.com' : 'a.example.com',
        }),
      );
      const { queue } = await start(id, scans.reverse());
      const claims = await queue.claimDue(due(NOW, 3));
      expect(claims.map(({ listKey }) => listKey)).toEqual(['1', '2', '3']);
    });

    it('asks only some hosts where there is room for no others', async () => {
      const { queue } = await start(id, [
        ...numbered(5, { registryHost: 'new.example.com' }),
        aDefinition('known', { registryHost: 'known.example.com' }),
      ]);
      const onlyHosts = ['known.example.com'];
      expect(
        idsOf(await queue.claimDue({ ...due(NOW, 1), onlyHosts })),
      ).toEqual(['known']);
      expect(await queue.claimDue({ ...due(NOW), onlyHosts: [] })).toHaveLength(
        0,
      );
    });

    it('takes the longest waiting first, and no more than asked for', async () => {
      const definitions = numbered(6);
      const { queue, scan } = await start(id, definitions);
      for (const [index, { id: scanId }] of definitions.entries()) {
        await scan(scanId, '1.0.0', NOW, { nextScanAt: NOW + 100 - index });
      }
      expect(idsOf(await queue.claimDue(due(NOW + 1_000, 2)))).toEqual([
        'app-004',
        'app-005',
      ]);
    });

    it('scans one now that is not due, but no suspended one', async () => {
      const app = aDefinition('app');
      const asleep = aDefinition('asleep', { suspend: true });
      const { queue, scan } = await start(id, [app, asleep]);
      await scan(app.id, '1.0.0');
      expect(await queue.claimDue(due(NOW + 1))).toEqual([]);
      expect(await queue.wasScanned(app.id, NOW)).toBe(true);
      expect(await queue.wasScanned(app.id, NOW + 1)).toBe(false);

      const claim = await queue.claimScan(app.id, NOW + 1);
      expect(claim && idsOf([claim])).toEqual(['app']);
      expect(await queue.claimScan(app.id, NOW + 1)).toBeUndefined();
      expect(await queue.claimScan(asleep.id, NOW + 1)).toBeUndefined();
      expect(await queue.claimScan('unknown', NOW + 1)).toBeUndefined();
    });

    it('counts failures in a row and keeps the last good result', async () => {
      const app = aDefinition('app');
      const { queue, scan, imageScans } = await start(id, [app]);
      await scan(app.id, '1.0.0', NOW);
      await scan(app.id, new Error('no route'), NOW + 1_000);
      await scan(app.id, new Error('still no route'), NOW + 2_000);
      const failed = await imageScans.get(app.id, NOW + 2_000);
      expect(failed?.scan).toMatchObject({
        state: 'error',
        latest: { tag: '1.0.0' },
        lastScanAt: NOW,
        failure: { message: 'still no route', at: NOW + 2_000, count: 2 },
        nextScanAt: NOW + 302_000,
      });
      expect(await queue.wasScanned(app.id, NOW + 2_000)).toBe(true);
      const claim = await claimOf(queue, app.id, NOW + 3_000);
      expect(claim.scans[0].failures).toBe(2);
      await queue.release(claim);

      await scan(app.id, '1.0.0', NOW + 4_000);
      const good = await imageScans.get(app.id, NOW + 4_000);
      expect(good?.scan).toMatchObject({ state: 'up-to-date' });
      expect(good?.scan.failure).toBeUndefined();
    });

    it('drops a result that was chosen by another definition', async () => {
      const before = aDefinition('app');
      const after = aDefinition('app', {
        policy: { semver: { range: '1.x' } },
      });
      const { queue, sync, imageScans, gitRepos } = await start(id, [before]);
      const claim = await claimOf(queue, before.id, NOW);
      await sync(contentsOf([after], { markers: [aMarker(after)] }), NOW + 1);
      await queue.complete(
        claim,
        [
          {
            scanId: before.id,
            result: { tag: '2.0.0', digest: DIGEST },
            nextScanAt: NOW + 300_000,
            staleAt: NOW + 600_000,
          },
        ],
        NOW + 2,
      );
      const stored = await imageScans.get(after.id, NOW + 2);
      expect(stored?.scan).toMatchObject({ state: 'unknown' });
      expect(stored?.scan.latest).toBeUndefined();
      expect((await gitRepos.get('repo'))?.updateRequestedAt).toBeUndefined();
      expect(idsOf(await queue.claimDue(due(NOW + 2)))).toEqual(['app']);
    });

    it('heeds a suspension and a shorter interval that came during the scan', async () => {
      const first = aDefinition('first', { interval: 3_600_000 });
      const second = aDefinition('second', { interval: 3_600_000 });
      const { queue, sync, imageScans } = await start(id, [first, second]);
      const claims = await queue.claimDue(due(NOW));
      await sync(
        contentsOf([
          { ...first, suspend: true },
          { ...second, interval: 60_000 },
        ]),
        NOW + 1,
      );
      for (const claim of claims) {
        const [{ definition }] = claim.scans;
        await queue.complete(
          claim,
          [
            {
              scanId: definition.id,
              result: { tag: '1.0.0', digest: DIGEST },
              nextScanAt: NOW + 3_600_000,
              staleAt: NOW + 7_200_000,
            },
          ],
          NOW + 2,
        );
      }
      const next = async ({ id: scanId }: ScanDefinition) =>
        (await imageScans.get(scanId, NOW + 2))?.scan;
      expect(await next(first)).toMatchObject({ state: 'suspended' });
      expect((await next(first))?.nextScanAt).toBeUndefined();
      expect((await next(second))?.nextScanAt).toBe(NOW + 60_002);
    });

    it('drops the result of a scan that is gone', async () => {
      const [gone, kept] = numbered(2);
      const { queue, sync, imageScans } = await start(id, [gone, kept]);
      const claim = await claimOf(queue, gone.id, NOW);
      await sync(contentsOf([kept]), NOW + 1);
      await queue.complete(
        claim,
        [{ scanId: gone.id, error: 'late', nextScanAt: NOW + 5 }],
        NOW + 2,
      );
      expect(await imageScans.get(gone.id, NOW + 2)).toBeUndefined();
    });

    it('keeps the last whole list of tags', async () => {
      const { queue } = await start(id, []);
      expect(await queue.getTags('key')).toBeUndefined();
      await queue.setTags({ listKey: 'key' }, ['1.0.0', '1.1.0'], NOW);
      expect(await queue.getTags('key')).toEqual(['1.0.0', '1.1.0']);
      await queue.setTags({ listKey: 'key' }, [], NOW + 2);
      expect(await queue.getTags('key')).toEqual([]);
    });

    it('writes a list of tags only when it differs from the last one', async () => {
      const [app] = numbered(1);
      const { queue, knex } = await start(id, [app]);
      const first = await claimOf(queue, app.id, NOW);
      expect(first.tagsHash).toBeUndefined();
      await queue.setTags(first, ['1.0.0'], NOW);
      await queue.release(first);

      const second = await claimOf(queue, app.id, NOW + 1);
      await queue.setTags(second, ['1.0.0'], NOW + 1);
      const changedAt = async () =>
        Number((await knex('tag_lists').first('changed_at')).changed_at);
      expect(await changedAt()).toBe(NOW);
      await queue.setTags(second, ['1.0.0', '1.1.0'], NOW + 2);
      expect(await changedAt()).toBe(NOW + 2);
      expect(await queue.getTags(app.listKey)).toEqual(['1.0.0', '1.1.0']);
    });

    it('never gives a scan to two of many replicas', async () => {
      const definitions = [
        ...numbered(60),
        ...Array.from({ length: 60 }, (_, index) =>
          aDefinition(`shared-${index}`, { listKey: `list-${index % 10}` }),
        ),
      ];
      const { knex } = await start(id, definitions);
      const replicas = Array.from({ length: 8 }, () => createStores(knex));
      const claims: ScanClaim[] = [];
      await Promise.all(
        replicas.map(async ({ queue }) => {
          for (let round = 0; round < 12; round += 1) {
            claims.push(...(await queue.claimDue(due(NOW + round, 5))));
          }
        }),
      );
      const claimed = idsOf(claims);
      expect(new Set(claimed).size).toBe(claimed.length);
      const lists = claims.map(({ listKey }) => listKey);
      expect(new Set(lists).size).toBe(lists.length);
      expect(claimed).toHaveLength(120);
    });

    it('stores results while the same git repo is read, without a deadlock', async () => {
      const definitions = numbered(40);
      const { knex } = await start(id, definitions);
      const contents = contentsOf(definitions, {
        markers: definitions.map(each => aMarker(each)),
      });
      const scanning = Array.from({ length: 6 }, async () => {
        const { queue } = createStores(knex);
        for (let round = 0; round < 8; round += 1) {
          for (const claim of await queue.claimDue(due(NOW + round, 4))) {
            const outcomes = claim.scans.map(({ definition }) => ({
              scanId: definition.id,
              result: { tag: `1.${round}.0`, digest: DIGEST },
              nextScanAt: NOW,
              staleAt: NOW + 600_000,
            }));
            await queue.complete(claim, outcomes, NOW + round);
          }
        }
      });
      const syncing = (async () => {
        const { sync } = createStores(knex);
        for (let round = 0; round < 8; round += 1) {
          await sync(contents, NOW + round);
        }
      })();
      await expect(Promise.all([...scanning, syncing])).resolves.toBeDefined();
    });

    it('asks for an update, whichever of the first results comes last', async () => {
      const stores = await start(id, []);
      for (let round = 0; round < 10; round += 1) {
        const key = `repo-${round}`;
        const definitions = numbered(2, { gitRepo: key });
        await stores.configure(key);
        await stores.sync(
          contentsOf(definitions, {
            markers: definitions.map(each => aMarker(each)),
          }),
          NOW,
          key,
        );
        const claims = await stores.queue.claimDue(due(NOW));
        expect(claims).toHaveLength(2);
        await Promise.all(
          claims.map(claim =>
            createStores(stores.knex).queue.complete(
              claim,
              claim.scans.map(({ definition }) => ({
                scanId: definition.id,
                result: { tag: '1.1.0', digest: DIGEST },
                nextScanAt: NOW + 300_000,
                staleAt: NOW + 600_000,
              })),
              NOW + 1,
            ),
          ),
        );
        const stored = await stores.gitRepos.get(key);
        expect(stored?.updateRequestedAt).toBeDefined();
      }
    });

    it('removes the lists of tags that no scan needs any more', async () => {
      const { knex, queue, sync, configure } = await openStores(databases, id);
      await configure('repo');
      const kept = aDefinition('kept');
      const shared = aDefinition('shared', { listKey: kept.listKey });
      const gone = Array.from({ length: 50 }, (_, index) =>
        aDefinition(`gone-${index}`),
      );
      await sync(contentsOf([kept, shared, ...gone]));
      for (const { listKey } of [kept, ...gone]) {
        await queue.setTags({ listKey }, ['1.0.0'], NOW);
      }
      await queue.removeLeftoverTags();
      expect(await knex('tag_lists')).toHaveLength(51);

      await sync(contentsOf([shared]));
      await Promise.all([
        queue.removeLeftoverTags(),
        createStores(knex).queue.removeLeftoverTags(),
      ]);
      expect(await knex('tag_lists').pluck('key')).toEqual([kept.listKey]);
      expect(await queue.getTags(shared.listKey)).toEqual(['1.0.0']);
      await sync(contentsOf([]));
      await queue.removeLeftoverTags();
      expect(await knex('tag_lists')).toEqual([]);
    });
  });
});

async function claimOf(
  queue: ReturnType<typeof createStores>['queue'],
  scanId: string,
  now: number,
): Promise<ScanClaim> {
  const claim = await queue.claimScan(scanId, now);
  if (!claim) {
    throw new Error(`Image scan ${scanId} is held`);
  }
  return claim;
}
