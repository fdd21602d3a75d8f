import { TestDatabases } from '@backstage/backend-test-utils';
import type { JsonObject } from '@backstage/types';
import { eventually } from '../../integration/eventually';
import { TestImageScan } from '../../integration/TestImageScan';
import { GitServer } from '../../servers/GitServer';
import {
  type Behaviour,
  MisbehavingRegistry,
} from '../../servers/MisbehavingRegistry';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });

const base64 = (text: string) => Buffer.from(text).toString('base64');

const digest = `sha256:${'a'.repeat(64)}`;
const good: Behaviour = exchange =>
  exchange.request.method === 'HEAD'
    ? exchange.answer(200, { 'docker-content-digest': digest })
    : exchange.json({ tags: ['1.0.0'] });

/** Lists for whoever signs in with Basic as anybody, and asks everybody for it. */
const curious: Behaviour = exchange =>
  exchange.request.headers.authorization
    ? good(exchange)
    : exchange.answer(401, { 'www-authenticate': 'Basic realm="give me all"' });

const planted = {
  secret: 'planted-of-the-secret',
  limited: 'planted-of-the-limited-one',
  registry: 'planted-of-the-registry',
  git: 'planted-of-git',
};

let git: GitServer;
let scan: TestImageScan | undefined;
let corp: MisbehavingRegistry;
let evil: MisbehavingRegistry;
let inside: MisbehavingRegistry;

/** Starts the plugin with one git repo whose author is not trusted. */
async function start(
  imageScans: object[],
  more: { repo?: string; registries?: JsonObject[] } = {},
): Promise<TestImageScan> {
  await git.createRepository('repo', {
    'fleet.yaml': JSON.stringify({
      imageScans: imageScans.map(entry => ({ interval: '1h', ...entry })),
    }),
    'values.yaml': 'app: 1.0.0 # {"$imagescan": "app:tag"}\n',
  });
  const auth = (host: string, password: string) =>
    JSON.stringify({
      auths: { [host]: { auth: base64(`robot:${password}`) } },
    });
  scan = await TestImageScan.start({
    knex: await databases.init('SQLITE_3'),
    imageScan: {
      gitRepos: ['repo', 'other'].map(name => ({
        metadata: { name },
        spec: {
          repo: name === 'repo' ? more.repo ?? git.url(name) : git.url(name),
          clientSecretName: 'git-write',
        },
      })),
      secrets: [
        { name: 'git-write', username: 'git', password: planted.git },
        { name: 'corp', dockerConfigJson: auth(corp.host, planted.secret) },
        {
          name: 'limited',
          dockerConfigJson: auth(evil.host, planted.limited),
          gitRepos: ['other'],
        },
      ],
      registries: [
        {
          host: corp.host,
          insecure: true,
          username: 'robot',
          password: planted.registry,
        },
        { host: evil.host, insecure: true },
        ...(more.registries ?? []),
      ],
    },
  });
  return scan;
}

beforeAll(() => {
  process.env.NO_PROXY = '*';
});

beforeEach(async () => {
  git = await GitServer.start({
    credentials: { username: 'git', password: planted.git },
  });
  corp = await MisbehavingRegistry.start(curious);
  evil = await MisbehavingRegistry.start(curious);
  inside = await MisbehavingRegistry.start(good);
});

afterEach(async () => {
  await scan?.stop();
  scan = undefined;
  const servers = [corp, evil, inside];
  await Promise.all(servers.map(server => server.stop()));
  await git.stop();
});

/** Nothing that was planted has reached a server; user names are no secrets. */
function expectNothingAt(...servers: MisbehavingRegistry[]): void {
  for (const { received } of servers) {
    for (const secret of Object.values(planted)) {
      expect(received).not.toContain(secret);
      for (const username of ['robot', 'git']) {
        expect(received).not.toContain(base64(`${username}:${secret}`));
      }
    }
  }
}

