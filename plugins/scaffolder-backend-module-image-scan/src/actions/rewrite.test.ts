import { readFileSync, symlinkSync, utimesSync, statSync } from 'node:fs';
import { createMockDirectory } from '@backstage/backend-test-utils';
import { InputError, NotAllowedError } from '@backstage/errors';
import { FakeBackend } from '../__testUtils__/FakeBackend';
import { imageScan } from '../__testUtils__/imageScan';
import { type Checkpoints, runAction } from '../__testUtils__/runAction';
import { createRewriteAction } from './rewrite';

const directory = createMockDirectory();
const images = { web: { image: 'registry.example.com/web', tag: '1.20' } };
const deployment = [
  '# kept',
  'image:   "registry.example.com/web:1.2.0" # {"$imagescan": "web"}',
  'tag: 1.2.0 # {"$imagescan": "web:tag"}',
  'other: x # {"$imagescan": "wbe"}',
  '',
].join('\r\n');

let backend: FakeBackend;

beforeAll(async () => {
  backend = await FakeBackend.start();
});

afterAll(() => backend.stop());

beforeEach(() => {
  backend.scans = [imageScan()];
  backend.paths = ['.'];
  backend.isAllowed = true;
  backend.authorizations.length = 0;
  directory.setContent({
    'outside/app.yaml': 'tag: 1.2.0 # {"$imagescan": "web:tag"}\n',
    'task/app.yaml': 'tag: 1.2.0 # {"$imagescan": "web:tag"}\n',
    'task/repo/deployment.yaml': deployment,
    'task/repo/plain.yaml': 'tag: 1.2.0\n',
  });
});

const read = (file: string) => readFileSync(directory.resolve(file), 'utf8');

type Input = Parameters<
  ReturnType<typeof createRewriteAction>['handler']
>[0]['input'];

function run(
  input: Input,
  options: { isDryRun?: boolean; checkpoints?: Checkpoints } = {},
) {
  return runAction(createRewriteAction(backend.services), {
    input,
    workspacePath: directory.resolve('task'),
    ...options,
  });
}

