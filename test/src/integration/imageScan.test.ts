import { TestDatabases } from '@backstage/backend-test-utils';
import type { JsonObject } from '@backstage/types';
import type { Knex } from 'knex';
import { DockerRegistry, noRegistry } from '../servers/DockerRegistry';
import { GitServer } from '../servers/GitServer';
import { describeWith } from './describeWith';
import { eventually } from './eventually';
import { TestImageScan } from './TestImageScan';

jest.setTimeout(120_000);

const databases = TestDatabases.create();
const credentials = { username: 'git', password: 'pa:ss wörd' };
const author = { authorName: 'Ima Scän', authorEmail: 'ima@example.com' };

let registry: DockerRegistry;
let git: GitServer;
let scan: TestImageScan | undefined;
let count = 0;

/** A name that no other test uses. */
function unique(name: string): string {
  count += 1;
  return `${name}-${count}`;
}

function image(name: string): string {
  return `${registry.host}/${name}`;
}

function imageScans(...entries: object[]): string {
  return JSON.stringify({ imageScans: entries });
}

function gitRepo(name: string, spec: JsonObject = {}): JsonObject {
  return {
    metadata: { name },
    spec: {
      repo: git.url(name),
      imageScanInterval: '5s',
      clientSecretName: 'git-write',
      imageScanCommit: { ...author, messageTemplate: 'update image' },
      ...spec,
    },
  };
}

async function start(
  knex: Knex,
  gitRepos: JsonObject[],
  more: JsonObject = {},
): Promise<TestImageScan> {
  scan = await TestImageScan.start({
    knex,
    imageScan: {
      gitRepos,
      secrets: [{ name: 'git-write', ...credentials }],
      registries: [{ host: registry.host, insecure: true }],
      ...more,
    },
  });
  return scan;
}

async function commitsOf(repository: string): Promise<number> {
  return (await git.log(repository)).length;
}

async function waitForCommits(
  repository: string,
  commits: number,
): Promise<void> {
  await eventually(async () =>
    expect(await commitsOf(repository)).toBe(commits),
  );
}

const manifest = (name: string, tag: string, eol = '\n') =>
  [
    '# kept as it is',
    'spec:',
    '    containers:   # odd   blanks',
    `    -   image: "${image(name)}:${tag}" # {"$imagescan": "app"}`,
    '',
    `tag:   ${tag}\t#   {"$imagescan":"app:tag"}`,
    '',
  ].join(eol);

