import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { JsonObject } from '@backstage/types';
import createKnex, { type Knex } from 'knex';
import { GitServer } from '../servers/GitServer';
import { eventually } from './eventually';
import {
  createTemplate,
  type TaskResult,
  TestScaffolder,
  WRITER,
} from './TestScaffolder';

jest.setTimeout(300_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
const MANIFEST = 'tag: 1.0.0 # {"$imagescan": "app:tag"}\n';
const images = (tag: string) => ({
  app: { image: 'registry.example.com/app', tag },
});

/** Ends here, before anything says that the step is done. */
const PAUSE = { id: 'pause', action: 'debug:wait', input: { seconds: 5 } };

let git: GitServer;
let directory: string;
let tasks: Knex;
let scaffolder: TestScaffolder | undefined;

const template = (repository: string, commit: JsonObject) =>
  createTemplate(repository, [
    {
      id: 'rewrite',
      action: 'image-scan:rewrite',
      input: {
        path: 'clone',
        images: images('2.0.0'),
        repository: { url: git.url(repository) },
        commit,
      },
    },
    PAUSE,
    ...(commit.push === false
      ? [
          {
            id: 'push',
            action: 'image-scan:rewrite',
            input: { path: 'clone', images: images('3.0.0'), commit: {} },
          },
        ]
      : []),
  ]);

const COMMITS: { [repository: string]: JsonObject } = {
  answerless: {},
  followed: {},
  emptied: {},
  unpushed: {},
  overtaken: {},
  planned: {},
  cloned: {},
  branched: { branch: 'update-images' },
  local: { push: false },
};
const names = Object.keys(COMMITS);

function openTasks(): Knex {
  return createKnex({
    client: 'better-sqlite3',
    connection: { filename: join(directory, 'scaffolder.sqlite') },
    useNullAsDefault: true,
  });
}

async function start(): Promise<TestScaffolder> {
  scaffolder = await TestScaffolder.start({
    databases: {
      scaffolder: tasks,
      'image-scan': await databases.init('SQLITE_3'),
    },
    templates: names.map(name => template(name, COMMITS[name])),
    imageScan: { gitRepos: [] },
    scaffolder: {
      concurrentTasksLimit: names.length,
      taskRecovery: { enabled: true, staleTimeout: { seconds: 2 } },
    },
    integrations: {
      gitea: [{ host: git.host, baseUrl: `http://${git.host}` }],
    },
  });
  return scaffolder;
}

/** From now on nobody who holds it gets an answer, so its tasks are as if killed. */
async function abandon(database: Knex): Promise<void> {
  database.client.acquireConnection = () => new Promise(() => {});
  await database.destroy();
}

interface TaskState {
  steps?: { [id: string]: { status: string; output?: JsonObject } };
  checkpoints?: JsonObject;
}

async function readState(id: string): Promise<TaskState> {
  const row = await tasks('tasks').where({ id }).first('state');
  return row.state ? JSON.parse(row.state).state : {};
}

/** Forgets that the step is done, and what it kept by these names. */
async function forget(id: string, kept: string[]): Promise<void> {
  const { checkpoints = {} } = await readState(id);
  const left = Object.entries(checkpoints).filter(
    ([key]) => !kept.some(name => key.includes(`image-scan.${name}.`)),
  );
  if (left.length !== Object.keys(checkpoints).length - kept.length) {
    throw new Error(`Only ${Object.keys(checkpoints).join(', ')} are kept`);
  }
  const state = { checkpoints: Object.fromEntries(left) };
  await tasks('tasks')
    .where({ id })
    .update({ state: JSON.stringify({ state }) });
}

const workspaceOf = (id: string) => join(tmpdir(), id);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'image-scan-recovery-'));
  git = await GitServer.start();
  for (const name of names) {
    await git.createRepository(name, { 'app.yaml': MANIFEST });
  }
  tasks = openTasks();
});

afterAll(async () => {
  await scaffolder?.stop();
  await (tasks && abandon(tasks));
  await git?.stop();
  rmSync(directory, { recursive: true, force: true });
});

