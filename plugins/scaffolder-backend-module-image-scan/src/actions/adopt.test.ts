import { readFileSync, symlinkSync, truncateSync } from 'node:fs';
import { createMockDirectory } from '@backstage/backend-test-utils';
import { InputError } from '@backstage/errors';
import {
  findMarkers,
  findUnwatched,
  parseImageScans,
} from 'backstage-plugin-image-scan-node';
import { type Checkpoints, runAction } from '../__testUtils__/runAction';
import { Workspace } from '../rewrite/Workspace';
import { createAdoptAction } from './adopt';

const directory = createMockDirectory();

const pod = (image: string) =>
  [
    'apiVersion: v1',
    'kind: Pod',
    'spec:',
    '  containers:',
    '    - name: it',
    `      image: ${image}`,
    '',
  ].join('\r\n');

const web = pod('"registry.example.com/shop/web:1.2.0"');
const files = {
  'task/repo/app/web.yaml': web,
  'task/repo/app/cache.yaml': pod('redis:7.2.4-alpine'),
  'task/repo/app/latest.yaml': pod('nginx:latest'),
  'task/repo/app/whole.yaml': pod('postgres:16'),
  'task/repo/app/tests/check.yaml': pod('busybox:1.36.1'),
  'task/repo/charts/Chart.lock': '',
  'task/repo/charts/charts/sub/templates/pod.yaml': pod('mariadb:11.2.3'),
  'task/repo/notes.txt': 'image: a/b:1.0.0',
  'task/other.yaml': pod('other:1.0.0'),
};

beforeEach(() => {
  directory.setContent(files);
});

const read = (file: string) => readFileSync(directory.resolve(file), 'utf8');

const contents = () =>
  Object.fromEntries(Object.keys(files).map(file => [file, read(file)]));

type Input = Parameters<
  ReturnType<typeof createAdoptAction>['handler']
>[0]['input'];

function run(
  input: Input = {},
  options: {
    isDryRun?: boolean;
    checkpoints?: Checkpoints;
    signal?: AbortSignal;
  } = {},
) {
  return runAction(createAdoptAction(), {
    input: { path: 'repo', ...input },
    workspacePath: directory.resolve('task'),
    ...options,
  });
}

const marked = (source: string, reference: string) =>
  source.replace(
    /( +image: .*?)\r\n/,
    `$1 # {"$imagescan": "${reference}"}\r\n`,
  );

const ENTRIES = [
  'imageScans:',
  '- tagName: redis',
  '  image: redis',
  '  filterTags:',
  String.raw`    pattern: '^(\d+\.\d+\.\d+)-alpine$'`,
  "    extract: '$1'",
  '  policy:',
  '    semver:',
  "      range: '^7.2'",
  '- tagName: web',
  '  image: registry.example.com/shop/web',
  '  filterTags:',
  String.raw`    pattern: '^\d+\.\d+\.\d+$'`,
  '  policy:',
  '    semver:',
  "      range: '^1.2'",
  '',
].join('\n');

