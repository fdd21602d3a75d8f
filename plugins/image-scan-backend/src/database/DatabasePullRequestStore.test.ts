import { TestDatabases } from '@backstage/backend-test-utils';
import { openStores, NOW } from '../__testUtils__/stores';
import type { ProposedValue } from '../model/pullRequestLife';
import { DatabasePullRequestStore } from './DatabasePullRequestStore';
import type { AnnouncedPush } from './PullRequestStore';

jest.setTimeout(60_000);

const value = (to: string): ProposedValue => ({
  scanId: 'redis',
  file: 'redis.yaml',
  form: 'tag',
  from: '1.0',
  to,
});

const push = (to: string): AnnouncedPush => ({
  gitRepo: 'repo',
  branch: 'image-scan/repo',
  base: 'main',
  commit: to.repeat(10),
  blobs: new Map([['redis.yaml', `blob of ${to}`]]),
  values: [value(to)],
  title: `Update to ${to}`,
  body: `| ${to} |`,
});

const shown = {
  number: 12,
  url: 'https://forge.example/12',
  title: 'Shown',
  body: 'Shown',
  isAutoMerged: true,
};

const databases = TestDatabases.create();

describe.each(databases.eachSupportedId())(
  'DatabasePullRequestStore, %s',
  databaseId => {
    async function start() {
      const { knex } = await openStores(databases, databaseId);
      const store = new DatabasePullRequestStore(knex);
      const current = () => store.current('repo', 'image-scan/repo');
      const open = async (to: string, now = NOW) => {
        const { id } = await store.announce(push(to), now);
        await store.confirmPush(id);
        await store.confirmOpen(id, shown);
        return id;
      };
      return { knex, store, current, open };
    }

    it('remembers each step of the first one', async () => {
      const { store, current } = await start();
      expect(await current()).toBeUndefined();
      const announced = await store.announce(push('1.1'), NOW);
      expect(announced).toMatchObject({
        ...push('1.1'),
        state: 'announced',
        createdAt: NOW,
      });
      expect(announced.before).toBeUndefined();
      expect(await current()).toEqual(announced);

      await store.confirmPush(announced.id);
      expect(await current()).toMatchObject({
        ...push('1.1'),
        state: 'pushed',
      });
      await store.confirmOpen(announced.id, shown);
      expect(await current()).toMatchObject({
        ...push('1.1'),
        ...shown,
        state: 'open',
      });
      expect(await store.current('repo', 'other')).toBeUndefined();
      expect(await store.current('other', 'image-scan/repo')).toBeUndefined();
    });

    it('keeps what a rebuild replaces until it has arrived', async () => {
      const { store, current, open } = await start();
      const id = await open('1.1');
      const before = await current();
      expect(before).toBeDefined();
      const rebuilt = await store.announce(push('1.2'), NOW + 1);
      expect(rebuilt).toMatchObject({
        ...push('1.2'),
        id,
        state: 'announced',
        number: 12,
        before: {
          state: 'open',
          commit: push('1.1').commit,
          values: [value('1.1')],
          blobs: push('1.1').blobs,
          number: 12,
          title: 'Shown',
          isAutoMerged: true,
        },
      });
      // Announced once more, it is the same that counts.
      const again = await store.announce(push('1.3'), NOW + 2);
      expect(again.before).toEqual(rebuilt.before);

      await store.withdraw(id);
      expect(await current()).toEqual(before);
      await store.withdraw(id);
      expect(await current()).toEqual(before);

      await store.announce(push('1.2'), NOW + 3);
      await store.confirmPush(id);
      const arrived = await current();
      expect(arrived).toMatchObject({
        ...push('1.2'),
        state: 'open',
        number: 12,
        isAutoMerged: true,
      });
      expect(arrived?.before).toBeUndefined();
    });

    it('forgets a first one that was refused', async () => {
      const { store, current } = await start();
      const { id } = await store.announce(push('1.1'), NOW);
      await store.withdraw(id);
      expect(await current()).toBeUndefined();
    });

    it('notes that we close it, what was told and its end', async () => {
      const { store, current, open } = await start();
      const id = await open('1.1');
      await store.noteTold(id, [value('1.2')]);
      await store.noteTold(id, [value('1.3')]);
      await store.noteClosing(id);
      expect(await current()).toMatchObject({
        state: 'open',
        isClosing: true,
        told: [value('1.2'), value('1.3')],
      });
      await store.end(id, { state: 'closed', closedBy: 'ada' }, NOW + 9);
      expect(await current()).toMatchObject({
        id,
        state: 'closed',
        closedBy: 'ada',
        endedAt: NOW + 9,
      });
      await store.reopen(id);
      const reopened = await current();
      expect(reopened).toMatchObject({ id, state: 'open' });
      expect(reopened?.endedAt).toBeUndefined();
    });

    it('begins another one after one has ended, which stays', async () => {
      const { knex, store, current, open } = await start();
      const first = await open('1.1');
      await store.end(
        first,
        { state: 'merged', mergeCommit: 'c'.repeat(40) },
        NOW + 1,
      );
      // A clock that goes back mixes nothing up.
      const second = await store.announce(push('1.2'), NOW - 5);
      expect(second.id).not.toBe(first);
      expect(second.number).toBeUndefined();
      expect(second.before).toBeUndefined();
      expect((await current())?.id).toBe(second.id);
      await store.withdraw(second.id);
      expect(await current()).toMatchObject({
        id: first,
        state: 'merged',
        mergeCommit: 'c'.repeat(40),
      });
      expect(await knex('pull_requests').select('id')).toHaveLength(1);
    });

    it('lets two replicas begin one', async () => {
      const { knex, store } = await start();
      const all = await Promise.allSettled([
        store.announce(push('1.1'), NOW),
        store.announce(push('1.1'), NOW),
      ]);
      expect(all.some(({ status }) => status === 'fulfilled')).toBe(true);
      expect(await knex('pull_requests').select('id')).toHaveLength(1);
    });
  },
);
