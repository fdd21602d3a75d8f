import type { GitSnapshot } from 'backstage-plugin-image-scan-node';
import { aGitRepo } from '../__testUtils__/aGitRepo';
import { readRepository, withManifests } from './readRepository';

/** A commit with these files, as the git client hands it out. */
function snapshotOf(files: Record<string, string>): GitSnapshot {
  const unused = async () => {
    throw new Error('Reading writes nothing');
  };
  return {
    head: { branch: 'main', commit: '1'.repeat(40) },
    files: async () =>
      Object.keys(files).map(path => ({ path, oid: path, executable: false })),
    read: async ({ path }) => Buffer.from(files[path]),
    find: async search =>
      Object.entries(files)
        .map(([path, text]) => ({
          path,
          oid: path,
          executable: false,
          content: Buffer.from(text),
        }))
        .filter(
          ({ path, content }) =>
            search.includes(path) &&
            (search.always(path) || search.matches(content)),
        ),
    commit: unused,
    push: unused,
    pushTo: unused,
    close: async () => {},
  };
}

const read = (
  files: Record<string, string>,
  paths: string[] = ['.'],
  spec: Record<string, unknown> = {},
) =>
  readRepository(snapshotOf(files), {
    definition: aGitRepo('repo', { paths, ...spec }),
    credentialKeyOf: ({ secretRef = 'none' }) => secretRef,
  });

const scans = (...entries: string[]) =>
  `imageScans:\n${entries.map(entry => `- ${entry}\n`).join('')}`;
const marker = (value: string, name: string) =>
  `image: ${value} # {"$imagescan": "${name}"}\n`;

