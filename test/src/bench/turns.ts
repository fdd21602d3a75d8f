import assert from 'node:assert';
import {
  explainTagsInTurns,
  type TagExplanation,
} from 'backstage-plugin-image-scan-common';
import {
  createHttpTransport,
  diffManifestInTurns,
  findMarkersInTurns,
  type GitRemote,
  mayHoldMarkers,
  rewriteManifestInTurns,
  runInTurns,
} from 'backstage-plugin-image-scan-node';
import knexFactory from 'knex';
import { TestImageScan } from '../integration/TestImageScan';
import { GitServer } from '../servers/GitServer';
import type { Bench, BenchResult } from './Bench';
import { IMAGE, repositoryFiles } from './gitRepositories';
import { remoteOf } from './gitUpdate';
import { measureStalls } from './stalls';

const AT_MOST_MS = 50;

/** Lines that cost a lexer the most for each byte, and what people write. */
const LINES: Readonly<Record<string, string>> = {
  'one letter a line': 'x\n',
  'empty lines': '\n',
  'open brackets': '[[[[[[[[[\n',
  'one block of text': '  abc def\n',
  markers: 'k: b:1 # {"$imagescan": "s"}\n',
  'ordinary lines':
    '  - name: LOG_LEVEL\n    value: "how much it is to say about itself"\n',
};

const IMAGES = new Map([['s', { image: 'b', tag: '2' }]]);

/** The longest stretch for which nothing else could run, of a few runs the shortest. */
async function longestOf(
  path: string,
  rounds: number,
  work: () => Promise<unknown>,
): Promise<BenchResult> {
  let longest = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const stalls = await measureStalls(work);
    longest = Math.min(longest, stalls.longest);
  }
  return {
    path: `longest stretch: ${path}`,
    figure: `${longest.toFixed(0)} ms of CPU`,
    target: `at most ${AT_MOST_MS} ms`,
    met: longest <= AT_MOST_MS,
  };
}

async function ofManifests(
  bytes: number,
  rounds: number,
): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const [name, line] of Object.entries(LINES)) {
    const head = line.startsWith('  abc') ? 'text: |\n' : '';
    const source = Buffer.from(
      `a: b:1 # {"$imagescan": "s"}\n${head}${line.repeat(
        bytes / line.length,
      )}`,
    );
    results.push(
      await longestOf(
        `find, rewrite and diff ${bytes / 1e6} MB of ${name}`,
        rounds,
        async () => {
          const { markers } = await runInTurns(findMarkersInTurns(source));
          assert.ok(markers.length > 0);
          const { output } = await runInTurns(
            rewriteManifestInTurns(source, IMAGES),
          );
          assert.notStrictEqual(output, source);
          await runInTurns(diffManifestInTurns('a.yaml', source, output));
        },
      ),
    );
  }
  return results;
}

async function ofTags(count: number, rounds: number): Promise<BenchResult[]> {
  const lists: Record<string, string[]> = {
    versions: Array.from({ length: count }, (_, i) => `1.${i % 97}.${i}`),
    'pre-releases': Array.from(
      { length: count },
      (_, i) => `1.0.0-${(i * 7919) % count}.rc.${i}`,
    ),
    words: Array.from({ length: count }, (_, i) => `build-${i * 7}-x`),
  };
  const results: BenchResult[] = [];
  for (const [name, tags] of Object.entries(lists)) {
    results.push(
      await longestOf(`explain ${count} ${name}`, rounds, async () => {
        const explained: TagExplanation[] = await runInTurns(
          explainTagsInTurns({ semver: { range: '*' } }, tags),
        );
        assert.strictEqual(explained.length, count);
      }),
    );
  }
  return results;
}

/** What the backend does with a repository whose markers are all out of date. */
async function writeAll(remote: GitRemote, files: number): Promise<void> {
  const snapshot = await remote.open();
  const found = await snapshot.find({
    includes: path => path.endsWith('.yaml'),
    always: () => false,
    matches: mayHoldMarkers,
  });
  const images = new Map([['web', { image: IMAGE, tag: '9.9.9' }]]);
  const outputs = new Map<string, Buffer>();
  const diffs: string[] = [];
  for (const { path, content } of found) {
    const { output } = await runInTurns(
      rewriteManifestInTurns(content, images, { careful: true }),
    );
    outputs.set(path, output);
    diffs.push(await runInTurns(diffManifestInTurns(path, content, output)));
  }
  assert.strictEqual(diffs.length, files);
  const commit = await snapshot.commit({
    files: outputs,
    message: 'Update',
    author: { name: 'bench', email: 'bench@example.com' },
  });
  await snapshot.push(commit);
  await snapshot.close();
}

