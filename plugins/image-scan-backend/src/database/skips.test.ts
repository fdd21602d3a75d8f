import {
  type TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import {
  aDefinition,
  aMarker,
  anUpdate,
  contentsOf,
} from '../__testUtils__/builders';
import { DIGEST, NOW, openStores } from '../__testUtils__/stores';
import type { ScanClaim } from './ScanQueue';

jest.setTimeout(60_000);

const ADA = 'user:default/ada';

describe('skips', () => {
  const databases = TestDatabases.create();

  const app = aDefinition('app');
  const web = aDefinition('web');

  /** 1.4.0 is in git and 1.5.0 waits to be written, next scanned in five minutes. */
  const start = async (id: TestDatabaseId) => {
    const stores = await openStores(databases, id);
    const { configure, sync, scan, queue, decisions, imageScans } = stores;
    await configure('repo');
    const markers = [app, web].map(each => aMarker(each, { current: '1.4.0' }));
    await sync(contentsOf([app, web], { markers }), NOW);
    await scan(app.id, '1.5.0', NOW);
    await scan(web.id, '1.5.0', NOW);

    const skip = async (tag: string, now: number, until?: number) => {
      const about = { scanId: app.id };
      const [made] = await decisions.decide(
        [{ kind: 'skip', about, tag, by: ADA, until }],
        now,
      );
      return made;
    };
    const dueNow = async (now: number) => {
      const claims = await queue.claimDue({
        now,
        limit: 10,
        placesOf: () => 10,
        busyHosts: [],
      });
      return claims;
    };
    const complete = (claim: ScanClaim, tag: string, now: number) =>
      queue.complete(
        claim,
        [
          {
            scanId: app.id,
            result: { tag, digest: DIGEST },
            nextScanAt: now + 300_000,
            staleAt: now + 600_000,
          },
        ],
        now,
      );
    const stateOf = async () => (await imageScans.get(app.id, NOW))?.scan;
    return { ...stores, skip, dueNow, complete, stateOf };
  };

  describe.each(databases.eachSupportedId())('%p', id => {
    it('hold the tag and make the scan due', async () => {
      const { skip, stateOf, dueNow } = await start(id);
      expect(await dueNow(NOW + 1)).toEqual([]);
      const made = await skip('1.5.0', NOW + 1);
      expect(await stateOf()).toMatchObject({
        state: 'held',
        nextScanAt: NOW + 1,
        held: { decision: { id: made.id, kind: 'skip' } },
      });
      const [claim, ...others] = await dueNow(NOW + 1);
      expect(others).toEqual([]);
      expect(claim.scans.map(({ definition }) => definition.id)).toEqual([
        app.id,
      ]);
    });

    it.each(['1.5.0', '1.6.0'])(
      'do not count a scan that was under way, whether %s is new or not',
      async tag => {
        const { skip, dueNow, complete, stateOf } = await start(id);
        const later = NOW + 300_000;
        const claims = await dueNow(later);
        const claim = claims.find(({ listKey }) => listKey === app.listKey);
        await skip(tag, later + 1);
        await complete(claim!, tag, later + 2);
        expect(await stateOf()).toMatchObject({
          latest: { tag: '1.5.0' },
          nextScanAt: later + 1,
        });
        const [again] = await dueNow(later + 2);
        await complete(again, '1.4.0', later + 3);
        expect(await stateOf()).toMatchObject({
          state: 'up-to-date',
          latest: { tag: '1.4.0' },
          nextScanAt: later + 300_003,
        });
      },
    );

    it('are each of one tag, and replace one of the same', async () => {
      const { skip, decisions } = await start(id);
      const first = await skip('1.5.0', NOW + 1);
      const other = await skip('1.6.0', NOW + 2);
      const second = await skip('1.5.0', NOW + 3);
      expect(await decisions.binding('repo', NOW + 4)).toEqual([other, second]);
      expect((await decisions.get(first.id))?.ended?.how).toBe('replaced');
    });

    it('make the scan due when they end, by whatever', async () => {
      const { skip, decisions, updates, stateOf, scan } = await start(id);
      const ended = async (end: () => unknown) => {
        await scan(app.id, '1.4.0', NOW + 10);
        expect((await stateOf())?.nextScanAt).toBe(NOW + 300_010);
        await end();
        return (await stateOf())?.nextScanAt;
      };
      const released = await skip('1.5.0', NOW + 1);
      expect(
        await ended(() =>
          decisions.release(released.id, { by: ADA }, NOW + 20),
        ),
      ).toBe(NOW + 20);
      await skip('1.5.0', NOW + 30, NOW + 40);
      expect(await ended(() => decisions.endPast(NOW + 40))).toBe(NOW + 40);
      const { id: withUpdate } = await skip('1.5.0', NOW + 50);
      const update = anUpdate('u1', [web], { releases: [withUpdate] });
      await updates.announce(update);
      const before = Date.now();
      const dueAt = await ended(() => updates.confirm(update));
      expect(dueAt).toBeGreaterThanOrEqual(before);
      expect(dueAt).toBeLessThanOrEqual(Date.now());
    });

    it('leave a suspended scan alone', async () => {
      const { skip, sync, stateOf } = await start(id);
      await sync(contentsOf([{ ...app, suspend: true }, web]), NOW + 1);
      await skip('1.5.0', NOW + 2);
      expect((await stateOf())?.nextScanAt).toBeUndefined();
    });

    it('end a rollback from that tag, so that the next one is written', async () => {
      const { sync, scan, decisions, stateOf } = await start(id);
      const read = (current: string, now: number) =>
        sync(
          contentsOf([app, web], {
            headCommit: String(now).padEnd(40, '0'),
            markers: [aMarker(app, { current })],
          }),
          now,
        );
      await read('1.5.0', NOW + 1);
      await read('1.4.0', NOW + 2);
      const [rollback] = await decisions.binding('repo', NOW + 3);
      expect(rollback.kind).toBe('rollback');
      const skip = {
        kind: 'skip' as const,
        about: { scanId: app.id },
        tag: '1.5.0',
        by: ADA,
        release: [rollback.id],
      };
      await expect(
        decisions.decide([{ ...skip, about: { scanId: web.id } }], NOW + 4),
      ).rejects.toThrow(/There is no decision/);
      await decisions.decide([skip], NOW + 4);
      expect(await decisions.get(rollback.id)).toMatchObject({
        ended: { how: 'released', by: ADA, at: NOW + 4 },
      });
      await scan(app.id, '1.4.0', NOW + 5);
      expect((await stateOf())?.state).toBe('up-to-date');
      await read('1.4.0', NOW + 6);
      await scan(app.id, '1.6.0', NOW + 7);
      expect(await stateOf()).toMatchObject({
        state: 'update-available',
        held: undefined,
      });
      await expect(decisions.decide([skip], NOW + 8)).rejects.toThrow(
        /has ended already/,
      );
    });
  });
});
