import {
  type TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { aDefinition, aMarker, contentsOf } from '../__testUtils__/builders';
import { createStores, NOW, openStores } from '../__testUtils__/stores';
import { KNOWN_FOR_MS, REPLICA_LIVES_MS } from './KnownGitRepos';

jest.setTimeout(60_000);

describe('replicas with different configurations', () => {
  const databases = TestDatabases.create();

  /** The first replica knows `a` and `b`, both read. */
  const start = async (id: TestDatabaseId) => {
    const first = await openStores(databases, id);
    const { knex } = first;
    /** Starts a replica at a time, with hashes of definitions by key. */
    const replica = async (
      definitions: Record<string, string>,
      at: number,
      interval?: number,
    ) => {
      const stores = createStores(knex);
      await stores.gitRepos.configure(
        Object.entries(definitions).map(([key, definitionHash]) => ({
          key,
          definitionHash,
          interval,
        })),
        at,
      );
      return stores;
    };
    const stores = await replica({ a: 'one', b: 'one' }, NOW);
    for (const key of ['a', 'b']) {
      const scan = aDefinition('app', { gitRepo: key });
      const contents = contentsOf([scan], { markers: [aMarker(scan)] });
      await stores.sync(contents, NOW, key);
    }
    const keys = async () => {
      const found = await knex('git_repos').orderBy('key').pluck('key');
      const scans = await knex('image_scans')
        .distinct('git_repo')
        .pluck('git_repo');
      return { gitRepos: found, scans: scans.sort() };
    };
    return { ...stores, replica, keys };
  };
  const both = { gitRepos: ['a', 'b'], scans: ['a', 'b'] };

  describe.each(databases.eachSupportedId())('%p', id => {
    it('keep the git repos of each other, while one runs and a while after', async () => {
      const { gitRepos, replica, keys } = await start(id);
      const old = await replica({ a: 'one' }, NOW + 1);
      expect(await keys()).toEqual(both);
      expect(await old.gitRepos.keepUp(NOW + 2)).toEqual(['b']);
      expect(await gitRepos.keepUp(NOW + 2)).toEqual([]);

      // The newer one restarts, and the old one is alone for that time.
      await gitRepos.leave();
      const restarted = NOW + KNOWN_FOR_MS;
      await old.gitRepos.keepUp(restarted);
      expect(await keys()).toEqual(both);
      const next = await replica({ a: 'one', b: 'one' }, restarted + 1);
      expect(await next.gitRepos.get('b')).toMatchObject({ lastSyncAt: NOW });

      // It goes for good.
      await next.gitRepos.leave();
      const after = restarted + KNOWN_FOR_MS + 2;
      expect(await old.gitRepos.keepUp(after)).toEqual(['b']);
      expect(await old.gitRepos.keepUp(after)).toEqual([]);
      expect(await keys()).toEqual({ gitRepos: ['a'], scans: ['a'] });
    });

    it('claim nothing that they do not know', async () => {
      const { replica, gitRepos } = await start(id);
      const old = await replica({ a: 'one' }, NOW + 1);
      const due = NOW + 900_001;
      expect(await old.gitRepos.claim('b', due)).toBeUndefined();
      const [claim, ...others] = await old.gitRepos.claimDue({
        now: due,
        limit: 9,
      });
      expect(claim.gitRepo.key).toBe('a');
      expect(others).toEqual([]);
      expect(await gitRepos.claim('b', due)).toBeDefined();

      const scans = { now: due, limit: 9, placesOf: () => 9, busyHosts: [] };
      const [scan, ...more] = await old.queue.claimDue({
        ...scans,
        exceptGitRepos: ['b'],
      });
      expect(scan.scans.map(({ definition }) => definition.gitRepo)).toEqual([
        'a',
      ]);
      expect(more).toEqual([]);
    });

    it('put back what is missing, as often as it is taken away', async () => {
      const { knex, gitRepos, keys } = await start(id);
      for (let round = 1; round < 3; round += 1) {
        await knex('git_repos').where({ key: 'b' }).delete();
        await knex('image_scans').where({ git_repo: 'b' }).delete();
        expect(await gitRepos.keepUp(NOW + round)).toEqual([]);
        expect((await keys()).gitRepos).toEqual(['a', 'b']);
        const claims = await gitRepos.claimDue({ now: NOW + round, limit: 9 });
        expect(claims.map(({ gitRepo }) => gitRepo.key)).toEqual(['b']);
        await gitRepos.release(claims[0]);
      }
    });

    it('leave a git repo to the one that started last, until it ends', async () => {
      const { gitRepos, replica, claim } = await start(id);
      const held = await claim('a', NOW + 1);
      const late = await replica({ a: 'two', b: 'one' }, NOW + 2);
      // Whoever was at work by the old definition has lost it.
      expect(await gitRepos.renew([held], NOW + 3)).toEqual([held]);
      expect(await gitRepos.get('a')).toMatchObject({ nextSyncAt: NOW + 2 });
      for (const now of [NOW + 3, NOW + 4]) {
        expect(await gitRepos.keepUp(now)).toEqual(['a']);
        expect(await gitRepos.claim('a', now)).toBeUndefined();
        expect(await late.gitRepos.keepUp(now)).toEqual([]);
      }
      const own = await late.claim('a', NOW + 5);
      await late.gitRepos.complete(own, { nextSyncAt: NOW + 900_000 });

      await late.gitRepos.leave();
      expect(await gitRepos.keepUp(NOW + 6)).toEqual([]);
      const again = await claim('a', NOW + 7);
      expect(again.gitRepo.headCommit).toBeUndefined();
      expect(again.gitRepo.nextSyncAt).toBe(NOW + 6);
    });

    it('notice one that died without a word', async () => {
      const { gitRepos, replica } = await start(id);
      await replica({ a: 'two' }, NOW + 1);
      expect(await gitRepos.keepUp(NOW + REPLICA_LIVES_MS)).toEqual(['a']);
      expect(await gitRepos.keepUp(NOW + REPLICA_LIVES_MS + 2)).toEqual([]);
      expect(await gitRepos.claim('a', NOW)).toBeDefined();
    });

    it('do not forget what they know while they were asleep', async () => {
      const { gitRepos, keys } = await start(id);
      expect(await gitRepos.keepUp(NOW + 10 * KNOWN_FOR_MS)).toEqual([]);
      expect(await keys()).toEqual(both);
    });

    it('start together on nothing', async () => {
      const { knex } = await openStores(databases, id);
      const replicas = Array.from({ length: 4 }, () => createStores(knex));
      await Promise.all(replicas.map(each => each.configure('a', 'b', 'c')));
      expect(await knex('git_repos').pluck('key')).toHaveLength(3);
      expect(await knex('replicas')).toHaveLength(4);
    });

    it('work out anew when to write, by the new definition', async () => {
      const { gitRepos, replica, claim } = await start(id);
      const day = 86_400_000;
      await gitRepos.complete(await claim('a', NOW), {
        nextSyncAt: NOW + day,
        update: { result: 'written', at: NOW, notBefore: NOW + day },
      });
      const next = await replica({ a: 'two', b: 'one' }, NOW + 1, 60_000);
      expect(await next.gitRepos.get('a')).toMatchObject({
        nextSyncAt: NOW + 1,
        updateNotBefore: NOW + 60_000,
      });
    });

    it('ask anew for a write that a paused git repo did not make', async () => {
      const { replica, scan, gitRepos, claim, sync } = await start(id);
      const app = aDefinition('app', { gitRepo: 'a' });
      const contents = contentsOf([app], { markers: [aMarker(app)] });
      await scan(app.id, '1.1.0', NOW + 1);
      await gitRepos.complete(await claim('a', NOW + 2), {
        nextSyncAt: NOW + 900_000,
        update: { result: 'nothing' },
      });
      expect((await gitRepos.get('a'))?.updateRequestedAt).toBeUndefined();
      await gitRepos.leave();

      const next = await replica({ a: 'not paused', b: 'one' }, NOW + 3);
      const due = await next.gitRepos.claimDue({ now: NOW + 3, limit: 9 });
      expect(due.map(({ gitRepo }) => gitRepo.key)).toEqual(['a']);
      await next.gitRepos.release(due[0]);
      await expect(sync(contents, NOW + 4, 'a')).rejects.toThrow('is held');
      await next.sync(contents, NOW + 4, 'a');
      const asked = await next.gitRepos.get('a');
      expect(asked?.updateRequestedAt).toBe(NOW + 4);
    });

    it('are forgotten themselves after a while', async () => {
      const { knex, replica } = await start(id);
      for (let round = 1; round < 4; round += 1) {
        await replica({ a: 'one' }, NOW + round * (KNOWN_FOR_MS + 1));
      }
      expect(await knex('replicas')).toHaveLength(1);
    });
  });
});