describe('image-scan:adopt', () => {
  it('puts markers and their entries in, and changes no other byte', async () => {
    const { output, log } = await run();
    expect(contents()).toEqual({
      ...files,
      'task/repo/app/web.yaml': marked(web, 'web'),
      'task/repo/app/cache.yaml': marked(
        files['task/repo/app/cache.yaml'],
        'redis',
      ),
    });
    expect(read('task/repo/app/imagescans.yaml')).toBe(ENTRIES);
    expect(output.changedFiles).toEqual([
      'repo/app/cache.yaml',
      'repo/app/web.yaml',
      'repo/app/imagescans.yaml',
    ]);
    expect(output.found).toHaveLength(6);
    expect(output.taken).toEqual([
      expect.objectContaining({ file: 'repo/app/cache.yaml', image: 'redis' }),
      {
        file: 'repo/app/web.yaml',
        line: 6,
        image: 'registry.example.com/shop/web',
        tag: '1.2.0',
        tagName: 'web',
        form: 'image',
        rule: {
          filterTags: { pattern: '^\\d+\\.\\d+\\.\\d+$' },
          policy: { semver: { range: '^1.2' } },
        },
      },
    ]);
    const place = { line: 6, message: expect.any(String) };
    expect(output.notTaken).toEqual([
      {
        ...place,
        file: 'repo/app/latest.yaml',
        image: 'nginx',
        tag: 'latest',
        reason: 'no-policy',
      },
      {
        ...place,
        file: 'repo/app/tests/check.yaml',
        image: 'busybox',
        tag: '1.36.1',
        reason: 'not-ticked',
      },
      {
        ...place,
        file: 'repo/app/whole.yaml',
        image: 'postgres',
        tag: '16',
        reason: 'no-policy',
      },
      {
        ...place,
        file: 'repo/charts/charts/sub/templates/pod.yaml',
        image: 'mariadb',
        tag: '11.2.3',
        reason: 'generated',
      },
    ]);
    expect(output.diff).toContain('+++ b/repo/app/imagescans.yaml\n');
    expect(log).toContain('\n+- tagName: redis\n');
    expect(log).toContain(
      'info repo/app/web.yaml:6: took registry.example.com/shop/web:1.2.0 as web: ',
    );
    expect(log).toContain(
      'warn repo/app/latest.yaml:6: nginx was not taken: its tag has no order',
    );
  });

  it('writes what the engine reads, and finds nothing more to take', async () => {
    await run();
    const source = Buffer.from(read('task/repo/app/web.yaml'));
    expect(findMarkers(source).markers).toMatchObject([
      { line: 6, tagName: 'web', form: 'image' },
    ]);
    expect(findUnwatched(new Map([['app/web.yaml', source]]))).toEqual([]);
    const { scans, errors } = parseImageScans(
      Buffer.from(read('task/repo/app/imagescans.yaml')),
    );
    expect(errors).toEqual([]);
    expect(scans.map(({ tagName }) => tagName)).toEqual(['redis', 'web']);
    const before = contents();
    const { output } = await run();
    expect(output).toMatchObject({ taken: [], changedFiles: [], diff: '' });
    expect(contents()).toEqual(before);
  });

  it('takes the places and images that are named, ticked or not', async () => {
    const images = [
      { file: 'repo/app/web.yaml', line: 6 },
      { image: 'busybox' },
    ];
    const { output } = await run({ images });
    expect(output.taken).toMatchObject([
      { file: 'repo/app/tests/check.yaml', tagName: 'busybox' },
      { file: 'repo/app/web.yaml', tagName: 'web' },
    ]);
    expect(output.notTaken).toContainEqual(
      expect.objectContaining({ image: 'redis', reason: 'not-named' }),
    );
    const again = await run({ images });
    expect(again.output).toMatchObject({ taken: [], changedFiles: [] });
  });

  it.each<[string, NonNullable<Input['images']>, string]>([
    [
      'a place without an image',
      [{ image: 'redis' }, { file: 'repo/app/web.yaml', line: 5 }],
      'images[1]: repo/app/web.yaml:5: there is no such image',
    ],
    [
      'a file that is not there',
      [{ file: 'repo/none.yaml', line: 5 }],
      'images[0]: repo/none.yaml:5: there is no such image',
    ],
    [
      'an image that is nowhere',
      [{ image: 'other' }],
      'images[0]: other: there is no such image',
    ],
    [
      'a place that cannot be taken',
      [{ file: 'repo/app/latest.yaml', line: 6 }],
      'images[0]: repo/app/latest.yaml:6: it cannot be taken: its tag has no order',
    ],
    [
      'a file alone',
      [{ file: 'repo/app/web.yaml' }],
      'images[0]: it needs a file and a line, or an image',
    ],
    [
      'a line without a file',
      [{ image: 'redis', line: 6 }],
      'images[0].line: it needs a file as well',
    ],
  ])('refuses %s and writes nothing', async (_, images, message) => {
    await expect(run({ images })).rejects.toThrow(new InputError(message));
    expect(contents()).toEqual(files);
  });

  it.each([{ isDryRun: true }, { input: { dryRun: true } }])(
    'writes nothing in a dry run and shows the diff: %j',
    async ({ isDryRun, input }) => {
      const checkpoints: Checkpoints = new Map();
      const { output, log } = await run(input, { isDryRun, checkpoints });
      expect(output.changedFiles).toHaveLength(3);
      expect(log).toContain('\n+- tagName: redis\n');
      expect(log).toContain('web.yaml:6: would take');
      expect(contents()).toEqual(files);
      expect(checkpoints.size).toBe(0);
    },
  );

  it('leaves out what cannot be written, with file and line', async () => {
    directory.addContent({
      'task/repo/flux/imagescans.yaml': 'imageScans: []\n',
      'task/repo/flux/a.yaml': pod('acme/a:1.0.0'),
      'task/repo/flux/b.yaml': pod('acme/b:1.0.0'),
    });
    const { output } = await run();
    expect(output.taken).toHaveLength(2);
    expect(output.notTaken).toContainEqual({
      file: 'repo/flux/b.yaml',
      line: 6,
      image: 'acme/b',
      tag: '1.0.0',
      reason: 'refused',
      message: expect.stringMatching(
        /^repo\/flux\/imagescans\.yaml: no entries can be added/,
      ),
    });
    await expect(run({ images: [{ image: 'acme/a' }] })).rejects.toThrow(
      'repo/flux/imagescans.yaml: no entries can be added',
    );
    expect(read('task/repo/flux/a.yaml')).toBe(pod('acme/a:1.0.0'));
  });

  it('follows no links and writes over none', async () => {
    symlinkSync(
      directory.resolve('task/other.yaml'),
      directory.resolve('task/repo/link.yaml'),
    );
    symlinkSync(
      directory.resolve('task/new.yaml'),
      directory.resolve('task/repo/app/imagescans.yaml'),
    );
    await expect(run()).rejects.toThrow(
      'repo/app/imagescans.yaml: no entries can be added to it, because it is a symbolic link',
    );
    expect(contents()).toEqual(files);
  });

  it('searches no file that is too large, and adds nothing to it', async () => {
    directory.addContent({ 'task/repo/big.yaml': '' });
    truncateSync(directory.resolve('task/repo/big.yaml'), 11_000_000);
    const { log, output } = await run();
    expect(log).toContain('warn Too large to be searched: repo/big.yaml');
    expect(output.taken).toHaveLength(2);

    directory.setContent(files);
    directory.addContent({ 'task/repo/app/imagescans.yaml': '' });
    truncateSync(
      directory.resolve('task/repo/app/imagescans.yaml'),
      11_000_000,
    );
    await expect(run()).rejects.toThrow(
      'repo/app/imagescans.yaml: no entries can be added to it, because it is too large',
    );
    expect(contents()).toEqual(files);
  });

  it('refuses more manifests than are searched at once', async () => {
    for (let number = 0; number < 8; number += 1) {
      directory.addContent({ [`task/repo/${number}.yaml`]: '' });
      truncateSync(directory.resolve(`task/repo/${number}.yaml`), 10_000_000);
    }
    await expect(run()).rejects.toThrow(
      'path: the folder has more than 64 MiB of manifests',
    );
  });

  it('stops with the task', async () => {
    const signal = AbortSignal.abort();
    await expect(run({}, { signal })).rejects.toThrow('abort');
    expect(contents()).toEqual(files);
  });
});

