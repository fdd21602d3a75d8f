import { TestDatabases } from '@backstage/backend-test-utils';
import { NOW, openStores } from '../__testUtils__/stores';
import { DatabasePlatformStore } from './DatabasePlatformStore';

jest.setTimeout(60_000);

const DAY = 24 * 60 * 60 * 1_000;

describe('DatabasePlatformStore', () => {
  const databases = TestDatabases.create();

  describe.each(databases.eachSupportedId())('%p', id => {
    it('keeps what it is told, for ever', async () => {
      const { knex } = await openStores(databases, id);
      const store = new DatabasePlatformStore(knex);
      expect(await store.get('sha256:a', NOW)).toBeUndefined();
      await store.set('sha256:a', ['linux/amd64'], NOW);
      await store.set('sha256:a', ['linux/amd64'], NOW + 1);
      await store.set('sha256:b', [], NOW);
      expect(await store.get('sha256:a', NOW + 900 * DAY)).toEqual([
        'linux/amd64',
      ]);
      expect(await store.get('sha256:b', NOW)).toEqual([]);
    });

    it('removes the least recently used, and writes a use once a day', async () => {
      const { knex } = await openStores(databases, id);
      const store = new DatabasePlatformStore(knex, 2);
      for (const [index, name] of ['a', 'b', 'c'].entries()) {
        await store.set(name, [], NOW + index);
      }
      await store.get('b', NOW + DAY);
      const row = await knex('image_platforms').where({ digest: 'b' }).first();
      expect(Number(row.used_at)).toBe(NOW + 1);
      await store.get('a', NOW + DAY);
      await store.removeUnused();
      expect(
        await knex('image_platforms').orderBy('digest').pluck('digest'),
      ).toEqual(['a', 'c']);
    });
  });
});