describe('image-scan:rewrite', () => {
  it('writes given images, and nothing but their values', async () => {
    const { output, log } = await run({ path: 'repo', images });
    expect(read('task/repo/deployment.yaml')).toBe(
      deployment
        .replace('web:1.2.0', 'web:1.20')
        .replace('tag: 1.2.0', 'tag: "1.20"'),
    );
    expect(read('task/app.yaml')).toContain('1.2.0');
    expect(output).toEqual({
      changedFiles: ['repo/deployment.yaml'],
      changes: [
        {
          file: 'repo/deployment.yaml',
          line: 2,
          tagName: 'web',
          form: 'image',
          from: 'registry.example.com/web:1.2.0',
          to: 'registry.example.com/web:1.20',
        },
        {
          file: 'repo/deployment.yaml',
          line: 3,
          tagName: 'web',
          form: 'tag',
          from: '1.2.0',
          to: '1.20',
        },
      ],
      problems: [
        {
          file: 'repo/deployment.yaml',
          line: 4,
          tagName: 'wbe',
          message: expect.stringContaining('no image is given'),
        },
      ],
    });
    expect(log).toContain('info diff --git a/repo/deployment.yaml');
    expect(log).toContain('\n+tag: "1.20"');
    expect(log).toContain(
      'info repo/deployment.yaml:3: wrote web: 1.2.0 → 1.20',
    );
    expect(log).toContain('warn repo/deployment.yaml:4: no image is given');
    expect(backend.authorizations).toEqual([]);
  });

  it('changes nothing the second time', async () => {
    await run({ images });
    const file = directory.resolve('task/app.yaml');
    utimesSync(file, 0, 0);
    const { output, log } = await run({ images });
    expect(output).toMatchObject({ changes: [], changedFiles: [] });
    expect(log).toContain('Nothing had to change');
    expect(statSync(file).mtimeMs).toBe(0);
  });

  it('writes the latest images of a git repo', async () => {
    const { output } = await run({ gitRepo: 'my-repo' });
    expect(output.changedFiles).toEqual(['app.yaml', 'repo/deployment.yaml']);
    expect(read('task/app.yaml')).toBe(
      'tag: 1.3.0 # {"$imagescan": "web:tag"}\n',
    );
  });

  it('keeps to the folders of the git repo', async () => {
    backend.paths = ['repo'];
    const { output } = await run({ gitRepo: 'my-repo' });
    expect(output.changedFiles).toEqual(['repo/deployment.yaml']);
  });

  it('reports what is not written', async () => {
    backend.scans = [imageScan({ suspend: true, state: 'suspended' })];
    const { output, log } = await run({ gitRepo: 'my-repo' });
    expect(output).toMatchObject({ changes: [], changedFiles: [] });
    expect(output.problems).toHaveLength(4);
    expect(log).toContain(
      'warn app.yaml:1: not written, because the scan web is suspended',
    );
  });

  it('writes nothing in a dry run and shows the diff', async () => {
    const checkpoints: Checkpoints = new Map();
    const { output, log } = await run(
      { images },
      { isDryRun: true, checkpoints },
    );
    expect(output.changedFiles).toEqual(['app.yaml', 'repo/deployment.yaml']);
    expect(log).toContain('\n+tag: "1.20"');
    expect(log).toContain('app.yaml:1: would write web');
    expect(read('task/app.yaml')).toContain('1.2.0');
    expect(checkpoints.size).toBe(0);
  });

  it('follows no links', async () => {
    symlinkSync(directory.resolve('outside'), directory.resolve('task/out'));
    symlinkSync('app.yaml', directory.resolve('task/link.yaml'));
    const { output, log } = await run({ images });
    expect(output.changedFiles).toEqual(['app.yaml', 'repo/deployment.yaml']);
    expect(read('outside/app.yaml')).toContain('1.2.0');
    expect(log).toContain('Symbolic links are not followed: link.yaml, out');
    await expect(run({ path: 'out', images })).rejects.toThrow(NotAllowedError);
  });

  it.each<[string, Input]>([
    ['neither', {}],
    ['both', { gitRepo: 'my-repo', images }],
    ['a wrong image', { images: { web: { image: 'A b', tag: '1' } } }],
    ['a missing folder', { path: 'none', images }],
  ])('refuses %s', async (_, input) => {
    await expect(run(input)).rejects.toThrow(InputError);
  });

  it('fails in the words of the backend', async () => {
    backend.isAllowed = false;
    await expect(run({ gitRepo: 'my-repo' })).rejects.toMatchObject({
      name: 'NotAllowedError',
      message: 'You may not update my-repo',
    });
  });

  it('says the same again in a recovered task, whatever was found meanwhile', async () => {
    const checkpoints: Checkpoints = new Map();
    const first = await run({ gitRepo: 'my-repo' }, { checkpoints });
    backend.scans = [imageScan({ latestTag: '9.0.0' })];

    const second = await run({ gitRepo: 'my-repo' }, { checkpoints });
    expect(second.output).toEqual(first.output);
    expect(read('task/app.yaml')).toContain('1.3.0');

    // The crash came before the files were written.
    directory.addContent({
      'task/app.yaml': 'tag: 1.2.0 # {"$imagescan": "web:tag"}\n',
    });
    await run({ gitRepo: 'my-repo' }, { checkpoints });
    expect(read('task/app.yaml')).toContain('1.3.0');

    const fresh = await run({ gitRepo: 'my-repo' });
    expect(fresh.output.changes).toHaveLength(3);
    expect(read('task/app.yaml')).toContain('9.0.0');
  });

  it('goes on where one file cannot be searched', async () => {
    directory.addContent({
      'task/big.yaml': `# {"$imagescan": "web"}\n${'#'.repeat(11_000_000)}`,
    });
    const { output } = await run({ images });
    expect(output.changedFiles).toContain('app.yaml');
    expect(output.problems).toContainEqual({
      file: 'big.yaml',
      line: 1,
      message: expect.stringContaining('bytes'),
    });
  });

  it('lets an entry without a name keep nothing else from being written', async () => {
    directory.addContent({
      'task/imagescans.yaml':
        'imageScans:\n- image: registry.example.com/web\n',
    });
    const { output } = await run({ gitRepo: 'my-repo' });
    expect(output.changedFiles).toContain('app.yaml');
  });

  it('names the scan of a marker that cannot be written', async () => {
    directory.addContent({
      'task/app.yaml': 'digest: x # {"$imagescan": "web:digest"}\n',
    });
    const { output } = await run({ images });
    expect(output.problems).toContainEqual(
      expect.objectContaining({ file: 'app.yaml', line: 1, tagName: 'web' }),
    );
  });
});