describe('image-scan:rewrite in a task that is recovered after a crash', () => {
  const before: { [name: string]: JsonObject } = {};
  const ids: { [name: string]: string } = {};
  const results: { [name: string]: TaskResult } = {};
  const parents: { [name: string]: string } = {};

  beforeAll(async () => {
    await git.delayAfterPush('answerless', 60);
    const first = await start();
    for (const name of names) {
      [{ oid: parents[name] }] = await git.log(name);
      ids[name] = await first.start(WRITER, template(name, COMMITS[name]));
    }
    await eventually(
      async () => {
        const { length } = await git.log('answerless');
        const open: string[] = length === 2 ? [] : ['answerless'];
        for (const name of names.filter(each => each !== 'answerless')) {
          const { steps } = await readState(ids[name]);
          open.push(...(steps?.rewrite?.status === 'completed' ? [] : [name]));
        }
        if (open.length > 0) {
          throw new Error(`Not written yet: ${open.join(', ')}`);
        }
      },
      { timeout: 150_000 },
    );
    for (const name of names) {
      const { steps } = await readState(ids[name]);
      before[name] = steps?.rewrite?.output ?? {};
    }
    await first.stop();
    await abandon(tasks);
    tasks = openTasks();

    const undo = (name: string) =>
      git.run(name, 'update-ref', 'refs/heads/main', parents[name]);
    const goOn = (name: string, branch = 'main') =>
      git.commitFiles(name, { 'other.txt': 'x' }, 'Goes on', { branch });
    const lose = (name: string) =>
      rmSync(workspaceOf(ids[name]), { recursive: true });

    await forget(ids.followed, ['pushed']);
    await goOn('followed');
    await forget(ids.emptied, ['pushed']);
    await goOn('emptied');
    lose('emptied');
    await forget(ids.branched, ['pushed']);
    await goOn('branched', 'update-images');
    lose('branched');
    await forget(ids.unpushed, ['pushed']);
    await undo('unpushed');
    await forget(ids.overtaken, ['pushed']);
    await undo('overtaken');
    await goOn('overtaken');
    // Its files are written, and its commit is not made.
    await forget(ids.planned, ['pushed', 'made']);
    await undo('planned');
    execFileSync('git', [
      ...['-C', join(workspaceOf(ids.planned), 'clone')],
      ...['update-ref', 'refs/heads/main', parents.planned],
    ]);
    // Its clone is made, and nothing is planned for it; then another push comes first.
    await forget(ids.cloned, ['pushed', 'made', 'plan']);
    await undo('cloned');
    execFileSync('git', [
      ...['-C', join(workspaceOf(ids.cloned), 'clone')],
      ...['reset', '--hard', '--quiet', parents.cloned],
    ]);
    await goOn('cloned');
    await forget(ids.local, []);

    const second = await start();
    for (const name of names) {
      results[name] = await second.result(ids[name]);
    }
  });

  it('ends well, each time', () => {
    for (const name of names) {
      const { status, log } = results[name];
      expect({ name, status, log }).toMatchObject({ status: 'completed' });
    }
  });

  it.each([
    ['whose push was taken and not answered', 'answerless', 'main', 2],
    ['whose push was followed by another', 'followed', 'main', 3],
    ['that has lost its workspace', 'emptied', 'main', 3],
    ['that has made a branch', 'branched', 'update-images', 3],
    ['whose push never came', 'unpushed', 'main', 2],
  ])(
    'says the same and commits nothing more: one %s',
    async (_, name, branch, count) => {
      const log = await git.log(name, branch);
      expect(log).toHaveLength(count);
      const ours = log.filter(({ message }) => message.includes('app'));
      expect(ours).toHaveLength(1);
      expect(results[name].output.rewrite).toMatchObject({
        changes: [{ file: 'clone/app.yaml', from: '1.0.0', to: '2.0.0' }],
        changedFiles: ['clone/app.yaml'],
        commit: ours[0].oid,
        branch,
      });
    },
  );

  it.each(['followed', 'emptied', 'branched', 'unpushed', 'local'])(
    'has the outputs of its first life: %s',
    name => {
      expect(before[name]).toHaveProperty('commit');
      expect(results[name].output.rewrite).toEqual(before[name]);
    },
  );

  it('makes its commit where none was pushed, with what was written', async () => {
    const [head, seed] = await git.log('planned');
    expect(seed.oid).toBe(parents.planned);
    expect(results.planned.output.rewrite).toMatchObject({
      changes: [{ from: '1.0.0', to: '2.0.0' }],
      commit: head.oid,
    });
  });

  it.each(['overtaken', 'cloned'])(
    'commits on top where the branch went on without it: %s',
    async name => {
      const [head, other, seed] = await git.log(name);
      expect(other.message).toBe('Goes on');
      expect(seed.oid).toBe(parents[name]);
      expect(results[name].output.rewrite).toMatchObject({
        changes: [{ from: '1.0.0', to: '2.0.0' }],
        commit: head.oid,
      });
    },
  );

  it('keeps a commit that is not pushed, for a later step', async () => {
    const [second, first, seed] = await git.log('local');
    expect(seed.oid).toBe(parents.local);
    expect(results.local.output.rewrite).toEqual(before.local);
    expect(before.local).toMatchObject({ commit: first.oid });
    expect(results.local.output.push).toMatchObject({ commit: second.oid });
  });
});
