import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { JsonObject } from '@backstage/types';
import type {
  GitRepoStatus,
  ImageScan,
} from 'backstage-plugin-image-scan-common';
import knexFactory, { type Knex } from 'knex';
import { eventually } from '../../integration/eventually';
import { GitServer } from '../../servers/GitServer';
import { ListeningBackend } from './backend';
import {
  answerBadly,
  failingFetches,
  failingLooks,
  failingPushes,
} from './git';
import { PlantedSecrets } from './planted';
import { EchoingRegistry, failingRepositories } from './registry';
import { isFullRun } from '../guaranteeScale';

jest.setTimeout(isFullRun ? 600_000 : 180_000);

/** How long all failures take, those that are tried again included. */
const settled = { timeout: isFullRun ? 400_000 : 120_000 };

const databases = TestDatabases.create();
const planted = new PlantedSecrets();

const base64 = (text: string) => Buffer.from(text).toString('base64');

const gitUsername = planted.token('user name of a git secret');
const gitPassword = planted.password('password of a git secret');
const wrongPassword = planted.password('wrong password of a git secret');
const integration = planted.token('token in integrations');
const registryUser = planted.token('user name of a registry');
const registryPassword = planted.password('password of a registry');
const issuedToken = planted.token('token of a token service');

/** A dockerConfigJson with each kind of credential, by the first part of a repository. */
function dockerConfigJson(host: string): string {
  const auth = `${planted.token('user in auth')}:${planted.password('auth')}`;
  return JSON.stringify({
    auths: {
      [`${host}/auth`]: { auth: base64(auth) },
      [`${host}/plain`]: {
        username: planted.token('user of a docker config'),
        password: planted.password('password of a docker config'),
      },
      [`${host}/identity`]: { identitytoken: planted.token('identity token') },
      [`${host}/registry`]: { registrytoken: planted.token('registry token') },
      [`${host}/broken`]: { auth: planted.password('auth that is no base64') },
    },
  });
}

let registry: EchoingRegistry;
let git: GitServer;
let otherGit: GitServer;
let secret: string;

/** The kinds of credentials, `config` those of `imageScan.registries`. */
const kinds = ['config', 'auth', 'plain', 'identity', 'registry'];

/** What is tried with every kind of credential; the rest with one, in a short run. */
const essential = [
  ...['refused-401', 'refused-403', 'refused-in-text', 'redirect-path'],
  ...['no-http', 'token-401', 'token-none', 'token-refused'],
];

function failingWith(kind: string): string[] {
  return failingRepositories.filter(
    name => isFullRun || kind === 'plain' || essential.includes(name),
  );
}

/** Git repos that fail, likewise. */
function failingGitRepos(server: GitServer): string[] {
  const all = Object.keys({
    ...failingLooks,
    ...failingFetches,
    ...failingPushes,
  });
  const few = ['look-401', 'look-redirect-twice', 'fetch-err', 'push-ng'];
  return server === git || isFullRun ? all : few;
}

beforeAll(async () => {
  registry = await EchoingRegistry.start({ issuedToken });
  secret = dockerConfigJson(registry.host);
});

afterAll(async () => {
  await registry?.stop();
});

/** New for each database, since each run pushes. */
async function startGitServers(): Promise<void> {
  git = await GitServer.start({
    credentials: { username: gitUsername, password: gitPassword },
  });
  otherGit = await GitServer.start({
    credentials: { username: 'bot', password: integration },
  });
  git.intercept = answerBadly;
  otherGit.intercept = answerBadly;
}

function imageScan(): JsonObject {
  const gitRepo = (server: GitServer, name: string, spec: JsonObject = {}) => ({
    metadata: { name: `${server === git ? 'own' : 'other'}-${name}` },
    spec: {
      repo: server.url(name),
      imageScanInterval: '1h',
      ...(server === git && { clientSecretName: 'git-write' }),
      ...spec,
    },
  });
  return {
    gitRepos: [
      gitRepo(git, 'scans'),
      ...[git, otherGit].flatMap(server => [
        gitRepo(server, 'good'),
        gitRepo(server, 'refusing'),
        ...failingGitRepos(server).map(name => gitRepo(server, name)),
      ]),
      {
        ...gitRepo(git, 'look-401', { clientSecretName: 'git-wrong' }),
        metadata: { name: 'own-wrong' },
      },
      gitRepo(git, 'tls', {
        repo: `https://${git.host.replace('127.0.0.1', 'localhost')}/tls.git`,
      }),
    ],
    secrets: [
      { name: 'git-write', username: gitUsername, password: gitPassword },
      { name: 'git-wrong', username: gitUsername, password: wrongPassword },
      { name: 'docker', dockerConfigJson: secret },
    ],
    registries: [
      {
        host: registry.host,
        insecure: true,
        username: registryUser,
        password: registryPassword,
        concurrency: 64,
      },
      // Speaks plain http, and is taken for one with TLS.
      {
        host: registry.host.replace('127.0.0.1', 'localhost'),
        username: registryUser,
        password: registryPassword,
      },
    ],
  };
}

