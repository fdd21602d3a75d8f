import {
  type TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { aDefinition, aMarker, contentsOf } from '../__testUtils__/builders';
import { createStores, NOW, openStores } from '../__testUtils__/stores';
import type { NewDecision } from './DecisionStore';
import { REPLICA_LIVES_MS } from './KnownGitRepos';

jest.setTimeout(60_000);

const ADA = 'user:default/ada';

describe('a git repo that is renamed', () => {
  const databases = TestDatabases.create();

  const before = aDefinition('app', { gitRepo: 'old' });
  const after = aDefinition('app', { gitRepo: 'new' });
  const gone = aDefinition('gone', { gitRepo: 'old' });

  describe.each(databases.eachSupportedId())('%p', (id: TestDatabaseId) => {
    const contents = (definition: typeof before, current: string) =>
      contentsOf([definition], {
        headCommit: current.padEnd(40, '0'),
        markers: [aMarker(definition, { current })],
      });

    /** 1.5.0 was agreed on, gone back from, and the git repo is `new` since. */
    const renamed = async (...decided: NewDecision['about'][]) => {
      const stores = await openStores(databases, id);
      const { configure, sync, scan, decisions, knex } = stores;
      await configure('old');
      await sync(
        contentsOf([before, gone], {
          markers: [aMarker(before, { current: '1.5.0' })],
        }),
        NOW,
        'old',
      );
      await scan(before.id, '1.5.0', NOW + 1);
      const made = await decisions.decide(
        decided.map(about => ({ kind: 'hold', about, by: ADA })),
        NOW + 2,
      );
      await stores.gitRepos.leave();
      const next = createStores(knex);
      await next.configure('new');
      return { ...next, made };
    };
    const bind = async (
      { decisions }: Pick<ReturnType<typeof createStores>, 'decisions'>,
      now: number,
    ) => (await decisions.binding('new', now)).map(each => each.id).sort();

    it('takes over what was decided about it and its scans', async () => {
      const stores = await renamed(
        { gitRepo: 'old' },
        { scanId: before.id },
        { scanId: gone.id },
      );
      const { made, sync, scan, imageScans, decisions } = stores;
      const [all, one, waiting] = made;
      await sync(contents(after, '1.5.0'), NOW + 3, 'new');
      expect(await bind(stores, NOW + 3)).toEqual([all.id, one.id].sort());
      await scan(after.id, '1.6.0', NOW + 4);
      expect((await imageScans.get(after.id, NOW + 4))?.scan).toMatchObject({
        state: 'held',
        held: { decision: { id: all.id } },
      });
      expect(await decisions.get(one.id)).toMatchObject({
        scanId: after.id,
        scanIsGone: false,
      });
      expect(await decisions.get(waiting.id)).toMatchObject({
        gitRepo: 'old',
        scanId: gone.id,
      });
    });

    it('knows a rollback, and sees it undone', async () => {
      const stores = await renamed();
      const { knex, sync, decisions } = stores;
      const old = createStores(knex);
      await old.configure('old');
      await old.sync(contents(before, '1.4.0'), NOW + 3, 'old');
      await old.gitRepos.leave();
      const [rollback] = await old.decisions.binding('old', NOW + 3);
      await sync(contents(after, '1.4.0'), NOW + 4, 'new');
      expect(await bind(stores, NOW + 4)).toEqual([rollback.id]);
      await sync(contents(after, '1.5.0'), NOW + 5, 'new');
      expect(await decisions.get(rollback.id)).toMatchObject({
        ended: { how: 'in-git' },
      });
    });

    it('leaves what belongs to a git repo that another replica knows, until that ends', async () => {
      const stores = await renamed({ scanId: before.id });
      const { knex, sync, made, gitRepos, claim } = stores;
      const old = createStores(knex);
      await old.configure('old');
      await sync(contents(after, '1.5.0'), NOW + 3, 'new');
      expect(await bind(stores, NOW + 3)).toEqual([]);
      // Its last sign of life is too old.
      const later = NOW + REPLICA_LIVES_MS + 1;
      await gitRepos.keepUp(later);
      const claims = await gitRepos.claimDue({ now: later, limit: 2 });
      expect(claims.map(({ gitRepo }) => gitRepo.key)).toEqual(['new']);
      await gitRepos.release(claims[0]);
      await sync(contents(after, '1.5.0'), later, 'new');
      expect(await bind(stores, later)).toEqual([made[0].id]);
      // Once is enough.
      await gitRepos.complete(await claim('new', later), {
        nextSyncAt: later + 900_000,
      });
      await gitRepos.keepUp(later + 1);
      expect(await gitRepos.claimDue({ now: later + 1, limit: 2 })).toEqual([]);
    });

    it('keeps its own of the same, in place of the other', async () => {
      const stores = await renamed({ scanId: before.id });
      const { sync, decisions, made, knex } = stores;
      const old = createStores(knex);
      await old.configure('old');
      await sync(contents(after, '1.5.0'), NOW + 3, 'new');
      const [own] = await decisions.decide(
        [{ kind: 'hold', about: { scanId: after.id }, by: ADA }],
        NOW + 4,
      );
      await old.gitRepos.leave();
      await sync(contents(after, '1.5.0'), NOW + 5, 'new');
      expect(await bind(stores, NOW + 5)).toEqual([own.id]);
      expect(await decisions.get(made[0].id)).toMatchObject({
        ended: { how: 'replaced' },
      });
    });

    it('takes nothing of another branch', async () => {
      const stores = await renamed({ scanId: before.id }, { gitRepo: 'old' });
      const branch = { ...contents(after, '1.5.0'), branch: 'prod' };
      await stores.sync(branch, NOW + 3, 'new');
      expect(await bind(stores, NOW + 3)).toEqual([]);
    });
  });
});
