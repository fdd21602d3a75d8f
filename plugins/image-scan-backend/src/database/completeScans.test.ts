import {
  type TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { aDefinition, aMarker, contentsOf } from '../__testUtils__/builders';
import { DIGEST, NOW, openStores } from '../__testUtils__/stores';
import type { ScanDefinition } from '../model/types';
import { completeScans } from './completeScans';
import { LEASE_DURATION_MS } from './leases';
import type { ScanClaim, ScanCompletion } from './ScanQueue';

jest.setTimeout(60_000);

const LATER = NOW + 300_000;

/** What a claim of one scan found. */
const completionOf = (
  { token, scans: [{ definition, epoch }] }: ScanClaim,
  tag: string,
  now = LATER,
): ScanCompletion => ({
  token,
  definition,
  epoch,
  now,
  outcome: {
    scanId: definition.id,
    result: { tag, digest: DIGEST },
    nextScanAt: now + definition.interval,
    staleAt: now + 2 * definition.interval,
  },
});

describe('completeScans', () => {
  const databases = TestDatabases.create();

  /** Scans that have found 1.0.0 before and are claimed again. */
  const claimAgain = async (
    databaseId: TestDatabaseId,
    definitions: ScanDefinition[],
  ) => {
    const stores = await openStores(databases, databaseId);
    await stores.configure('repo');
    await stores.sync(
      contentsOf(definitions, {
        markers: definitions.map(each => aMarker(each)),
      }),
    );
    const claims: ScanClaim[] = [];
    for (const { id } of definitions) {
      await stores.scan(id, '1.0.0');
      const claim = await stores.queue.claimScan(id, LATER);
      claims.push(...(claim ? [claim] : []));
    }
    expect(claims).toHaveLength(definitions.length);
    const scanOf = async ({ id }: ScanDefinition) =>
      (await stores.imageScans.get(id, LATER))?.scan;
    return { ...stores, claims, scanOf };
  };

  const statementsOf = async (
    knex: Awaited<ReturnType<typeof claimAgain>>['knex'],
    work: () => Promise<unknown>,
  ) => {
    const statements: string[] = [];
    const note = ({ sql }: { sql: string }) => statements.push(sql);
    knex.on('query', note);
    await work();
    knex.removeListener('query', note);
    return statements;
  };

  describe.each(databases.eachSupportedId())('%p', id => {
    it('leaves nothing of a change that has gone', async () => {
      const app = aDefinition('app');
      const { knex, queue, claims, scanOf, scan } = await claimAgain(id, [app]);
      await queue.release(claims[0]);
      const row = () => knex('image_scans').where({ id: app.id }).first();
      await scan(app.id, '1.1.0', LATER + 1);
      expect(await scanOf(app)).toMatchObject({
        state: 'update-available',
        change: 'minor',
      });
      // The tag was deleted, and git has what the registry has again.
      await scan(app.id, '1.0.0', LATER + 2);
      expect(await row()).toMatchObject({
        state: 'up-to-date',
        current_tag: '1.0.0',
        change_kind: null,
        held: null,
        scan_error: null,
      });

      // The same for a change that was held, and for a failure.
      await scan(app.id, '0.9.0', LATER + 3);
      expect(await row()).toMatchObject({
        state: 'held',
        held: expect.stringContaining('0.9.0'),
      });
      await scan(app.id, new Error('no route'), LATER + 4);
      expect(await row()).toMatchObject({
        state: 'error',
        scan_error: 'no route',
        scan_failures: 1,
      });
      await scan(app.id, '1.0.0', LATER + 5);
      expect(await row()).toMatchObject({
        state: 'up-to-date',
        change_kind: null,
        held: null,
        scan_error: null,
        scan_error_at: null,
        scan_failures: 0,
      });
    });

    it('stores what found nothing new in one statement, each with its times', async () => {
      const definitions = Array.from({ length: 20 }, (_, index) =>
        aDefinition(`app-${index}`, { interval: 60_000 * (index + 1) }),
      );
      const { knex, claims, scanOf, queue } = await claimAgain(id, definitions);
      const statements = await statementsOf(knex, async () => {
        const done = await completeScans(
          knex,
          claims.map((claim, index) =>
            completionOf(claim, '1.0.0', LATER + index),
          ),
        );
        expect(done).toEqual(definitions.map(() => true));
      });
      expect(statements).toHaveLength(1);
      for (const [index, definition] of definitions.entries()) {
        const now = LATER + index;
        expect(await scanOf(definition)).toMatchObject({
          state: 'up-to-date',
          lastScanAt: now,
          nextScanAt: now + definition.interval,
          staleAt: now + 2 * definition.interval,
        });
        const again = await queue.claimScan(definition.id, now);
        expect(again?.scans).toHaveLength(1);
      }
    });

    it('assesses those again that found something else', async () => {
      const definitions = ['same', 'newer', 'failed', 'recovered'].map(name =>
        aDefinition(name),
      );
      const [same, newer, failed, recovered] = definitions;
      const { knex, claims, scanOf, gitRepos } = await claimAgain(
        id,
        definitions,
      );
      await knex('image_scans')
        .where({ id: recovered.id })
        .update({ scan_error: 'no route', scan_error_at: NOW });
      const failure: ScanCompletion = {
        ...completionOf(claims[2], ''),
        outcome: { scanId: failed.id, error: 'gone', nextScanAt: LATER + 1 },
      };
      const done = await completeScans(knex, [
        completionOf(claims[0], '1.0.0'),
        completionOf(claims[1], '1.1.0'),
        failure,
        completionOf(claims[3], '1.0.0'),
      ]);
      expect(done).toEqual([true, true, true, true]);
      expect(await scanOf(same)).toMatchObject({ state: 'up-to-date' });
      expect(await scanOf(newer)).toMatchObject({
        state: 'update-available',
        latest: { tag: '1.1.0' },
      });
      expect(await scanOf(failed)).toMatchObject({
        state: 'error',
        failure: { message: 'gone', count: 1 },
        latest: { tag: '1.0.0' },
      });
      expect(await scanOf(recovered)).toMatchObject({ state: 'up-to-date' });
      expect((await scanOf(recovered))?.failure).toBeUndefined();
      expect((await gitRepos.get('repo'))?.updateRequestedAt).toBe(LATER);
    });

    it('drops what was lost, also beside the claim that took it over', async () => {
      const app = aDefinition('app');
      const { knex, claims, scanOf, queue } = await claimAgain(id, [app]);
      const later = LATER + LEASE_DURATION_MS + 1;
      const taken = await queue.claimScan(app.id, later);
      if (!taken) {
        throw new Error('The lease has not ended');
      }
      const [lost] = claims;
      expect(
        await completeScans(knex, [
          completionOf(lost, '1.0.0', LATER + 5),
          completionOf(taken, '1.0.0', later),
        ]),
      ).toEqual([false, true]);
      expect(await scanOf(app)).toMatchObject({ lastScanAt: later });
      expect(
        await completeScans(knex, [completionOf(lost, '1.0.0', later + 5)]),
      ).toEqual([false]);
      expect(await scanOf(app)).toMatchObject({ lastScanAt: later });
    });
  });
});
