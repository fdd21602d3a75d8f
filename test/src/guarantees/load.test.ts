import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { BackendProcess } from '../integration/BackendProcess';
import { eventually } from '../integration/eventually';
import { GitServer } from '../servers/GitServer';
import { GOOD_TAG, LARGE_TAG, LoadRegistries } from './loadRegistries';
import { isFullRun, guaranteeScale } from './guaranteeScale';

jest.setTimeout(isFullRun ? 900_000 : 180_000);

const run = promisify(execFile);

/** Seconds after which each image is due again: the default has fifteen minutes. */
const INTERVAL_SECONDS = isFullRun ? 30 : 5;

/** How long the pace is measured each time: once around, with the jitter. */
const WINDOW_MS = INTERVAL_SECONDS * 1_050;

const TURNS = isFullRun ? 2 : 1;

/** What else the machine does may spoil a turn, but not every one. */
const MOST_TURNS = TURNS + 2;

/** Silent hosts that are waited for before the pace is taken; some more may be. */
const MANY_HANGING = 40;

/** Kinds of hosts that share the scans: six good ones, and four that are not. */
const KINDS = 10;

/** How much slower the good hosts' scans may be beside the bad ones. */
const MOST_SLOWDOWN = 1.5;

/** Resident memory of the backend at most, of which 300 MB are Backstage's. */
const MEMORY_LIMIT_MB = 700;

const STOP_LIMIT_MS = 5_000;

/** Of the first look at every image. */
const FIRST_LIMIT_MS = isFullRun ? 400_000 : 90_000;

let registries: LoadRegistries;
let git: GitServer;
let backend: BackendProcess;

beforeAll(async () => {
  registries = await LoadRegistries.start();
  git = await GitServer.start();
});

afterAll(async () => {
  await backend?.remove();
  await git?.stop();
  await registries?.stop();
});

/** Scans of a host; the hanging ones share those of one. */
function scansOf(host: string): number {
  const ofKind = guaranteeScale.scansUnderLoad / KINDS;
  const { hanging } = registries.hosts;
  return hanging.includes(host)
    ? Math.ceil(ofKind / hanging.length)
    : Math.round(ofKind);
}

/** A folder of scans for each host; they are due again and again. */
function repositoryOf(hosts: readonly string[], suspend: boolean) {
  return Object.fromEntries(
    hosts.map((host, folder) => [
      `host-${folder}/imagescans.yaml`,
      JSON.stringify({
        imageScans: Array.from({ length: scansOf(host) }, (_, index) => ({
          tagName: `app-${index}`,
          image: `${host}/app-${index}`,
          interval: `${INTERVAL_SECONDS}s`,
          suspend,
        })),
      }),
    ]),
  );
}

/** Scans a second that the good hosts answer. */
async function pace(): Promise<number> {
  const started = performance.now();
  const before = await registries.report();
  await sleep(WINDOW_MS);
  const after = await registries.report();
  const seconds = (performance.now() - started) / 1_000;
  return (after.answered - before.answered) / seconds;
}

/** Asks for the backend's resident memory each second, in megabytes. */
function watchMemory(): { most: () => number; stop: () => void } {
  let most = 0;
  const timer = setInterval(async () => {
    const { stdout } = await run('ps', ['-o', 'rss=', '-p', `${backend.pid}`]);
    most = Math.max(most, Number(stdout) / 1_024);
  }, 1_000);
  return { most: () => most, stop: () => clearInterval(timer) };
}

/** Lets hosts be scanned, or not. */
async function setSuspended(
  gitRepo: 'bad' | 'silent',
  suspend: boolean,
): Promise<void> {
  await git.commitFiles(
    gitRepo,
    repositoryOf(hostsOf(gitRepo), suspend),
    suspend ? 'Leave the hosts alone' : 'Scan the hosts',
  );
  await backend.client.syncGitRepo(gitRepo);
}

function hostsOf(gitRepo: 'good' | 'bad' | 'silent'): string[] {
  const { good, hanging, refusing, large, slow } = registries.hosts;
  return { good, bad: [refusing, large, slow], silent: hanging }[gitRepo];
}