async function ofUpdate(files: number): Promise<BenchResult[]> {
  const git = await GitServer.start();
  const transport = createHttpTransport({
    hosts: [{ host: git.host, insecure: true }],
  });
  try {
    await git.createRepository('r', repositoryFiles({ files, marked: files }));
    const remote = remoteOf(git.url('r'), transport);
    return [
      await longestOf(`read, rewrite and push ${files} marked files`, 1, () =>
        writeAll(remote, files),
      ),
    ];
  } finally {
    transport.close();
    await git.stop();
  }
}

const scanned = (name: string) =>
  `imageScans:\n- {tagName: ${name}, image: a.example/${name}, suspend: true}\n`;
const marked = (name: string) => `image: b:1 # {"$imagescan": "${name}"}\n`;

/** What the backend reads and stores at once. */
function repositoriesToStore(short: boolean) {
  const each = (count: number, make: (index: number) => [string, string][]) =>
    Object.fromEntries(
      Array.from({ length: short ? count / 100 : count }, (_, index) =>
        make(index),
      ).flat(),
    );
  return {
    '8000 scans of one name': each(8_000, index => [
      [`team-${index % 90}/app-${index}/fleet.yaml`, scanned('web')],
      [`team-${index % 90}/app-${index}/web.yaml`, marked('web')],
    ]),
    '4000 apps': each(4_000, index => [
      [`apps/app-${index}/fleet.yaml`, scanned(`app-${index}`)],
      [`apps/app-${index}/app.yaml`, marked(`app-${index}`)],
    ]),
    '10000 marked files': {
      'fleet.yaml': scanned('web'),
      ...each(10_000, index => [
        [`teams/team-${index % 90}/file-${index}.yaml`, marked('web')],
      ]),
    },
    'a file of 2000 scans': {
      'fleet.yaml': `imageScans:\n${Array.from(
        { length: short ? 20 : 2_000 },
        (_, index) =>
          `- tagName: s${index}\n  image: a.example/s${index}\n  suspend: true\n  policy:\n    semver:\n      range: ^1.${index}\n`,
      ).join('')}`,
    },
  };
}

/** Reading and storing, by the whole plugin on a database in memory. */
async function ofSyncs(short: boolean): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  const git = await GitServer.start();
  try {
    for (const [what, files] of Object.entries(repositoriesToStore(short))) {
      const name = what.replace(/ /g, '-');
      await git.createRepository(name, { x: 'x' });
      const knex = knexFactory({
        client: 'better-sqlite3',
        connection: ':memory:',
        useNullAsDefault: true,
      });
      const plugin = await TestImageScan.start({
        knex,
        imageScan: {
          gitRepos: [
            {
              metadata: { name },
              spec: { repo: git.url(name), imageScanInterval: '24h' },
            },
          ],
        },
      });
      try {
        // From now on it is read only when it is asked for.
        await plugin.client.syncGitRepo(name);
        await git.commitFiles(name, files, 'Fill');
        results.push(
          await longestOf(`read and store ${what}`, 1, async () => {
            const { error, problems } = await plugin.client.syncGitRepo(name);
            assert.strictEqual(error, undefined);
            assert.deepStrictEqual(problems, []);
          }),
        );
      } finally {
        await plugin.stop();
        await knex.destroy();
      }
    }
  } finally {
    await git.stop();
  }
  return results;
}

/** How long the event loop is held at a stretch, whatever a repository or registry holds. */
export const turns: Bench = {
  name: 'turns',
  async run({ short, rounds }) {
    const few = Math.min(rounds, 3);
    return [
      // Seconds each, and long enough to be seen once.
      ...(await ofManifests(short ? 200_000 : 5_000_000, 1)),
      ...(await ofTags(short ? 5_000 : 100_000, few)),
      ...(await ofUpdate(short ? 200 : 10_000)),
      ...(await ofSyncs(short)),
    ];
  },
};