describe('whoever can push a fleet.yaml', () => {
  it('cannot make a secret travel to a registry of theirs', async () => {
    const image = `${evil.host}/org/app`;
    const backend = await start(
      ['corp', 'git-write', 'limited', 'nobody'].map(name => ({
        tagName: `by-${name}`,
        image,
        secretRef: { name },
      })),
    );
    for (const [name, message] of [
      ['corp', /secret corp has no entry for /],
      ['git-write', /git-write, which is not a dockerConfigJson secret/],
      ['limited', /limited, which git repo repo may not use/],
      ['nobody', /nobody, which no entry/],
    ] as const) {
      const { error } = await backend.scanInState(
        'repo',
        `by-${name}`,
        'error',
      );
      expect(error?.message).toMatch(message);
    }
    expect(evil.connections).toBe(0);
  });

  it('gets no credentials of another registry without a secretRef', async () => {
    const backend = await start([
      { tagName: 'app', image: `${evil.host}/org/app` },
    ]);
    const { error } = await backend.scanInState('repo', 'app', 'error');
    expect(error?.message).toMatch(/answered 401/);
    expect(evil.requests.length).toBeGreaterThan(0);
    expect(evil.received).not.toMatch(/^authorization:/im);
    expectNothingAt(evil);
  });

  it('has the secret used for its own host, and the credentials of the registry without one', async () => {
    const backend = await start([
      {
        tagName: 'app',
        image: `${corp.host}/org/app`,
        secretRef: { name: 'corp' },
      },
      { tagName: 'own', image: `${corp.host}/org/own` },
    ]);
    for (const [tagName, password] of [
      ['app', planted.secret],
      ['own', planted.registry],
    ]) {
      await eventually(async () =>
        expect((await backend.scanOf('repo', tagName)).latestTag).toBe('1.0.0'),
      );
      const sent = corp.requests
        .filter(({ path }) => path.startsWith(`/v2/org/${tagName}/`))
        .map(({ headers }) => headers.authorization);
      expect(new Set(sent)).toEqual(
        new Set([undefined, `Basic ${base64(`robot:${password}`)}`]),
      );
    }
    expect(evil.connections).toBe(0);
  });

  it('cannot mix two hosts in one name, or write one in another way', async () => {
    const images = [
      `${corp.host}@${evil.host}/org/app`,
      `robot:x@${evil.host}/org/app`,
      `http://${evil.host}/org/app`,
      `${corp.host}\\@${evil.host}/org/app`,
      `${corp.host}#@${evil.host}/org/app`,
      `${corp.host}?@${evil.host}/org/app`,
      `${corp.host}/../../${evil.host}/org/app`,
      `${corp.host}/org/app\r\nHost: ${evil.host}`,
      `2130706433:${corp.port}/org/app`,
      `0x7f.1:${corp.port}/org/app`,
      `127.0.0.1:0${corp.port}/org/app`,
    ];
    const backend = await start(
      images.map((image, at) => ({
        tagName: `app-${at}`,
        image,
        secretRef: { name: 'corp' },
      })),
    );
    const { items } = await eventually(async () => {
      const { problems, lastSyncTime } = await backend.client.getGitRepo(
        'repo',
      );
      expect(lastSyncTime).toBeDefined();
      const found = problems.filter(({ file }) => file === 'fleet.yaml');
      expect(found).toHaveLength(images.length);
      return backend.client.listImageScans({ gitRepo: 'repo' });
    });
    expect(items).toEqual([]);
    expect(evil.connections).toBe(0);
    expect(corp.connections).toBe(0);
  });

  it('cannot reach private addresses by an image, nor the git server, which is allowed for git alone', async () => {
    const hosts = [
      inside.host,
      `localhost:${inside.port}`,
      `[::1]:${inside.port}`,
      `[::ffff:7f00:1]:${inside.port}`,
      '169.254.169.254',
      '10.0.0.1',
      git.host,
    ];
    const backend = await start(
      hosts.map((host, at) => ({
        tagName: `app-${at}`,
        image: `${host}/org/app`,
      })),
    );
    for (const at of hosts.keys()) {
      const { error } = await backend.scanInState('repo', `app-${at}`, 'error');
      expect(error?.message).toMatch(/private, local or reserved address/);
    }
    expect(inside.connections).toBe(0);
    const asRegistry = git.requests.filter(({ path }) => /^.v2/.test(path));
    expect(asRegistry).toEqual([]);
  });
});

describe('a git server', () => {
  it.each([
    ['a host inside', () => inside],
    ['a registry, which is allowed for registries alone', () => corp],
  ])(
    'cannot redirect to %s, and takes no credentials there',
    async (_, target) => {
      const elsewhere = await MisbehavingRegistry.start(exchange =>
        exchange.answer(302, {
          location: `http://${target().host}${exchange.request.path}`,
        }),
      );
      try {
        const backend = await start([], { repo: `${elsewhere.url}/repo.git` });
        const { error } = await eventually(async () => {
          const status = await backend.client.getGitRepo('repo');
          expect(status.error).toBeDefined();
          return status;
        });
        expect(error?.message).toMatch(/Plain http to \S+ is refused/);
        expect(elsewhere.requests.length).toBeGreaterThan(0);
        expect(target().connections).toBe(0);
      } finally {
        await elsewhere.stop();
      }
    },
  );

  it('that is configured may be redirected to, without the credentials of the other', async () => {
    const elsewhere = await MisbehavingRegistry.start(exchange =>
      exchange.answer(302, {
        location: `${git.url('repo')}${exchange.request.path.replace(
          '/repo.git',
          '',
        )}`,
      }),
    );
    try {
      const backend = await start([], { repo: `${elsewhere.url}/repo.git` });
      await eventually(async () => {
        const { error } = await backend.client.getGitRepo('repo');
        expect(error?.message).toMatch(
          /credentials are not sent to another host/,
        );
      });
      const repo = git.requests.filter(({ path }) =>
        path.includes('/repo.git'),
      );
      expect(repo.length).toBeGreaterThan(0);
      expect(repo.map(({ authorization }) => authorization)).toEqual(
        repo.map(() => undefined),
      );
      expect(elsewhere.received).toContain(base64(`git:${planted.git}`));
    } finally {
      await elsewhere.stop();
    }
  });
});
