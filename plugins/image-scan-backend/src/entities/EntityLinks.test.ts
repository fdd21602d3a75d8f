import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { aGitRepo } from '../__testUtils__/aGitRepo';
import { GitRepoDirectory } from '../model/GitRepoDirectory';
import { EntityLinks } from './EntityLinks';

const anEntity = (
  name: string,
  annotations: Record<string, string>,
  owner?: string,
): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name, annotations },
  relations: owner ? [{ type: 'ownedBy', targetRef: owner }] : undefined,
});

const one = aGitRepo('one');
const two = aGitRepo('two', {}, 'fleet-local');
const twin = aGitRepo('twin', {}, 'a');
const otherTwin = aGitRepo(
  'twin',
  { repo: 'https://git.example.com/b/twin' },
  'b',
);

function start(entities: Entity[] = []) {
  const catalog = catalogServiceMock.mock();
  const real = catalogServiceMock({ entities });
  catalog.streamEntities.mockImplementation((...args) =>
    real.streamEntities(...args),
  );
  catalog.getEntityByRef.mockImplementation((...args) =>
    real.getEntityByRef(...args),
  );
  const links = new EntityLinks({
    directory: new GitRepoDirectory([one, two, twin, otherTwin]),
    catalog,
    auth: mockServices.auth(),
  });
  return { links, catalog };
}

