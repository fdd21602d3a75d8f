import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { JsonObject } from '@backstage/types';
import createKnex, { type Knex } from 'knex';
import { GitServer } from '../servers/GitServer';
import { MemoryRegistry } from '../servers/MemoryRegistry';
import { eventually } from './eventually';
import {
  createTemplate,
  READER,
  TestScaffolder,
  WRITER,
} from './TestScaffolder';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
const repos = ['shop', 'dry', 'kept', 'lost'];
const manifest = [
  'image: app # {"$imagescan": "app:name"}',
  'tag:   1.0.0     # {"$imagescan": "app:tag"}',
  'other: 1.0.0     # {"$imagescan": "apq:tag"}',
  '',
].join('\n');

let registry: MemoryRegistry;
let git: GitServer;
let directory: string;
let imageScanDatabase: Knex;
let scaffolderDatabase: Knex;
let scaffolder: TestScaffolder | undefined;

const update = (gitRepo: string, input: JsonObject = {}) => ({
  id: 'update',
  action: 'image-scan:update',
  input: { gitRepo, ...input },
});
const updateShop = createTemplate('update-shop', [update('shop')]);
const updateDry = createTemplate('update-dry', [update('dry')]);
const pause = { id: 'pause', action: 'debug:wait', input: { seconds: 5 } };

function openScaffolderDatabase(): Knex {
  return createKnex({
    client: 'better-sqlite3',
    connection: { filename: join(directory, 'scaffolder.sqlite') },
    useNullAsDefault: true,
  });
}

const templates = () => {
  const skeleton = { id: 'fetch', action: 'fetch:plain' };
  const show = {
    id: 'show',
    action: 'debug:log',
    input: { listWorkspace: 'with-contents' },
  };
  const link = (path: string) => ({
    id: 'link',
    action: 'test:link',
    input: { target: join(directory, 'outside'), path },
  });
  return {
    updateShop,
    updateDry,
    // As a template takes the value of the ImageScanPicker.
    updatePicked: createTemplate('update-picked', [
      update('${{ parameters.images.gitRepo }}', {
        tagNames: '${{ parameters.images.tagNames }}',
        dryRun: true,
      }),
    ]),
    updateKept: createTemplate('update-kept', [update('kept'), pause]),
    updateLost: createTemplate('update-lost', [update('lost'), pause]),
    rewriteScanned: createTemplate(
      'rewrite-scanned',
      [
        { ...skeleton, input: { url: './skeleton', targetPath: 'repo' } },
        link('repo/out'),
        {
          id: 'rewrite',
          action: 'image-scan:rewrite',
          input: { path: 'repo', gitRepo: 'dry' },
        },
        show,
      ],
      directory,
    ),
    rewriteOutside: createTemplate(
      'rewrite-outside',
      [
        link('out'),
        {
          id: 'rewrite',
          action: 'image-scan:rewrite',
          input: { path: 'out', gitRepo: 'dry' },
        },
      ],
      directory,
    ),
    rewriteGiven: createTemplate('rewrite-given', [
      { ...skeleton, input: { url: './' } },
      {
        id: 'rewrite',
        action: 'image-scan:rewrite',
        input: { images: { app: { image: 'given', tag: '7' } } },
      },
    ]),
  };
};

async function start(): Promise<TestScaffolder> {
  scaffolder = await TestScaffolder.start({
    databases: {
      scaffolder: scaffolderDatabase,
      'image-scan': imageScanDatabase,
    },
    templates: Object.values(templates()),
    imageScan: {
      gitRepos: repos.map(name => ({
        metadata: { name },
        spec: { repo: git.url(name), paused: true, imageScanInterval: '5s' },
      })),
      registries: [{ host: registry.host, insecure: true }],
    },
    scaffolder: {
      taskRecovery: { enabled: true, staleTimeout: { seconds: 2 } },
    },
  });
  return scaffolder;
}

