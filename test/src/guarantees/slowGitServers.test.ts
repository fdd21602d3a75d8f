import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TestDatabases } from '@backstage/backend-test-utils';
import { eventually } from '../integration/eventually';
import { startWatch } from '../integration/stopwatch';
import { TestImageScan } from '../integration/TestImageScan';
import { GitServer } from '../servers/GitServer';
import { MemoryRegistry } from '../servers/MemoryRegistry';

jest.setTimeout(120_000);

/** Git repos on servers that never end an answer, and as many hosts. */
const BAD_REPOS = 24;
const BAD_HOSTS = 6;

const STOP_LIMIT_MS = 5_000;

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });

let git: GitServer;
let registry: MemoryRegistry;
let bad: Server[] = [];

beforeEach(async () => {
  git = await GitServer.start();
  registry = await MemoryRegistry.start();
});

afterEach(async () => {
  for (const server of bad) {
    server.close();
    server.closeAllConnections();
  }
  bad = [];
  await registry.stop();
  await git.stop();
});

/** A server that is silent, or says one byte now and then. */
async function startBad(drips: boolean): Promise<string> {
  const server = createServer((_, response) => {
    if (drips) {
      response.writeHead(200, {
        'content-type': 'application/x-git-upload-pack-advertisement',
      });
      const timer = setInterval(() => response.write('0'), 500);
      response.on('close', () => clearInterval(timer));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  bad.push(server);
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function createGood(name: string): Promise<void> {
  await git.createRepository(name, {
    'imagescans.yaml': JSON.stringify({
      imageScans: [
        { tagName: 'web', image: `${registry.host}/web`, interval: '1h' },
      ],
    }),
    'web.yaml': 'v: 1.0.0 # {"$imagescan": "web:tag"}\n',
  });
}

function gitRepo(name: string, repo: string, interval = '5s') {
  return {
    metadata: { name },
    spec: { repo, imageScanInterval: interval },
  };
}

it('keeps to the rhythm of good git repos beside any number of bad ones', async () => {
  const hosts = await Promise.all(
    Array.from({ length: BAD_HOSTS }, (_, index) => startBad(index % 2 === 0)),
  );
  registry.push('web', '1.0.0');
  await createGood('good');
  const badRepos = Array.from({ length: BAD_REPOS }, (_, index) =>
    gitRepo(`bad-${index}`, `http://${hosts[index % BAD_HOSTS]}/r${index}`),
  );
  const scan = await TestImageScan.start({
    knex: await databases.init('SQLITE_3'),
    imageScan: {
      gitRepos: [...badRepos, gitRepo('good', git.url('good'))],
      registries: [{ host: registry.host, insecure: true }],
      gitHosts: [{ host: hosts[0], timeout: '2s' }],
    },
  });
  try {
    const syncedAfter = (time: number) =>
      eventually(
        async () => {
          const { lastSyncTime = '' } = await scan.client.getGitRepo('good');
          expect(Date.parse(lastSyncTime)).toBeGreaterThan(time);
        },
        { timeout: 20_000 },
      );
    for (let round = 0; round < 3; round += 1) {
      await syncedAfter(Date.now());
    }
    // The host with less time fails in it, and the reason names the limit.
    await eventually(async () => {
      const { error } = await scan.client.getGitRepo('bad-0');
      expect(error?.message).toContain('took longer than 2 s');
    });
  } finally {
    const watch = startWatch();
    await scan.stop();
    expect(watch()).toBeLessThan(STOP_LIMIT_MS);
  }
});

it('ends at a stop what people asked for, and gives all of it back', async () => {
  registry.push('web', '1.0.0');
  registry.push('web', '2.0.0');
  await createGood('held');
  const knex = await databases.init('SQLITE_3');
  const silent = await startBad(false);
  const imageScan = {
    gitRepos: [
      { ...gitRepo('held', git.url('held'), '1h') },
      gitRepo('silent', `http://${silent}/r`, '1h'),
    ].map(each => ({ ...each, spec: { ...each.spec, paused: true } })),
    registries: [{ host: registry.host, insecure: true }],
  };
  const scan = await TestImageScan.start({ knex, imageScan });
  await scan.scanInState('held', 'web', 'update-available');
  const letGo = await git.holdPushes('held');
  const update = scan.client
    .updateGitRepo('held', {})
    .catch((error: Error) => error);
  const preview = scan.client
    .updateGitRepo('silent', { dryRun: true })
    .catch((error: Error) => error);
  await eventually(() =>
    expect(
      git.requests.filter(
        ({ method, service }) =>
          method === 'POST' && service === 'git-receive-pack',
      ),
    ).toHaveLength(1),
  );
  expect(await knex('branch_locks')).toHaveLength(1);

  const watch = startWatch();
  await scan.stop();
  expect(watch()).toBeLessThan(STOP_LIMIT_MS);
  for (const asked of [update, preview]) {
    expect(await asked).toBeInstanceOf(Error);
  }
  expect(await knex('branch_locks')).toEqual([]);
  expect(await knex('git_repos').whereNotNull('lease_token')).toEqual([]);
  expect(await knex('git_repos').whereNotNull('update_error')).toEqual([]);

  // The push arrives after all, and the next start finds it.
  await letGo();
  await git.allowPushes('held');
  await eventually(async () => expect(await git.log('held')).toHaveLength(2));
  const next = await TestImageScan.start({ knex, imageScan });
  try {
    await next.client.syncGitRepo('held');
    const { items } = await next.client.listUpdates({ gitRepo: 'held' });
    const [commit] = await git.log('held');
    expect(items.map(each => each.commit)).toEqual([commit.oid]);
    expect(await git.log('held')).toHaveLength(2);
  } finally {
    await next.stop();
  }
});
