import { setTimeout } from 'node:timers/promises';
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
import { NOW, openStores } from '../__testUtils__/stores';
import type { NewDecision } from './DecisionStore';

jest.setTimeout(60_000);

const ADA = 'user:default/ada';

describe('decisions', () => {
  const databases = TestDatabases.create();

  const app = aDefinition('app');
  const web = aDefinition('web');
  const other = aDefinition('app', { gitRepo: 'other' });

  const start = async (id: TestDatabaseId) => {
    const stores = await openStores(databases, id);
    const { sync, scan, imageScans, decisions, configure } = stores;
    await configure('repo', 'other');
    /** Reads the values of `app`, one a line, at a head of its own. */
    const read = async (values: string[], now: number, branch = 'main') =>
      sync(
        contentsOf([app], {
          branch,
          headCommit: String(now).padEnd(40, '0'),
          markers: values.map((current, index) =>
            aMarker(app, { line: index + 1, current }),
          ),
        }),
        now,
      );
    const stateOf = async (scanId = app.id) =>
      (await imageScans.get(scanId, NOW))?.scan;
    const active = async (now = NOW) => decisions.binding('repo', now);
    const hold = (about: NewDecision['about'], now: number, until?: number) =>
      decisions.decide(
        [{ kind: 'hold', about, by: ADA, reason: 'sale', until }],
        now,
      );
    return { ...stores, read, scan, stateOf, active, hold };
  };

  describe.each(databases.eachSupportedId())('%p', id => {
    /** 1.5.0 is agreed on at each of some markers. */
    const settled = async (count = 1) => {
      const stores = await start(id);
      await stores.read(new Array(count).fill('1.5.0'), NOW);
      await stores.scan(app.id, '1.5.0', NOW + 1);
      expect((await stores.stateOf())?.state).toBe('up-to-date');
      return stores;
    };

    describe('a rollback in git', () => {
      it('is noticed when contents are stored, and holds what would be written', async () => {
        const { read, stateOf, active, gitRepos } = await settled();
        await read(['1.4.0'], NOW + 2);
        const [rollback, ...more] = await active();
        expect(more).toEqual([]);
        expect(rollback).toMatchObject({
          kind: 'rollback',
          by: 'git',
          at: NOW + 2,
          gitRepo: 'repo',
          scanId: app.id,
          place: {
            remote: 'https://git.example.com/org/repo',
            branch: 'main',
            path: '.',
            tagName: 'app',
            image: app.image,
          },
          rollback: {
            headBefore: String(NOW).padEnd(40, '0'),
            headAfter: String(NOW + 2).padEnd(40, '0'),
            places: [{ line: 1, form: 'tag', before: '1.5.0', after: '1.4.0' }],
          },
        });
        expect(await stateOf()).toMatchObject({
          state: 'held',
          settled: { tag: '1.4.0' },
          held: {
            from: '1.4.0',
            to: '1.5.0',
            decision: { id: rollback.id, kind: 'rollback' },
          },
        });
        expect((await gitRepos.get('repo'))?.updateRequestedAt).toBeUndefined();
      });

      it('holds newer results as well, and is one with each further step', async () => {
        const { read, scan, stateOf, active } = await settled();
        await read(['1.4.0'], NOW + 2);
        const [{ id: first }] = await active();
        await scan(app.id, '1.6.0', NOW + 3);
        expect(await stateOf()).toMatchObject({
          state: 'held',
          held: { to: '1.6.0' },
        });
        await read(['1.3.0'], NOW + 4);
        expect(await active()).toMatchObject([
          {
            id: first,
            at: NOW + 2,
            rollback: { places: [{ before: '1.5.0', after: '1.3.0' }] },
          },
        ]);
      });

      it('gets a name until it goes further', async () => {
        const { read, active, decisions } = await settled();
        await read(['1.4.0'], NOW + 2);
        const [noticed] = await active();
        const maker = {
          commit: 'c'.repeat(40),
          author: 'Zoë',
          subject: 'Back',
        };
        await decisions.nameMaker(noticed, maker);
        const rollback = { ...noticed.rollback, ...maker };
        expect(await active()).toEqual([{ ...noticed, rollback }]);
        await read(['1.4.0'], NOW + 3);
        expect(await active()).toEqual([{ ...noticed, rollback }]);

        await read(['1.3.0'], NOW + 4);
        const [further] = await active();
        expect(further.id).toBe(noticed.id);
        expect(further.rollback).not.toHaveProperty('author');
        await decisions.nameMaker(noticed, maker);
        expect(await active()).toEqual([further]);
      });

      it('tells of 100 places and how many more there are', async () => {
        const { read, active, stateOf } = await settled(103);
        await read(new Array(103).fill('1.4.0'), NOW + 2);
        const [{ rollback }] = await active();
        expect(rollback?.places).toHaveLength(100);
        expect(rollback?.morePlaces).toBe(3);
        expect((await stateOf())?.held?.reason).toMatch(
          / and at 102 more places$/,
        );
      });

      it('is noticed beside a newer result that came first', async () => {
        const { read, scan, active } = await settled();
        await scan(app.id, '1.6.0', NOW + 2);
        await read(['1.4.0'], NOW + 3);
        expect(await active()).toHaveLength(1);
      });

      it('ends when it is undone in git', async () => {
        const { read, stateOf, active, decisions, gitRepos, scan } =
          await settled(2);
        await read(['1.4.0', '1.4.0'], NOW + 2);
        await read(['1.5.0', '1.4.0'], NOW + 3);
        expect(await active()).toHaveLength(1);
        await scan(app.id, '1.6.0', NOW + 4);
        await read(['1.5.0', '1.5.0'], NOW + 5);
        expect(await active()).toEqual([]);
        const { items } = await decisions.list(
          { gitRepos: ['repo'], active: false },
          { now: NOW, limit: 9, offset: 0 },
        );
        expect(items).toMatchObject([
          { ended: { how: 'in-git', by: 'git', at: NOW + 5 } },
        ]);
        expect((await stateOf())?.state).toBe('update-available');
        expect((await gitRepos.get('repo'))?.updateRequestedAt).toBe(NOW + 5);
      });

      it('ends when it is released, and is noticed anew when it is made anew', async () => {
        const { read, stateOf, active, decisions, gitRepos } = await settled();
        await read(['1.4.0'], NOW + 2);
        const [{ id: rollback }] = await active();
        expect(
          await decisions.release(rollback, { by: ADA, reason: 'ok' }, NOW + 3),
        ).toMatchObject({
          ended: { how: 'released', by: ADA, at: NOW + 3, reason: 'ok' },
        });
        expect((await stateOf())?.state).toBe('update-available');
        expect((await gitRepos.get('repo'))?.updateRequestedAt).toBe(NOW + 3);
        await read(['1.4.0'], NOW + 4);
        expect(await active()).toEqual([]);
        await read(['1.5.0'], NOW + 5);
        await read(['1.4.0'], NOW + 6);
        expect(await active()).toHaveLength(1);
      });

      it('ends with a definition that admits nothing of it', async () => {
        const { read, active, sync } = await settled();
        await read(['1.4.0'], NOW + 2);
        const narrow = aDefinition('app', {
          policy: { semver: { range: '1.4' } },
        });
        const markers = [aMarker(app, { line: 1, current: '1.4.0' })];
        await sync(contentsOf([narrow], { markers }), NOW + 3);
        expect(await active()).toEqual([]);
      });

      it('is not noticed on another branch', async () => {
        const { read, active } = await settled();
        await read(['1.4.0'], NOW + 2, 'release');
        expect(await active()).toEqual([]);
        await read(['1.3.0'], NOW + 3, 'main');
        expect(await active()).toEqual([]);
      });

      it('is not noticed at the first look after markers are read anew', async () => {
        const { read, active, knex } = await settled();
        await knex('git_repos').update({ reader: 0 });
        await read(['1.4.0'], NOW + 2);
        expect(await active()).toEqual([]);
        await read(['1.3.0'], NOW + 3);
        expect(await active()).toHaveLength(1);
      });

      it('is noticed of what an update wrote that was never read', async () => {
        const { read, scan, updates, active } = await settled();
        await scan(app.id, '1.6.0', NOW + 2);
        const update = anUpdate('u1', [app]);
        const [change] = update.changes;
        const changes = [{ ...change, from: '1.5.0', to: '1.6.0' }];
        await updates.announce({ ...update, changes });
        await updates.confirm({ ...update, changes });
        await read(['1.5.0'], NOW + 3);
        expect(await active()).toMatchObject([
          { rollback: { places: [{ before: '1.6.0', after: '1.5.0' }] } },
        ]);
      });

      it('is no false alarm of what an announced update writes', async () => {
        const { read, scan, updates, active } = await settled();
        const update = anUpdate('u1', [app]);
        const [change] = update.changes;
        const changes = [{ ...change, from: '1.5.0', to: '1.4.9' }];
        await updates.announce({ ...update, changes });
        await scan(app.id, '1.6.0', NOW + 2);
        await read(['1.4.9'], NOW + 3);
        expect(await active()).toEqual([]);
      });

      it('is foreseen without being stored', async () => {
        const { gitRepos, active } = await settled();
        const markers = [aMarker(app, { line: 1, current: '1.4.0' })];
        const contents = contentsOf([app], { markers });
        expect(await gitRepos.foresee('repo', contents, NOW + 2)).toMatchObject(
          [{ kind: 'rollback', scanId: app.id }],
        );
        expect(await active()).toEqual([]);
      });

      it('outlives the removal of its marker and its scan', async () => {
        const { read, active, sync } = await settled();
        await read(['1.4.0'], NOW + 2);
        await read([], NOW + 3);
        await sync(contentsOf([]), NOW + 4);
        await read(['1.4.0'], NOW + 5);
        expect(await active()).toHaveLength(1);
      });
    });

    describe('a rollback and a hold', () => {
      const decided = async () => {
        const stores = await settled();
        await stores.read(['1.4.0'], NOW + 2);
        await stores.hold({ scanId: app.id }, NOW + 3);
        return stores;
      };

      it('outlive a mistake in the file', async () => {
        const { sync, read, active, stateOf } = await decided();
        const file = 'fleet.yaml';
        const unusable = [{ path: '.', file, tagName: 'app' }];
        await sync(contentsOf([], { unusable }), NOW + 4);
        expect(await stateOf()).toMatchObject({
          state: 'error',
          failure: { message: expect.stringMatching(/^fleet.yaml: the entry/) },
        });
        expect((await stateOf())?.nextScanAt).toBeUndefined();
        await read(['1.4.0'], NOW + 5);
        expect(await active()).toHaveLength(2);
        expect((await stateOf())?.nextScanAt).toBe(NOW + 5);
        await read(['1.5.0'], NOW + 6);
        expect(await active()).toMatchObject([{ kind: 'hold' }]);
      });

      it('outlive a file that cannot be read, but not an entry that is gone', async () => {
        const { sync, stateOf } = await decided();
        const unusable = [{ path: '.', file: 'fleet.yaml' }];
        await sync(contentsOf([], { unusable }), NOW + 4);
        expect((await stateOf())?.state).toBe('error');
        await sync(contentsOf([]), NOW + 5);
        expect(await stateOf()).toBeUndefined();
      });

      it.each([
        ['folder', aDefinition('app', { path: 'apps' })],
        ['tagName', aDefinition('site', { image: app.image })],
      ])('go with a scan whose %s is renamed', async (_, renamed) => {
        const { sync, active, stateOf } = await decided();
        const markers = [aMarker(renamed, { line: 1, current: '1.4.0' })];
        await sync(contentsOf([renamed], { markers }), NOW + 4);
        const { path, tagName } = renamed;
        const place = { path, tagName };
        expect(await active()).toMatchObject([
          { kind: 'rollback', scanId: renamed.id, place },
          { kind: 'hold', scanId: renamed.id, place },
        ]);
        expect(await stateOf()).toBeUndefined();
        expect(await stateOf(renamed.id)).toMatchObject({
          state: 'held',
          latest: { tag: '1.5.0' },
        });
        const undone = [{ ...markers[0], current: '1.5.0' }];
        await sync(contentsOf([renamed], { markers: undone }), NOW + 5);
        expect(await active()).toMatchObject([{ kind: 'hold' }]);
      });

      it('stay where two scans could be the one that is renamed', async () => {
        const { sync, active } = await decided();
        await sync(
          contentsOf([
            aDefinition('app', { path: 'a' }),
            aDefinition('app', { path: 'b' }),
          ]),
          NOW + 4,
        );
        expect(await active()).toMatchObject([
          { scanId: app.id },
          { scanId: app.id },
        ]);
      });
    });

    describe('a hold', () => {
      const waiting = async () => {
        const stores = await start(id);
        const markers = [aMarker(app), aMarker(web)];
        await stores.sync(contentsOf([app, web], { markers }), NOW);
        await stores.scan(app.id, '1.1.0', NOW);
        await stores.scan(web.id, '1.1.0', NOW);
        await stores.sync(contentsOf([other]), NOW, 'other');
        return stores;
      };

      it.each([
        ['a scan', { scanId: app.id }, 'update-available'],
        ['a git repo', { gitRepo: 'repo' }, 'held'],
        ['everything', {}, 'held'],
      ])('of %s holds what would be written', async (_, about, state) => {
        const { hold, stateOf, decisions, gitRepos } = await waiting();
        const [made] = await hold(about, NOW + 1);
        expect(await stateOf()).toMatchObject({
          state: 'held',
          held: {
            to: '1.1.0',
            reason: expect.stringMatching(`held by ${ADA}: sale`),
            decision: { id: made.id, kind: 'hold' },
          },
        });
        expect((await stateOf(web.id))?.state).toBe(state);
        await decisions.release(made.id, { by: ADA }, NOW + 2);
        expect((await stateOf())?.state).toBe('update-available');
        expect((await gitRepos.get('repo'))?.updateRequestedAt).toBe(NOW + 2);
        await expect(
          decisions.release(made.id, { by: ADA }, NOW + 3),
        ).rejects.toThrow(/has ended already/);
      });

      it('leaves a scan up to date that has nothing to write', async () => {
        const { hold, stateOf } = await settled();
        await hold({ scanId: app.id }, NOW + 2);
        expect((await stateOf())?.state).toBe('up-to-date');
      });

      it('holds later results and contents', async () => {
        const { hold, stateOf, scan, read } = await settled();
        await hold({ scanId: app.id }, NOW + 2);
        await scan(app.id, '1.6.0', NOW + 3);
        expect((await stateOf())?.state).toBe('held');
        await read(['1.5.0', '1.1.0'], NOW + 4);
        expect((await stateOf())?.state).toBe('held');
      });

      it('takes the place of an earlier one', async () => {
        const { hold, active } = await waiting();
        const [first] = await hold({ scanId: app.id }, NOW + 1);
        const [second] = await hold({ scanId: app.id }, NOW + 2, NOW + 99);
        expect(await active()).toEqual([second]);
        expect(second).toMatchObject({ until: NOW + 99, by: ADA });
        expect(second.id).not.toBe(first.id);
      });

      it('ends by its date', async () => {
        const { hold, active, decisions, stateOf, gitRepos } = await waiting();
        const [made] = await hold({ scanId: app.id }, NOW + 1, NOW + 9);
        await decisions.endPast(NOW + 8);
        expect(await active(NOW + 8)).toEqual([made]);
        expect(await active(NOW + 9)).toEqual([]);
        await decisions.endPast(NOW + 9);
        expect(await decisions.get(made.id)).toMatchObject({
          ended: { how: 'expired', at: NOW + 9 },
        });
        expect((await stateOf())?.state).toBe('update-available');
        expect((await gitRepos.get('repo'))?.updateRequestedAt).toBe(NOW + 9);
      });

      it('is announced over by nothing once it has answered', async () => {
        const { hold, updates, decisions } = await waiting();
        const [made] = await hold({ scanId: app.id }, NOW + 1);
        const createdAt = NOW + 2;
        const update = anUpdate('u1', [app], { createdAt });
        await expect(updates.announce(update)).rejects.toMatchObject({
          decision: { id: made.id },
        });
        expect(await updates.announced('repo')).toEqual([]);
        await updates.announce(anUpdate('u2', [web], { createdAt }));

        const releasing = { ...update, releases: [made.id] };
        await updates.announce(releasing);
        expect((await decisions.get(made.id))?.ended).toBeUndefined();
        await updates.confirm(releasing);
        expect(await decisions.get(made.id)).toMatchObject({
          ended: { how: 'released', by: 'schedule' },
        });
      });

      it('waits in no circle with results of scans of several git repos', async () => {
        const { decisions, sync, knex } = await start(id);
        const last = aDefinition('last', { gitRepo: 'other', id: 'last' });
        const first = aDefinition('first', { id: 'first' });
        await sync(contentsOf([last]), NOW, 'other');
        await sync(contentsOf([first]), NOW);
        const lock = (trx: Knex.Transaction, scanId: string) =>
          trx('image_scans').where({ id: scanId }).forUpdate().select('id');
        let holding: Promise<unknown> | undefined;
        await knex.transaction(async trx => {
          await lock(trx, 'first');
          holding = decisions.decide(
            [{ kind: 'hold', about: {}, by: ADA }],
            NOW + 1,
          );
          await setTimeout(500);
          await lock(trx, 'last');
        });
        await expect(holding).resolves.toHaveLength(1);
      });

      it('needs a git repo or scan that is there', async () => {
        const { hold } = await waiting();
        await expect(hold({ scanId: 'none' }, NOW)).rejects.toThrow(
          'There is no image scan none',
        );
        await expect(hold({ gitRepo: 'none' }, NOW)).rejects.toThrow(
          'There is no git repo none',
        );
      });

      it('outlives its scan', async () => {
        const { hold, sync, active, scan, stateOf } = await waiting();
        const [made] = await hold({ scanId: app.id }, NOW + 1);
        await sync(contentsOf([web]), NOW + 2);
        await sync(contentsOf([app], { markers: [aMarker(app)] }), NOW + 3);
        await scan(app.id, '1.1.0', NOW + 4);
        expect(await active()).toEqual([made]);
        expect((await stateOf())?.state).toBe('held');
      });

      it('is listed with others, the newest first', async () => {
        const { hold, decisions } = await waiting();
        const [all] = await hold({}, NOW + 1);
        const [one] = await hold({ scanId: app.id }, NOW + 2);
        const [repo] = await hold({ gitRepo: 'other' }, NOW + 3);
        await decisions.release(all.id, { by: ADA }, NOW + 4);
        const list = async (
          filter: object,
          page: { limit?: number; offset?: number } = {},
        ) => {
          const { items, totalItems } = await decisions.list(
            { gitRepos: ['repo'], ...filter },
            { now: NOW + 5, limit: 9, offset: 0, ...page },
          );
          return [totalItems, ...items.map(item => item.id)];
        };
        expect(await list({})).toEqual([2, one.id, all.id]);
        expect(await list({ gitRepos: ['repo', 'other'] })).toEqual([
          3,
          repo.id,
          one.id,
          all.id,
        ]);
        expect(await list({}, { limit: 1, offset: 1 })).toEqual([2, all.id]);
        expect(await list({ active: true })).toEqual([1, one.id]);
        expect(await list({ active: false })).toEqual([1, all.id]);
        expect(await list({ scanId: app.id })).toEqual([1, one.id]);
        expect(await list({ folders: ['none'] })).toEqual([1, all.id]);
      });

      it('is listed by its path where its scan is gone, and where its git repo is', async () => {
        const { hold, decisions, sync } = await waiting();
        const [one] = await hold({ scanId: app.id }, NOW + 1);
        const [repo] = await hold({ gitRepo: 'other' }, NOW + 2);
        await sync(contentsOf([web]), NOW + 3);
        const list = async (filter: object) => {
          const { items } = await decisions.list(
            { gitRepos: ['repo'], ...filter },
            { now: NOW + 4, limit: 9, offset: 0 },
          );
          return items.map(item => [item.id, item.scanIsGone]);
        };
        expect(await list({})).toEqual([[one.id, true]]);
        expect(await list({ folders: ['.'] })).toEqual([[one.id, true]]);
        expect(await list({ folders: ['apps', '%'] })).toEqual([]);
        expect(await list({ andBeside: ['repo'] })).toEqual([
          [repo.id, false],
          [one.id, true],
        ]);
        expect(await decisions.get(one.id)).toMatchObject({ scanIsGone: true });
      });
    });
  });
});