async function createRepositories(): Promise<void> {
  const scan = (repository: string, secretRef?: string) => ({
    tagName: repository.replaceAll('/', '-'),
    image: `${registry.host}/${repository}`,
    ...(secretRef && { secretRef: { name: secretRef } }),
  });
  await git.createRepository('scans', {
    'imagescans.yaml': JSON.stringify({
      imageScans: [
        ...kinds.flatMap(kind =>
          [...failingWith(kind), 'good', 'token-good'].map(name =>
            scan(`${kind}/${name}`, kind === 'config' ? undefined : 'docker'),
          ),
        ),
        scan('broken/good', 'docker'),
        scan('none/good', 'docker'),
        scan('none/unknown', 'no-such-secret'),
        scan('none/git', 'git-write'),
        {
          tagName: 'tls',
          image: `${registry.host.replace('127.0.0.1', 'localhost')}/a/b`,
        },
      ],
    }),
    // What a person wrote in the wrong place.
    'written/imagescans.yaml': JSON.stringify({
      imageScans: [
        `https://bot:${planted.token('password in a URL')}@${registry.host}/a`,
        `bot:${planted.token('password of an image')}@${registry.host}/a:1`,
        `${planted.token('token of an image')}@${registry.host}`,
        `bot:${planted.token('password at a host')}@ghcr.io`,
      ].map((image, index) => ({ tagName: `written-${index}`, image })),
    }),
    'written/broken/imagescans.yaml': [
      'imageScans:',
      `- tagName: >${planted.token('a header of a block')}`,
      '  image: nginx',
      '',
    ].join('\n'),
    'written/password/fleet.yaml': [
      `password: "${planted.token('a password in broken YAML')}" "x"`,
      'imageScans: []',
      '',
    ].join('\n'),
  });
  const files = {
    'imagescans.yaml': JSON.stringify({ imageScans: [scan('config/good')] }),
    'deployment.yaml': `image: ${registry.host}/config/good:1.0.0 # {"$imagescan": "config-good"}\n`,
  };
  for (const server of [git, otherGit]) {
    for (const name of [
      ...['good', 'refusing', 'tls'],
      ...failingGitRepos(server),
    ]) {
      await server.createRepository(name, files);
    }
    const password = server === git ? gitPassword : integration;
    await server.refusePushes(
      'refusing',
      [
        `denied: ${password}`,
        `https://bot:${encodeURIComponent(password)}@host/x?t=1`,
        JSON.stringify({ password }),
        base64(`${server === git ? gitUsername : 'bot'}:${password}`),
      ].join('\n'),
    );
  }
}

/** What the plugin said of each thing that failed. */
interface Outcome {
  scans: ImageScan[];
  gitRepos: GitRepoStatus[];
}

async function untilSettled(backend: ListeningBackend): Promise<Outcome> {
  return eventually(async () => {
    backend.answered.length = 0;
    const list = await (await backend.call('/image-scans?limit=500')).json();
    const { items } = await (await backend.call('/git-repos')).json();
    const scans: ImageScan[] = list.items;
    const gitRepos: GitRepoStatus[] = items;
    expect(scans.length).toBe(list.totalItems);
    expect(scans.length).toBeGreaterThan(80);
    const waiting = [
      ...scans.filter(({ error, lastScanTime }) => !error && !lastScanTime),
      ...gitRepos.filter(({ error, lastSyncTime }) => !error && !lastSyncTime),
      ...gitRepos.filter(
        ({ name, updateError }) =>
          /-(?:push-|refusing)/.test(name) && !updateError,
      ),
    ];
    expect(waiting).toEqual([]);
    for (const server of [git, otherGit]) {
      expect(await server.log('good')).toHaveLength(2);
    }
    return { scans, gitRepos };
  }, settled);
}

/** Asks for everything that can be seen, and for work that fails. */
async function callEverything(
  backend: ListeningBackend,
  { scans, gitRepos }: Outcome,
): Promise<void> {
  for (const { id } of scans) {
    await backend.call(`/image-scans/${id}`);
  }
  const [first] = scans;
  const good = scans.find(({ tagName }) => tagName === 'config-good');
  await backend.call(`/image-scans/${good?.id}/tags`);
  await backend.call('/updates?limit=100');
  await backend.call(`/updates?imageScanId=${good?.id}`);
  await backend.call('/policies/preview', {
    imageScanId: first.id,
    policy: {},
  });
  await backend.call('/git-repos/no-such-repo');
  await Promise.all(
    gitRepos.map(async ({ name }) => {
      await backend.call(`/git-repos/${name}`);
      if (!/-silent$/.test(name)) {
        await backend.call(`/git-repos/${name}/update`, { dryRun: true });
        await backend.call(`/git-repos/${name}/update`, {});
        await backend.call(`/git-repos/${name}/sync`, {});
      }
    }),
  );
  const failed = ['config-refused-401', 'identity-token-401', 'registry-cut'];
  for (const { id } of scans.filter(({ tagName }) =>
    failed.includes(tagName),
  )) {
    await backend.call(`/image-scans/${id}/scan`, {});
  }
}

