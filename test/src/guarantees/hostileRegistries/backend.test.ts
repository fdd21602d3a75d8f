import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { JsonObject } from '@backstage/types';
import { eventually } from '../../integration/eventually';
import { startWatch } from '../../integration/stopwatch';
import { TestImageScan } from '../../integration/TestImageScan';
import { GitServer } from '../../servers/GitServer';
import {
  type Behaviour,
  MisbehavingRegistry,
} from '../../servers/MisbehavingRegistry';
import { backendCases } from './numbers';

jest.setTimeout(180_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });

const digestOf = (text: string) =>
  `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** A registry that is good: a list, and a digest for each tag. */
const lists =
  (...tags: string[]): Behaviour =>
  exchange =>
    exchange.request.method === 'HEAD'
      ? exchange.answer(200, {
          'docker-content-digest': digestOf(exchange.request.path),
        })
      : exchange.json({ name: 'org/app', tags });

/**
 * What a registry does after it was good. Each holds a tag out that would be the
 * newest, so that whatever reads a part of it is found out.
 */
const broken: Record<string, Behaviour> = {
  truncated: exchange => exchange.answer(200, {}, '{"tags":["9.9.9"'),
  html: exchange => exchange.answer(200, {}, '<html>9.9.9</html>'),
  'other-name': exchange =>
    exchange.json({ name: 'evil/app', tags: ['9.9.9'] }),
  'second-page-gone': exchange =>
    exchange.request.query.has('last')
      ? exchange.answer(404)
      : exchange.json({ tags: ['9.9.9'] }, { link: '<?last=x>; rel="next"' }),
  'page-loop': exchange =>
    exchange.json({ tags: ['9.9.9'] }, { link: '<?n=1000>; rel="next"' }),
  'unreadable-link': exchange =>
    exchange.json({ tags: ['9.9.9'] }, { link: '<?last=x; rel="next"' }),
  'no-tags': exchange => exchange.json({ tags: null }),
  'no-valid-tags': exchange =>
    exchange.json({ tags: ['9.9.9\n- evil: 1', '-9.9.9', ' 9.9.9'] }),
  unauthorized: exchange => exchange.answer(401),
  denied: exchange => exchange.answer(403),
  'not-found': exchange => exchange.answer(404),
  'rate-limited': exchange =>
    exchange.answer(429, { 'retry-after': '1000000000' }),
  'server-error': exchange => exchange.answer(500),
  reset: exchange =>
    exchange.reset(
      'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"tags":["9.9.9"]}',
    ),
  'chunk-missing': exchange =>
    exchange.end(
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n12\r\n{"tags":["9.9.9"]}\r\n',
    ),
  switched: exchange =>
    exchange.write(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
    ),
  'to-metadata': exchange =>
    exchange.answer(302, { location: 'https://169.254.169.254/' }),
  'realm-inside': exchange =>
    exchange.answer(401, {
      'www-authenticate': 'Bearer realm="https://127.0.0.1:1/token"',
    }),
  'wrong-digest': exchange =>
    exchange.request.path.includes('/manifests/')
      ? exchange.answer(
          200,
          exchange.request.method === 'GET'
            ? { 'docker-content-digest': digestOf('other') }
            : {},
          '{"schemaVersion":2}',
        )
      : exchange.json({ tags: ['9.9.9'] }),
};

/** What the lists of these have that are whole, and of no use. */
const wholeLists: Record<string, string[]> = {
  'no-tags': [],
  'no-valid-tags': [],
  'wrong-digest': ['9.9.9'],
};

let git: GitServer;
let scan: TestImageScan | undefined;
const servers: MisbehavingRegistry[] = [];

/** A registry whose behaviour can be replaced. */
async function serve(behave: Behaviour) {
  const current = { behave };
  const server = await MisbehavingRegistry.start(exchange =>
    current.behave(exchange),
  );
  servers.push(server);
  return Object.assign(current, { server });
}

/** Starts the plugin with one git repo `repo` and these registries. */
async function start(
  files: Record<string, string>,
  registries = servers,
): Promise<TestImageScan> {
  await git.createRepository('repo', files);
  const gitRepos: JsonObject[] = [
    {
      metadata: { name: 'repo' },
      spec: { repo: git.url('repo'), imageScanInterval: '5s' },
    },
  ];
  scan = await TestImageScan.start({
    knex: await databases.init('SQLITE_3'),
    imageScan: {
      gitRepos,
      registries: registries.map(({ host }) => ({ host, insecure: true })),
    },
  });
  return scan;
}

const definition = (tagName: string, server: MisbehavingRegistry) => ({
  tagName,
  image: `${server.host}/org/app`,
  interval: '1h',
});

const commits = async () => (await git.log('repo')).length;

beforeAll(() => {
  process.env.NO_PROXY = '*';
});

beforeEach(async () => {
  git = await GitServer.start();
});

afterEach(async () => {
  await scan?.stop();
  scan = undefined;
  await Promise.all(servers.splice(0).map(server => server.stop()));
  await git.stop();
});

describe('the backend, when a registry', () => {
  it('breaks after a good scan: keeps the result, says error and when it tries again, and writes nothing', async () => {
    const names = Object.keys(broken);
    const registries = new Map(
      await Promise.all(
        names.map(
          async name => [name, await serve(lists('1.0.0', '1.1.0'))] as const,
        ),
      ),
    );
    const backend = await start({
      'fleet.yaml': JSON.stringify({
        imageScans: [...registries].map(([name, { server }]) =>
          definition(name, server),
        ),
      }),
      'values.yaml': names
        .map(name => `${name}: 1.1.0 # {"$imagescan": "${name}:tag"}\n`)
        .join(''),
    });
    for (const name of names) {
      await backend.scanInState('repo', name, 'up-to-date');
    }
    const before = await git.run('repo', 'rev-parse', 'HEAD');

    for (const [name, registry] of registries) {
      registry.behave = broken[name];
    }
    const now = Date.now();
    const after = await Promise.all(
      names.map(name => backend.scanNow('repo', name)),
    );
    for (const [index, { id, ...image }] of after.entries()) {
      const name = names[index];
      expect([name, image.state, image.latestTag]).toEqual([
        name,
        'error',
        '1.1.0',
      ]);
      expect(image.latestDigest).toBe(digestOf('/v2/org/app/manifests/1.1.0'));
      expect(image.error?.message).toMatch(/^[^\n]{10,}$/);
      const retry = Date.parse(image.error?.retryTime ?? '');
      expect(retry).toBeGreaterThan(now + 5_000);
      expect(retry).toBeLessThanOrEqual(Date.now() + 3_600_000);
      expect(Date.parse(image.nextScanTime ?? '')).toBe(retry);
      const { items } = await backend.client.listTags(id);
      const tags = items.map(({ tag }) => tag).sort();
      expect([name, tags]).toEqual([
        name,
        wholeLists[name] ?? ['1.0.0', '1.1.0'],
      ]);
    }
    await backend.client.syncGitRepo('repo');
    expect(await git.run('repo', 'rev-parse', 'HEAD')).toBe(before);

    // And all of them are well again without any help.
    for (const registry of registries.values()) {
      registry.behave = lists('1.0.0', '1.1.0', '1.2.0');
    }
    const healed = names.filter(name => name !== 'rate-limited');
    await Promise.all(healed.map(name => backend.scanNow('repo', name)));
    for (const name of healed) {
      await backend.scanInState('repo', name, 'up-to-date');
    }
    const values = (await git.readFile('repo', 'values.yaml')).toString();
    expect(values.match(/: 1\.2\.0 #/g)).toHaveLength(healed.length);
    expect(values).toContain('rate-limited: 1.1.0 #');
    await git.fsck('repo');
  });

  it(`lists what are no tags: none of them is chosen, shown or written (${backendCases.invalidTags})`, async () => {
    const nasty = [
      '9\n- evil: 1',
      '-9',
      '../9',
      '9"',
      '９.9',
      '9 # x',
      '{{9}}',
    ];
    const { server } = await serve(lists('1.0.0', ...nasty, '1.1.0'));
    const backend = await start({
      'fleet.yaml': JSON.stringify({
        imageScans: [
          { ...definition('app', server), policy: { alphabetical: {} } },
        ],
      }),
      'values.yaml': 'app: 1.0.0 # {"$imagescan": "app:tag"}\n',
    });
    const { id } = await backend.scanInState('repo', 'app', 'up-to-date');
    const { items } = await backend.client.listTags(id);
    expect(items.map(({ tag }) => tag).sort()).toEqual(['1.0.0', '1.1.0']);
    expect((await git.readFile('repo', 'values.yaml')).toString()).toBe(
      'app: 1.1.0 # {"$imagescan": "app:tag"}\n',
    );
  });

  it(`no longer has the chosen tag when asked for its digest: takes the next (${backendCases.vanished})`, async () => {
    const { server } = await serve(exchange =>
      exchange.request.path.endsWith('/manifests/2.0.0')
        ? exchange.answer(404)
        : lists('1.0.0', '1.1.0', '2.0.0')(exchange),
    );
    const backend = await start({
      'fleet.yaml': JSON.stringify({ imageScans: [definition('app', server)] }),
      'values.yaml': 'app: 1.0.0 # {"$imagescan": "app:tag"}\n',
    });
    const { latestTag } = await backend.scanInState(
      'repo',
      'app',
      'up-to-date',
    );
    expect(latestTag).toBe('1.1.0');
    expect(await commits()).toBe(2);
  });

  it(`lists less than before: nothing goes back (${backendCases.shortList})`, async () => {
    const registry = await serve(lists('1.0.0', '1.1.0'));
    const backend = await start({
      'fleet.yaml': JSON.stringify({
        imageScans: [definition('app', registry.server)],
      }),
      'values.yaml': 'app: 1.0.0 # {"$imagescan": "app:tag"}\n',
    });
    await backend.scanInState('repo', 'app', 'up-to-date');
    expect(await commits()).toBe(2);
    registry.behave = lists('0.9.0', '1.0.0');
    await backend.scanNow('repo', 'app');
    const { held } = await backend.scanInState('repo', 'app', 'held');
    expect(held).toMatchObject({ from: '1.1.0', to: '1.0.0' });
    await backend.client.syncGitRepo('repo');
    expect(await commits()).toBe(2);
  });

  it(`moves a tag to other content: only the digest is written (${backendCases.moved})`, async () => {
    const registry = await serve(lists('1.0.0'));
    const { server } = registry;
    const first = digestOf('/v2/org/app/manifests/1.0.0');
    const backend = await start({
      'fleet.yaml': JSON.stringify({ imageScans: [definition('app', server)] }),
      'values.yaml': [
        'tag: 1.0.0 # {"$imagescan": "app:tag"}',
        `all: ${server.host}/org/app:1.0.0@${first} # {"$imagescan": "app:digest"}`,
        '',
      ].join('\n'),
    });
    await backend.scanInState('repo', 'app', 'up-to-date');
    const second = digestOf('other content');
    registry.behave = exchange =>
      exchange.request.method === 'HEAD'
        ? exchange.answer(200, { 'docker-content-digest': second })
        : lists('1.0.0')(exchange);
    await backend.scanNow('repo', 'app');
    await eventually(async () => expect(await commits()).toBe(2));
    expect((await git.readFile('repo', 'values.yaml')).toString()).toContain(
      `tag: 1.0.0 # {"$imagescan": "app:tag"}\nall: ${server.host}/org/app:1.0.0@${second} #`,
    );
  });

  it(`is slower than scans are asked for: one list at a time (${backendCases.overlap})`, async () => {
    let active = 0;
    let most = 0;
    const { server } = await serve(async exchange => {
      if (exchange.request.method === 'HEAD') {
        return lists()(exchange);
      }
      active += 1;
      most = Math.max(most, active);
      await sleep(1500);
      active -= 1;
      return lists('1.0.0')(exchange);
    });
    const backend = await start({
      'fleet.yaml': JSON.stringify({
        imageScans: [{ ...definition('app', server), interval: '5s' }],
      }),
      'values.yaml': 'app: 1.0.0 # {"$imagescan": "app:tag"}\n',
    });
    await backend.scanInState('repo', 'app', 'up-to-date');
    await Promise.all(
      Array.from({ length: 6 }, () => backend.scanNow('repo', 'app')),
    );
    expect(most).toBe(1);
  });

  it(`hangs while the backend is stopped: that takes no time, and no socket stays (${backendCases.shutdown})`, async () => {
    const { server } = await serve(exchange =>
      exchange.drip('HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n', ' '),
    );
    await start({
      'fleet.yaml': JSON.stringify({ imageScans: [definition('app', server)] }),
    });
    await eventually(() => expect(server.requests).toHaveLength(1));
    const watch = startWatch();
    await scan?.stop();
    scan = undefined;
    expect(watch()).toBeLessThan(5_000);
    await eventually(() => expect(server.openSockets).toBe(0));
  });
});
