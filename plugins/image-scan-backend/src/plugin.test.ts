import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  AuthorizeResult,
  type DefinitivePolicyDecision,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import { RESOURCE_TYPE_GIT_REPO } from 'backstage-plugin-image-scan-common';
import request from 'supertest';
import {
  aDefinition,
  aMarker,
  anUpdate,
  contentsOf,
} from './__testUtils__/builders';
import { createStores, DIGEST } from './__testUtils__/stores';
import { imageScanPlugin } from './plugin';

jest.setTimeout(60_000);

/** Nothing listens there, so nothing real is ever asked. */
const NOWHERE = 'http://127.0.0.1:1';

const allow: DefinitivePolicyDecision = { result: AuthorizeResult.ALLOW };
const deny: DefinitivePolicyDecision = { result: AuthorizeResult.DENY };
const where = (
  rule: 'HAS_NAME' | 'IS_LINKED_ENTITY_OWNER',
  params: { names: string[] } | { claims: string[] },
): PolicyDecision => ({
  result: AuthorizeResult.CONDITIONAL,
  pluginId: 'image-scan',
  resourceType: RESOURCE_TYPE_GIT_REPO,
  conditions: { rule, resourceType: RESOURCE_TYPE_GIT_REPO, params },
});

const component = (
  name: string,
  annotations: Record<string, string>,
  owner = 'group:default/nobody',
): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name, namespace: 'default', annotations },
  relations: [{ type: 'ownedBy', targetRef: owner }],
});

const entities = [
  component('redis', {
    'image-scan/git-repo': 'shop',
    'image-scan/path': 'apps/redis',
  }),
  component('shop', { 'image-scan/git-repo': 'shop' }, 'group:default/shop'),
  component('sourced', {
    'backstage.io/source-location': `url:${NOWHERE}/org/secret/tree/main/web/`,
  }),
  component('lost', { 'image-scan/git-repo': 'nowhere' }),
  component('bare', {}),
];

const gitRepo = (name: string, namespace?: string) => ({
  metadata: { name, ...(namespace && { namespace }) },
  spec: { repo: `${NOWHERE}/org/${namespace ?? ''}${name}` },
});

const redis = aDefinition('redis', {
  gitRepo: 'shop',
  path: 'apps/redis',
  image: '127.0.0.1:1/redis',
  registryHost: '127.0.0.1:1',
});
const web = aDefinition('web', { gitRepo: 'shop', path: 'apps/web' });
const asleep = aDefinition('asleep', { gitRepo: 'shop', suspend: true });
const hidden = aDefinition('hidden', { gitRepo: 'secret', path: 'web' });

