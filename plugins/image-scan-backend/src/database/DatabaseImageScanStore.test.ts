import {
  type TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { aDefinition, aMarker, contentsOf } from '../__testUtils__/builders';
import { NOW, openStores } from '../__testUtils__/stores';
import { DatabaseImageScanStore } from './DatabaseImageScanStore';
import type { ImageScanStore } from './ImageScanStore';
import { isSqlite } from './migrate';

jest.setTimeout(60_000);

type Filter = Partial<Parameters<ImageScanStore['list']>[0]>;
type Options = Partial<Parameters<ImageScanStore['list']>[1]>;

describe('DatabaseImageScanStore', () => {
  const databases = TestDatabases.create();

  /** One scan of each state, and one of another git repo. */
  const start = async (id: TestDatabaseId) => {
    const stores = await openStores(databases, id);
    await stores.configure('repo', 'other');
    const scans = {
      current: aDefinition('current', { path: 'apps/a', image: 'quay.io/z' }),
      newer: aDefinition('newer', { path: 'apps/b' }),
      held: aDefinition('held', { path: 'web' }),
      failing: aDefinition('failing', { image: 'ghcr.io/Caf%_\\e/app' }),
      unmarked: aDefinition('unmarked'),
      asleep: aDefinition('asleep', { suspend: true }),
    };
    const definitions = Object.values(scans);
    const { unmarked, ...marked } = scans;
    await stores.sync(
      contentsOf(definitions, {
        markers: Object.values(marked).map(each =>
          aMarker(each, { file: `${each.path}/deployment.yaml` }),
        ),
      }),
    );
    await stores.scan(scans.current.id, '1.0.0', NOW);
    await stores.scan(scans.newer.id, '1.1.0', NOW + 1);
    await stores.scan(scans.held.id, '0.9.0', NOW + 2);
    await stores.scan(scans.failing.id, new Error('no route'), NOW + 3);
    await stores.scan(unmarked.id, '1.0.0', NOW + 4);
    const foreign = aDefinition('foreign', { gitRepo: 'other' });
    await stores.sync(contentsOf([foreign]), NOW, 'other');

    const list = async (filter: Filter = {}, options: Options = {}) => {
      const found = await stores.imageScans.list(
        { gitRepos: ['repo'], ...filter },
        {
          now: NOW + 10,
          orderBy: { field: 'tagName', order: 'asc' },
          limit: 50,
          offset: 0,
          ...options,
        },
      );
      return {
        names: found.items.map(({ scan }) => scan.definition.tagName),
        ...found,
      };
    };
    return { ...stores, scans, foreign, list };
  };

  const everyState = {
    error: 1,
    held: 1,
    'update-available': 1,
    unknown: 1,
    suspended: 1,
    'up-to-date': 1,
  };

  describe.each(databases.eachSupportedId())('%p', id => {
    it('lists the scans of the git repos that may be seen', async () => {
      const { list } = await start(id);
      const all = await list();
      expect(all.names).toEqual([
        'asleep',
        'current',
        'failing',
        'held',
        'newer',
        'unmarked',
      ]);
      expect(all.counts).toEqual(everyState);
      expect((await list({ gitRepos: [] })).names).toEqual([]);
      expect((await list({ gitRepos: ['other'] })).names).toEqual(['foreign']);
    });

    it('filters by state, and counts everything else it lets through', async () => {
      const { list } = await start(id);
      for (const [state, name] of [
        ['error', 'failing'],
        ['held', 'held'],
        ['update-available', 'newer'],
        ['unknown', 'unmarked'],
        ['suspended', 'asleep'],
        ['up-to-date', 'current'],
      ] as const) {
        const found = await list({ state });
        expect(found.names).toEqual([name]);
        expect(found.counts).toEqual(everyState);
        expect(found.items[0].scan.state).toBe(state);
      }
    });

    it('filters by folder', async () => {
      const { list } = await start(id);
      const names = async (...folders: string[]) =>
        (await list({ folders })).names;
      expect(await names('apps')).toEqual(['current', 'newer']);
      expect(await names('apps/a', 'web')).toEqual(['current', 'held']);
      expect(await names('apps', 'apps/a')).toEqual(['current', 'newer']);
      expect(await names('.')).toHaveLength(6);
      expect(await names('apps/a', '.')).toHaveLength(6);
      expect(await names('app')).toEqual([]);
      expect(await names()).toEqual([]);
    });

    it('filters by folder only in the git repos that may be seen', async () => {
      const { list } = await start(id);
      for (const folder of ['.', 'apps']) {
        const none = await list({ gitRepos: [], folders: [folder] });
        expect(none.names).toEqual([]);
      }
      const root = await list({ gitRepos: ['other'], folders: ['.'] });
      expect(root.names).toEqual(['foreign']);
      const apps = await list({ gitRepos: ['other'], folders: ['apps'] });
      expect(apps.names).toEqual([]);
    });

    it('pages below folders as in the whole git repo', async () => {
      const { list } = await start(id);
      const page = async (filter: Filter, offset: number) => {
        const orderBy = { field: 'state', order: 'asc' } as const;
        const found = await list(filter, { orderBy, limit: 1, offset });
        expect(found.counts).toMatchObject({ held: 1, 'update-available': 1 });
        return found.names;
      };
      const folders = ['web', 'apps'];
      expect(await page({ folders }, 0)).toEqual(['held']);
      expect(await page({ folders }, 1)).toEqual(['newer']);
      expect(await page({ folders }, 2)).toEqual(['current']);
      expect(await page({ folders }, 3)).toEqual([]);
      expect(await page({}, 0)).toEqual(['failing']);
      expect(await page({}, 5)).toEqual(['current']);
      expect(await page({ folders, state: 'held' }, 0)).toEqual(['held']);
      expect(await page({ folders, state: 'held' }, 1)).toEqual([]);
    });

    it.each([
      ['QUAY.io', ['current']],
      ['APPS/b', ['newer']],
      ['ELD', ['held']],
      ['%', ['failing']],
      ['_', ['failing']],
      ['f%_\\E', ['failing']],
      ["'; drop table image_scans; --", []],
      ['?', []],
      [':state', []],
    ])('finds %j', async (search, names) => {
      const { list } = await start(id);
      const found = await list({ search });
      expect(found.names).toEqual(names);
      const total = Object.values(found.counts).reduce((a, b) => a + b, 0);
      expect(total).toBe(names.length);
    });

    it('orders by every field, what is missing last', async () => {
      const { list } = await start(id);
      const names = async (
        field: Required<Options>['orderBy']['field'],
        order: 'asc' | 'desc',
      ) => (await list({}, { orderBy: { field, order } })).names;
      expect(await names('state', 'asc')).toEqual([
        'failing',
        'held',
        'newer',
        'unmarked',
        'asleep',
        'current',
      ]);
      expect(await names('tagName', 'desc')).toEqual([
        'unmarked',
        'newer',
        'held',
        'failing',
        'current',
        'asleep',
      ]);
      expect((await names('image', 'asc'))[0]).toBe('failing');
      expect((await names('gitRepo', 'asc'))[0]).toBe('failing');
      expect((await names('latestTag', 'asc')).slice(0, 4)).toEqual([
        'held',
        'current',
        'unmarked',
        'newer',
      ]);
      for (const order of ['asc', 'desc'] as const) {
        const byTime = await names('lastScanTime', order);
        expect(byTime.slice(4).sort()).toEqual(['asleep', 'failing']);
      }
      expect((await names('lastScanTime', 'desc'))[0]).toBe('unmarked');
    });

    it('pages in a stable order', async () => {
      const { list } = await start(id);
      const orderBy = { field: 'gitRepo', order: 'asc' } as const;
      const pages = [];
      for (let offset = 0; offset < 8; offset += 2) {
        const page = await list({}, { orderBy, limit: 2, offset });
        expect(page.counts).toEqual(everyState);
        pages.push(...page.names);
      }
      expect(pages).toHaveLength(6);
      expect(new Set(pages).size).toBe(6);
    });

    it('never calls an old result up to date', async () => {
      const { list, imageScans, scans } = await start(id);
      const at = async (now: number) => {
        const found = await list({ state: 'up-to-date' }, { now });
        const one = await imageScans.get(scans.current.id, now);
        const counts = await imageScans.countByGitRepo(['repo'], now);
        expect(counts.get('repo')).toEqual(found.counts);
        expect(found.names.length).toBe(found.counts['up-to-date']);
        return [one?.scan.state, found.counts.unknown];
      };
      expect(await at(NOW + 600_000)).toEqual(['up-to-date', 1]);
      expect(await at(NOW + 600_001)).toEqual(['unknown', 2]);
    });

    it('never calls the scan of a git repo up to date that is not read any more', async () => {
      const { scan, scans, imageScans } = await start(id);
      const read = NOW + 1_800_000;
      await scan(scans.current.id, '1.0.0', read, { staleAt: read * 2 });
      const state = async (now: number) =>
        (await imageScans.get(scans.current.id, now))?.scan.state;
      expect(await state(read)).toBe('up-to-date');
      expect(await state(read + 1)).toBe('unknown');
    });

    it('counts per git repo', async () => {
      const { imageScans } = await start(id);
      const counts = await imageScans.countByGitRepo(
        ['repo', 'other', 'empty'],
        NOW + 10,
      );
      expect(counts.get('repo')).toEqual(everyState);
      expect(counts.get('other')).toMatchObject({ unknown: 1, error: 0 });
      expect(counts.get('empty')).toMatchObject({ unknown: 0, error: 0 });
      expect(await imageScans.countByGitRepo([], NOW)).toEqual(new Map());
    });

    it('gives one scan with its markers in order', async () => {
      const { imageScans, sync } = await start(id);
      const app = aDefinition('app', { gitRepo: 'other' });
      const markers = [
        aMarker(app, { file: 'b.yaml', line: 2 }),
        aMarker(app, { file: 'a.yaml', line: 12, form: 'digest' }),
        aMarker(app, { file: 'a.yaml', line: 3, current: '"ü\\n\u2028\'' }),
      ];
      await sync(contentsOf([app], { markers }), NOW + 1, 'other');
      const found = await imageScans.get(app.id, NOW + 1);
      expect(found?.markers).toEqual([...markers].reverse());
      expect(await imageScans.get('unknown', NOW)).toBeUndefined();
    });

    it('finds the scans below a folder without reading any others', async () => {
      const { knex, scans } = await start(id);
      await knex.transaction(async trx => {
        if (!isSqlite(knex)) {
          // What a planner does when reading a whole table costs something.
          await trx.raw('set local enable_seqscan = off');
        }
        const queries: { sql: string; bindings: readonly Knex.Value[] }[] = [];
        trx.on('query', query => queries.push(query));
        const found = await new DatabaseImageScanStore(trx).list(
          { gitRepos: ['repo'], folders: ['apps/a'] },
          {
            now: NOW,
            orderBy: { field: 'state', order: 'asc' },
            limit: 50,
            offset: 0,
          },
        );
        expect(found.items[0].scan.definition).toEqual(scans.current);
        expect(queries).toHaveLength(1);
        const plan = JSON.stringify(await explain(trx, queries[0]));
        expect(plan).toMatch(/autoindex_image_scans_1|image_scans_pkey/);
        expect(plan).toMatch(/autoindex_scan_folders_1|scan_folders_pkey/);
        expect(plan).not.toMatch(
          /(SCAN|Seq Scan on) (image_scans|markers|scan_folders)/,
        );
        expect(plan).not.toContain('image_scans_git_repo_idx');
      });
    });
  });
});

function explain(
  knex: Knex,
  { sql, bindings }: { sql: string; bindings: readonly Knex.Value[] },
): Promise<unknown> {
  const prefix = isSqlite(knex) ? 'explain query plan' : 'explain';
  // Knex numbers what is bound for PostgreSQL, and does not take numbers back.
  return knex.raw(`${prefix} ${sql.replace(/\$\d+/g, '?')}`, bindings);
}