beforeAll(async () => {
  registry = await MemoryRegistry.start();
  git = await GitServer.start();
  registry.pushTags('app', ['1.0.0', '1.1.0']);
  for (const repo of repos) {
    await git.createRepository(repo, {
      'fleet.yaml': JSON.stringify({
        imageScans: [{ tagName: 'app', image: `${registry.host}/app` }],
      }),
      'deploy/app.yaml': manifest,
    });
  }
  directory = mkdtempSync(join(tmpdir(), 'image-scan-scaffolder-'));
  mkdirSync(join(directory, 'skeleton/deploy'), { recursive: true });
  mkdirSync(join(directory, 'outside'));
  writeFileSync(join(directory, 'skeleton/deploy/app.yaml'), manifest);
  writeFileSync(join(directory, 'outside/app.yaml'), manifest);

  imageScanDatabase = await databases.init('SQLITE_3');
  scaffolderDatabase = openScaffolderDatabase();
  const { client } = await start();
  for (const gitRepo of repos) {
    await eventually(async () => {
      const { items } = await client.listImageScans({ gitRepo });
      if (items[0]?.state !== 'update-available') {
        throw new Error(`${gitRepo} is not scanned yet`);
      }
    });
  }
});

afterAll(async () => {
  await scaffolder?.stop();
  await (scaffolderDatabase && abandon(scaffolderDatabase));
  await git?.stop();
  await registry?.stop();
  rmSync(directory, { recursive: true, force: true });
});

describe('image-scan:update in a task', () => {
  it('is refused to a user who may not write to git', async () => {
    const { status, log } = await scaffolder!.run(READER, updateShop);
    expect(status).toBe('failed');
    expect(log).toContain(
      'You do not have the permission image-scan.git-repo.update on git repo shop',
    );
    expect(await git.log('shop')).toHaveLength(1);
  });

  it('writes as the user who may, and says what it did', async () => {
    const { status, output, log } = await scaffolder!.run(WRITER, updateShop);
    const [commit, seed] = await git.log('shop');
    expect(status).toBe('completed');
    expect(seed.parents).toEqual([]);
    expect((await git.readFile('shop', 'deploy/app.yaml')).toString()).toBe(
      manifest
        .replace('image: app', `image: ${registry.host}/app`)
        .replace('tag:   1.0.0', 'tag:   1.1.0'),
    );
    expect(output.update).toMatchObject({
      commit: commit.oid,
      branch: 'main',
      changes: [
        { file: 'deploy/app.yaml', line: 1, form: 'name' },
        { file: 'deploy/app.yaml', line: 2, from: '1.0.0', to: '1.1.0' },
      ],
      problems: [{ file: 'deploy/app.yaml', line: 3, tagName: 'apq' }],
    });
    expect(log).toContain('+tag:   1.1.0');
    expect(log).toContain('deploy/app.yaml:3: no scan has the tagName apq');

    const { items } = await scaffolder!.client.listUpdates({ gitRepo: 'shop' });
    expect(items).toMatchObject([{ commit: commit.oid, initiator: WRITER }]);
  });

  it('succeeds where nothing has to change', async () => {
    const { status, output } = await scaffolder!.run(WRITER, updateShop);
    expect(status).toBe('completed');
    expect(output.update).toMatchObject({ changes: [] });
    expect(await git.log('shop')).toHaveLength(2);
  });

  it('shows the diff of a dry run and writes nothing', async () => {
    const { log } = await scaffolder!.dryRun(WRITER, updateDry);
    expect(log).toContain('+tag:   1.1.0');
    expect(log).toContain('dry run, nothing was written');
    expect(await git.log('dry')).toHaveLength(1);
  });
});

describe('a template with an ImageScanPicker', () => {
  it.each([
    ['all scans', {}, 2],
    ['some scans', { tagNames: ['app'] }, 2],
  ])('passes %s on', async (_, picked, changes) => {
    const { status, output } = await scaffolder!.run(
      WRITER,
      templates().updatePicked,
      { images: { gitRepo: 'dry', ...picked } },
    );
    expect(status).toBe('completed');
    expect(output.update).toMatchObject({
      changes: Array.from({ length: changes }, () => expect.anything()),
    });
  });

  it('fails where a picked scan is gone', async () => {
    const { status, log } = await scaffolder!.run(
      WRITER,
      templates().updatePicked,
      { images: { gitRepo: 'dry', tagNames: ['app', 'gone'] } },
    );
    expect(status).toBe('failed');
    expect(log).toContain('git repo dry has no scan named gone');
  });
});

