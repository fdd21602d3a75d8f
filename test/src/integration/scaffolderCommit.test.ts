import { TestDatabases } from '@backstage/backend-test-utils';
import type { JsonObject } from '@backstage/types';
import type { Knex } from 'knex';
import { pkt } from '../servers/BentGitServer';
import { GitServer } from '../servers/GitServer';
import {
  createTemplate,
  READER,
  type Step,
  TestScaffolder,
} from './TestScaffolder';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
const credentials = { username: 'bot', password: 's3cret-of-the-bot' };
const MANIFEST = 'tag:   1.0.0 # {"$imagescan": "app:tag"}\r\n';
const WRITTEN = 'tag:   2.0.0 # {"$imagescan": "app:tag"}\r\n';
const images = { app: { image: 'registry.example.com/app', tag: '2.0.0' } };

let git: GitServer;
let stranger: GitServer;
let scaffolder: TestScaffolder;

const taskDatabases: Knex[] = [];

const templates = {
  rewrite: createTemplate('rewrite', [
    {
      id: 'rewrite',
      action: 'image-scan:rewrite',
      input: {
        path: '${{ parameters.path }}',
        images,
        repository: '${{ parameters.repository }}',
        commit: '${{ parameters.commit }}',
        token: '${{ parameters.token }}',
      },
    },
  ]),
  twice: createTemplate('twice', [
    ...['one', 'two'].map(
      (id): Step => ({
        id,
        action: 'image-scan:rewrite',
        input: {
          images: {
            app: { image: 'registry.example.com/app', tag: `3.0.${id}` },
          },
          ...(id === 'one' && { repository: '${{ parameters.repository }}' }),
          commit: { push: id === 'two', message: `{{ scans }} ${id}` },
        },
      }),
    ),
  ]),
};

async function startScaffolder(settings: JsonObject): Promise<TestScaffolder> {
  const tasks = await databases.init('SQLITE_3');
  taskDatabases.push(tasks);
  return TestScaffolder.start({
    databases: {
      scaffolder: tasks,
      'image-scan': await databases.init('SQLITE_3'),
    },
    templates: Object.values(templates),
    imageScan: { gitRepos: [] },
    scaffolder: settings,
    integrations: {
      gitea: [
        { host: git.host, baseUrl: `http://${git.host}`, ...credentials },
      ],
    },
  });
}

beforeAll(async () => {
  git = await GitServer.start({ credentials });
  stranger = await GitServer.start();
  await stranger.createRepository('app', { 'app.yaml': MANIFEST });
  scaffolder = await startScaffolder({
    defaultAuthor: { name: 'Platform', email: 'platform@example.com' },
  });
});

afterAll(async () => {
  await scaffolder?.stop();
  // The scaffolder goes on asking for events after its end; nobody is to hear it fail.
  for (const { client } of taskDatabases) {
    client.acquireConnection = () => new Promise(() => {});
  }
  await git?.stop();
  await stranger?.stop();
});

const create = (name: string) =>
  git.createRepository(name, { 'deploy/app.yaml': MANIFEST, 'x.yaml': 'x\n' });

const run = (repository: string, input: JsonObject = {}) =>
  scaffolder.run(READER, templates.rewrite, {
    repository: { url: git.url(repository) },
    ...input,
  });