describe('EntityLinks', () => {
  const { links } = start();
  const location = 'backstage.io/source-location';
  const tree = 'url:https://git.example.com/org/one/tree/main/apps/';

  it.each<[string, Record<string, string>, object, string | undefined]>([
    [
      'the annotation',
      { 'image-scan/git-repo': ' one ' },
      { source: 'annotation', gitRepo: 'one', paths: ['.'] },
      one.key,
    ],
    [
      'the annotation with paths',
      {
        'image-scan/git-repo': 'one',
        'image-scan/path': ' apps/redis/, ./apps/web ,/x//, ., ,',
      },
      {
        source: 'annotation',
        gitRepo: 'one',
        paths: ['apps/redis', 'apps/web', 'x', '.'],
      },
      one.key,
    ],
    [
      'a name with its namespace',
      { 'image-scan/git-repo': 'b:twin' },
      { source: 'annotation', gitRepo: 'b:twin', paths: ['.'] },
      otherTwin.key,
    ],
    [
      'a name that is not unique',
      { 'image-scan/git-repo': 'twin' },
      { source: 'none', gitRepo: 'twin', paths: ['.'] },
      undefined,
    ],
    [
      'an unknown name, and no other place then',
      { 'image-scan/git-repo': 'three', [location]: tree },
      { source: 'none', gitRepo: 'three', paths: ['.'] },
      undefined,
    ],
    [
      'the source location',
      { [location]: tree },
      { source: 'source-location', gitRepo: 'one', paths: ['apps'] },
      one.key,
    ],
    [
      'the source location with paths of its own',
      { [location]: tree, 'image-scan/path': 'deploy' },
      { source: 'source-location', gitRepo: 'one', paths: ['deploy'] },
      one.key,
    ],
    [
      'the location of its description',
      {
        'backstage.io/managed-by-location':
          'url:https://git.example.com/org/two/blob/main/web/catalog-info.yaml',
      },
      { source: 'source-location', gitRepo: 'two', paths: ['web'] },
      two.key,
    ],
    [
      'the source location before that of its description',
      {
        [location]: tree,
        'backstage.io/managed-by-location':
          'url:https://git.example.com/org/two/blob/main/catalog-info.yaml',
      },
      { source: 'source-location', gitRepo: 'one', paths: ['apps'] },
      one.key,
    ],
    [
      'nothing that is known',
      { [location]: 'url:https://git.example.com/org/three/' },
      { source: 'none', paths: [] },
      undefined,
    ],
    ['nothing', {}, { source: 'none', paths: [] }, undefined],
  ])('ties by %s', (_, annotations, link, key) => {
    const resolved = links.resolve(anEntity('a', annotations));
    expect(resolved.link).toEqual(link);
    expect(resolved.definition?.key).toBe(key);
  });

  it('knows the owners of tied entities, and asks once', async () => {
    const { links: owned, catalog } = start([
      anEntity('a', { 'image-scan/git-repo': 'one' }, 'group:default/a'),
      anEntity('b', { [location]: tree }, 'group:default/b'),
      anEntity('c', { 'image-scan/git-repo': 'three' }, 'group:default/c'),
      anEntity('d', {}, 'group:default/d'),
      anEntity('e', { 'image-scan/git-repo': 'two' }),
      anEntity('f', { [location]: 'url:https://git.example.com/%E0%A4%A' }),
    ]);
    const [owners] = await Promise.all([
      owned.ownersByGitRepo(),
      owned.ownersByGitRepo(),
    ]);
    expect(owners).toEqual(
      new Map([[one.key, new Set(['group:default/a', 'group:default/b'])]]),
    );
    expect(catalog.streamEntities).toHaveBeenCalledTimes(1);
  });

  it('does not remember a failure', async () => {
    const { links: owned, catalog } = start();
    catalog.streamEntities.mockImplementationOnce(() => {
      throw new Error('catalog is down');
    });
    await expect(owned.ownersByGitRepo()).rejects.toThrow('catalog is down');
    await expect(owned.ownersByGitRepo()).resolves.toEqual(new Map());
  });

  describe('of somebody who asks', () => {
    const { user, service } = mockCredentials;
    const anna = user('user:default/anna');
    const bert = user('user:default/bert');
    const ref = 'component:default/a';
    const tied = anEntity('a', { 'image-scan/git-repo': 'one' });

    afterEach(() => {
      jest.restoreAllMocks();
    });

    it('asks the catalog once for each of them, and again after a while', async () => {
      let now = 1_000;
      jest.spyOn(performance, 'now').mockImplementation(() => now);
      const { links: known, catalog } = start([tied]);
      const [link] = await Promise.all([
        known.linkOf(ref, anna),
        known.linkOf('Component:a', anna),
      ]);
      expect(link?.definition?.key).toBe(one.key);
      expect(catalog.getEntityByRef).toHaveBeenCalledTimes(1);
      expect(catalog.getEntityByRef).toHaveBeenLastCalledWith(ref, {
        credentials: anna,
      });

      catalog.getEntityByRef.mockResolvedValueOnce(undefined);
      expect(await known.linkOf(ref, bert)).toBeUndefined();
      await known.linkOf(ref, service('plugin:other'));
      expect(catalog.getEntityByRef).toHaveBeenCalledTimes(3);
      await known.linkOf(ref, anna);
      expect(catalog.getEntityByRef).toHaveBeenCalledTimes(3);

      now += 9_999;
      await known.linkOf(ref, anna);
      expect(catalog.getEntityByRef).toHaveBeenCalledTimes(3);
      now += 2;
      catalog.getEntityByRef.mockResolvedValueOnce(undefined);
      expect(await known.linkOf(ref, anna)).toBeUndefined();
    });

    it('remembers neither what is missing nor a failure', async () => {
      const { links: known, catalog } = start([tied]);
      catalog.getEntityByRef
        .mockResolvedValueOnce(undefined)
        .mockRejectedValueOnce(new Error('catalog is down'));
      expect(await known.linkOf(ref, anna)).toBeUndefined();
      await expect(known.linkOf(ref, anna)).rejects.toThrow('catalog is down');
      expect((await known.linkOf(ref, anna))?.definition?.key).toBe(one.key);
    });

    it('answers who waits, however many others ask meanwhile', async () => {
      const { links: known, catalog } = start([tied]);
      const found = await Promise.all(
        Array.from({ length: 10_001 }, (_, index) =>
          known.linkOf(ref, user(`user:default/u${index}`)),
        ),
      );
      expect(new Set(found.map(link => link?.definition?.key))).toEqual(
        new Set([one.key]),
      );
      // The first is forgotten for the last.
      await known.linkOf(ref, user('user:default/u10000'));
      expect(catalog.getEntityByRef).toHaveBeenCalledTimes(10_001);
      await known.linkOf(ref, user('user:default/u0'));
      expect(catalog.getEntityByRef).toHaveBeenCalledTimes(10_002);
    });

    it('asks each time for a service that may not do everything', async () => {
      const { links: known, catalog } = start([tied]);
      const restricted = service('external:other', {
        permissionNames: ['catalog.entity.read'],
      });
      await known.linkOf(ref, restricted);
      await known.linkOf(ref, restricted);
      expect(catalog.getEntityByRef).toHaveBeenCalledTimes(2);
    });
  });
});
