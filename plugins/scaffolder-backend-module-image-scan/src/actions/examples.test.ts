import { readFileSync } from 'node:fs';
import { createMockDirectory } from '@backstage/backend-test-utils';
import { parse } from 'yaml';
import { FakeBackend } from '../__testUtils__/FakeBackend';
import { imageScan } from '../__testUtils__/imageScan';
import { type Run, runAction } from '../__testUtils__/runAction';
import { createAdoptAction } from './adopt';
import { examples as adoptExamples } from './adopt.examples';
import { createRewriteAction } from './rewrite';
import { examples as rewriteExamples } from './rewrite.examples';
import { createUpdateAction } from './update';
import { examples as updateExamples } from './update.examples';

const directory = createMockDirectory();
const manifest = [
  'web: old:0.1.0 # {"$imagescan": "web"}',
  'worker: old:0.1.0 # {"$imagescan": "worker"}',
  '',
].join('\n');

let backend: FakeBackend;

beforeEach(async () => {
  backend = await FakeBackend.start();
  backend.scans = [imageScan(), imageScan({ tagName: 'worker' })];
  backend.pending = {
    changes: [
      {
        file: 'app.yaml',
        line: 1,
        tagName: 'web',
        imageScanId: 'id',
        form: 'image',
        from: 'web:1.2.0',
        to: 'web:1.3.0',
      },
    ],
    problems: [],
    diff: 'the diff',
  };
  directory.setContent({
    'app.yaml': manifest,
    'my-repo/app.yaml': manifest,
    'deploy/app.yaml': manifest,
  });
});

afterEach(() => backend.stop());

interface Step {
  id: string;
  action: string;
  input?: { [name: string]: unknown };
}

/** Runs the steps that are ours, as the scaffolder runs and fills them in. */
async function runExample(example: string): Promise<Map<string, Run>> {
  const runs = new Map<string, Run>();
  const { steps }: { steps: Step[] } = parse(example);
  for (const { id, action, input = {} } of steps) {
    const filled = JSON.parse(
      JSON.stringify(input).replace(
        /\$\{\{ steps\.(\w+)\.output\.(\w+) \}\}/g,
        (_, step, name) => String(runs.get(step)?.output[name]),
      ),
    );
    const options = { input: filled, workspacePath: directory.path };
    if (action === 'image-scan:update') {
      const update = createUpdateAction(backend.services);
      runs.set(id, await runAction(update, options));
    } else if (action === 'image-scan:rewrite') {
      const rewrite = createRewriteAction(backend.services);
      runs.set(id, await runAction(rewrite, options));
    } else if (action === 'image-scan:adopt') {
      runs.set(id, await runAction(createAdoptAction(), options));
    }
  }
  return runs;
}

const read = (file: string) => readFileSync(directory.resolve(file), 'utf8');

describe('examples of image-scan:update', () => {
  const [all, some, preview, planned] = updateExamples;

  it(`${all.description}`, async () => {
    const runs = await runExample(all.example);
    expect(runs.get('update')?.output.commit).toBe(backend.commits[0]);
    expect(backend.updates).toEqual([{}]);
  });

  it(`${some.description}`, async () => {
    await runExample(some.example);
    expect(backend.updates).toEqual([
      {
        tagNames: ['web', 'worker'],
        message: 'Go back to the last good release',
        allowDowngrade: true,
      },
    ]);
  });

  it(`${preview.description}`, async () => {
    const runs = await runExample(preview.example);
    expect(runs.get('preview')?.log).toContain('the diff');
    expect(backend.commits).toEqual([]);
  });

  it(`${planned.description}`, async () => {
    await runExample(planned.example);
    expect(backend.updates).toEqual([{ dryRun: true }, { plan: 'plan-1' }]);
    expect(backend.commits).toHaveLength(1);
  });

  it('has no other', () => expect(updateExamples).toHaveLength(4));
});

describe('examples of image-scan:rewrite', () => {
  const [pullRequest, folder, given, pushed] = rewriteExamples;

  it(`${pullRequest.description}`, async () => {
    const runs = await runExample(pullRequest.example);
    expect(runs.get('rewrite')?.output.changedFiles).toContain('app.yaml');
    expect(read('app.yaml')).toContain('registry.example.com/worker:1.3.0 #');
  });

  it(`${folder.description}`, async () => {
    await runExample(folder.example);
    expect(read('my-repo/app.yaml')).toContain('/web:1.3.0 #');
    expect(read('app.yaml')).toBe(manifest);
  });

  it(`${given.description}`, async () => {
    await runExample(given.example);
    expect(read('deploy/app.yaml')).toContain('/shop/worker:1.4.2 #');
    expect(read('app.yaml')).toBe(manifest);
  });

  it(`${pushed.description}, with inputs that the schema takes`, () => {
    const { steps }: { steps: Step[] } = parse(pushed.example);
    const { schema } = createRewriteAction(backend.services);
    expect(Object.keys(schema?.input?.properties ?? {})).toEqual(
      expect.arrayContaining(Object.keys(steps[0].input ?? {})),
    );
  });

  it('has no other', () => expect(rewriteExamples).toHaveLength(4));
});

describe('examples of image-scan:adopt', () => {
  const [pullRequest, some, preview] = adoptExamples;
  const compose = [
    'services:',
    '  db:',
    '    image: registry.example.com/shop/db:5.1.0',
    '  web:',
    '    # kept',
    '    image: registry.example.com/shop/web:1.2.0',
    '  worker:',
    '    image: registry.example.com/shop/worker:1.2.0',
    '',
  ].join('\n');
  const isMarked = (file: string) =>
    read(file)
      .split('\n')
      .flatMap((line, index) =>
        line.includes('$imagescan') ? [index + 1] : [],
      );

  beforeEach(() => {
    directory.setContent({ 'app.yaml': compose, 'my-repo/app.yaml': compose });
  });

  it(`${pullRequest.description}`, async () => {
    const runs = await runExample(pullRequest.example);
    expect(runs.get('adopt')?.output.changedFiles).toEqual([
      'app.yaml',
      'my-repo/app.yaml',
      'imagescans.yaml',
      'my-repo/imagescans.yaml',
    ]);
    expect(isMarked('app.yaml')).toEqual([3, 6, 8]);
  });

  it(`${some.description}`, async () => {
    await runExample(some.example);
    expect(isMarked('my-repo/app.yaml')).toEqual([6, 8]);
    expect(read('app.yaml')).toBe(compose);
  });

  it(`${preview.description}`, async () => {
    const runs = await runExample(preview.example);
    expect(runs.get('preview')?.log).toContain('+++ b/imagescans.yaml');
    expect(read('app.yaml')).toBe(compose);
  });

  it('has no other', () => expect(adoptExamples).toHaveLength(3));
});
