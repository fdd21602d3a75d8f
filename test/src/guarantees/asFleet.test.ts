import { TestDatabases } from '@backstage/backend-test-utils';
import type { JsonObject } from '@backstage/types';
import { describeWith } from '../integration/describeWith';
import { TestImageScan } from '../integration/TestImageScan';
import { DockerRegistry, noRegistry } from '../servers/DockerRegistry';
import { GitServer } from '../servers/GitServer';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });

let registry: DockerRegistry;
let git: GitServer;
let scan: TestImageScan | undefined;

const imageScans = (tagName: string, range = '^1') =>
  JSON.stringify({
    imageScans: [
      {
        tagName,
        image: `${registry.host}/app`,
        policy: { semver: { range } },
      },
    ],
  });
const marked = (tag: string, tagName: string) =>
  `tag: ${tag} # {"$imagescan": "${tagName}:tag"}\n`;

async function start(name: string, spec: JsonObject): Promise<TestImageScan> {
  scan = await TestImageScan.start({
    knex: await databases.init('SQLITE_3'),
    imageScan: {
      gitRepos: [
        {
          // As Rancher's pages hand it out.
          apiVersion: 'fleet.cattle.io/v1alpha1',
          kind: 'GitRepo',
          id: `fleet-default/${name}`,
          type: 'fleet.cattle.io.gitrepo',
          metadata: { name, state: { name: 'active' } },
          spec: { repo: git.url(name), branch: 'main', ...spec },
          __clone: true,
        },
      ],
      registries: [{ host: registry.host, insecure: true }],
    },
  });
  return scan;
}

describeWith([noRegistry()])('a repository that Fleet reads', () => {
  beforeAll(async () => {
    registry = await DockerRegistry.start();
    git = await GitServer.start();
    await registry.pushTags('app', ['1.0.0', '1.1.0', '1.1.1-rc9']);
    await registry.pushTags('app', ['1.1.1-rc10']);
  });

  afterEach(async () => {
    await scan?.stop();
    scan = undefined;
  });

  afterAll(async () => {
    await registry?.stop();
    await git?.stop();
  });

  it('is read with fleet.yml and under paths that are patterns', async () => {
    await git.createRepository('patterns', {
      'apps/web/fleet.yml': imageScans('web'),
      'apps/web/values.yaml': marked('1.0.0', 'web'),
      'apps/fleet.yaml': imageScans('above'),
      'other/values.yaml': marked('1.0.0', 'web'),
    });
    const { client } = await start('patterns', { paths: ['apps/*'] });
    await scan!.scanInState('patterns', 'web', 'up-to-date');
    expect(`${await git.readFile('patterns', 'apps/web/values.yaml')}`).toBe(
      marked('1.1.0', 'web'),
    );
    expect(`${await git.readFile('patterns', 'other/values.yaml')}`).toBe(
      marked('1.0.0', 'web'),
    );
    const { items } = await client.listImageScans({ gitRepo: 'patterns' });
    expect(items.map(({ path, tagName }) => [path, tagName])).toEqual([
      ['apps/web', 'web'],
    ]);
  });

  it('is read by the bundles that its manifest names', async () => {
    await git.createRepository('bundles', {
      'web/options/dev.yaml': imageScans('web'),
      'web/overlays/dev/values.yaml': marked('1.0.0', 'web'),
      'api/fleet.yaml': imageScans('api'),
      'job/fleet.yaml': imageScans('job'),
    });
    const { client } = await start('bundles', {
      bundles: [
        { base: 'web', options: 'options/dev.yaml' },
        { base: 'api' },
        { base: 'api', options: 'none.yaml' },
      ],
    });
    await scan!.scanInState('bundles', 'web', 'up-to-date');
    expect(
      `${await git.readFile('bundles', 'web/overlays/dev/values.yaml')}`,
    ).toBe(marked('1.1.0', 'web'));
    const { items } = await client.listImageScans({ gitRepo: 'bundles' });
    expect(items.map(({ path }) => path).sort()).toEqual(['api', 'web']);
    const { problems, bundles } = await client.getGitRepo('bundles');
    expect(bundles).toHaveLength(3);
    expect(problems.map(({ file }) => file).sort()).toEqual([
      'api/none.yaml',
      'job/fleet.yaml',
    ]);
  });

  it('does not go back where digits are text, until a person says so', async () => {
    await git.createRepository('text', {
      'imagescans.yaml': imageScans('web', '>=1.1.1-0'),
      'values.yaml': marked('1.1.1-rc10', 'web'),
    });
    const { client } = await start('text', {});
    const held = await scan!.scanInState('text', 'web', 'held');
    expect(held).toMatchObject({
      latestTag: '1.1.1-rc9',
      held: {
        from: '1.1.1-rc10',
        to: '1.1.1-rc9',
        reason: expect.stringContaining('write 1.1.1-rc.10'),
      },
    });
    expect((await client.updateGitRepo('text', {})).changes).toEqual([]);
    expect(await git.log('text')).toHaveLength(1);
    await client.updateGitRepo('text', { allowDowngrade: true });
    expect(`${await git.readFile('text', 'values.yaml')}`).toBe(
      marked('1.1.1-rc9', 'web'),
    );
  });
});
