import {
  type TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { aDefinition, anUpdate, contentsOf } from '../__testUtils__/builders';
import { NOW, openStores } from '../__testUtils__/stores';
import type { StoredDecision } from '../model/decisions';

jest.setTimeout(60_000);

const PAGE = { limit: 50, offset: 0 };

describe('DatabaseUpdateStore', () => {
  const databases = TestDatabases.create();
  const app = aDefinition('app', { path: 'apps' });
  const web = aDefinition('web', { path: 'web' });

  const start = async (id: TestDatabaseId) => {
    const stores = await openStores(databases, id);
    await stores.configure('repo', 'other');
    await stores.sync(contentsOf([app, web]));
    return stores;
  };

  describe.each(databases.eachSupportedId())('%p', id => {
    it('shows an update once it is confirmed', async () => {
      const { updates, imageScans } = await start(id);
      const update = anUpdate('u1', [app], { message: 'über\n\nupdate' });
      await updates.announce(update);
      expect(await updates.announced('repo')).toEqual([update]);
      expect(await updates.announced('other')).toEqual([]);
      expect(await updates.list({ gitRepos: ['repo'] }, PAGE)).toEqual({
        items: [],
        totalItems: 0,
      });

      await updates.confirm(update);
      expect(await updates.announced('repo')).toEqual([]);
      expect(await updates.list({ gitRepos: ['repo'] }, PAGE)).toEqual({
        items: [update],
        totalItems: 1,
      });
      expect((await imageScans.get(app.id, NOW))?.lastUpdate).toEqual({
        commit: update.commit,
        createdAt: update.createdAt,
      });
      expect((await imageScans.get(web.id, NOW))?.lastUpdate).toBeUndefined();
    });

    it('keeps the latest update of a scan when an older one is settled late', async () => {
      const { updates, imageScans } = await start(id);
      const older = anUpdate('u1', [app, web], { createdAt: 1_000 });
      const newer = anUpdate('u2', [app], { createdAt: 2_000 });
      await updates.announce(older);
      await updates.announce(newer);
      await updates.confirm(newer);
      await updates.confirm(older);
      const commitOf = async ({ id: scanId }: { id: string }) =>
        (await imageScans.get(scanId, NOW))?.lastUpdate?.commit;
      expect(await commitOf(app)).toBe(newer.commit);
      expect(await commitOf(web)).toBe(older.commit);
    });

    it('counts a commit that was announced twice as one update', async () => {
      const { updates } = await start(id);
      const first = anUpdate('u1', [app]);
      const again = anUpdate('u2', [app], { commit: first.commit });
      await updates.announce(first);
      await updates.announce(again);
      await updates.confirm(again);
      expect(await updates.announced('repo')).toEqual([]);
      expect(await updates.list({ gitRepos: ['repo'] }, PAGE)).toEqual({
        items: [again],
        totalItems: 1,
      });
    });

    it('knows its commits among others', async () => {
      const { updates } = await start(id);
      const update = anUpdate('u1', [app]);
      await updates.announce(update);
      const commits = ['1'.repeat(40), update.commit];
      expect(await updates.ofCommits('repo', commits)).toEqual([update.commit]);
      expect(await updates.ofCommits('other', commits)).toEqual([]);
      expect(await updates.ofCommits('repo', [])).toEqual([]);
    });

    it('makes and replaces what a person chose with it, and both only once', async () => {
      const { updates, decisions, knex } = await start(id);
      const choice = (decisionId: string): StoredDecision => ({
        ...{ id: decisionId, kind: 'chosen', tag: '1.1.0', by: 'ada', at: NOW },
        ...{ gitRepo: 'repo', scanId: app.id, place: {} },
      });
      const bind = async () =>
        (await decisions.binding('repo', NOW)).map(each => each.id).sort();
      const chosen = { made: ['c1'], replaced: [] };
      const first = anUpdate('u1', [app], { chosen });
      await updates.announce(first, [choice('c1')]);
      expect(await bind()).toEqual(['c1']);
      expect(await updates.announced('repo')).toEqual([first]);
      await updates.withdraw('u1');
      expect(await bind()).toEqual([]);

      await updates.announce(first, [choice('c1')]);
      await updates.confirm(first);
      const second = anUpdate('u2', [app], {
        createdAt: 2_000,
        chosen: { made: ['c2'], replaced: ['c1'] },
      });
      await updates.announce(second, [choice('c2')]);
      expect(await bind()).toEqual(['c1', 'c2']);
      // The same commit once more, after a push that seemed to fail.
      const twin = anUpdate('u3', [app], {
        ...second,
        id: 'u3',
        chosen: { made: ['c3'], replaced: ['c1', 'c2'] },
      });
      await updates.announce(twin, [choice('c3')]);
      await knex('image_scans').update({ next_scan_at: 5 });
      await updates.confirm(second);
      expect(await bind()).toEqual(['c2']);
      expect(await decisions.get('c1')).toMatchObject({
        ended: { how: 'replaced' },
      });
      expect(await decisions.get('c3')).toBeUndefined();
      const { next_scan_at: next } = await knex('image_scans')
        .where({ id: app.id })
        .first();
      expect(Number(next)).toBeGreaterThan(5);
      // It is withdrawn no more, whatever comes late.
      await updates.withdraw('u2');
      expect(await bind()).toEqual(['c2']);
    });

    it('leaves no trace of one that was withdrawn', async () => {
      const { updates, knex } = await start(id);
      await updates.announce(anUpdate('u1', [app]));
      await updates.withdraw('u1');
      await updates.withdraw('unknown');
      expect(await updates.announced('repo')).toEqual([]);
      expect(await knex('updates').pluck('id')).toEqual([]);
      expect(await knex('update_scans').pluck('update_id')).toEqual([]);
    });

    it('lists the newest first, by git repo, scan and folder, in pages', async () => {
      const { updates } = await start(id);
      const store = async (
        name: string,
        scans: Parameters<typeof anUpdate>[1],
        createdAt: number,
        gitRepo = 'repo',
      ) => {
        const update = anUpdate(name, scans, { createdAt, gitRepo });
        await updates.announce(update);
        await updates.confirm(update);
      };
      await store('u1', [app], 1_000);
      await store('u3', [web], 3_000);
      await store('u2', [app, web], 2_000);
      await store('hidden', [], 4_000, 'other');

      const ids = async (
        filter: Partial<Parameters<typeof updates.list>[0]>,
        page = PAGE,
      ) => {
        const found = await updates.list(
          { gitRepos: ['repo'], ...filter },
          page,
        );
        return [found.items.map(item => item.id), found.totalItems];
      };
      expect(await ids({})).toEqual([['u3', 'u2', 'u1'], 3]);
      expect(await ids({}, { limit: 1, offset: 1 })).toEqual([['u2'], 3]);
      expect(await ids({ imageScanId: app.id })).toEqual([['u2', 'u1'], 2]);
      expect(await ids({ folders: ['web'] })).toEqual([['u3', 'u2'], 2]);
      expect(await ids({ folders: ['.'] })).toEqual([['u3', 'u2', 'u1'], 3]);
      expect(await ids({ folders: ['nowhere'] })).toEqual([[], 0]);
      expect(await ids({ imageScanId: app.id, folders: ['web'] })).toEqual([
        [],
        0,
      ]);
      expect(await ids({ gitRepos: [] })).toEqual([[], 0]);
      expect(await ids({ gitRepos: ['other', 'repo'] })).toEqual([
        ['hidden', 'u3', 'u2', 'u1'],
        4,
      ]);
    });

    it('keeps the history of scans and git repos that are gone', async () => {
      const { updates, sync, configure } = await start(id);
      const update = anUpdate('u1', [app]);
      await updates.announce(update);
      await sync(contentsOf([]), NOW + 1);
      await updates.confirm(update);
      await configure('other');
      const { items } = await updates.list({ gitRepos: ['repo'] }, PAGE);
      expect(items).toEqual([update]);
    });

    it('takes an update of very many values', async () => {
      const { updates } = await start(id);
      const scans = Array.from({ length: 2_000 }, (_, index) =>
        aDefinition(`app-${index}`),
      );
      const update = anUpdate('big', scans);
      await updates.announce(update);
      await updates.confirm(update);
      const { items } = await updates.list({ gitRepos: ['repo'] }, PAGE);
      expect(items[0].changes).toHaveLength(2_000);
    });
  });
});
