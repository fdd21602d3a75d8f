import { setTimeout as sleep } from 'node:timers/promises';
import { TestDatabases } from '@backstage/backend-test-utils';
import { GitServer } from '../servers/GitServer';
import { MemoryRegistry } from '../servers/MemoryRegistry';
import { BackendDatabase } from './BackendDatabase';
import { BackendProcess } from './BackendProcess';
import { eventually } from './eventually';

jest.setTimeout(240_000);

const databases = TestDatabases.create();

let registry: MemoryRegistry;
let git: GitServer;
let backend: BackendProcess | undefined;
let database: BackendDatabase | undefined;

beforeAll(async () => {
  registry = await MemoryRegistry.start();
  git = await GitServer.start();
});

afterEach(async () => {
  await backend?.remove();
  backend = undefined;
  await database?.remove();
  database = undefined;
});

afterAll(async () => {
  await registry?.stop();
  await git?.stop();
});

/** A database's id as part of a git repo's name. */
function databaseName(id: string): string {
  return id.toLocaleLowerCase('en-US').replace('_', '-');
}

describe.each(databases.eachSupportedId())('a killed backend on %s', id => {
  it('makes one commit when it dies between the push and its answer', async () => {
    const repo = `crash-${databaseName(id)}`;
    await registry.pushTags('app', ['1.0.0', '1.1.0']);
    await git.createRepository(repo, {
      'fleet.yaml': JSON.stringify({
        imageScans: [
          { tagName: 'app', image: `${registry.host}/app`, interval: '5s' },
        ],
      }),
      'app.yaml': 'v: 1.0.0 # {"$imagescan": "app:tag"}\n',
    });
    await git.delayAfterPush(repo, 30);
    database = await BackendDatabase.create(id);
    const { config: dataConfig } = database;
    backend = await BackendProcess.create({
      database: () => dataConfig,
      imageScan: {
        gitRepos: [
          {
            metadata: { name: repo },
            spec: { repo: git.url(repo), imageScanInterval: '5s' },
          },
        ],
        registries: [{ host: registry.host, insecure: true }],
      },
    });
    await backend.start();

    // git has the commit, and its server has not yet said so.
    await eventually(async () => expect(await git.log(repo)).toHaveLength(2));
    await backend.kill('SIGKILL');
    await git.delayAfterPush(repo, 0);
    await backend.start();

    const { client } = backend;
    const [update] = await eventually(
      async () => {
        const { items } = await client.listUpdates({ gitRepo: repo });
        expect(items).toHaveLength(1);
        return items;
      },
      // On PostgreSQL the lease of the dead backend has to run out first.
      { timeout: 60_000 },
    );
    await eventually(async () => {
      const [scan] = (await client.listImageScans({ gitRepo: repo })).items;
      expect(scan).toMatchObject({ state: 'up-to-date', currentTag: '1.1.0' });
      expect(scan.lastUpdate?.commit).toBe(update.commit);
    });
    // Long enough for another look and another write.
    await sleep(6_000);
    const log = await git.log(repo);
    expect(log.map(({ oid }) => oid)).toEqual([update.commit, log[1].oid]);
    await git.fsck(repo);
  });

  it('gives its work back when it is asked to end', async () => {
    const repo = `stop-${databaseName(id)}`;
    await registry.pushTags('stop', ['1.0.0', '1.1.0']);
    await git.createRepository(repo, {
      'fleet.yaml': JSON.stringify({
        imageScans: [{ tagName: 'app', image: `${registry.host}/stop` }],
      }),
      'app.yaml': 'v: 1.1.0 # {"$imagescan": "app:tag"}\n',
    });
    database = await BackendDatabase.create(id);
    const { config: dataConfig } = database;
    backend = await BackendProcess.create({
      database: () => dataConfig,
      imageScan: {
        gitRepos: [{ metadata: { name: repo }, spec: { repo: git.url(repo) } }],
        registries: [{ host: registry.host, insecure: true }],
      },
    });
    await backend.start();
    const { client } = backend;
    await eventually(async () => {
      const { items } = await client.listImageScans({ gitRepo: repo });
      expect(items[0]?.state).toBe('up-to-date');
    });
    // It ends while it waits for the answer to a push.
    const letGo = await git.holdPushes(repo);
    await registry.pushTags('stop', ['1.2.0']);
    const { items } = await client.listImageScans({ gitRepo: repo });
    await client.scanImage(items[0].id);
    await eventually(() =>
      expect(git.requests).toContainEqual(
        expect.objectContaining({
          method: 'POST',
          service: 'git-receive-pack',
          path: expect.stringContaining(repo),
        }),
      ),
    );
    await backend.kill('SIGTERM');
    const knex = database.connect();
    try {
      for (const table of ['git_repos', 'image_scans']) {
        expect(await knex(table).whereNotNull('lease_token')).toEqual([]);
      }
      expect(await knex('branch_locks')).toEqual([]);
    } finally {
      await knex.destroy();
    }

    await letGo();
    await git.allowPushes(repo);
    await eventually(async () => expect(await git.log(repo)).toHaveLength(2));
    await backend.start();
    await client.syncGitRepo(repo);
    expect(await git.log(repo)).toHaveLength(2);
  });
});
