import { parseGitRepo } from './gitRepo';

const REPO = 'https://git.example.com/org/repo';

/** A manifest that is fine but for these fields of its spec. */
const withSpec = (spec: object) => ({
  metadata: { name: 'my-repo' },
  spec: { repo: REPO, ...spec },
});

describe('parseGitRepo', () => {
  it('reads a whole manifest', () => {
    expect(
      parseGitRepo({
        apiVersion: 'fleet.cattle.io/v1alpha1',
        kind: 'GitRepo',
        metadata: {
          name: 'my-repo',
          namespace: 'fleet-local',
          labels: { a: 'b' },
        },
        spec: {
          repo: REPO,
          branch: 'main',
          paths: ['apps/redis/', './apps//web', 'apps/redis'],
          imageScanInterval: '5m',
          clientSecretName: 'git-write',
          imageScanCommit: {
            authorName: 'foo',
            authorEmail: 'foo@bar.com',
            messageTemplate: 'update image',
          },
          paused: true,
          targets: [{ clusterSelector: {} }],
          pollingInterval: '15s',
          labels: {},
        },
        status: { commit: 'abc' },
      }),
    ).toEqual({
      name: 'my-repo',
      namespace: 'fleet-local',
      key: 'fleet-local/my-repo',
      repo: REPO,
      branch: 'main',
      paths: ['apps/redis', 'apps/web'],
      imageScanInterval: 300_000,
      clientSecretName: 'git-write',
      commit: {
        authorName: 'foo',
        authorEmail: 'foo@bar.com',
        messageTemplate: 'update image',
      },
      paused: true,
      warnings: [],
    });
  });

  it('fills in defaults', () => {
    expect(parseGitRepo(withSpec({}))).toEqual({
      name: 'my-repo',
      key: 'my-repo',
      repo: REPO,
      paths: ['.'],
      imageScanInterval: 900_000,
      commit: {
        authorName: 'Image Scan for Backstage',
        authorEmail: 'image-scan@backstage.invalid',
        messageTemplate: 'Update images\n\n{{ images }}',
      },
      paused: false,
      warnings: [expect.stringContaining('spec.branch is absent')],
    });
  });

  it('takes null and empty fields for absent ones', () => {
    expect(
      parseGitRepo(
        withSpec({
          branch: '',
          paths: null,
          imageScanInterval: null,
          imageScanCommit: { authorName: '', messageTemplate: null },
          clientSecretName: '',
          paused: null,
        }),
      ),
    ).toEqual(parseGitRepo(withSpec({})));
  });

  it.each([
    [[], ['.']],
    [['.'], ['.']],
    [[''], ['.']],
    [['/'], ['.']],
    [['./'], ['.']],
    [['/apps/'], ['apps']],
    [
      ['a..b', '.hidden', 'ünï code'],
      ['a..b', '.hidden', 'ünï code'],
    ],
  ])('reads the paths %j', (paths, expected) => {
    expect(parseGitRepo(withSpec({ paths })).paths).toEqual(expected);
  });

  it('keeps patterns as paths', () => {
    const paths = ['/charts/*/', 'kubernetes/projects/*/_project', 'a[0-9]?'];
    expect(parseGitRepo(withSpec({ paths })).paths).toEqual([
      'charts/*',
      'kubernetes/projects/*/_project',
      'a[0-9]?',
    ]);
  });

  it('reads the bundles that Fleet is told of', () => {
    const bundles = [
      { base: 'web' },
      { base: 'web', options: 'dev.yaml' },
      { options: '' },
    ];
    expect(parseGitRepo(withSpec({ bundles })).bundles).toEqual([
      { base: 'web' },
      { base: 'web', options: 'dev.yaml' },
      { base: '.' },
    ]);
    expect(parseGitRepo(withSpec({ bundles: [] }))).not.toHaveProperty(
      'bundles',
    );
    expect(
      parseGitRepo(
        withSpec({ branch: 'main', bundles: [{ base: 'charts/*' }] }),
      ).warnings,
    ).toEqual([
      expect.stringContaining('spec.bundles[0].base "charts/*" is read as'),
    ]);
  });

  it('takes what Rancher adds to a manifest', () => {
    const manifest = {
      apiVersion: 'fleet.cattle.io/v1alpha1',
      kind: 'GitRepo',
      id: 'fleet-default/apps',
      type: 'fleet.cattle.io.gitrepo',
      links: { self: 'https://rancher.example.com/v1/x' },
      actions: {},
      metadata: {
        name: 'my-repo',
        fields: ['my-repo', REPO],
        state: { name: 'active', error: false },
        relationships: null,
        associations: [],
      },
      spec: { repo: REPO, branch: 'main' },
      status: {},
      __clone: true,
      __rehydrate: true,
      _type: 'x',
    };
    expect(parseGitRepo(manifest)).toEqual(
      parseGitRepo(withSpec({ branch: 'main' })),
    );
    expect(() => parseGitRepo({ ...manifest, __spec: 1, idd: 1 })).toThrow(
      'idd is unknown',
    );
    expect(() =>
      parseGitRepo(withSpec({ branch: 'main', __clone: true })),
    ).toThrow('spec.__clone is unknown');
  });

  it.each([
    'apis/fleet.cattle.io/v1alpha1',
    '/apis/fleet.cattle.io/v1alpha1',
    'Fleet.cattle.io/v1alpha1',
    'fleet.cattle.io',
  ])('warns of the apiVersion %s', apiVersion => {
    expect(
      parseGitRepo({ ...withSpec({ branch: 'main' }), apiVersion }).warnings,
    ).toEqual([
      `apiVersion is "${apiVersion}" and must be fleet.cattle.io/v1alpha1; it is read as that.`,
    ]);
  });

  it('warns of a missing branch, for Fleet then deploys master', () => {
    expect(parseGitRepo(withSpec({ branch: '' })).warnings).toEqual([
      expect.stringMatching(/default branch .* Fleet deploys master/),
    ]);
    expect(parseGitRepo(withSpec({ branch: 'master' })).warnings).toEqual([]);
  });

  it.each([
    [0, 900_000],
    ['0', 900_000],
    ['1h30m', 5_400_000],
  ])('reads the interval %j', (imageScanInterval, expected) => {
    expect(
      parseGitRepo(withSpec({ imageScanInterval })).imageScanInterval,
    ).toBe(expected);
  });

  it('warns of a raised interval and of a revision', () => {
    const { imageScanInterval, warnings } = parseGitRepo(
      withSpec({ branch: 'main', imageScanInterval: '1s', revision: 'v1' }),
    );
    expect(imageScanInterval).toBe(5_000);
    expect(warnings).toEqual([
      expect.stringContaining('spec.imageScanInterval 1s is below 5s'),
      expect.stringContaining('spec.revision is ignored'),
    ]);
  });

  it.each([
    [
      { imageScanIntervall: '5m' },
      'spec.imageScanIntervall is unknown; is imageScanInterval meant?',
    ],
    [{ imagescaninterval: '5m' }, 'is imageScanInterval meant?'],
    [{ pats: ['a'] }, 'spec.pats is unknown; is paths meant?'],
    [{ brnach: 'main' }, 'is branch meant?'],
    [{ polingInterval: '5m' }, 'is pollingInterval meant?'],
    [
      { somethingElse: 1 },
      'spec.somethingElse is unknown; allowed here: repo, branch, paths',
    ],
    [
      { imageScanCommit: { author: 'x' } },
      'spec.imageScanCommit.author is unknown',
    ],
    [{ imageScanCommit: { authorname: 'x' } }, 'is authorName meant?'],
    [{ imageScanCommit: 'x' }, 'spec.imageScanCommit must be a map'],
    [{ imageScanCommit: { authorName: 'a <b>' } }, 'must not have <, >'],
    [
      { imageScanCommit: { authorEmail: 'a\nb' } },
      'must not have <, > or a line break',
    ],
    [
      { imageScanInterval: 5 },
      'spec.imageScanInterval must be a text, such as "5m"',
    ],
    [
      { imageScanInterval: '1d' },
      'spec.imageScanInterval "1d" is not a duration',
    ],
    [{ paths: 'apps' }, 'spec.paths must be a list of folders'],
    [{ paths: [1] }, 'spec.paths[0] must be a folder'],
    [
      { paths: ['a', 'b/['] },
      'spec.paths[1] "b/[" is not allowed: it is no pattern: the class that begins with [ is not complete',
    ],
    [{ paths: ['apps\\web'] }, 'write / between folders, not a backslash'],
    [{ bundles: 'web' }, 'spec.bundles must be a list of maps'],
    [{ bundles: { base: 'web' } }, 'spec.bundles must be a list of maps'],
    [
      { bundles: ['web'] },
      'spec.bundles[0] must be a map, such as {base: apps/redis, options: dev.yaml}',
    ],
    [
      { bundles: [{ base: 'web' }, { path: 'web' }] },
      'spec.bundles[1].path is unknown; allowed here: base, options',
    ],
    [{ bundles: [{ bse: 'web' }] }, 'is base meant?'],
    [{ bundles: [{ base: 1 }] }, 'spec.bundles[0].base must be a text'],
    [{ bundles: [{ options: [] }] }, 'spec.bundles[0].options must be a text'],
    [{ bundles: [{ base: 'a\0' }] }, 'must not have control characters'],
    [{ paths: ['../a'] }, '.. is not allowed'],
    [{ paths: ['/a/../b'] }, '.. is not allowed'],
    [{ paths: ['a\0'] }, 'control characters'],
    [{ paused: 'true' }, 'spec.paused must be true or false, without quotes'],
    [{ branch: 7 }, 'spec.branch must be a text, in quotes'],
    [{ branch: 'refs/heads/main' }, 'write it without refs/heads/'],
    [{ branch: 'a b' }, 'is not the name of a branch'],
    [{ branch: '-x' }, 'is not the name of a branch'],
    [{ clientSecretName: {} }, 'spec.clientSecretName must be a text'],
    [{ repo: '' }, 'spec.repo is missing'],
    [{ repo: undefined }, 'spec.repo is missing'],
    [
      { repo: 'git@github.com:org/repo.git' },
      'mostly https://github.com/org/repo.git',
    ],
    [{ repo: 'ssh://git@host:22/org/repo' }, 'mostly https://host/org/repo'],
    [
      { repo: 'git://host/org/repo' },
      'begins with git: and must begin with https://',
    ],
    [{ repo: 'file:///srv/repo' }, 'begins with file:'],
    [{ repo: 'org/repo' }, 'is not a URL'],
    [{ repo: 'https://host/a b' }, 'is not a URL'],
    [
      { repo: 'https://u:hunter2@host/a' },
      'holds credentials; write https://host/a',
    ],
    [{ repo: 'https://host/a?b=c' }, 'query or fragment'],
  ])('refuses %j', (spec, words) => {
    const parse = () => parseGitRepo(withSpec(spec));
    expect(parse).toThrow(
      expect.objectContaining({
        name: 'InputError',
        message: expect.stringContaining(words),
      }),
    );
    expect(parse).toThrow(/^GitRepo my-repo: spec\./);
    expect(parse).not.toThrow('hunter2');
  });

  it.each([
    [undefined, 'metadata.name is missing'],
    [null, 'metadata.name is missing'],
    ['text', 'the manifest must be a map'],
    [[], 'the manifest must be a map'],
    [{ metadata: 'x' }, 'metadata must be a map'],
    [{ spec: [] }, 'spec must be a map'],
    [{ kind: 'Bundle' }, 'kind is "Bundle" and must be GitRepo'],
    [{ apiVersion: 'v1' }, 'apiVersion is "v1"'],
    [{ metdata: {} }, 'metdata is unknown; is metadata meant?'],
    [{ metadata: { name: 'A' } }, 'metadata.name "A" is not allowed'],
    [{ metadata: { name: 'a:b' } }, 'metadata.name "a:b" is not allowed'],
    [{ metadata: { namespcae: 'a' } }, 'is namespace meant?'],
    [{ metadata: { namespace: 'a/b' } }, 'metadata.namespace "a/b"'],
  ])('refuses the manifest %j', (manifest, words) => {
    expect(() => parseGitRepo(manifest)).toThrow(words);
  });

  it('lists every problem at once', () => {
    expect(() =>
      parseGitRepo({ spec: { repo: 'x', paths: ['['], pausd: true } }),
    ).toThrow(/metadata\.name is missing.*; spec\.repo .*; spec\.paths\[0\] /);
    expect(() => parseGitRepo({ spec: { pausd: true } })).toThrow(
      /spec\.pausd .*paused.*; metadata\.name .*; spec\.repo /,
    );
  });
});
