import { TestDatabases } from '@backstage/backend-test-utils';
import type { Problem } from 'backstage-plugin-image-scan-common';
import { parseImageScans } from 'backstage-plugin-image-scan-node';
import { eventually } from '../integration/eventually';
import { TestImageScan } from '../integration/TestImageScan';
import { GitServer } from '../servers/GitServer';
import type { GitFileContent } from '../servers/importOfCommit';
import { MemoryRegistry } from '../servers/MemoryRegistry';
import {
  type BadDefinition,
  badDefinitions,
  IMAGE,
} from './badDefinitionFiles';

jest.setTimeout(180_000);

const databases = TestDatabases.create();

const folderOf = (index: number) => `case-${String(index).padStart(3, '0')}`;

function sourceOf(bad: BadDefinition, image: string): string | Buffer {
  return typeof bad.source === 'string'
    ? bad.source.replaceAll(IMAGE, image)
    : bad.source;
}

/** What is said of a file, each with its path. */
function problemsOf(bad: BadDefinition, path: string, image: string): string[] {
  if (bad.problem !== undefined) {
    return [`${path}: ${bad.problem}`];
  }
  const source = Buffer.from(sourceOf(bad, image));
  const { errors, warnings } = parseImageScans(source, { file: path });
  return [...errors.map(({ message }) => message), ...warnings];
}

describe.each(databases.eachSupportedId())('bad definitions on %s', id => {
  let git: GitServer;
  let registry: MemoryRegistry;
  let scan: TestImageScan | undefined;

  beforeAll(async () => {
    git = await GitServer.start();
    registry = await MemoryRegistry.start();
    registry.pushTags('app', ['1.0.0', '1.1.0']);
  });

  afterAll(async () => {
    await scan?.stop();
    await git?.stop();
    await registry?.stop();
  });

  it('each is reported once, and stops nothing but itself', async () => {
    const image = `${registry.host}/app`;
    const files: Record<string, GitFileContent> = {
      'good/imagescans.yaml': `imageScans:\n- {tagName: good, image: "${image}"}\n`,
      'good/deployment.yaml': `image: ${image}:1.0.0 # {"$imagescan": "good"}\n`,
      // Found out by the scan, and shown with it.
      'scans/imagescans.yaml': [
        'imageScans:',
        `- {tagName: no-secret, image: "${image}", secretRef: {name: nobody}}`,
        `- {tagName: git-secret, image: "${image}", secretRef: {name: git}}`,
        `- {tagName: no-image, image: "${registry.host}/nothing"}`,
        `- {tagName: no-tag, image: "${image}", policy: {semver: {range: ^7}}}`,
        `- {tagName: before, image: "${image}"}`,
        '',
      ].join('\n'),
      'twins/fleet.yaml': `imageScans:\n- {tagName: web, image: "${image}"}\n- {tagName: before, image: "${image}"}\n`,
      'twins/imagescans.yaml': `imageScans:\n- {tagName: web, image: "${image}"}\n`,
    };
    for (const [index, bad] of badDefinitions.entries()) {
      files[`${folderOf(index)}/${bad.file}`] = sourceOf(bad, image);
    }
    await git.createRepository('repo', files);
    scan = await TestImageScan.start({
      knex: await databases.init(id),
      imageScan: {
        gitRepos: [
          {
            metadata: { name: 'repo' },
            spec: { repo: git.url('repo'), imageScanInterval: '1h' },
          },
        ],
        secrets: [{ name: 'git', username: 'git', password: 'geheim' }],
        registries: [{ host: registry.host, insecure: true }],
      },
    });
    const { client } = scan;

    const expected = [
      ...['good/good', 'scans/before', 'twins/before'],
      ...['scans/no-secret', 'scans/git-secret', 'scans/no-image'],
      'scans/no-tag',
      ...badDefinitions.flatMap(({ healthy }, index) =>
        healthy.map(tagName => `${folderOf(index)}/${tagName}`),
      ),
    ].sort();
    const scans = await eventually(
      async () => {
        const { items } = await client.listImageScans({ limit: 500 });
        expect(
          items.map(item => `${item.path}/${item.tagName}`).sort(),
        ).toEqual(expected);
        const waiting = items.filter(
          item => !item.latestTag && !item.error && !item.suspend,
        );
        expect(waiting).toEqual([]);
        // Writing goes on too.
        expect(await git.log('repo')).toHaveLength(2);
        return items;
      },
      { timeout: 120_000 },
    );

    const { problems, error } = await client.getGitRepo('repo');
    expect(error).toBeUndefined();
    const messagesIn = (folder: string) =>
      problems
        .filter(({ file }: Problem) => file.startsWith(`${folder}/`))
        .map(({ message }) => message);
    for (const [index, bad] of badDefinitions.entries()) {
      const folder = folderOf(index);
      const path = `${folder}/${bad.file}`;
      expect([path, ...messagesIn(folder)]).toEqual([
        path,
        ...problemsOf(bad, path, image),
      ]);
    }
    expect(messagesIn('twins')).toEqual([
      'twins/fleet.yaml: imageScans[0] (web) on line 2, tagName: twins/imagescans.yaml has an entry of this name too, on line 2; each entry of a folder needs its own',
      'twins/imagescans.yaml: imageScans[0] (web) on line 2, tagName: twins/fleet.yaml has an entry of this name too, on line 2; each entry of a folder needs its own',
    ]);
    expect(JSON.stringify(problems)).not.toContain('geheim');

    const failed = scans.filter(item => item.error);
    expect(
      Object.fromEntries(
        failed.map(({ tagName, error: reason }) => [tagName, reason?.message]),
      ),
    ).toEqual({
      'no-secret':
        'secretRef names nobody, which no entry of imageScan.secrets has',
      'git-secret':
        'secretRef names git, which is not a dockerConfigJson secret; only such a secret may go to a registry',
      'no-image': expect.stringContaining('404 (not found)'),
      'no-tag': expect.stringContaining('no tag matches semver ^7: 2 outside'),
    });
    for (const { latestTag, suspend } of scans.filter(item => !item.error)) {
      expect(latestTag ?? suspend).toBe(suspend ? true : '1.1.0');
    }
  });
});