describeWith([noRegistry()]).each(databases.eachSupportedId())(
  'image scan on %s',
  databaseId => {
    let knex: Knex;

    beforeAll(async () => {
      registry = await DockerRegistry.start();
      git = await GitServer.start({ credentials });
    });

    afterEach(async () => {
      await scan?.stop();
      scan = undefined;
      git.beforePush = undefined;
    });

    afterAll(async () => {
      await registry?.stop();
      await git?.stop();
    });

    beforeEach(async () => {
      knex = await databases.init(databaseId);
    });

    it('commits a new tag with exactly the expected bytes, author and message', async () => {
      const app = unique('app');
      const repo = unique('repo');
      await registry.pushTags(app, ['1.0.0', '1.1.0', 'latest', '2.0.0-rc.1']);
      await git.createRepository(repo, {
        'fleet.yaml': imageScans({ tagName: 'app', image: image(app) }),
        'deploy/app.yaml': manifest(app, '1.1.0', '\r\n'),
        'deploy/other.yaml': 'image: untouched:1 # no marker\n',
      });
      const { client } = await start(knex, [gitRepo(repo)]);
      const upToDate = await scan!.scanInState(repo, 'app', 'up-to-date');
      expect(upToDate).toMatchObject({
        latestTag: '1.1.0',
        currentTag: '1.1.0',
      });
      expect(await commitsOf(repo)).toBe(1);

      await registry.pushTags(app, ['1.2.0']);
      await scan!.scanNow(repo, 'app');
      await waitForCommits(repo, 2);

      const [commit] = await git.log(repo);
      expect(commit).toMatchObject({
        authorName: author.authorName,
        authorEmail: author.authorEmail,
        committerName: author.authorName,
        committerEmail: author.authorEmail,
        message: 'update image',
      });
      expect((await git.readFile(repo, 'deploy/app.yaml')).toString()).toBe(
        manifest(app, '1.2.0', '\r\n'),
      );
      expect(await git.run(repo, 'diff', '--stat', 'HEAD~', 'HEAD')).toContain(
        '1 file changed, 2 insertions(+), 2 deletions(-)',
      );
      await git.fsck(repo);

      const after = await scan!.scanInState(repo, 'app', 'up-to-date');
      expect(after.lastUpdate?.commit).toBe(commit.oid);
      const { items } = await client.listUpdates({ imageScanId: after.id });
      expect(items).toEqual([
        expect.objectContaining({
          commit: commit.oid,
          branch: 'main',
          gitRepo: repo,
          initiator: 'schedule',
          message: 'update image',
        }),
      ]);
      expect(items[0].changes).toEqual([
        expect.objectContaining({
          file: 'deploy/app.yaml',
          line: 4,
          from: `${image(app)}:1.1.0`,
          to: `${image(app)}:1.2.0`,
        }),
        expect.objectContaining({ line: 6, from: '1.1.0', to: '1.2.0' }),
      ]);
    });

    it('writes nothing and asks once per look while nothing is new', async () => {
      const app = unique('app');
      const repo = unique('repo');
      await registry.pushTags(app, ['1.0.0']);
      await git.createRepository(repo, {
        'imagescans.yaml': imageScans({
          tagName: 'app',
          image: image(app),
          interval: '5s',
        }),
        'app.yaml': manifest(app, '1.0.0'),
      });
      await start(knex, [gitRepo(repo)]);
      const first = await scan!.scanInState(repo, 'app', 'up-to-date');
      git.requests.length = 0;
      // Two more scans of the interval and two more looks at the remote.
      await eventually(async () => {
        const { lastScanTime = '' } = await scan!.scanOf(repo, 'app');
        expect(Date.parse(lastScanTime)).toBeGreaterThan(
          Date.parse(first.lastScanTime ?? '') + 9_000,
        );
      });
      expect(await commitsOf(repo)).toBe(1);
      const posts = git.requests.filter(({ method }) => method === 'POST');
      expect(posts.every(({ service }) => service === 'git-upload-pack')).toBe(
        true,
      );
      expect(git.requests.length).toBeLessThanOrEqual(4);
    });

    it('serves several git repos and scans, each by its own definitions', async () => {
      const web = unique('team/web');
      const db = unique('db');
      const [one, two] = [unique('repo'), unique('repo')];
      await registry.pushTags(web, ['1.0.0', '1.9.0', '2.0.0']);
      await registry.pushTags(db, ['2024-01-01', '2024-06-01', '2023-12-31']);
      await git.createRepository(one, {
        'a/fleet.yaml': imageScans({
          tagName: 'app',
          image: image(web),
          policy: { semver: { range: '^1' } },
        }),
        'a/x.yaml': 'v: 1.0.0 # {"$imagescan": "app:tag"}\n',
        'b/fleet.yaml': imageScans({
          tagName: 'app',
          image: image(web),
          policy: { semver: { range: '^2' } },
        }),
        'b/deep/x.yaml': 'v: 1.0.0 # {"$imagescan": "app:tag"}\n',
        'c/x.yaml': 'v: 1.0.0 # {"$imagescan": "app:tag"}\n',
      });
      await git.createRepository(two, {
        'fleet.yaml': imageScans({
          tagName: 'db',
          image: image(db),
          policy: { alphabetical: { order: 'desc' } },
        }),
        'x.yaml': 'v: "2023-12-31" # {"$imagescan": "db:tag"}\n',
      });
      const { client } = await start(knex, [gitRepo(one), gitRepo(two)]);
      await waitForCommits(one, 2);
      await waitForCommits(two, 2);
      const read = async (repo: string, file: string) =>
        (await git.readFile(repo, file)).toString();
      expect(await read(one, 'a/x.yaml')).toContain('v: 1.9.0 #');
      expect(await read(one, 'b/deep/x.yaml')).toContain('v: 2.0.0 #');
      expect(await read(one, 'c/x.yaml')).toContain('v: 1.0.0 #');
      expect(await read(two, 'x.yaml')).toContain('v: "2024-06-01" #');
      const { problems } = await client.getGitRepo(one);
      expect(problems).toEqual([
        expect.objectContaining({ file: 'c/x.yaml', line: 1, tagName: 'app' }),
      ]);
    });

    it('writes image, name, tag and the digest that the tag has now', async () => {
      const app = unique('app');
      const repo = unique('repo');
      await registry.pushImage(app, '1.0.0', 'first');
      await git.createRepository(repo, {
        'fleet.yaml': imageScans({ tagName: 'app', image: image(app) }),
        'x.yaml': [
          'a: x # {"$imagescan": "app"}',
          'b: x # {"$imagescan": "app:name"}',
          'c: x # {"$imagescan": "app:tag"}',
          'd: x # {"$imagescan": "app:digest"}',
          '',
        ].join('\n'),
      });
      await start(knex, [gitRepo(repo)]);
      await waitForCommits(repo, 2);
      const { latestDigest: first } = await scan!.scanOf(repo, 'app');
      expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect((await git.readFile(repo, 'x.yaml')).toString()).toBe(
        [
          `a: ${image(app)}:1.0.0 # {"$imagescan": "app"}`,
          `b: ${image(app)} # {"$imagescan": "app:name"}`,
          'c: 1.0.0 # {"$imagescan": "app:tag"}',
          `d: ${image(app)}:1.0.0@${first} # {"$imagescan": "app:digest"}`,
          '',
        ].join('\n'),
      );
      await registry.pushImage(app, '1.0.0', 'second');
      const moved = await scan!.scanNow(repo, 'app');
      expect(moved.latestDigest).not.toBe(first);
      await waitForCommits(repo, 3);
      expect((await git.readFile(repo, 'x.yaml')).toString()).toContain(
        `d: ${image(app)}:1.0.0@${moved.latestDigest} #`,
      );
    });

    it('keeps both changes when the branch moves between read and push', async () => {
      const app = unique('app');
      const repo = unique('repo');
      await registry.pushTags(app, ['1.0.0', '1.1.0']);
      await git.createRepository(repo, {
        'fleet.yaml': imageScans({ tagName: 'app', image: image(app) }),
        'app.yaml': manifest(app, '1.0.0'),
        'other.yaml': 'a: 1\n',
      });
      let moves = 0;
      git.beforePush = async repository => {
        if (repository === repo && moves < 2) {
          moves += 1;
          await git.commitFiles(
            repo,
            { 'other.yaml': `a: ${moves + 1}\n` },
            'other',
          );
        }
      };
      await start(knex, [gitRepo(repo)]);
      await scan!.scanInState(repo, 'app', 'up-to-date');
      expect(moves).toBe(2);
      const log = await git.log(repo);
      expect(log.map(({ message }) => message)).toEqual([
        'update image',
        'other',
        'other',
        'Initial commit',
      ]);
      expect((await git.readFile(repo, 'app.yaml')).toString()).toBe(
        manifest(app, '1.1.0'),
      );
      expect((await git.readFile(repo, 'other.yaml')).toString()).toBe(
        'a: 3\n',
      );
      const { items } = await scan!.client.listUpdates({ gitRepo: repo });
      expect(items.map(({ commit }) => commit)).toEqual([log[0].oid]);
    });

    it('shows why a protected branch refuses, tries again, and goes on elsewhere', async () => {
      const app = unique('app');
      const [refusing, open] = [unique('repo'), unique('repo')];
      await registry.pushTags(app, ['1.0.0', '1.1.0']);
      const files = {
        'fleet.yaml': imageScans({ tagName: 'app', image: image(app) }),
        'app.yaml': manifest(app, '1.0.0'),
      };
      await git.createRepository(refusing, files);
      await git.createRepository(open, files);
      await git.refusePushes(
        refusing,
        'main is protected: open a pull request',
      );
      const { client } = await start(knex, [gitRepo(refusing), gitRepo(open)]);

      await waitForCommits(open, 2);
      const status = await eventually(async () => {
        const { updateError } = await client.getGitRepo(refusing);
        expect(updateError?.message).toContain(
          'main is protected: open a pull request',
        );
        return updateError;
      });
      expect(Date.parse(status?.retryTime ?? '')).toBeGreaterThan(Date.now());
      const shown = await scan!.scanOf(refusing, 'app');
      expect(shown.state).toBe('update-available');
      expect(shown.updateError?.message).toContain('main is protected');
      expect((await client.listUpdates({ gitRepo: refusing })).items).toEqual(
        [],
      );

      await git.allowPushes(refusing);
      await scan!.scanInState(refusing, 'app', 'up-to-date');
      expect(await commitsOf(refusing)).toBe(2);
      expect((await client.getGitRepo(refusing)).updateError).toBeUndefined();
    });

    it('leaves a suspended scan alone', async () => {
      const app = unique('app');
      const repo = unique('repo');
      await registry.pushTags(app, ['1.0.0', '1.1.0']);
      const entries = (suspend: boolean) =>
        imageScans(
          { tagName: 'app', image: image(app), suspend },
          { tagName: 'awake', image: image(app) },
        );
      await git.createRepository(repo, {
        'fleet.yaml': entries(true),
        'app.yaml': manifest(app, '1.0.0'),
        'awake.yaml': 'v: 1.0.0 # {"$imagescan": "awake:tag"}\n',
      });
      const { client } = await start(knex, [gitRepo(repo)]);
      await waitForCommits(repo, 2);
      const suspended = await scan!.scanOf(repo, 'app');
      expect(suspended).toMatchObject({ state: 'suspended' });
      expect(suspended.latestTag).toBeUndefined();
      expect(suspended.nextScanTime).toBeUndefined();
      await expect(client.scanImage(suspended.id)).rejects.toMatchObject({
        cause: { message: expect.stringContaining('is suspended') },
      });
      expect((await git.readFile(repo, 'app.yaml')).toString()).toBe(
        manifest(app, '1.0.0'),
      );

      await git.commitFiles(repo, { 'fleet.yaml': entries(false) }, 'wake up');
      await client.syncGitRepo(repo);
      await scan!.scanInState(repo, 'app', 'up-to-date');
      expect((await git.readFile(repo, 'app.yaml')).toString()).toBe(
        manifest(app, '1.1.0'),
      );
    });

    it('writes a paused git repo only when asked, exactly as previewed', async () => {
      const app = unique('app');
      const repo = unique('repo');
      await registry.pushTags(app, ['1.0.0', '1.1.0']);
      await git.createRepository(repo, {
        'fleet.yaml': imageScans({ tagName: 'app', image: image(app) }),
        'app.yaml': manifest(app, '1.0.0'),
      });
      const { client } = await start(knex, [gitRepo(repo, { paused: true })]);
      await scan!.scanInState(repo, 'app', 'update-available');

      const preview = await client.updateGitRepo(repo, { dryRun: true });
      expect(preview.commit).toBeUndefined();
      expect(preview.diff).toContain(`+tag:   1.1.0\t#`);
      expect(preview.changes).toHaveLength(2);
      expect(await commitsOf(repo)).toBe(1);

      // The branch moves, so what was previewed does not hold any more.
      await git.commitFiles(repo, { 'other.yaml': 'a: 1\n' }, 'other');
      await expect(
        client.updateGitRepo(repo, { plan: preview.plan }),
      ).rejects.toMatchObject({ statusCode: 409 });
      expect(await commitsOf(repo)).toBe(2);

      const again = await client.updateGitRepo(repo, { dryRun: true });
      const written = await client.updateGitRepo(repo, { plan: again.plan });
      const [commit, ...before] = await git.log(repo);
      expect(before).toHaveLength(2);
      expect(written).toMatchObject({ commit: commit.oid, branch: 'main' });
      expect(written.diff).toBe(again.diff);
      const { items } = await client.listUpdates({ gitRepo: repo });
      expect(items[0]).toMatchObject({ initiator: 'user:default/mock' });
      await scan!.scanInState(repo, 'app', 'up-to-date');

      const nothing = await client.updateGitRepo(repo, {});
      expect(nothing).toMatchObject({ changes: [], diff: '' });
      expect(nothing.commit).toBeUndefined();
    });

    it('refuses a plan when the registry has moved on meanwhile', async () => {
      const app = unique('app');
      const repo = unique('repo');
      await registry.pushTags(app, ['1.0.0', '1.1.0']);
      await git.createRepository(repo, {
        'fleet.yaml': imageScans({ tagName: 'app', image: image(app) }),
        'app.yaml': manifest(app, '1.0.0'),
      });
      const { client } = await start(knex, [gitRepo(repo, { paused: true })]);
      await scan!.scanInState(repo, 'app', 'update-available');
      const { plan } = await client.updateGitRepo(repo, { dryRun: true });
      await registry.pushTags(app, ['1.2.0']);
      await scan!.scanNow(repo, 'app');
      await expect(client.updateGitRepo(repo, { plan })).rejects.toMatchObject({
        statusCode: 409,
      });
      expect(await commitsOf(repo)).toBe(1);
    });

    it('holds when the tag in git was deleted, until a person releases it', async () => {
      const app = unique('app');
      const repo = unique('repo');
      await registry.pushTags(app, ['1.0.0', '1.1.0']);
      await git.createRepository(repo, {
        'fleet.yaml': imageScans({ tagName: 'app', image: image(app) }),
        'app.yaml': manifest(app, '1.0.0'),
      });
      const { client } = await start(knex, [gitRepo(repo)]);
      await scan!.scanInState(repo, 'app', 'up-to-date');
      expect(await commitsOf(repo)).toBe(2);

      await registry.deleteTag(app, '1.1.0');
      const held = await scan!.scanNow(repo, 'app');
      expect(held).toMatchObject({
        state: 'held',
        currentTag: '1.1.0',
        latestTag: '1.0.0',
        held: { from: '1.1.0', to: '1.0.0' },
      });
      const refused = await client.updateGitRepo(repo, {});
      expect(refused.changes).toEqual([]);
      expect(refused.problems[0]?.message).toContain('held at 1.1.0');
      expect(await commitsOf(repo)).toBe(2);

      const released = await client.updateGitRepo(repo, {
        allowDowngrade: true,
        tagNames: ['app'],
        message: 'back to {{ images }}',
      });
      expect(released.commit).toBeDefined();
      expect((await git.log(repo))[0].message).toBe(
        'back to - app: 1.1.0 -> 1.0.0\n\nRequested-by: user:default/mock',
      );
      expect((await git.readFile(repo, 'app.yaml')).toString()).toBe(
        manifest(app, '1.0.0'),
      );
      await scan!.scanInState(repo, 'app', 'up-to-date');
    });

    it('gives no git password and no foreign secret to a registry', async () => {
      const app = unique('app');
      const repo = unique('repo');
      await registry.pushTags(app, ['1.0.0']);
      await git.createRepository(repo, {
        'fleet.yaml': imageScans(
          {
            tagName: 'git',
            image: image(app),
            secretRef: { name: 'git-write' },
          },
          { tagName: 'none', image: image(app), secretRef: { name: 'nope' } },
          { tagName: 'mine', image: image(app), secretRef: { name: 'others' } },
          { tagName: 'app', image: image(app) },
        ),
        'x.yaml': ['git', 'none', 'mine', 'app']
          .map(name => `${name}: 0.9.0 # {"$imagescan": "${name}:tag"}\n`)
          .join(''),
      });
      const other = unique('repo');
      await git.createRepository(other, { 'x.yaml': 'a: 1\n' });
      const dockerConfigJson = JSON.stringify({
        auths: { [registry.host]: { username: 'u', password: 'secret-pw' } },
      });
      await start(knex, [gitRepo(repo), gitRepo(other)], {
        secrets: [
          { name: 'git-write', ...credentials },
          { name: 'others', dockerConfigJson, gitRepos: [other] },
        ],
      });
      await waitForCommits(repo, 2);
      const errorOf = async (name: string) =>
        (await scan!.scanInState(repo, name, 'error')).error?.message;
      expect(await errorOf('git')).toContain('not a dockerConfigJson secret');
      expect(await errorOf('none')).toContain('no entry of imageScan.secrets');
      expect(await errorOf('mine')).toContain('may not use');
      expect((await git.readFile(repo, 'x.yaml')).toString()).toBe(
        [
          'git: 0.9.0 # {"$imagescan": "git:tag"}\n',
          'none: 0.9.0 # {"$imagescan": "none:tag"}\n',
          'mine: 0.9.0 # {"$imagescan": "mine:tag"}\n',
          'app: 1.0.0 # {"$imagescan": "app:tag"}\n',
        ].join(''),
      );
    });

    it('forgets a scan that was removed and names its orphaned marker', async () => {
      const app = unique('app');
      const repo = unique('repo');
      await registry.pushTags(app, ['1.0.0']);
      await git.createRepository(repo, {
        'fleet.yaml': imageScans({ tagName: 'app', image: image(app) }),
        'app.yaml': manifest(app, '1.0.0'),
      });
      const { client } = await start(knex, [gitRepo(repo)]);
      const { id } = await scan!.scanInState(repo, 'app', 'up-to-date');
      await git.commitFiles(repo, { 'fleet.yaml': null }, 'no more scans');
      const status = await client.syncGitRepo(repo);
      expect((await client.listImageScans({ gitRepo: repo })).items).toEqual(
        [],
      );
      await expect(client.getImageScan(id)).rejects.toMatchObject({
        statusCode: 404,
      });
      expect(status.problems).toEqual([
        expect.objectContaining({ file: 'app.yaml', line: 4, tagName: 'app' }),
        expect.objectContaining({ file: 'app.yaml', line: 6, tagName: 'app' }),
      ]);
    });

    it('shows a wrong git password without showing it, and goes on elsewhere', async () => {
      const app = unique('app');
      const [locked, open] = [unique('repo'), unique('repo')];
      await registry.pushTags(app, ['1.0.0', '1.1.0']);
      const files = {
        'fleet.yaml': imageScans({ tagName: 'app', image: image(app) }),
        'app.yaml': manifest(app, '1.0.0'),
      };
      await git.createRepository(locked, files);
      await git.createRepository(open, files);
      const { client } = await start(
        knex,
        [gitRepo(locked, { clientSecretName: 'wrong' }), gitRepo(open)],
        {
          secrets: [
            { name: 'git-write', ...credentials },
            { name: 'wrong', username: 'git', password: 'not-the-password' },
          ],
        },
      );
      await waitForCommits(open, 2);
      const { error, lastSyncTime } = await client.getGitRepo(locked);
      expect(error?.message).toMatch(/401|credentials|sign/i);
      expect(error?.retryTime).toBeDefined();
      expect(lastSyncTime).toBeUndefined();
      expect(JSON.stringify(error)).not.toContain('not-the-password');
    });

    it('keeps the last good result of an unreachable registry, and others go on', async () => {
      const [app, gone] = [unique('app'), unique('gone')];
      const repo = unique('repo');
      const leaving = await DockerRegistry.start();
      try {
        await registry.pushTags(app, ['1.0.0']);
        await leaving.pushTags(gone, ['1.0.0']);
        await git.createRepository(repo, {
          'fleet.yaml': imageScans(
            { tagName: 'app', image: image(app) },
            { tagName: 'gone', image: `${leaving.host}/${gone}` },
          ),
          'x.yaml': [
            'a: 1.0.0 # {"$imagescan": "app:tag"}\n',
            'b: 1.0.0 # {"$imagescan": "gone:tag"}\n',
          ].join(''),
        });
        const hosts = [registry.host, leaving.host];
        await start(knex, [gitRepo(repo)], {
          registries: hosts.map(host => ({ host, insecure: true })),
        });
        await scan!.scanInState(repo, 'gone', 'up-to-date');
        await leaving.stop();
        await registry.pushTags(app, ['1.1.0']);
        const failed = await scan!.scanNow(repo, 'gone');
        expect(failed).toMatchObject({ state: 'error', latestTag: '1.0.0' });
        expect(failed.error?.message).toContain(leaving.host);
        expect(failed.error?.retryTime).toBeDefined();
        await scan!.scanNow(repo, 'app');
        await waitForCommits(repo, 2);
        expect((await git.readFile(repo, 'x.yaml')).toString()).toBe(
          [
            'a: 1.1.0 # {"$imagescan": "app:tag"}\n',
            'b: 1.0.0 # {"$imagescan": "gone:tag"}\n',
          ].join(''),
        );
      } finally {
        await leaving.stop();
      }
    });
  },
);