// What each kind of caller may call is held by the table of the guarantees.
describe('imageScanPlugin', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });

  async function start(
    decisions: {
      read?: PolicyDecision;
      scan?: PolicyDecision;
      update?: PolicyDecision;
    } = {},
  ) {
    const knex = await databases.init('SQLITE_3');
    const decide = (name: string): PolicyDecision => {
      const { read = allow, scan = allow, update = allow } = decisions;
      switch (name) {
        case 'image-scan.git-repo.read':
          return read;
        case 'image-scan.git-repo.scan':
          return scan;
        case 'image-scan.git-repo.update':
          return update;
        default:
          throw new Error(`Nobody knows the permission ${name}`);
      }
    };
    const auditor = mockServices.auditor.mock();
    const audited: string[] = [];
    auditor.createEvent.mockImplementation(async ({ eventId, meta }) => {
      const note = (end: string) => async () => {
        audited.push(
          [eventId, meta?.actionType, end].filter(Boolean).join(' '),
        );
      };
      return { success: note('succeeded'), fail: note('failed') };
    });
    const { server } = await startTestBackend({
      features: [
        imageScanPlugin,
        auditor.factory,
        catalogServiceMock.factory({ entities }),
        mockServices.database.mock({ getClient: async () => knex }).factory,
        mockServices.scheduler.factory({ skipTaskRunOnStartup: true }),
        mockServices.permissions.mock({
          authorizeConditional: async requests =>
            requests.map(({ permission }) => decide(permission.name)),
        }).factory,
        mockServices.rootConfig.factory({
          data: {
            imageScan: {
              gitRepos: [
                gitRepo('shop'),
                gitRepo('secret'),
                gitRepo('twin', 'a'),
                gitRepo('twin', 'b'),
              ],
            },
          },
        }),
      ],
    });
    const stores = createStores(knex);
    const now = Date.now();
    await stores.sync(
      contentsOf([redis, web, asleep], {
        markers: [
          aMarker(redis, { file: 'apps/redis/a.yaml' }),
          aMarker(web, {
            file: 'apps/web/a.yaml',
            form: 'image',
            current: 'x',
          }),
        ],
        problems: [{ file: 'a.yaml', line: 1, message: 'does nothing' }],
      }),
      now,
      'shop',
    );
    await stores.sync(contentsOf([hidden]), now, 'secret');
    await stores.scan(redis.id, '1.1.0', now);
    await stores.scan(web.id, new Error('no route'), now);
    await stores.queue.setTags(redis, ['1.0.0', '1.1.0', 'edge'], now);
    for (const update of [
      anUpdate('u1', [redis], { gitRepo: 'shop', createdAt: 1_000 }),
      anUpdate('u2', [web], { gitRepo: 'shop', createdAt: 2_000 }),
      anUpdate('u3', [hidden], { gitRepo: 'secret', createdAt: 3_000 }),
    ]) {
      await stores.updates.announce(update);
      await stores.updates.confirm(update);
    }

    const call =
      (method: 'get' | 'post') =>
      (path: string, body: object = {}) =>
        method === 'get'
          ? request(server).get(`/api/image-scan${path}`)
          : request(server).post(`/api/image-scan${path}`).send(body);
    return { server, stores, audited, get: call('get'), post: call('post') };
  }

  const tagNames = (body: { items: { tagName: string }[] }) =>
    body.items.map(({ tagName }) => tagName).sort();

  describe('answers', () => {
    it('which git repos there are', async () => {
      const { get } = await start();
      const { status, body } = await get('/git-repos');
      expect(status).toBe(200);
      expect(body.items).toMatchObject([
        {
          name: 'shop',
          branch: 'main',
          paused: false,
          paths: ['.'],
          head: { commit: '1'.repeat(40) },
          problems: [{ file: 'a.yaml', line: 1, message: 'does nothing' }],
          counts: { error: 1, 'update-available': 1, suspended: 1 },
        },
        { name: 'secret', counts: { unknown: 1 } },
        { name: 'a:twin', namespace: 'a' },
        { name: 'b:twin', namespace: 'b' },
      ]);
      expect((await get('/git-repos/a:twin')).body.repo).toBe(
        `${NOWHERE}/org/atwin`,
      );
    });

    it('which image scans there are', async () => {
      const { get } = await start();
      const { body } = await get('/image-scans?gitRepo=shop');
      expect(body).toMatchObject({
        totalItems: 3,
        counts: { error: 1, 'update-available': 1, suspended: 1 },
      });
      expect(tagNames(body)).toEqual(['asleep', 'redis', 'web']);

      const filtered = await get(
        '/image-scans?state=update-available&search=RED&orderBy=tagName,desc&limit=1&offset=0',
      );
      expect(filtered.body.items).toEqual([
        expect.objectContaining({
          id: redis.id,
          gitRepo: 'shop',
          path: 'apps/redis',
          image: '127.0.0.1:1/redis',
          latestImage: '127.0.0.1:1/redis:1.1.0',
          latestTag: '1.1.0',
          latestDigest: DIGEST,
          state: 'update-available',
          currentTag: '1.0.0',
          change: 'minor',
          lastUpdate: expect.objectContaining({
            time: '1970-01-01T00:00:01.000Z',
          }),
          markers: [
            {
              file: 'apps/redis/a.yaml',
              line: 3,
              form: 'tag',
              current: '1.0.0',
              desired: '1.1.0',
            },
          ],
        }),
      ]);
      expect((await get('/image-scans?limit=1&offset=1')).body).toMatchObject({
        items: [{}],
        totalItems: 4,
      });
      expect((await get('/image-scans?gitRepo=unknown')).body.items).toEqual(
        [],
      );
    });

    it('what one image scan is', async () => {
      const { get } = await start();
      const failing = await get(`/image-scans/${web.id}`);
      expect(failing.body).toMatchObject({
        state: 'error',
        error: {
          message: 'no route',
          retryTime: expect.stringMatching(/^\d{4}-/),
        },
      });
      const unmarked = await get(`/image-scans/${hidden.id}`);
      expect(unmarked.body.problems[0].message).toContain(
        '# {"$imagescan": "hidden"}',
      );
    });

    it('which tags there are and why one was chosen', async () => {
      const { get } = await start();
      const { body } = await get(`/image-scans/${redis.id}/tags`);
      expect(body).toMatchObject({
        totalItems: 3,
        counts: { selected: 1, older: 1, 'not-a-version': 1 },
      });
      const found = await get(
        `/image-scans/${redis.id}/tags?search=1.&verdict=older&limit=1`,
      );
      expect(found.body.items).toMatchObject([{ tag: '1.0.0' }]);
      expect((await get(`/image-scans/${web.id}/tags`)).body.items).toEqual([]);
    });

    it('what a policy would choose', async () => {
      const { post } = await start();
      const policy = { alphabetical: { order: 'desc' } };
      const ofScan = { policy, imageScanId: redis.id };
      expect((await post('/policies/preview', ofScan)).body.selected).toBe(
        'edge',
      );
      const given = {
        policy: { semver: { range: '1.x' } },
        tags: ['1.0', '2'],
      };
      expect((await post('/policies/preview', given)).body).toMatchObject({
        selected: '1.0',
        totalItems: 2,
      });
    });

    it('what was written', async () => {
      const { get } = await start();
      const ids = async (query: string) => {
        const { body } = await get(`/updates${query}`);
        return body.items.map((item: { id: string }) => item.id);
      };
      expect(await ids('')).toEqual(['u3', 'u2', 'u1']);
      expect(await ids('?gitRepo=shop&limit=1')).toEqual(['u2']);
      expect(await ids(`?imageScanId=${redis.id}`)).toEqual(['u1']);
      expect(await ids('?entityRef=component:default/redis')).toEqual(['u1']);
      expect((await get('/updates?limit=1')).body.totalItems).toBe(3);
    });
  });

  describe('entities', () => {
    it.each([
      [
        'redis',
        ['redis'],
        { source: 'annotation', gitRepo: 'shop', paths: ['apps/redis'] },
      ],
      [
        'shop',
        ['asleep', 'redis', 'web'],
        { source: 'annotation', gitRepo: 'shop', paths: ['.'] },
      ],
      [
        'sourced',
        ['hidden'],
        { source: 'source-location', gitRepo: 'secret', paths: ['web'] },
      ],
      ['lost', [], { source: 'none', gitRepo: 'nowhere', paths: ['.'] }],
      ['bare', [], { source: 'none', paths: [] }],
    ])('%s is tied to %j', async (name, expected, entity) => {
      const { get } = await start();
      const { body } = await get(
        `/image-scans?entityRef=component:default/${name}`,
      );
      expect(tagNames(body)).toEqual(expected);
      expect(body.entity).toEqual(entity);
    });

    it('never tell the name of a git repo that may not be seen', async () => {
      const { get } = await start({
        read: where('HAS_NAME', { names: ['shop'] }),
      });
      const { body, text } = await get(
        '/image-scans?entityRef=component:default/sourced',
      );
      expect(body).toMatchObject({ items: [], entity: { source: 'none' } });
      expect(text).not.toContain('secret');
    });

    it('show a git repo that may not be seen as one that is not there', async () => {
      const { get } = await start({
        read: where('HAS_NAME', { names: ['secret'] }),
      });
      const { body } = await get(
        '/image-scans?entityRef=component:default/redis',
      );
      expect(body.items).toEqual([]);
      expect(body.entity).toEqual({
        source: 'none',
        gitRepo: 'shop',
        paths: ['apps/redis'],
      });
    });
  });

  describe('refuses', () => {
    it.each([
      ['/image-scans?limit=0', 'limit'],
      ['/image-scans?limit=501', 'limit'],
      ['/image-scans?limit=ten', 'limit'],
      ['/image-scans?limit=1&limit=2', 'limit'],
      ['/image-scans?offset=-1', 'offset'],
      ['/image-scans?offset=1.5', 'offset'],
      ['/image-scans?state=fine', 'state'],
      ['/image-scans?orderBy=password', 'orderBy'],
      ['/image-scans?orderBy=image,up', 'orderBy'],
      ['/image-scans?search=%00', 'search'],
      ['/image-scans?gitRepo[]=shop', 'gitRepo'],
      ['/image-scans?entityRef=shop', 'entityRef'],
      ['/image-scans?entityRef=', 'entityRef'],
      ['/image-scans?colour=red', 'colour'],
      ['/image-scans/%00', 'id'],
      ['/image-scans/x%00/tags', 'id'],
      [`/image-scans/${redis.id}/tags?verdict=good`, 'verdict'],
      ['/updates?imageScanId=%00', 'imageScanId'],
      ['/updates?limit=x', 'limit'],
      ['/updates?entityRef=x', 'entityRef'],
      ['/git-repos?limit=1', 'limit'],
    ])('GET %s, naming %s', async (path, field) => {
      const { get } = await start();
      const { status, body } = await get(path);
      expect([status, body.error.name]).toEqual([400, 'InputError']);
      expect(body.error.message).toContain(field);
    });

    it.each<[string, object, string]>([
      ['/git-repos/shop/update', { dryrun: true }, 'dryrun'],
      ['/git-repos/shop/update', { dryRun: 'yes' }, 'dryRun'],
      ['/git-repos/shop/update', { tagNames: 'redis' }, 'tagNames'],
      ['/git-repos/shop/update', { message: '' }, 'message'],
      [
        '/git-repos/shop/update',
        { tagNames: ['redis'], imageScanIds: [redis.id] },
        'imageScanIds',
      ],
      [
        '/git-repos/shop/update',
        { tags: { [redis.id]: '1.0.0' }, revert: 'u1' },
        'tags or revert',
      ],
      ['/git-repos/shop/update', { tags: {} }, 'tags'],
      ['/git-repos/shop/update', { tags: { x: '1.0.0' } }, 'with the id x'],
      [
        '/git-repos/shop/update',
        { tags: { [hidden.id]: '1.0.0' } },
        `with the id ${hidden.id}`,
      ],
      [
        '/git-repos/shop/update',
        { tags: { [redis.id]: '9.9.9' } },
        'tags: 127.0.0.1:1/redis had no tag 9.9.9 when it was asked last',
      ],
      [
        '/git-repos/shop/update',
        { tags: { [web.id]: '1.0.0' } },
        'has not listed its tags yet; scan web first',
      ],
      ['/git-repos/shop/update', { revert: 'u3' }, 'has no update u3'],
      ['/git-repos/shop/update', { revert: 'unknown' }, 'has no update'],
      ['/git-repos/shop/update', { reason: 'so' }, 'reason'],
      [
        '/git-repos/shop/update',
        { revert: 'u1', until: '2020-01-01T00:00:00Z' },
        'until',
      ],
      ['/decisions', { kind: 'hold', imageScanIds: [] }, 'imageScanIds'],
      ['/decisions', { kind: 'hold', imageScanIds: 'x' }, 'imageScanIds'],
      [
        '/decisions',
        { kind: 'hold', imageScanIds: [redis.id], gitRepo: 'shop' },
        'gitRepo',
      ],
      ['/decisions', { kind: 'skip', imageScanIds: [redis.id] }, 'tag'],
      ['/decisions', { kind: 'hold', tag: '1.1.0' }, 'tag'],
      ['/decisions', { kind: 'chosen', imageScanId: redis.id }, 'kind'],
      ['/git-repos/shop/update', [], 'object'],
      ['/policies/preview', {}, 'policy'],
      ['/policies/preview', { policy: { semver: {} } }, 'range'],
      ['/policies/preview', { policy: {}, tags: [1] }, 'tags'],
      ['/policies/preview', { policy: {} }, 'imageScanId'],
      [
        '/policies/preview',
        { policy: { alphabetical: { order: 'up' } }, tags: [] },
        'order',
      ],
      [
        '/policies/preview',
        { policy: { semver: { range: '>>1' } }, tags: ['1'] },
        '>>1',
      ],
    ])('POST %s %j, naming %s', async (path, body, field) => {
      const { post } = await start();
      const answer = await post(path, body);
      expect(answer.status).toBe(400);
      expect(answer.body.error.message).toContain(field);
    });

    it('what is no JSON, and too much of it', async () => {
      const { post } = await start();
      const send = (text: string) =>
        post('/policies/preview')
          .set('Content-Type', 'application/json')
          .send(text);
      expect((await send('{"policy":')).status).toBe(400);
      expect((await send(`"${'x'.repeat(3_000_000)}"`)).status).toBe(413);
    });

    it('what there is not', async () => {
      const { get, post } = await start();
      for (const answer of [
        await get('/git-repos/unknown'),
        await get('/git-repos/twin'),
        await post('/git-repos/unknown/sync'),
        await post('/git-repos/unknown/update', {}),
        await get('/image-scans/unknown'),
        await get('/image-scans/unknown/tags'),
        await post('/image-scans/unknown/scan'),
        await post('/policies/preview', { policy: {}, imageScanId: 'unknown' }),
        await get('/image-scans?entityRef=component:default/unreadable'),
        await get('/updates?entityRef=component:default/unreadable'),
      ]) {
        expect([answer.status, answer.body.error.name]).toEqual([
          404,
          'NotFoundError',
        ]);
        expect(answer.body.error.message).toMatch(
          /^(?:There is no (?:git repo named|image scan|entity) \S+$|twin )/,
        );
      }
    });
  });

  describe('work that is asked for', () => {
    it('reads a git repo now and shows why it could not', async () => {
      const { post, audited } = await start();
      const { status, body } = await post('/git-repos/shop/sync');
      expect(status).toBe(200);
      expect(body.error.message).toContain('127.0.0.1:1');
      expect(body.head.commit).toBe('1'.repeat(40));
      expect(audited).toEqual(['git-repo-sync succeeded']);
    });

    it('cannot write to a remote that cannot be reached', async () => {
      const { post, audited, stores } = await start();
      for (const dryRun of [true, false]) {
        const { status, body } = await post('/git-repos/shop/update', {
          dryRun,
        });
        expect(status).toBe(503);
        expect(body.error.message).toContain('127.0.0.1:1');
      }
      expect(audited).toEqual([
        'git-repo-update dry-run failed',
        'git-repo-update write failed',
      ]);
      expect(await stores.gitRepos.claim('shop', Date.now())).toBeDefined();
    });

    it('scans now and keeps the last good result', async () => {
      const { post, audited } = await start();
      const { status, body } = await post(`/image-scans/${redis.id}/scan`);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        state: 'error',
        latestTag: '1.1.0',
        error: { message: expect.any(String) },
      });
      expect(audited).toEqual(['image-scan succeeded']);
    });

    it('does not scan what is suspended', async () => {
      const { post, audited } = await start();
      const { status, body } = await post(`/image-scans/${asleep.id}/scan`);
      expect(status).toBe(409);
      expect(body.error.message).toContain('set suspend: false in fleet.yaml');
      expect(audited).toEqual(['image-scan failed']);
    });
  });

  describe('permissions', () => {
    const everything = async ({
      get,
      post,
    }: Awaited<ReturnType<typeof start>>) =>
      Promise.all([
        get('/git-repos/shop'),
        post('/git-repos/shop/sync'),
        post('/git-repos/shop/update', { dryRun: true }),
        get(`/image-scans/${redis.id}`),
        get(`/image-scans/${redis.id}/tags`),
        post(`/image-scans/${redis.id}/scan`),
        post('/policies/preview', { policy: {}, imageScanId: redis.id }),
      ]);

    it('answer 403 for what may be seen but not done', async () => {
      const backend = await start({ scan: deny, update: deny });
      const answers = await everything(backend);
      expect(answers.map(({ status }) => status)).toEqual([
        200, 403, 403, 200, 200, 403, 200,
      ]);
      expect(answers[2].body.error.message).toContain(
        'image-scan.git-repo.update',
      );
      expect(backend.audited.sort()).toEqual([
        'git-repo-sync failed',
        'git-repo-update dry-run failed',
        'image-scan failed',
      ]);
    });

    it.each([
      [
        'HAS_NAME',
        where('HAS_NAME', { names: ['shop', 'a:twin'] }),
        ['shop', 'a:twin'],
      ],
      ['HAS_NAME without', where('HAS_NAME', { names: ['twin'] }), []],
      [
        'IS_LINKED_ENTITY_OWNER',
        where('IS_LINKED_ENTITY_OWNER', { claims: ['group:default/shop'] }),
        ['shop'],
      ],
      [
        'IS_LINKED_ENTITY_OWNER of nothing',
        where('IS_LINKED_ENTITY_OWNER', { claims: ['group:default/x'] }),
        [],
      ],
    ])('can depend on %s', async (_, read, names) => {
      const { get } = await start({ read });
      const { body } = await get('/git-repos');
      expect(body.items.map(({ name }: { name: string }) => name)).toEqual(
        names,
      );
      const scans = await get('/image-scans');
      expect(
        scans.body.items.every((item: { gitRepo: string }) =>
          names.includes(item.gitRepo),
        ),
      ).toBe(true);
    });

    it('of writing can depend on the name, too', async () => {
      const { post } = await start({
        update: where('HAS_NAME', { names: ['secret'] }),
      });
      const update = async (name: string) =>
        (await post(`/git-repos/${name}/update`, { dryRun: true })).status;
      expect(await update('shop')).toBe(403);
      expect(await update('secret')).toBe(503);
    });
  });

  describe('decisions', () => {
    const UNTIL = '2100-01-01T00:00:00.000Z';

    it('are made, listed and released', async () => {
      const { get, post, audited } = await start();
      const hold = { kind: 'hold', imageScanId: redis.id, reason: 'sale' };
      const made = await post('/decisions', { ...hold, until: UNTIL });
      expect(made.status).toBe(200);
      expect(made.body).toMatchObject({
        kind: 'hold',
        gitRepo: 'shop',
        imageScanId: redis.id,
        path: 'apps/redis',
        tagName: 'redis',
        reason: 'sale',
        by: 'user:default/mock',
        until: UNTIL,
      });
      const { id } = made.body;
      expect((await get(`/image-scans/${redis.id}`)).body).toMatchObject({
        state: 'held',
        held: { to: '1.1.0', decision: { id, kind: 'hold' } },
      });
      const listed = await get('/decisions?gitRepo=shop&active=true');
      expect(listed.body).toEqual({ items: [made.body], totalItems: 1 });
      expect((await get('/decisions?active=false')).body.items).toEqual([]);
      expect((await get(`/decisions/${id}`)).body).toEqual(made.body);

      const release = () => post(`/decisions/${id}/release`, { reason: 'ok' });
      expect((await release()).body).toMatchObject({
        ended: { how: 'released', by: 'user:default/mock', reason: 'ok' },
      });
      expect((await release()).status).toBe(409);
      expect((await get(`/image-scans/${redis.id}`)).body.state).toBe(
        'update-available',
      );
      expect(audited).toEqual([
        'decision-make succeeded',
        'decision-release succeeded',
        'decision-release failed',
      ]);
    });

    it('skip a tag of a scan, and end others with it', async () => {
      const { get, post } = await start();
      const about = { imageScanId: redis.id };
      const held = await post('/decisions', { kind: 'hold', ...about });
      const skip = { kind: 'skip', tag: '1.1.0', ...about, until: UNTIL };
      const release = [held.body.id];
      const made = await post('/decisions', { ...skip, release });
      expect(made.body).toMatchObject({ ...skip, gitRepo: 'shop' });
      expect((await get('/decisions?active=true')).body.items).toEqual([
        made.body,
      ]);
      expect((await get(`/image-scans/${redis.id}`)).body).toMatchObject({
        state: 'held',
        held: {
          decision: { id: made.body.id, kind: 'skip' },
          reason: `1.1.0 is skipped by user:default/mock until ${UNTIL}`,
        },
      });
      expect((await post('/decisions', { ...skip, release })).status).toBe(409);
    });

    it('are made on several scans at once, on all of them or none', async () => {
      const { get, post } = await start();
      const hold = (...imageScanIds: string[]) =>
        post('/decisions', { kind: 'hold', imageScanIds });
      const { body } = await hold(redis.id, web.id, redis.id);
      expect(body).toMatchObject({
        totalItems: 2,
        items: [{ imageScanId: redis.id }, { imageScanId: web.id }],
      });
      expect((await hold(asleep.id, 'unknown')).status).toBe(404);
      expect((await get('/decisions?active=true')).body).toMatchObject({
        totalItems: 2,
      });
    });

    it('show where the scan is shown, those on its git repo and on everything too', async () => {
      const { get, post } = await start();
      const made = async (body: object) =>
        (await post('/decisions', body)).body;
      const all = await made({ kind: 'hold', until: UNTIL });
      await made({ kind: 'hold', gitRepo: 'secret' });
      const own = await made({ kind: 'hold', gitRepo: 'shop', reason: 'sale' });
      const skip = { kind: 'skip', imageScanId: redis.id, tag: '1.1.0' };
      const skipped = await made(skip);
      await made({ ...skip, imageScanId: web.id });
      const ended = await made({ kind: 'hold', imageScanId: redis.id });
      await post(`/decisions/${ended.id}/release`);
      const { body } = await get(`/image-scans/${redis.id}`);
      expect(body.decisions).toHaveLength(3);
      expect(body.decisions).toEqual(
        expect.arrayContaining([skipped, own, all]),
      );
      const { items } = (await get('/image-scans?search=redis')).body;
      expect(items).toEqual([body]);
    });

    it.each([
      [{ kind: 'skip', imageScanId: redis.id }, 400],
      [{ kind: 'skip', gitRepo: 'shop', tag: '1.1.0' }, 400],
      [{ kind: 'hold', imageScanId: redis.id, tag: '1.1.0' }, 400],
      [{ kind: 'hold', imageScanId: redis.id, release: ['one'] }, 400],
      [
        {
          kind: 'skip',
          imageScanId: redis.id,
          tag: '1.1.0',
          release: ['unknown'],
        },
        404,
      ],
      [{ kind: 'hold', gitRepo: 'shop', imageScanId: redis.id }, 400],
      [{ kind: 'hold', gitRepo: 'shop', until: 'soon' }, 400],
      [{ kind: 'hold', gitRepo: 'shop', until: '2020-01-01T00:00:00Z' }, 400],
      [{ kind: 'hold', gitRepo: 'unknown' }, 404],
      [{ kind: 'hold', imageScanId: 'unknown' }, 404],
    ])('%j is refused', async (body, status) => {
      const { get, post } = await start();
      expect((await post('/decisions', body)).status).toBe(status);
      expect((await get('/decisions')).body.items).toEqual([]);
    });

    it('need the permission to update, everywhere for what is about everything', async () => {
      const mine = where('HAS_NAME', { names: ['shop'] });
      const { stores, get, post } = await start({ read: mine, update: mine });
      const hold = { kind: 'hold' as const, by: 'user:default/ada' };
      const [here, there, all] = await stores.decisions.decide(
        [
          { ...hold, about: { gitRepo: 'shop' } },
          { ...hold, about: { scanId: hidden.id } },
          { ...hold, about: {} },
        ],
        Date.now(),
      );
      const { body } = await get('/decisions');
      expect(body.items.map(({ id }: { id: string }) => id).sort()).toEqual(
        [here.id, all.id].sort(),
      );
      const statusOf = async (id: string) => [
        (await get(`/decisions/${id}`)).status,
        (await post(`/decisions/${id}/release`)).status,
      ];
      expect(await statusOf(here.id)).toEqual([200, 200]);
      expect(await statusOf(there.id)).toEqual([404, 404]);
      expect(await statusOf(all.id)).toEqual([200, 403]);
      expect(await statusOf('unknown')).toEqual([404, 404]);
    });

    it('name the commits that were announced before', async () => {
      const { stores, post } = await start();
      const update = anUpdate('u9', [redis], { gitRepo: 'shop' });
      await stores.updates.announce(update);
      const hold = async (about: object) =>
        (await post('/decisions', { kind: 'hold', ...about })).body.underway;
      expect(await hold({ imageScanId: redis.id })).toEqual([update.commit]);
      expect(await hold({ imageScanId: web.id })).toBeUndefined();
      expect(await hold({})).toEqual([update.commit]);
    });

    it('on what is gone are listed for those who may see everything', async () => {
      const { stores, get, post } = await start();
      const [made] = await stores.decisions.decide(
        [{ kind: 'hold', by: 'user:default/ada', about: { scanId: redis.id } }],
        Date.now(),
      );
      await stores.knex('decisions').update({ git_repo: 'before' });
      const gone = { id: made.id, gitRepo: 'before', isGone: true };
      expect((await get('/decisions')).body.items).toMatchObject([gone]);
      expect((await get('/decisions?gitRepo=shop')).body.items).toEqual([]);
      expect((await get(`/decisions/${made.id}`)).body).toMatchObject(gone);
      expect((await post(`/decisions/${made.id}/release`)).status).toBe(200);
    });

    it('on what is gone are hidden from others', async () => {
      const mine = where('HAS_NAME', { names: ['shop'] });
      const { stores, get, post } = await start({ read: mine, update: mine });
      const [{ id }] = await stores.decisions.decide(
        [{ kind: 'hold', by: 'user:default/ada', about: { scanId: redis.id } }],
        Date.now(),
      );
      await stores.knex('decisions').update({ git_repo: 'before' });
      expect((await get('/decisions')).body.items).toEqual([]);
      expect((await get(`/decisions/${id}`)).status).toBe(404);
      expect((await post(`/decisions/${id}/release`)).status).toBe(404);
    });

    it('cannot be released by those who may only read', async () => {
      const { stores, get, post } = await start({ update: deny });
      const about = { gitRepo: 'shop' };
      const [{ id }] = await stores.decisions.decide(
        [{ kind: 'hold', by: 'user:default/ada', about }],
        Date.now(),
      );
      expect((await post(`/decisions/${id}/release`)).status).toBe(403);
      expect((await get(`/decisions/${id}`)).status).toBe(200);
    });
  });

  describe('what is passed over', () => {
    const HOUR = 3_600_000;

    it('is told of each tag, with who and until when', async () => {
      const { stores, get, post } = await start();
      const tags = ['1.0.0', '1.1.0', '1.2.0', '1.3.0'];
      const { queue } = stores;
      const before = Date.now() - 100 * HOUR;
      await stores.knex('tag_lists').delete();
      await queue.setTags(redis, tags.slice(0, 3), before);
      await queue.setTags(redis, tags, Date.now() - 5 * HOUR);
      await post('/decisions', {
        kind: 'skip',
        imageScanId: redis.id,
        tag: '1.2.0',
        reason: 'leaks',
      });
      const path = `/image-scans/${redis.id}/tags`;
      expect((await get(path)).body).toMatchObject({
        items: [
          { tag: '1.3.0', verdict: 'selected' },
          {
            tag: '1.2.0',
            verdict: 'skipped',
            reason: 'skipped by user:default/mock: leaks',
          },
          { tag: '1.1.0', verdict: 'older', reason: 'older than 1.3.0' },
          { tag: '1.0.0', verdict: 'older' },
        ],
        counts: { selected: 1, skipped: 1, older: 2 },
      });
      expect((await get(`${path}?verdict=skipped`)).body.totalItems).toBe(1);

      const preview = async (rule: object) =>
        (await post('/policies/preview', { imageScanId: redis.id, ...rule }))
          .body;
      const semver = { range: '*' };
      const aged = { policy: { semver }, minimumAge: 72 * HOUR };
      expect(await preview(aged)).toMatchObject({
        selected: '1.1.0',
        items: [
          {},
          {
            tag: '1.3.0',
            verdict: 'too-young',
            reason: expect.stringMatching(
              /^first seen 5 h ago; old enough on 20/,
            ),
          },
          { tag: '1.2.0', verdict: 'skipped' },
          { tag: '1.0.0' },
        ],
      });
      const step = { semver: { ...semver, maxStep: 'patch' } };
      const [first, second] = (await preview({ policy: step })).items;
      expect(first).toMatchObject({ tag: '1.0.0', verdict: 'selected' });
      expect(second).toMatchObject({
        tag: '1.3.0',
        verdict: 'beyond-step',
        reason: 'a minor step from 1.0.0; patch is allowed',
      });
      const newest = { policy: { newest: {} }, exclusionList: ['latest'] };
      expect((await preview(newest)).selected).toBe('1.3.0');
    });
  });

  it('applies conditions for the permission backend', async () => {
    const { server } = await start();
    const conditions = {
      rule: 'HAS_NAME',
      resourceType: RESOURCE_TYPE_GIT_REPO,
      params: { names: ['shop'] },
    };
    const { body } = await request(server)
      .post(
        '/api/image-scan/.well-known/backstage/permissions/apply-conditions',
      )
      .set('Authorization', mockCredentials.service.header())
      .send({
        items: ['shop', 'secret', 'unknown'].map(resourceRef => ({
          id: resourceRef,
          resourceRef,
          resourceType: RESOURCE_TYPE_GIT_REPO,
          conditions,
        })),
      });
    expect(body.items).toEqual([
      { id: 'shop', result: 'ALLOW' },
      { id: 'secret', result: 'DENY' },
      { id: 'unknown', result: 'DENY' },
    ]);
  });
});