async function startBackend(): Promise<void> {
  for (const name of ['good', 'bad', 'silent'] as const) {
    const files = repositoryOf(hostsOf(name), name !== 'good');
    await git.createRepository(name, files);
  }
  const gitRepo = (name: string) => ({
    metadata: { name },
    spec: { repo: git.url(name), imageScanInterval: '1h' },
  });
  backend = await BackendProcess.create({
    database: directory => ({
      client: 'better-sqlite3',
      connection: { directory },
    }),
    imageScan: {
      gitRepos: [gitRepo('good'), gitRepo('bad'), gitRepo('silent')],
      registries: registries.all.map(host => ({ host, insecure: true })),
    },
  });
  await backend.start();
}

/** Waits until each good scan has its first result. */
async function untilScanned(): Promise<void> {
  const { good } = registries.hosts;
  const scans = scansOf(good[0]) * good.length;
  await eventually(
    async () => {
      const { items } = await backend.client.listImageScans({
        gitRepo: 'good',
        orderBy: { field: 'lastScanTime', order: 'desc' },
        limit: 1,
        offset: scans - 1,
      });
      expect(items[0]).toMatchObject({ latestTag: GOOD_TAG });
    },
    { timeout: FIRST_LIMIT_MS },
  );
}

/** Lets the bad hosts take whatever places they can get. */
async function releaseTheBad(): Promise<void> {
  const before = await registries.report();
  await setSuspended('bad', false);
  await eventually(async () => {
    const now = await registries.report();
    expect(now.trickling).toBeGreaterThan(0);
    expect(now.refused).toBeGreaterThan(before.refused);
    expect(now.pages).toBeGreaterThan(before.pages);
  });
  await setSuspended('silent', false);
  await eventually(async () => {
    const { hanging } = await registries.report();
    expect(hanging).toBeGreaterThanOrEqual(MANY_HANGING);
  });
}

const sum = (values: readonly number[]) =>
  values.reduce((total, value) => total + value, 0);

/** How many times the good hosts are slower beside the bad ones. */
async function slowdown(): Promise<number> {
  const alone: number[] = [];
  const beside: number[] = [];
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    alone.push(await pace());
    await releaseTheBad();
    beside.push(await pace());
    if (turn + 1 >= TURNS && sum(alone) <= MOST_SLOWDOWN * sum(beside)) {
      break;
    }
    await setSuspended('bad', true);
    await setSuspended('silent', true);
  }
  const show = (paces: number[]) => paces.map(Math.round).join(', ');
  console.info(
    `scans a second: ${show(alone)} without the bad hosts, ${show(
      beside,
    )} beside them`,
  );
  return sum(alone) / sum(beside);
}

/** Nothing is chosen from what a host did not say to its end. */
async function checkChoices(): Promise<void> {
  const { hanging, refusing, large, slow } = registries.hosts;
  for (const [host, allowed] of [
    [hanging[0], [undefined]],
    [refusing, [undefined]],
    [slow, [undefined]],
    [large, [undefined, LARGE_TAG]],
  ] as const) {
    const { items } = await backend.client.listImageScans({
      search: host,
      limit: 200,
    });
    expect(items).not.toHaveLength(0);
    for (const scan of items) {
      expect(allowed).toContain(scan.latestTag);
    }
  }
}

describe('under load', () => {
  it('keeps the pace of the good hosts, its memory small and its end quick', async () => {
    await startBackend();
    await untilScanned();
    const memory = watchMemory();
    try {
      expect(await slowdown()).toBeLessThanOrEqual(MOST_SLOWDOWN);
      await checkChoices();
    } finally {
      memory.stop();
    }
    const started = performance.now();
    await backend.kill('SIGTERM');
    const stopped = performance.now() - started;
    console.info(
      `${Math.round(memory.most())} MB at most, ended in ${Math.round(
        stopped,
      )} ms`,
    );
    expect(memory.most()).toBeLessThan(MEMORY_LIMIT_MB);
    expect(stopped).toBeLessThan(STOP_LIMIT_MS);
  });
});
