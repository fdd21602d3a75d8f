import { randomBytes } from 'node:crypto';
import {
  type TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { aDefinition, aMarker, contentsOf } from '../__testUtils__/builders';
import { NOW, openStores } from '../__testUtils__/stores';

jest.setTimeout(60_000);

describe('replaceContents', () => {
  const databases = TestDatabases.create();

  const start = async (id: TestDatabaseId) => {
    const stores = await openStores(databases, id);
    await stores.configure('repo', 'other');
    const get = async (scanId: string) => stores.imageScans.get(scanId, NOW);
    return { ...stores, get };
  };

  describe.each(databases.eachSupportedId())('%p', id => {
    const app = aDefinition('app', {
      path: 'apps',
      secretRef: 'hub',
      warnings: ['both policies'],
    });
    const marker = aMarker(app, { file: 'apps/base/a.yaml' });

    it('stores what was read', async () => {
      const { sync, get, gitRepos } = await start(id);
      const problem = { file: 'apps/a.yaml', line: 2, message: 'says why' };
      await sync(
        contentsOf([app], {
          markers: [marker, aMarker(app, { line: 9, current: '0.1.0' })],
          problems: [problem],
          scanProblems: new Map([[app.id, [problem]]]),
        }),
      );
      expect(await gitRepos.get('repo')).toMatchObject({
        branch: 'main',
        headCommit: '1'.repeat(40),
        problems: [problem],
      });
      const stored = await get(app.id);
      expect(stored?.scan).toMatchObject({
        definition: app,
        state: 'unknown',
        nextScanAt: NOW,
        problems: [problem],
      });
      expect(stored?.markers).toEqual([
        marker,
        aMarker(app, { line: 9, current: '0.1.0' }),
      ]);
    });

    it('stores the deepest folder that is read', async () => {
      const { sync, get, knex } = await start(id);
      // Of 1024 bytes that no database can make shorter.
      const path = `${randomBytes(509).toString('hex')}/f/m`;
      const deep = aDefinition('deep', { path, file: `${path}/fleet.yaml` });
      await sync(
        contentsOf([deep], {
          markers: [aMarker(deep, { file: `${path}/a.yaml` })],
        }),
      );
      expect((await get(deep.id))?.markers).toHaveLength(1);
      expect(await knex('scan_folders').pluck('folder')).toContain(path);
    });

    it('keeps result, due time and failure of a definition that stays', async () => {
      const { sync, scan, get } = await start(id);
      await sync(contentsOf([app], { markers: [marker] }));
      await scan(app.id, '1.0.0', NOW);
      await scan(app.id, new Error('no route'), NOW + 1);
      const before = await get(app.id);
      await sync(
        contentsOf([{ ...app, line: 7 }], { markers: [marker] }),
        NOW + 2,
      );
      const after = await get(app.id);
      expect(after?.scan).toEqual({
        ...before?.scan,
        definition: { ...app, line: 7 },
      });
    });

    it.each([
      ['policy', { policy: { semver: { range: '1.x' } } }],
      ['image', { image: 'registry.example.com/other' }],
      ['credential', { secretRef: 'another' }],
    ])('forgets the result when the %s changes', async (_, change) => {
      const { sync, scan, get } = await start(id);
      await sync(contentsOf([app], { markers: [marker] }));
      await scan(app.id, '1.0.0', NOW);
      const changed = aDefinition('app', {
        path: 'apps',
        secretRef: 'hub',
        ...change,
      });
      await sync(contentsOf([changed], { markers: [marker] }), NOW + 5);
      const { scan: stored } = (await get(app.id)) ?? {};
      expect(stored).toMatchObject({
        state: 'unknown',
        nextScanAt: NOW + 5,
        // What git agreed with, and by which definition, is still true.
        settled: { tag: '1.0.0', definitionHash: app.hash },
      });
      expect(stored?.latest).toBeUndefined();
      expect(stored?.lastScanAt).toBeUndefined();
    });

    it('assesses a result again for other values in git', async () => {
      const { sync, scan, get } = await start(id);
      await sync(contentsOf([app], { markers: [marker] }));
      await scan(app.id, '1.0.0', NOW);
      const state = async (current: string, at: number) => {
        await sync(
          contentsOf([app], {
            markers: [{ ...marker, file: `apps/${current}.yaml`, current }],
          }),
          at,
        );
        return (await get(app.id))?.scan;
      };
      expect(await state('0.9.0', NOW + 1)).toMatchObject({
        state: 'update-available',
        currentTag: '0.9.0',
        change: 'major',
      });
      expect(await state('2.0.0', NOW + 2)).toMatchObject({
        state: 'held',
        held: { from: '2.0.0', to: '1.0.0' },
      });
    });

    it('stops and resumes a suspended scan', async () => {
      const { sync, scan, get, queue } = await start(id);
      const markers = [marker];
      await sync(contentsOf([app], { markers }));
      await scan(app.id, '1.0.0', NOW);
      await sync(contentsOf([{ ...app, suspend: true }], { markers }), NOW + 1);
      const suspended = await get(app.id);
      expect(suspended?.scan).toMatchObject({
        state: 'suspended',
        latest: { tag: '1.0.0' },
      });
      expect(suspended?.scan.nextScanAt).toBeUndefined();
      expect(await queue.claimScan(app.id, NOW + 900_000)).toBeUndefined();

      await sync(contentsOf([app], { markers }), NOW + 2);
      expect((await get(app.id))?.scan).toMatchObject({
        state: 'up-to-date',
        nextScanAt: NOW + 2,
      });
    });

    it('heeds a shorter interval at once and a longer one later', async () => {
      const { sync, scan, get } = await start(id);
      await sync(contentsOf([app]));
      await scan(app.id, '1.0.0', NOW, { nextScanAt: NOW + 300_000 });
      const due = async (interval: number) => {
        await sync(contentsOf([{ ...app, interval }]), NOW + 1);
        return (await get(app.id))?.scan.nextScanAt;
      };
      expect(await due(3_600_000)).toBe(NOW + 300_000);
      expect(await due(60_000)).toBe(NOW + 60_001);
    });

    it('removes what is gone, of its own git repo only', async () => {
      const { sync, get, knex } = await start(id);
      const other = aDefinition('app', { gitRepo: 'other' });
      await sync(contentsOf([app], { markers: [marker] }));
      await sync(
        contentsOf([other], { markers: [aMarker(other)] }),
        NOW,
        'other',
      );
      await sync(contentsOf([]), NOW + 1);
      expect(await get(app.id)).toBeUndefined();
      expect((await get(other.id))?.markers).toHaveLength(1);
      expect(await knex('scan_folders').pluck('git_repo')).toEqual(['other']);
    });

    it('takes what hostile repositories hold', async () => {
      const { sync, get } = await start(id);
      const long = 'x'.repeat(5_000);
      const strange = aDefinition(`'; drop table markers; -- ${long}`, {
        image: `registry.example.com/${long}`,
        secretRef: long,
        file: `${long}/fleet.yaml`,
      });
      const markers = [
        aMarker(strange, { form: 'image', current: `a:${long}` }),
        aMarker(strange, { line: 4, current: '\u{1F600}\ud800' }),
      ];
      await sync(contentsOf([strange], { branch: long, markers }));
      const stored = await get(strange.id);
      expect(stored?.scan.definition.tagName).toBe(strange.tagName);
      expect(stored?.markers[0].current).toBe(`a:${long}`);
    });

    it('takes thousands of definitions and markers', async () => {
      const { sync, imageScans } = await start(id);
      const definitions = Array.from({ length: 1_200 }, (_, index) =>
        aDefinition(`app-${index}`, { path: `apps/${index}` }),
      );
      await sync(
        contentsOf(definitions, {
          markers: definitions.map(each => aMarker(each)),
        }),
      );
      expect(await imageScans.ofGitRepo('repo')).toHaveLength(1_200);
      await sync(contentsOf(definitions.slice(0, 1)));
      expect(await imageScans.ofGitRepo('repo')).toHaveLength(1);
    });
  });
});