describe('readRepository', () => {
  it('reads definitions and the markers that belong to them', async () => {
    const { contents, manifests } = await read({
      'fleet.yaml': scans('{tagName: app, image: "nginx:1.0"}'),
      'apps/imagescans.yaml': scans(
        '{tagName: app, image: ghcr.io/o/app, secretRef: {name: hub}}',
      ),
      'a.yaml': marker('nginx:1.0', 'app'),
      'apps/b.yml': marker('x', 'app:tag'),
      'readme.md': marker('x', 'app'),
      'plain.yaml': 'image: nginx\n',
    });
    const [root, apps] = contents.definitions;
    expect(contents).toMatchObject({
      branch: 'main',
      headCommit: '1'.repeat(40),
      problems: [],
      definitions: [
        { path: '.', tagName: 'app', image: 'nginx', file: 'fleet.yaml' },
        { path: 'apps', image: 'ghcr.io/o/app', registryHost: 'ghcr.io' },
      ],
      markers: [
        { scanId: root.id, file: 'a.yaml', form: 'image' },
        { scanId: apps.id, file: 'apps/b.yml', form: 'tag', current: 'x' },
      ],
    });
    expect(root.id).not.toBe(apps.id);
    expect(manifests.map(({ file }) => file)).toEqual(['a.yaml', 'apps/b.yml']);
  });

  it('shares lists between spellings of one image, not between credentials', async () => {
    const { contents } = await read({
      'fleet.yaml': scans(
        '{tagName: a, image: nginx}',
        '{tagName: b, image: docker.io/library/nginx}',
        '{tagName: c, image: nginx, secretRef: {name: hub}}',
        '{tagName: d, image: nginx, policy: {semver: {range: 1.x}}}',
      ),
    });
    const [a, b, c, d] = contents.definitions;
    expect(a.listKey).toBe(b.listKey);
    expect(a.listKey).not.toBe(c.listKey);
    expect(a.listKey).toBe(d.listKey);
    expect(a.hash).toBe(b.hash);
    expect(a.hash).not.toBe(d.hash);
  });

  it('reads only under the paths', async () => {
    const { contents } = await read(
      {
        'fleet.yaml': scans('{tagName: root, image: nginx}'),
        'apps/fleet.yaml': scans('{tagName: app, image: nginx}'),
        'apps-two/fleet.yaml': scans('{tagName: two, image: nginx}'),
        'apps/a.yaml': marker('x', 'app'),
        'apps-two/a.yaml': marker('x', 'app'),
      },
      ['apps'],
    );
    expect(contents.definitions.map(({ tagName }) => tagName)).toEqual(['app']);
    expect(contents.markers.map(({ file }) => file)).toEqual(['apps/a.yaml']);
  });

  it('reports what cannot be used, and goes on with the rest', async () => {
    const { contents } = await read({
      'fleet.yaml': scans(
        '{tagName: bad, image: "Not An Image"}',
        '{tagName: twin, image: nginx}',
        '{tagName: good, image: nginx}',
      ),
      'imagescans.yaml': scans('{tagName: twin, image: redis}'),
      'broken/fleet.yaml': 'imageScans: [',
      'broken/a.yaml': marker('x', 'good'),
      'a.yaml':
        marker('x', 'good') + marker('y', 'twin') + marker('z', 'unknown'),
    });
    expect(contents.definitions.map(({ tagName }) => tagName)).toEqual([
      'good',
    ]);
    expect(contents.markers.map(({ file }) => file)).toEqual(['a.yaml']);
    const found = contents.problems.map(
      ({ file, tagName }) => `${file} ${tagName}`,
    );
    expect(found).toEqual(
      expect.arrayContaining([
        'fleet.yaml bad',
        'fleet.yaml twin',
        'imagescans.yaml twin',
        'broken/fleet.yaml undefined',
        'broken/a.yaml good',
        'a.yaml twin',
        'a.yaml unknown',
      ]),
    );
  });

  it.each([
    'imagescans.yml',
    'apps/imageScans.yaml',
    'image-scan.yaml',
    'Fleet.yml',
    'fleet.YAML',
  ])('says that imageScans in %s are not read', async file => {
    const { contents } = await read({
      [file]: scans('{tagName: app, image: nginx}'),
      'values.yaml': scans('{tagName: app, image: nginx}'),
    });
    expect(contents.definitions).toEqual([]);
    expect(contents.problems).toEqual([
      { file, message: expect.stringContaining('name it imagescans.yaml') },
    ]);
  });

  it('reads fleet.yml where there is no fleet.yaml, as Fleet does', async () => {
    const { contents } = await read({
      'web/fleet.yml': scans('{tagName: web, image: nginx}'),
      'both/fleet.yaml': scans('{tagName: main, image: nginx}'),
      'both/fleet.yml': scans('{tagName: other, image: nginx}'),
      'quiet/fleet.yaml': 'namespace: a\n',
      'quiet/fleet.yml': 'namespace: b\n',
    });
    expect(
      contents.definitions.map(({ path, tagName }) => [path, tagName]),
    ).toEqual([
      ['web', 'web'],
      ['both', 'main'],
    ]);
    expect(contents.problems).toEqual([
      {
        file: 'both/fleet.yml',
        message: expect.stringContaining('both/fleet.yaml stands beside it'),
      },
    ]);
  });

  it('reads the options files of bundles for the folders they belong to', async () => {
    const { contents } = await read(
      {
        'web/dev.yaml': scans('{tagName: web, image: nginx}'),
        'web/fleet.yaml': scans('{tagName: passed, image: nginx}'),
        'web/overlays/dev/values.yaml': marker('nginx:1.0', 'web'),
        'common/options': scans('{tagName: api, image: redis}'),
        'api/a.yaml': marker('redis:1.0', 'api'),
        'job/fleet.yml': scans('{tagName: job, image: nginx}'),
        'job/sub/fleet.yaml': scans('{tagName: sub, image: nginx}'),
        'job/sub/imagescans.yaml': scans('{tagName: own, image: nginx}'),
      },
      ['.'],
      {
        bundles: [
          { base: 'web', options: 'dev.yaml' },
          { base: './api/', options: '../common/options' },
          { base: 'job' },
          { base: 'job', options: 'none.yaml' },
          { base: 'job', options: '../../out.yaml' },
        ],
      },
    );
    expect(
      contents.definitions.map(({ path, file, tagName }) => [
        path,
        file,
        tagName,
      ]),
    ).toEqual([
      ['web', 'web/dev.yaml', 'web'],
      ['api', 'common/options', 'api'],
      ['job', 'job/fleet.yml', 'job'],
      ['job/sub', 'job/sub/imagescans.yaml', 'own'],
    ]);
    const [web, api] = contents.definitions;
    expect(contents.markers).toMatchObject([
      { scanId: web.id, file: 'web/overlays/dev/values.yaml' },
      { scanId: api.id, file: 'api/a.yaml' },
    ]);
    expect(contents.problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^job\/none\.yaml: spec\.bundles\[3\]\.options names this file, and the repository has none/,
      ),
      expect.stringMatching(
        /^\.\.\/out\.yaml: spec\.bundles\[4\] leads out of the repository/,
      ),
      expect.stringMatching(
        /^web\/fleet\.yaml: .* spec\.bundles does not name this file/,
      ),
      expect.stringMatching(/^job\/sub\/fleet\.yaml: .* spec\.bundles/),
    ]);
  });

  it('says that an options file does not lie under the paths', async () => {
    const { contents } = await read(
      { 'web/dev.yaml': scans('{tagName: web, image: nginx}') },
      ['apps'],
      { bundles: [{ base: 'web', options: 'dev.yaml' }] },
    );
    expect(contents.definitions).toEqual([]);
    expect(contents.problems).toEqual([
      {
        file: 'web/dev.yaml',
        message: expect.stringContaining('not lie under spec.paths (apps)'),
      },
    ]);
  });

  it('reads an options file once for a folder, and for each that names it', async () => {
    const { contents } = await read(
      { 'all.yaml': scans('{tagName: web, image: nginx}') },
      ['.'],
      {
        bundles: [
          { base: 'a', options: '../all.yaml' },
          { base: 'b', options: '../all.yaml' },
          { base: 'b/', options: '.././all.yaml' },
        ],
      },
    );
    expect(contents.definitions.map(({ path }) => path)).toEqual(['a', 'b']);
    expect(contents.problems).toEqual([]);
  });

  it('reads under paths that are patterns', async () => {
    const { contents } = await read(
      {
        'charts/fleet.yaml': scans('{tagName: above, image: nginx}'),
        'charts/a/fleet.yaml': scans('{tagName: a, image: nginx}'),
        'charts/b/deep/fleet.yaml': scans('{tagName: b, image: nginx}'),
        'charts/a/x/y.yaml': marker('nginx:1', 'a'),
        'other/fleet.yaml': scans('{tagName: other, image: nginx}'),
      },
      ['charts/*'],
    );
    expect(contents.definitions.map(({ tagName }) => tagName)).toEqual([
      'a',
      'b',
    ]);
    expect(contents.markers).toHaveLength(1);
  });

  it('leaves out a file so deep that no database can index it', async () => {
    const deep = `${'a/'.repeat(600)}fleet.yaml`;
    const { contents } = await read({
      [deep]: scans('{tagName: deep, image: nginx}'),
      'fleet.yaml': scans('{tagName: app, image: nginx}'),
    });
    expect(contents.definitions.map(({ tagName }) => tagName)).toEqual(['app']);
    expect(contents.problems).toEqual([
      {
        file: expect.stringMatching(/^(?:a\/)+…$/),
        message: expect.stringContaining('longer than 1024 bytes'),
      },
    ]);
  });

  it('passes on what a file as a whole is warned of', async () => {
    const block = scans('{tagName: app, image: nginx}');
    const { contents } = await read({ 'fleet.yaml': `${block}---\n${block}` });
    expect(contents.problems).toEqual([
      {
        file: 'fleet.yaml',
        message: expect.stringContaining('only the first document'),
      },
    ]);
  });

  it('keeps values that every database can store', async () => {
    const { contents } = await read({
      'fleet.yaml': scans('{tagName: app, image: nginx}'),
      'a.yaml': marker('"a:\\0b"', 'app'),
    });
    expect(contents.markers.map(({ current }) => current)).toEqual([
      'a:\uFFFDb',
    ]);
  });

  it('knows what it holds once some files are written', async () => {
    const repository = await read({
      'fleet.yaml': scans('{tagName: app, image: nginx}'),
      'a.yaml': marker('nginx:1.0', 'app'),
      'b.yaml': marker('nginx:1.0', 'app'),
    });
    const written = await withManifests(
      repository,
      '2'.repeat(40),
      new Map([['b.yaml', Buffer.from(marker('nginx:1.1', 'app'))]]),
    );
    expect(written).toMatchObject({
      headCommit: '2'.repeat(40),
      definitions: repository.contents.definitions,
      markers: [{ current: 'nginx:1.0' }, { current: 'nginx:1.1' }],
    });
  });
});
