import {
  type TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { aDefinition, aMarker, contentsOf } from '../__testUtils__/builders';
import { DIGEST, NOW, openStores } from '../__testUtils__/stores';
import type { ScanDefinition } from '../model/types';
import type { ScanOutcome } from './ScanQueue';

jest.setTimeout(60_000);

const HOUR = 3_600_000;

describe('what a choice goes by', () => {
  const databases = TestDatabases.create();

  const app = aDefinition('app');
  const aged = aDefinition('aged', { minimumAge: 72 * HOUR });
  const values = ['1.4.0', '1.5.0'];

  const start = async (id: TestDatabaseId) => {
    const stores = await openStores(databases, id);
    const { configure, sync, queue, imageScans } = stores;
    await configure('repo');
    const read = (definitions: ScanDefinition[], now: number) =>
      sync(
        contentsOf(definitions, {
          headCommit: String(now).padEnd(40, '0'),
          markers: definitions.flatMap(each =>
            values.map((current, at) => aMarker(each, { line: at, current })),
          ),
        }),
        now,
      );
    const claim = async (scanId: string, now: number) => {
      const held = await queue.claimScan(scanId, now);
      if (!held) {
        throw new Error(`${scanId} is held`);
      }
      return held;
    };
    /** As if `outcome` came of a scan now. */
    const complete = async (
      scanId: string,
      now: number,
      outcome: Pick<
        Extract<ScanOutcome, { staleAt: number }>,
        'result' | 'choice'
      >,
    ) => {
      const times = { nextScanAt: now + HOUR, staleAt: now + 2 * HOUR };
      const held = await claim(scanId, now);
      await queue.complete(held, [{ scanId, ...outcome, ...times }], now);
    };
    const stateOf = async (scanId: string) =>
      (await imageScans.get(scanId, NOW))?.scan;
    return { ...stores, read, claim, complete, stateOf };
  };

  const result = { tag: '1.5.0', digest: DIGEST };
  const choice = { waiting: { tag: '1.6.0', until: NOW + 5 * HOUR } };

  describe.each(databases.eachSupportedId())('%p', id => {
    it('is claimed where the choice depends on it, and not elsewhere', async () => {
      const { read, claim, decisions } = await start(id);
      await read([app, aged], NOW);
      const plain = await claim(app.id, NOW);
      expect(plain.scans).toMatchObject([{ markers: [], skips: [] }]);
      const [ofAged] = (await claim(aged.id, NOW)).scans;
      expect(ofAged.definition.minimumAge).toBe(72 * HOUR);
      expect(ofAged.markers.map(({ current }) => current).sort()).toEqual(
        values,
      );

      const skip = { kind: 'skip' as const, about: { scanId: app.id } };
      await decisions.decide(
        [
          { ...skip, tag: '1.6.0', by: 'ada' },
          { ...skip, tag: '1.7.0', by: 'ada', until: NOW + HOUR },
          { kind: 'hold', about: { scanId: app.id }, by: 'ada' },
        ],
        NOW + 1,
      );
      const [skipping] = (await claim(app.id, NOW + HOUR)).scans;
      expect(skipping.skips).toMatchObject([{ tag: '1.6.0', by: 'ada' }]);
      expect(skipping.markers).toHaveLength(2);
    });

    it('is stored with the result, and told to the next scan', async () => {
      const { read, claim, complete, stateOf, scan } = await start(id);
      await read([aged], NOW);
      await complete(aged.id, NOW, { result, choice });
      expect(await stateOf(aged.id)).toMatchObject({ latest: result, choice });
      const later = { waiting: { tag: '1.7.0', until: NOW } };
      await complete(aged.id, NOW + 1, { result, choice: later });
      expect((await stateOf(aged.id))?.choice).toEqual(later);
      await scan(aged.id, new Error('silent'), NOW + 2);
      const { scans } = await claim(aged.id, NOW + 3);
      expect(scans).toMatchObject([{ before: { result, notes: later } }]);
      await complete(aged.id, NOW + 60_000, { result });
      expect((await stateOf(aged.id))?.choice).toEqual({});
    });

    it('brings the platforms that are wanted, and no others', async () => {
      const { read, claim } = await start(id);
      const platforms = ['linux/amd64', 'linux/arm64'];
      await read([app, aDefinition('made', { platforms })], NOW);
      const made = aDefinition('made').id;
      expect((await claim(made, NOW)).scans).toMatchObject([
        { definition: { platforms }, markers: [{}, {}] },
      ]);
      const [plain] = (await claim(app.id, NOW)).scans;
      expect(plain.definition.platforms).toBeUndefined();
    });

    it('is asked for anew when a step is another, which is no other definition', async () => {
      const { read, claim, complete, stateOf } = await start(id);
      const stepping = (maxStep: 'patch' | 'minor') =>
        aDefinition('app', {
          policy: { semver: { range: '*', maxStep } },
          hash: app.hash,
        });
      await read([stepping('patch')], NOW);
      await complete(app.id, NOW, { result });
      await read([stepping('minor')], NOW + 1);
      expect(await stateOf(app.id)).toMatchObject({
        latest: result,
        nextScanAt: NOW + 1,
      });
      const [claimed] = (await claim(app.id, NOW + 1)).scans;
      expect(claimed.markers).toHaveLength(2);
    });

    it('holds a step back by the clock where the newest is chosen', async () => {
      const { sync, complete, stateOf, decisions } = await start(id);
      const newest = aDefinition('app', { policy: { newest: {} } });
      const read = (current: string, now: number) =>
        sync(
          contentsOf([newest], {
            headCommit: String(now).padEnd(40, '0'),
            markers: [aMarker(newest, { current })],
          }),
          now,
        );
      const found = (tag: string, times: [string, number][]) => ({
        result: { tag, digest: DIGEST },
        choice: { firstSeen: times },
      });
      await read('b', NOW);
      await complete(app.id, NOW, found('b', [['b', NOW]]));
      expect((await stateOf(app.id))?.state).toBe('up-to-date');
      // The registry withdrew it.
      const times: [string, number][] = [
        ['b', NOW],
        ['a', NOW - 9],
      ];
      await complete(app.id, NOW + 1, found('a', times));
      expect(await stateOf(app.id)).toMatchObject({
        state: 'held',
        held: {
          from: 'b',
          to: 'a',
          reason: 'git has b, which appeared after a',
        },
      });
      await complete(app.id, NOW + 2, found('c', [...times, ['c', NOW + 2]]));
      expect((await stateOf(app.id))?.state).toBe('update-available');
      // By hand, and neither before nor after what the result wants.
      await read('c', NOW + 3);
      expect(await decisions.binding('repo', NOW + 3)).toEqual([]);
      await read('a', NOW + 4);
      expect(await decisions.binding('repo', NOW + 4)).toMatchObject([
        { kind: 'rollback' },
      ]);
    });

    it('leaves no result where nothing is old enough', async () => {
      const { read, complete, stateOf, gitRepos } = await start(id);
      await read([aged], NOW);
      await complete(aged.id, NOW, { result });
      expect((await stateOf(aged.id))?.state).toBe('update-available');
      await complete(aged.id, NOW + 1, { choice });
      const after = await stateOf(aged.id);
      expect(after).toMatchObject({ state: 'unknown', choice });
      expect(after?.latest).toBeUndefined();
      expect(after?.failure).toBeUndefined();
      expect((await gitRepos.get('repo'))?.updateRequestedAt).toBe(NOW);
    });

    it('is asked for anew when the age is another, and counts no older scan', async () => {
      const { read, claim, complete, queue, stateOf } = await start(id);
      await read([aged], NOW);
      await complete(aged.id, NOW, { result });
      const running = await claim(aged.id, NOW + HOUR);
      await read([{ ...aged, minimumAge: 96 * HOUR }], NOW + HOUR + 1);
      expect(await stateOf(aged.id)).toMatchObject({
        latest: result,
        nextScanAt: NOW + HOUR + 1,
        definition: { minimumAge: 96 * HOUR, hash: aged.hash },
      });
      const outcome = {
        scanId: aged.id,
        result: { ...result, tag: '1.6.0' },
        nextScanAt: NOW + 9 * HOUR,
        staleAt: NOW + 9 * HOUR,
      };
      await queue.complete(running, [outcome], NOW + HOUR + 2);
      expect(await stateOf(aged.id)).toMatchObject({
        latest: result,
        nextScanAt: NOW + HOUR + 1,
      });
      await read([{ ...aged, minimumAge: undefined }], NOW + HOUR + 3);
      const [last] = (await claim(aged.id, NOW + 2 * HOUR)).scans;
      expect(last.definition.minimumAge).toBeUndefined();
      expect(last.markers).toEqual([]);
    });
  });
});