describe('image-scan:adopt in a task that is recovered', () => {
  const ROOT = pod('acme/root:3.0.0');
  const manifests = ['repo/app/cache.yaml', 'repo/app/web.yaml', 'repo/x.yaml'];
  const definitions = ['repo/app/imagescans.yaml', 'repo/imagescans.yaml'];

  it.each<[string, string[]]>([
    ['before anything was written', []],
    ['after one definition', ['repo/imagescans.yaml']],
    ['after the definitions', definitions],
    ['after one manifest', [...definitions, 'repo/app/web.yaml']],
    ['after all of it', [...definitions, ...manifests]],
  ])('ends with the same, %s', async (_, written) => {
    directory.addContent({ 'task/repo/x.yaml': ROOT });
    const checkpoints: Checkpoints = new Map();
    const first = await run({}, { checkpoints });
    const after = new Map(
      [...manifests, ...definitions].map(file => [file, read(`task/${file}`)]),
    );
    directory.setContent({
      ...files,
      'task/repo/x.yaml': ROOT,
      ...Object.fromEntries(
        written.map(file => [`task/${file}`, after.get(file) ?? '']),
      ),
    });
    const second = await run({}, { checkpoints });
    expect(second.output).toEqual(first.output);
    for (const [file, text] of after) {
      expect(read(`task/${file}`)).toBe(text);
    }
  });

  it('writes the definitions before the markers that mean them', async () => {
    const replace = jest
      .spyOn(Workspace.prototype, 'replace')
      .mockRejectedValueOnce(new Error('crash'));
    const checkpoints: Checkpoints = new Map();
    await expect(run({}, { checkpoints })).rejects.toThrow('crash');
    replace.mockRestore();
    expect(read('task/repo/app/imagescans.yaml')).toBe(ENTRIES);
    expect(contents()).toEqual(files);

    const { output } = await run({}, { checkpoints });
    expect(output.changedFiles).toHaveLength(3);
    expect(read('task/repo/app/imagescans.yaml')).toBe(ENTRIES);
    expect(read('task/repo/app/web.yaml')).toBe(marked(web, 'web'));
  });

  it('plans anew for a workspace that is another one now', async () => {
    const checkpoints: Checkpoints = new Map();
    await run({}, { checkpoints });
    directory.setContent({
      ...files,
      'task/repo/app/web.yaml': pod('registry.example.com/shop/web:2.0.0'),
    });
    const { output } = await run({}, { checkpoints });
    expect(output.taken).toContainEqual(
      expect.objectContaining({ tagName: 'web', tag: '2.0.0' }),
    );
    expect(read('task/repo/app/imagescans.yaml')).toContain("range: '^2.0'");
  });
});