describe('image-scan:rewrite with a repository', () => {
  it('clones, writes and commits nothing unless it is told to', async () => {
    await create('quiet');
    const { status, output } = await run('quiet', { path: 'clone' });
    expect(status).toBe('completed');
    expect(output.rewrite).toMatchObject({
      changedFiles: ['clone/deploy/app.yaml'],
      changes: [{ file: 'clone/deploy/app.yaml', from: '1.0.0', to: '2.0.0' }],
    });
    expect(output.rewrite).not.toHaveProperty('commit');
    expect(await git.log('quiet')).toHaveLength(1);
  });

  it('commits and pushes, as scaffolder.defaultAuthor', async () => {
    await create('pushed');
    const { status, output, log } = await run('pushed', {
      commit: { message: '{{ gitRepo }} {{ branch }}\n\n{{ images }}' },
    });
    expect(log).not.toContain(credentials.password);
    expect(status).toBe('completed');
    const [head, seed] = await git.log('pushed');
    expect(head).toMatchObject({
      parents: [seed.oid],
      authorName: 'Platform',
      message: 'pushed main\n\n- app: 1.0.0 -> 2.0.0',
    });
    expect(output.rewrite).toMatchObject({
      commit: head.oid,
      branch: 'main',
      remoteUrl: `http://${git.host}/pushed/commit/${head.oid}`,
    });
    expect((await git.readFile('pushed', 'deploy/app.yaml')).toString()).toBe(
      WRITTEN,
    );
    await git.fsck('pushed');
    const again = await run('pushed', { commit: {} });
    expect(again.status).toBe('completed');
    expect(again.output.rewrite).toMatchObject({ changes: [] });
    expect(await git.log('pushed')).toHaveLength(2);
  });

  it('makes a branch, and refuses one that would lose commits', async () => {
    await create('branch');
    const commit = { branch: 'update-images' };
    const { output } = await run('branch', { commit });
    const [head] = await git.log('branch', 'update-images');
    expect(output.rewrite).toMatchObject({ commit: head.oid });
    expect(await git.log('branch', 'main')).toHaveLength(1);
    await git.commitFiles('branch', { y: 'y' }, 'A person', commit);
    const refused = await run('branch', { commit });
    expect(refused.status).toBe('failed');
    expect(refused.log).toContain(
      'has commits that main does not have, and they would be lost',
    );
    expect(await git.log('branch', 'update-images')).toHaveLength(3);
  });

  it('goes on with a branch whose commits the clone has', async () => {
    await create('behind');
    await git.run('behind', 'branch', 'release', 'main');
    await git.commitFiles('behind', { y: 'y' }, 'A person');
    const [person] = await git.log('behind', 'main');
    const { status, output } = await run('behind', {
      commit: { branch: 'release' },
    });
    expect(status).toBe('completed');
    const [head] = await git.log('behind', 'release');
    expect(output.rewrite).toMatchObject({
      commit: head.oid,
      branch: 'release',
    });
    expect(head.parents).toEqual([person.oid]);
    expect(await git.log('behind', 'main')).toHaveLength(2);
  });

  it('redoes a push that lost a race', async () => {
    await create('race');
    let first: string | undefined;
    git.beforePush = async repository => {
      first ??= await git.commitFiles(repository, { y: 'y' }, 'First');
    };
    const { status, output } = await run('race', { commit: {} }).finally(() => {
      git.beforePush = undefined;
    });
    expect(status).toBe('completed');
    const [head] = await git.log('race');
    expect(head).toMatchObject({ parents: [first] });
    expect(output.rewrite).toMatchObject({ commit: head.oid });
  });

  it('shows the diff of a dry run and commits nothing', async () => {
    await create('dry');
    const { log } = await scaffolder.dryRun(
      READER,
      createTemplate('dry', [
        {
          id: 'rewrite',
          action: 'image-scan:rewrite',
          input: {
            images,
            repository: { url: git.url('dry') },
            commit: { branch: 'new' },
          },
        },
      ]),
    );
    expect(log).toContain('+tag:   2.0.0');
    expect(log).toContain('Dry run, nothing was written');
    expect(await git.run('dry', 'branch', '--list')).toBe('* main\n');
  });

  it('lets a later step push what an earlier one committed', async () => {
    await create('steps');
    const { status } = await scaffolder.run(READER, templates.twice, {
      repository: { url: git.url('steps') },
    });
    expect(status).toBe('completed');
    expect((await git.log('steps')).map(({ message }) => message)).toEqual([
      'app two',
      'app one',
      'Initial commit',
    ]);
  });

  it('says that a token is wrong, and does not show it', async () => {
    await create('token');
    const wrong = await run('token', { token: 'wr0ng', commit: {} });
    expect(wrong.status).toBe('failed');
    expect(wrong.log).toContain('refused access (401)');
    expect(wrong.log).not.toContain('wr0ng');
    const right = await run('token', { token: credentials.password });
    expect(right.status).toBe('completed');
  });

  it('does not show credentials that a server says back', async () => {
    await create('echo');
    git.intercept = (request, response) => {
      const said = String(request.headers.authorization);
      const pair = Buffer.from(said.split(' ')[1] ?? '', 'base64').toString();
      const line = `ERR cannot log in with ${said} (${pair})\n`;
      const type = 'application/x-git-upload-pack-advertisement';
      response.setHeader('content-type', type);
      response.end(`${pkt(line)}0000`);
      return true;
    };
    const { status, log } = await run('echo').finally(() => {
      git.intercept = undefined;
    });
    expect(status).toBe('failed');
    expect(log).toContain('failed: cannot log in with *** (***)');
  });

  it('reaches no private address that no integration names', async () => {
    const { status, log } = await run('app', {
      repository: { url: `https://${stranger.host}/app.git` },
    });
    expect(status).toBe('failed');
    expect(log).toMatch(/private, local or reserved address/);
    expect(stranger.requests).toEqual([]);
  });
});

describe('with scaffolder.requireScmUserCredentials', () => {
  it('takes the token of the user and no other', async () => {
    await create('strict');
    const strict = await startScaffolder({ requireScmUserCredentials: true });
    try {
      const values = { repository: { url: git.url('strict') } };
      const refused = await strict.run(READER, templates.rewrite, values);
      expect(refused.status).toBe('failed');
      expect(refused.log).toContain(
        `No user credentials provided for host ${git.host}`,
      );
      const { status } = await strict.run(READER, templates.rewrite, {
        ...values,
        token: credentials.password,
      });
      expect(status).toBe('completed');
    } finally {
      await strict.stop();
    }
  });
});
