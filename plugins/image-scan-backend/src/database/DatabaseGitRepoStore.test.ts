import {
  type TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { aDefinition, aMarker, contentsOf } from '../__testUtils__/builders';
import { createStores, NOW, openStores } from '../__testUtils__/stores';
import type { GitRepoOutcome } from './GitRepoStore';
import { LEASE_DURATION_MS } from './leases';

jest.setTimeout(60_000);

const keysOf = (claims: readonly { gitRepo: { key: string } }[]) =>
  claims.map(({ gitRepo }) => gitRepo.key).sort();

const synced = (
  now: number,
  overrides: Partial<GitRepoOutcome> = {},
): GitRepoOutcome => ({
  nextSyncAt: now + 900_000,
  synced: { at: now, staleAt: now + 1_800_000 },
  ...overrides,
});

describe('DatabaseGitRepoStore', () => {
  const databases = TestDatabases.create();

  const start = async (id: TestDatabaseId, ...keys: string[]) => {
    const stores = await openStores(databases, id);
    await stores.configure(...keys);
    return stores;
  };

  describe.each(databases.eachSupportedId())('%p', id => {
    it('has the git repos of the configuration, all due', async () => {
      const { gitRepos } = await start(id, 'b', 'a');
      expect(await gitRepos.list()).toEqual([
        expect.objectContaining({ key: 'a', nextSyncAt: NOW, problems: [] }),
        expect.objectContaining({ key: 'b', nextSyncAt: NOW, problems: [] }),
      ]);
      expect(await gitRepos.get('c')).toBeUndefined();
      const first = await gitRepos.claimDue({ now: NOW, limit: 1 });
      expect(first).toHaveLength(1);
      const rest = await gitRepos.claimDue({ now: NOW, limit: 5 });
      expect(keysOf([...first, ...rest])).toEqual(['a', 'b']);
    });

    it('keeps what is known at the next start, but reads what changed again', async () => {
      const { gitRepos, sync, imageScans } = await start(id, 'same', 'changed');
      const definition = (gitRepo: string) => aDefinition('app', { gitRepo });
      await sync(contentsOf([definition('same')]), NOW, 'same');
      await sync(contentsOf([definition('changed')]), NOW, 'changed');
      await gitRepos.configure(
        [
          { key: 'same', definitionHash: 'configured' },
          { key: 'changed', definitionHash: 'anew' },
        ],
        NOW + 1,
      );
      expect(await gitRepos.get('same')).toMatchObject({
        headCommit: '1'.repeat(40),
        branch: 'main',
        nextSyncAt: NOW + 900_000,
      });
      const changed = await gitRepos.get('changed');
      expect(changed?.headCommit).toBeUndefined();
      expect(changed?.nextSyncAt).toBe(NOW + 1);
      expect(await imageScans.ofGitRepo('changed')).toHaveLength(1);
    });

    it('keeps which tags of a scan compete', async () => {
      const { sync, imageScans } = await start(id, 'repo');
      const filters = {
        filterTags: { pattern: '^main-(\\d+)$', extract: '$1' },
        exclusionList: ['-debug$'],
      };
      const filtered = aDefinition('filtered', filters);
      await sync(contentsOf([filtered, aDefinition('plain')]), NOW);
      const stored = await imageScans.ofGitRepo('repo');
      expect(stored.map(({ definition }) => definition)).toEqual(
        expect.arrayContaining([filtered, aDefinition('plain')]),
      );
    });

    it('drops the scans of a git repo that is not configured any more', async () => {
      const { knex, gitRepos, sync, imageScans, configure } = await start(
        id,
        'repo',
        'kept',
      );
      const gone = aDefinition('app');
      const kept = aDefinition('app', { gitRepo: 'kept' });
      await sync(contentsOf([gone], { markers: [aMarker(gone)] }));
      await sync(contentsOf([kept], { markers: [aMarker(kept)] }), NOW, 'kept');
      await configure('kept');
      expect((await gitRepos.list()).map(({ key }) => key)).toEqual(['kept']);
      expect(await imageScans.ofGitRepo('repo')).toEqual([]);
      expect(await knex('markers').pluck('git_repo')).toEqual(['kept']);
      expect(await knex('scan_folders').pluck('git_repo')).toEqual(['kept']);
      await configure();
      expect(await gitRepos.list()).toEqual([]);
    });

    it('gives a git repo to one claim until its lease ends', async () => {
      const { gitRepos } = await start(id, 'repo');
      const lost = await gitRepos.claim('repo', NOW);
      expect(lost).toBeDefined();
      expect(await gitRepos.claim('repo', NOW)).toBeUndefined();
      expect(await gitRepos.claimDue({ now: NOW, limit: 9 })).toEqual([]);
      await gitRepos.renew(lost ? [lost] : [], NOW + 20_000);
      const later = NOW + 20_000 + LEASE_DURATION_MS;
      expect(await gitRepos.claim('repo', later)).toBeUndefined();
      const held = await gitRepos.claim('repo', later + 1);
      expect(held?.token).not.toBe(lost?.token);
      expect(await gitRepos.claim('unknown', NOW)).toBeUndefined();
    });

    it('does nothing for a claim that was lost', async () => {
      const { gitRepos, claim, imageScans } = await start(id, 'repo');
      const lost = await claim('repo', NOW);
      const later = NOW + LEASE_DURATION_MS + 1;
      await claim('repo', later);

      await gitRepos.storeContents(
        lost,
        contentsOf([aDefinition('app')]),
        later,
      );
      await gitRepos.complete(lost, synced(later));
      await gitRepos.release(lost);
      await gitRepos.renew([lost], later + 5);

      expect(await gitRepos.get('repo')).toMatchObject({ nextSyncAt: NOW });
      expect((await gitRepos.get('repo'))?.headCommit).toBeUndefined();
      expect(await imageScans.ofGitRepo('repo')).toEqual([]);
      expect(await gitRepos.claim('repo', later)).toBeUndefined();
      expect(
        await gitRepos.claim('repo', later + LEASE_DURATION_MS + 1),
      ).toBeDefined();
    });

    it('never gives a git repo to two of many replicas', async () => {
      const keys = Array.from({ length: 40 }, (_, index) => `repo-${index}`);
      const { knex } = await start(id, ...keys);
      const claims = await Promise.all(
        Array.from({ length: 8 }, async () => {
          const { gitRepos } = createStores(knex);
          const found = [];
          for (let round = 0; round < 6; round += 1) {
            found.push(
              ...(await gitRepos.claimDue({ now: NOW + round, limit: 10 })),
            );
          }
          return keysOf(found);
        }),
      );
      const claimed = claims.flat();
      expect(new Set(claimed).size).toBe(claimed.length);
      expect(claimed.sort()).toEqual([...keys].sort());
    });

    it('counts failed syncs and forgets them after a good one', async () => {
      const { gitRepos, claim } = await start(id, 'repo');
      for (const [index, message] of ['no route', 'no route yet'].entries()) {
        const at = NOW + index;
        await gitRepos.complete(await claim('repo', at), {
          nextSyncAt: at + 5_000,
          syncError: { message, at },
        });
      }
      expect(await gitRepos.get('repo')).toMatchObject({
        syncFailure: { message: 'no route yet', at: NOW + 1, count: 2 },
        nextSyncAt: NOW + 5_001,
      });
      await gitRepos.complete(await claim('repo', NOW + 2), synced(NOW + 2));
      const stored = await gitRepos.get('repo');
      expect(stored?.syncFailure).toBeUndefined();
      expect(stored?.lastSyncAt).toBe(NOW + 2);
    });

    describe('updates', () => {
      const app = aDefinition('app');
      const web = aDefinition('web');
      const contents = contentsOf([app, web], {
        markers: [aMarker(app), aMarker(web)],
      });

      it('wait for the first result of every scan', async () => {
        const asleep = aDefinition('asleep', { suspend: true });
        const { gitRepos, sync, scan } = await start(id, 'repo');
        await sync({ ...contents, definitions: [app, web, asleep] });
        await scan(app.id, '1.1.0', NOW + 1);
        expect((await gitRepos.get('repo'))?.updateRequestedAt).toBeUndefined();
        await scan(web.id, new Error('no route'), NOW + 2);
        expect((await gitRepos.get('repo'))?.updateRequestedAt).toBe(NOW + 2);
        expect(
          keysOf(await gitRepos.claimDue({ now: NOW + 2, limit: 9 })),
        ).toEqual(['repo']);
      });

      it('are not asked for where there is nothing to write', async () => {
        const { gitRepos, sync, scan } = await start(id, 'repo');
        await sync(contents);
        await scan(app.id, '1.0.0', NOW + 1);
        await scan(web.id, '0.9.0', NOW + 2);
        const stored = await gitRepos.get('repo');
        expect(stored?.updateRequestedAt).toBeUndefined();
      });

      it('are asked for by what is read, too', async () => {
        const { gitRepos, sync, scan } = await start(id, 'repo');
        await sync(contents);
        await scan(app.id, '1.0.0', NOW + 1);
        await scan(web.id, '1.0.0', NOW + 2);
        await sync(
          {
            ...contents,
            markers: [
              ...contents.markers,
              aMarker(app, { file: 'new.yaml', current: '0.9.0' }),
            ],
          },
          NOW + 3,
        );
        expect((await gitRepos.get('repo'))?.updateRequestedAt).toBe(NOW + 3);
      });

      it('clear the request they serve and none that came meanwhile', async () => {
        const { gitRepos, sync, scan, claim } = await start(id, 'repo');
        await sync(contents);
        await scan(app.id, '1.1.0', NOW + 1);
        await scan(web.id, '1.1.0', NOW + 2);

        const first = await claim('repo', NOW + 3);
        await scan(web.id, '1.2.0', NOW + 2);
        await gitRepos.complete(
          first,
          synced(NOW + 3, {
            update: { result: 'written', at: NOW + 3, notBefore: NOW + 3 },
          }),
        );
        const between = await gitRepos.get('repo');
        expect(between?.updateRequestedAt).toBe(NOW + 3);
        expect(between?.lastUpdateAt).toBe(NOW + 3);

        const second = await claim('repo', NOW + 4);
        await gitRepos.complete(
          second,
          synced(NOW + 4, { update: { result: 'nothing' } }),
        );
        const after = await gitRepos.get('repo');
        expect(after?.updateRequestedAt).toBeUndefined();
      });

      it('that left something are not asked for again by their own result', async () => {
        const { gitRepos, sync, scan, claim } = await start(id, 'repo');
        await sync(contents);
        await scan(app.id, '1.1.0', NOW + 1);
        await scan(web.id, '1.1.0', NOW + 1);
        const held = await claim('repo', NOW + 2);
        await gitRepos.storeContents(held, contents, NOW + 2, { served: true });
        await gitRepos.complete(
          held,
          synced(NOW + 2, { update: { result: 'nothing' } }),
        );
        expect((await gitRepos.get('repo'))?.updateRequestedAt).toBeUndefined();
        expect(await gitRepos.claimDue({ now: NOW + 3, limit: 9 })).toEqual([]);
      });

      it('wait as long as a write or its failure says', async () => {
        const { gitRepos, sync, scan, claim } = await start(id, 'repo');
        await sync(contents);
        await scan(app.id, '1.1.0', NOW + 1);
        await scan(web.id, '1.1.0', NOW + 1);
        const outcome = (now: number) =>
          synced(now, {
            update: {
              result: 'failed',
              message: 'hook declined',
              at: now,
              notBefore: now + 15_000,
            },
          });
        await gitRepos.complete(await claim('repo', NOW + 2), outcome(NOW + 2));
        await gitRepos.complete(await claim('repo', NOW + 3), outcome(NOW + 3));
        const stored = await gitRepos.get('repo');
        expect(stored).toMatchObject({
          updateFailure: { message: 'hook declined', at: NOW + 3, count: 2 },
          updateNotBefore: NOW + 15_003,
        });
        expect(stored?.updateRequestedAt).toBeDefined();
        const isDue = async (now: number) => {
          const claims = await gitRepos.claimDue({ now, limit: 9 });
          await Promise.all(claims.map(each => gitRepos.release(each)));
          return claims.length > 0;
        };
        expect(await isDue(NOW + 15_002)).toBe(false);
        expect(await isDue(NOW + 15_003)).toBe(true);

        await gitRepos.complete(
          await claim('repo', NOW + 15_003),
          synced(NOW + 15_003, {
            update: { result: 'written', at: NOW, notBefore: NOW + 99_000 },
          }),
        );
        const written = await gitRepos.get('repo');
        expect(written?.updateFailure).toBeUndefined();
        expect(written?.updateNotBefore).toBe(NOW + 99_000);
      });

      it('do not make a git repo due that cannot be read', async () => {
        const { gitRepos, sync, scan, claim } = await start(id, 'repo');
        await sync(contents);
        await scan(app.id, '1.1.0', NOW + 1);
        await scan(web.id, '1.1.0', NOW + 1);
        await gitRepos.complete(await claim('repo', NOW + 2), {
          nextSyncAt: NOW + 15_000,
          syncError: { message: 'no route', at: NOW + 2 },
        });
        expect(
          await gitRepos.claimDue({ now: NOW + 14_999, limit: 9 }),
        ).toEqual([]);
        expect(
          keysOf(await gitRepos.claimDue({ now: NOW + 15_000, limit: 9 })),
        ).toEqual(['repo']);
      });
    });

    it('lets one at a time write to a branch', async () => {
      const { knex, gitRepos } = await start(id);
      const attempts = await Promise.all(
        Array.from({ length: 8 }, () =>
          createStores(knex).gitRepos.lockBranch('branch', NOW),
        ),
      );
      const [lock, ...others] = attempts.filter(token => token !== undefined);
      expect(others).toEqual([]);
      expect(await gitRepos.lockBranch('other', NOW)).toBeDefined();

      await gitRepos.unlockBranch('not the token');
      expect(await gitRepos.lockBranch('branch', NOW)).toBeUndefined();
      await gitRepos.renewBranch(lock, NOW + 20_000);
      const later = NOW + 20_000 + LEASE_DURATION_MS;
      expect(await gitRepos.lockBranch('branch', later)).toBeUndefined();

      const next = await gitRepos.lockBranch('branch', later + 1);
      expect(next).toBeDefined();
      await gitRepos.unlockBranch(lock);
      expect(await gitRepos.lockBranch('branch', later + 1)).toBeUndefined();
      await gitRepos.unlockBranch(next ?? '');
      expect(await gitRepos.lockBranch('branch', later + 1)).toBeDefined();
    });

    it('says which leases are lost, and removes the locks of the dead', async () => {
      const { knex, gitRepos, claim } = await start(id, 'a', 'b');
      const a = await claim('a', NOW);
      const b = await claim('b', NOW);
      const lock = (await gitRepos.lockBranch('branch', NOW)) ?? '';
      await gitRepos.release(b);
      expect(await gitRepos.renew([a, b], NOW + 1)).toEqual([b]);
      expect(await gitRepos.renew([], NOW + 1)).toEqual([]);
      expect(await gitRepos.renewBranch(lock, NOW + 1)).toBe(true);
      expect(await gitRepos.renewBranch('not the token', NOW + 1)).toBe(false);

      await gitRepos.removeLeftoverLocks(NOW + LEASE_DURATION_MS + 1);
      expect(await knex('branch_locks')).toHaveLength(1);
      await gitRepos.removeLeftoverLocks(NOW + 2 * LEASE_DURATION_MS + 2);
      expect(await knex('branch_locks')).toEqual([]);
      expect(await gitRepos.renewBranch(lock, NOW)).toBe(false);
    });
  });
});
