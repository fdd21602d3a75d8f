import { setTimeout as sleep } from 'node:timers/promises';
import { BackendProcess } from '../integration/BackendProcess';
import { eventually } from '../integration/eventually';
import { GitServer } from '../servers/GitServer';
import { MemoryRegistry } from '../servers/MemoryRegistry';
import { RacingWriter } from './racesWriter';
import { isFullRun, guaranteeScale } from './guaranteeScale';

jest.setTimeout(isFullRun ? 600_000 : 180_000);

const WRITERS = 5;

/** Between two pushes of one writer: all of them keep two cores just busy. */
const WRITER_PAUSE_MS = 250;

/** GitRepos of one branch, which write one after the other. */
const folders = ['east', 'west', 'north'];

/** Between two new tags of one image: longer than its scan and commit wait. */
const TAG_PAUSE_MS = 4_000;

/**
 * Far more than the median may be on a machine that does nothing else: a scan is
 * due every 5 s, and a GitRepo commits at most every 5 s.
 */
const MEDIAN_LIMIT_MS = 25_000;

const SETTLE_LIMIT_MS = 90_000;

let registry: MemoryRegistry;
let git: GitServer;
let backend: BackendProcess;
const writers: RacingWriter[] = [];

beforeAll(async () => {
  registry = await MemoryRegistry.start();
  git = await GitServer.start();
});

afterAll(async () => {
  await backend?.remove();
  await Promise.all(writers.map(writer => writer.remove()));
  await git?.stop();
  await registry?.stop();
});

/** Pushes new tags and notes when; tags of a folder are `1.<n>.0`. */
async function pushTags(
  until: AbortSignal,
  pushedAt: Map<string, number>,
): Promise<void> {
  for (let version = 1; !until.aborted; version += 1) {
    for (const folder of folders) {
      registry.push(folder, `1.${version}.0`);
      pushedAt.set(`${folder} 1.${version}.0`, Date.now());
    }
    await sleep(TAG_PAUSE_MS);
  }
}

/** Notes when a tag was seen in git first. */
async function watchGit(
  until: AbortSignal,
  seenAt: Map<string, number>,
): Promise<void> {
  while (!until.aborted) {
    for (const folder of folders) {
      const tag = await currentTag(folder);
      const key = `${folder} ${tag}`;
      if (!seenAt.has(key)) {
        seenAt.set(key, Date.now());
      }
    }
    await sleep(100);
  }
}

async function currentTag(folder: string): Promise<string> {
  const bytes = await git.readFile('busy', `${folder}/app.yaml`);
  return /^v: (\S+)/.exec(bytes.toString())?.[1] ?? '';
}

/** Every value that git had at a marker, in order. */
async function tagHistory(folder: string): Promise<string[]> {
  const log = await git.run(
    'busy',
    ...['log', '--reverse', '--unified=0', '--patch', '--format=', 'main'],
    ...['--', `${folder}/app.yaml`],
  );
  return [...log.matchAll(/^\+v: (\S+)/gm)].map(([, tag]) => tag);
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

it('loses no commit of anyone and falls behind none on a busy branch', async () => {
  folders.forEach(folder => registry.push(folder, '1.0.0'));
  await git.createRepository(
    'busy',
    Object.fromEntries(
      folders.flatMap(folder => [
        [
          `${folder}/imagescans.yaml`,
          JSON.stringify({
            imageScans: [
              {
                tagName: folder,
                image: `${registry.host}/${folder}`,
                interval: '5s',
              },
            ],
          }),
        ],
        [`${folder}/app.yaml`, `v: 1.0.0 # {"$imagescan": "${folder}:tag"}\n`],
      ]),
    ),
  );
  for (let index = 0; index < WRITERS; index += 1) {
    writers.push(await RacingWriter.create(`writer-${index}`, git.url('busy')));
  }
  backend = await BackendProcess.create({
    database: directory => ({
      client: 'better-sqlite3',
      connection: { directory },
    }),
    imageScan: {
      gitRepos: folders.map(folder => ({
        metadata: { name: folder },
        spec: {
          repo: git.url('busy'),
          branch: 'main',
          paths: [folder],
          imageScanInterval: '5s',
        },
      })),
      registries: [{ host: registry.host, insecure: true }],
    },
  });
  await backend.start();
  const { client } = backend;

  const racing = new AbortController();
  const watching = new AbortController();
  const pushedAt = new Map<string, number>();
  const seenAt = new Map<string, number>();
  const watch = watchGit(watching.signal, seenAt);
  const race = Promise.all([
    pushTags(racing.signal, pushedAt),
    ...writers.map(writer => writer.work(racing.signal, WRITER_PAUSE_MS)),
  ]);
  await sleep(guaranteeScale.raceSeconds * 1_000);
  racing.abort();
  await race;
  const newest = [...pushedAt.keys()].slice(-folders.length);
  await eventually(
    async () => {
      expect([...seenAt.keys()]).toEqual(expect.arrayContaining(newest));
    },
    { timeout: SETTLE_LIMIT_MS },
  );
  watching.abort();
  await watch;

  // Everyone's commits, each once, in the order of their author.
  const log = (await git.log('busy', 'main')).reverse();
  const subjects = log.map(({ message }) => message.trimEnd());
  for (const [index, writer] of writers.entries()) {
    expect(
      subjects.filter(subject => subject.startsWith(`writer-${index} `)),
    ).toEqual(writer.pushed);
  }
  expect(log.every(({ parents }) => parents.length <= 1)).toBe(true);
  await git.fsck('busy');

  // No value comes back, and each commit of the backend is in its history.
  for (const folder of folders) {
    const tags = await tagHistory(folder);
    const versions = tags.map(tag => Number(tag.split('.')[1]));
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    const { items } = await client.listUpdates({ gitRepo: folder, limit: 100 });
    expect(items.map(({ changes }) => changes[0].to).reverse()).toEqual(
      tags.slice(1),
    );
  }
  const ours = log.length - 1 - writers.flatMap(each => each.pushed).length;
  const delays = [...seenAt].flatMap(([tag, at]) => {
    const from = pushedAt.get(tag);
    return from === undefined ? [] : [at - from];
  });
  const rejected = writers.reduce((sum, each) => sum + each.rejected, 0);
  console.info(
    `${
      log.length - 1 - ours
    } commits of others (${rejected} pushes lost), ${ours} of images; from tag to commit ${
      median(delays) / 1_000
    } s (median), ${Math.max(...delays) / 1_000} s (longest)`,
  );
  expect(ours).toBeGreaterThan(0);
  expect(median(delays)).toBeLessThan(MEDIAN_LIMIT_MS);
});