/** The plugin's tables as text, whatever the database. */
async function dump(knex: Knex): Promise<string> {
  const tables = [
    ...['git_repos', 'image_scans', 'markers', 'scan_folders', 'tag_lists'],
    ...['updates', 'update_scans', 'branch_locks'],
  ];
  const rows = await Promise.all(tables.map(table => knex(table).select()));
  return JSON.stringify(rows);
}

/** The commits of ours, with what they changed. */
async function commits(): Promise<string> {
  const texts = await Promise.all(
    [git, otherGit].flatMap(server =>
      ['good', 'refusing', 'push-ng'].map(name =>
        server.run(name, 'log', '-p', '--all', '--format=fuller'),
      ),
    ),
  );
  return texts.join('\n');
}

describe.each(databases.eachSupportedId())('secrets on %s', databaseId => {
  let knex: Knex;
  let directory: string;
  let backend: ListeningBackend | undefined;

  beforeAll(async () => {
    await startGitServers();
    directory = await mkdtemp(join(tmpdir(), 'image-scan-secrets-'));
    // In a file, with a log of its own, to look into the bytes.
    knex =
      databaseId === 'SQLITE_3'
        ? knexFactory({
            client: 'better-sqlite3',
            connection: { filename: join(directory, 'db.sqlite') },
            useNullAsDefault: true,
          })
        : await databases.init(databaseId);
    if (databaseId === 'SQLITE_3') {
      await knex.raw('PRAGMA journal_mode = WAL');
    }
  });

  afterAll(async () => {
    await backend?.stop();
    await knex?.destroy();
    await git?.stop();
    await otherGit?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('are nowhere in what the backend says and keeps, whatever fails', async () => {
    await createRepositories();
    registry.asked.clear();
    const printed = (['log', 'info', 'warn', 'error', 'debug'] as const).map(
      method => jest.spyOn(console, method).mockImplementation(),
    );

    backend = await ListeningBackend.start({
      knex,
      config: {
        imageScan: imageScan(),
        integrations: {
          gitea: [
            {
              host: otherGit.host,
              baseUrl: `http://${otherGit.host}`,
              username: 'bot',
              password: integration,
            },
          ],
        },
      },
    });
    const outcome = await untilSettled(backend);
    await callEverything(backend, outcome);
    const files =
      databaseId === 'SQLITE_3'
        ? await Promise.all(
            (
              await readdir(directory)
            ).map(name => readFile(join(directory, name), 'latin1')),
          )
        : [];
    const database = await dump(knex);
    const { logged, answered } = backend;
    await backend.stop();

    const places = {
      logs: logged.join('\n'),
      answers: answered.join('\n'),
      database,
      files: files.join('\n'),
      commits: await commits(),
      printed: inspect(printed.map(({ mock }) => mock.calls)),
    };
    printed.forEach(spy => spy.mockRestore());
    for (const [place, content] of Object.entries(places)) {
      expect({ place, found: planted.find(content) }).toEqual({
        place,
        found: [],
      });
    }
    // Everything failed that was to fail, in front of somebody who knew the secrets.
    const stateOf = new Map(
      outcome.scans.map(({ tagName, state }) => [tagName, state]),
    );
    for (const kind of kinds) {
      for (const name of failingWith(kind)) {
        expect([kind, name, stateOf.get(`${kind}-${name}`)]).toEqual([
          kind,
          name,
          'error',
        ]);
      }
    }
    for (const tagName of ['config-good', 'auth-good', 'plain-token-good']) {
      expect([tagName, stateOf.get(tagName)]).not.toContain('error');
    }
    for (const name of failingRepositories) {
      expect([...registry.asked]).toContain(`plain/${name}`);
    }
    const failedRepos = outcome.gitRepos.filter(
      ({ error, updateError }) => error ?? updateError,
    );
    expect(
      outcome.gitRepos
        .filter(gitRepo => !failedRepos.includes(gitRepo))
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['other-good', 'own-good', 'own-scans']);
    const words = [
      ...outcome.scans.map(({ error }) => error?.message ?? ''),
      ...failedRepos.map(
        ({ error, updateError }) => (error ?? updateError)?.message ?? '',
      ),
    ];
    // What was echoed was said again, without the secret.
    expect(words.filter(word => word.includes('***')).length).toBeGreaterThan(
      50,
    );

    // It was looked at, and there was something to look at.
    expect(places.logs).toContain('Failed to scan');
    expect(places.answers).toContain('refused the push');
    expect(places.database).toContain('config-refused-403');
    expect(places.commits).toContain('Update images');
    expect(places.files.includes('config-refused-403')).toBe(
      databaseId === 'SQLITE_3',
    );
  });
});

describe('secrets in a configuration that cannot be used', () => {
  const gitSecret = (fields: JsonObject) => ({
    secrets: [{ name: 'git', username: 'git', ...fields }],
  });
  const gitRepo = (repo: string) => ({
    gitRepos: [{ metadata: { name: 'repo' }, spec: { repo } }],
  });
  const shapes: [string, (value: string) => JsonObject][] = [
    ['a map as password', value => gitSecret({ password: { value } })],
    ['a list as password', value => gitSecret({ password: [value] })],
    ['a key as password', value => gitSecret({ pasword: value })],
    ['a password alone', value => ({ secrets: [{ password: value }] })],
    ['a text as secret', value => ({ secrets: [value] })],
    ['a text as secrets', value => ({ secrets: value })],
    [
      'both kinds',
      value => gitSecret({ password: value, dockerConfigJson: '{}' }),
    ],
    [
      'JSON that is none',
      value => ({
        secrets: [{ name: 'a', dockerConfigJson: `{"auths": "${value}` }],
      }),
    ],
    [
      'JSON as a map',
      value => ({
        secrets: [
          {
            name: 'a',
            dockerConfigJson: { auths: { 'a.corp': { auth: value } } },
          },
        ],
      }),
    ],
    [
      'JSON in base64',
      value => ({ secrets: [{ name: 'a', dockerConfigJson: base64(value) }] }),
    ],
    [
      'credentials of a registry without the user',
      value => ({ registries: [{ host: 'a.corp', password: value }] }),
    ],
    [
      'a password in a host',
      value => ({ registries: [{ host: `u:${value}@a.corp` }] }),
    ],
    [
      'a key as certificate',
      value => ({ registries: [{ host: 'a', ca: value }] }),
    ],
    ['a password in a URL', value => gitRepo(`https://u:${value}@a.corp/o/r`)],
    ['a token in a URL', value => gitRepo(`https://${value}@a.corp/o/r`)],
    ['a token in a query', value => gitRepo(`https://a.corp/o/r?t=${value}`)],
    ['no scheme', value => gitRepo(`oauth2:${value}@a.corp/o/r`)],
    ['a token as scheme', value => gitRepo(`${value}:x@a.corp/o/r`)],
    ['a password of ssh', value => gitRepo(`ssh://git:${value}@a.corp/o/r`)],
  ];

  it.each(shapes)('%s', async (name, shape) => {
    const knex = knexFactory({
      client: 'better-sqlite3',
      connection: ':memory:',
      useNullAsDefault: true,
    });
    const logged: string[] = [];
    const here = new PlantedSecrets();
    const value = /URL|scheme|query|ssh|host|base64/.test(name)
      ? `k${here.token(name).replace(/[_~]/g, '')}`
      : here.password(name);
    try {
      await expect(
        ListeningBackend.start({
          knex,
          config: { imageScan: shape(value) },
          logged,
        }),
      ).rejects.toThrow('The imageScan configuration cannot be used');
    } finally {
      await knex.destroy();
    }
    expect(logged.join('\n')).toContain('imageScan.');
    expect(here.find(logged.join('\n'))).toEqual([]);
  });
});

describe('traces', () => {
  it.each(['common', 'node', 'backend'])(
    'cannot have a secret, as %s makes none',
    async name => {
      const file = resolvePackagePath(
        `backstage-plugin-image-scan-${name}`,
        'package.json',
      );
      const { dependencies } = JSON.parse(await readFile(file, 'utf8'));
      // Whoever adds spans has them searched above.
      expect(Object.keys(dependencies).join()).not.toMatch(/telemetry|tracing/);
    },
  );
});

describe('the search for secrets', () => {
  it('finds them in every usual encoding', () => {
    const here = new PlantedSecrets();
    const values = [here.password('password'), here.token('token')];
    for (const [index, value] of values.entries()) {
      for (const text of [
        value,
        value.toUpperCase(),
        JSON.stringify({ a: JSON.stringify({ value }) }),
        encodeURIComponent(value),
        base64(value),
        base64(`user:${value}`),
        Buffer.from(`a user:${value}`).toString('base64url'),
        Buffer.from(value).toString('hex'),
        `x ${value.slice(-20)}`,
      ]) {
        const names = here.find(`before ${text} behind`).map(hit => hit.name);
        expect(names).toContain(here.names[index]);
      }
    }
    expect(here.find('nothing')).toEqual([]);
  });
});
