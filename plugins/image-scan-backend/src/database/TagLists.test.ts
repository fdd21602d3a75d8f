import { resolvePackagePath } from '@backstage/backend-plugin-api';
import {
  type TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { aDefinition, contentsOf } from '../__testUtils__/builders';
import { createStores, NOW, openStores } from '../__testUtils__/stores';
import { LONGEST_AGE } from '../model/FirstSeen';
import { openDatabase } from './migrate';
import { TagLists } from './TagLists';

jest.setTimeout(60_000);

const DAY = 24 * 60 * 60 * 1_000;

describe('TagLists', () => {
  const databases = TestDatabases.create();

  describe.each(databases.eachSupportedId())('%p', id => {
    const start = async () => {
      const stores = await openStores(databases, id);
      const lists = new TagLists(stores.knex);
      const keep = (tags: string[], now: number, hash?: string) =>
        lists.keep('key', tags, { hash, now });
      const timeOf = async (tag: string) =>
        (await lists.getFirstSeen('key'))?.timeOf(tag);
      return { ...stores, lists, keep, timeOf };
    };

    it('knows nothing before the first list', async () => {
      const { lists } = await start();
      expect(await lists.getFirstSeen('key')).toBeUndefined();
    });

    it('remembers since when tags are there', async () => {
      const { keep, timeOf, lists } = await start();
      await keep(['1.0.0', '1.1.0'], NOW);
      await keep(['1.0.0', '1.1.0', '1.2.0'], NOW + 1);
      await keep(['1.2.0', '1.0.0'], NOW + 2);
      await keep(['1.2.0', '1.0.0', '1.1.0'], NOW + 3);
      expect(await timeOf('1.0.0')).toBe(NOW);
      expect(await timeOf('1.2.0')).toBe(NOW + 1);
      expect(await timeOf('1.1.0')).toBe(NOW + 3);
      expect(await lists.getTags('key')).toEqual(['1.2.0', '1.0.0', '1.1.0']);
    });

    it('writes nothing when nothing is new, and asks nothing with its hash', async () => {
      const { keep, knex } = await start();
      await keep(['1.0.0'], NOW);
      const [row] = await knex('tag_lists');
      await keep(['1.0.0'], NOW + 1);
      expect(await knex('tag_lists')).toEqual([row]);
      let questions = 0;
      knex.on('query', () => {
        questions += 1;
      });
      await keep(['1.0.0'], NOW + 2, row.hash);
      expect(questions).toBe(0);
    });

    it('keeps one clock where two replicas store the first list', async () => {
      const { knex, lists } = await start();
      const other = new TagLists(knex);
      await Promise.all([
        lists.keep('key', ['1.0.0'], { now: NOW }),
        other.keep('key', ['1.0.0', '1.1.0'], { now: NOW + 1 }),
      ]);
      const seen = await lists.getFirstSeen('key');
      const later = Math.max(...['1.0.0', '1.1.0'].map(t => seen!.timeOf(t)));
      expect([NOW, NOW + 1]).toContain(seen!.since);
      expect([NOW, NOW + 1]).toContain(later);
      expect(await knex('tag_lists')).toHaveLength(1);
    });

    it.each([
      [{ semver: { range: '*' } }, NOW],
      [{ newest: {} }, NOW + DAY],
    ])('after 90 days, %j has the time %d', async (policy, time) => {
      const { keep, timeOf, configure, sync } = await start();
      await configure('repo');
      await sync(contentsOf([aDefinition('app', { policy, listKey: 'key' })]));
      await keep(['a'], NOW);
      await keep(['a', 'b'], NOW + DAY);
      const later = NOW + DAY + LONGEST_AGE;
      await keep(['a', 'b', 'c'], later);
      expect(await timeOf('b')).toBe(NOW + DAY);
      await keep(['a', 'b', 'c', 'd'], later + 1);
      expect(await timeOf('b')).toBe(time);
      expect(await timeOf('c')).toBe(later);
    });

    it('takes 100,000 tags, all of which appeared later', async () => {
      const { keep, timeOf } = await start();
      const tags = Array.from({ length: 100_000 }, (_, at) => `v1.0.${at}`);
      await keep(['first'], NOW);
      await keep(tags, NOW + 1);
      await keep([...tags, 'last'], NOW + 2);
      expect(await timeOf('v1.0.99999')).toBe(NOW + 1);
      expect(await timeOf('last')).toBe(NOW + 2);
    });
  });

  it.each(databases.eachSupportedId())(
    'lists that were known before there was a clock are as old as their last change, %p',
    async (id: TestDatabaseId) => {
      const { knex, queue } = await openStores(databases, id);
      await queue.setTags({ listKey: 'key' }, ['1.0.0'], NOW);
      await knex.migrate.down({
        directory: resolvePackagePath(
          'backstage-plugin-image-scan-backend',
          'migrations',
        ),
        name: '20261129320000_first_seen.js',
      });
      await openDatabase({ getClient: async () => knex });
      const seen = await createStores(knex).queue.getFirstSeen('key');
      expect(seen?.timeOf('1.0.0')).toBe(NOW);
      expect(seen?.since).toBe(NOW);
    },
  );
});