describe('image-scan:rewrite in a task', () => {
  it('writes the latest images to the workspace, not through links', async () => {
    const { status, output, log } = await scaffolder!.run(
      READER,
      templates().rewriteScanned,
    );
    expect(status).toBe('completed');
    expect(output.rewrite).toMatchObject({
      changedFiles: ['repo/deploy/app.yaml'],
      changes: [{ line: 1 }, { line: 2, to: '1.1.0' }],
      problems: [{ file: 'repo/deploy/app.yaml', line: 3, tagName: 'apq' }],
    });
    expect(log).toContain('+tag:   1.1.0');
    expect(log).toContain('repo/deploy/app.yaml:3: no scan has the tagName');
    expect(log).toContain('Symbolic links are not followed: repo/out');
    // What debug:log shows of the file itself.
    expect(log).toContain(`image: ${registry.host}/app # {"$imagescan"`);
    expect(await readFile(join(directory, 'outside/app.yaml'), 'utf8')).toBe(
      manifest,
    );
    expect(await git.log('dry')).toHaveLength(1);
  });

  it('does not leave the workspace through a link', async () => {
    const { status, log } = await scaffolder!.run(
      WRITER,
      templates().rewriteOutside,
    );
    expect(status).toBe('failed');
    expect(log).toMatch(/NotAllowedError: .* outside its parent/);
  });

  it('shows the diff of a dry run and writes nothing', async () => {
    const { log, files } = await scaffolder!.dryRun(
      WRITER,
      templates().rewriteGiven,
      { 'app.yaml': manifest },
    );
    expect(log).toContain('+tag:   "7"');
    expect(files['app.yaml']).toBe(manifest);
  });
});

describe('a task that is recovered after a crash', () => {
  it('does not commit twice, with or without its checkpoint', async () => {
    const { updateKept, updateLost } = templates();
    const kept = await scaffolder!.start(WRITER, updateKept);
    const lost = await scaffolder!.start(WRITER, updateLost);
    await eventually(async () => {
      for (const id of [kept, lost]) {
        const state = await readState(id);
        expect(state.steps?.update?.status).toBe('completed');
      }
    });
    const [commit] = await git.log('kept');

    // The backend dies before it has noted that the step is done: once right after
    // the checkpoint, and once right before it.
    await scaffolder!.stop();
    await abandon(scaffolderDatabase);
    scaffolderDatabase = openScaffolderDatabase();
    const { checkpoints } = await readState(kept);
    await writeState(kept, { checkpoints });
    await writeState(lost, {});
    await start();

    const keptResult = await scaffolder!.result(kept);
    expect(keptResult.status).toBe('completed');
    expect(keptResult.output.update).toMatchObject({
      commit: commit.oid,
      changes: [{ line: 1 }, { line: 2 }],
    });
    const lostResult = await scaffolder!.result(lost);
    expect(lostResult.status).toBe('completed');
    expect(lostResult.output.update).toMatchObject({ changes: [] });
    for (const repo of ['kept', 'lost']) {
      expect(await git.log(repo)).toHaveLength(2);
    }
  });
});

/**
 * From now on nobody who holds it gets an answer, so that its tasks are as if killed. The
 * scaffolder goes on asking for events after its end, and nobody hears it fail.
 */
async function abandon(database: Knex): Promise<void> {
  database.client.acquireConnection = () => new Promise(() => {});
  await database.destroy();
}

interface TaskState {
  steps?: { [id: string]: { status: string } };
  checkpoints?: JsonObject;
}

async function readState(id: string): Promise<TaskState> {
  const row = await scaffolderDatabase('tasks').where({ id }).first('state');
  return row.state ? JSON.parse(row.state).state : {};
}

async function writeState(id: string, state: object): Promise<void> {
  await scaffolderDatabase('tasks')
    .where({ id })
    .update({ state: JSON.stringify({ state }) });
}
