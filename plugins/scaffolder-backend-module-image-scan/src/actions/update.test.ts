import {
  createMockDirectory,
  mockCredentials,
} from '@backstage/backend-test-utils';
import type { UpdateChange } from 'backstage-plugin-image-scan-common';
import { FakeBackend } from '../__testUtils__/FakeBackend';
import { type Checkpoints, runAction } from '../__testUtils__/runAction';
import { createUpdateAction } from './update';

const directory = createMockDirectory();
const change: UpdateChange = {
  file: 'app.yaml',
  line: 3,
  tagName: 'web',
  imageScanId: 'id',
  form: 'tag',
  from: '1.2.0',
  to: '1.3.0',
};
const problem = {
  file: 'app.yaml',
  line: 9,
  tagName: 'wbe',
  message: 'no scan has the tagName wbe; names are case-sensitive',
};
const DIFF = '--- a/app.yaml\n+++ b/app.yaml\n-tag: 1.2.0\n+tag: 1.3.0\n';

let backend: FakeBackend;

beforeEach(async () => {
  backend = await FakeBackend.start();
  backend.pending = { changes: [change], problems: [problem], diff: DIFF };
});

afterEach(() => backend.stop());

type Input = Parameters<
  ReturnType<typeof createUpdateAction>['handler']
>[0]['input'];

function run(
  input: Input,
  options: {
    isDryRun?: boolean;
    checkpoints?: Checkpoints;
    signal?: AbortSignal;
  } = {},
) {
  return runAction(createUpdateAction(backend.services), {
    input,
    workspacePath: directory.path,
    ...options,
  });
}

const { imageScanId: _, ...reported } = change;

describe('image-scan:update', () => {
  it('has the backend write on behalf of the user', async () => {
    const { output, log } = await run({
      gitRepo: 'my-repo',
      tagNames: ['web'],
      message: 'Release',
      allowDowngrade: true,
    });
    expect(backend.updates).toEqual([
      { tagNames: ['web'], message: 'Release', allowDowngrade: true },
    ]);
    expect(backend.authorizations).toEqual([
      mockCredentials.service.header({
        onBehalfOf: mockCredentials.user(),
        targetPluginId: 'image-scan',
      }),
    ]);
    const [commit] = backend.commits;
    expect(output).toEqual({
      commit,
      branch: 'main',
      remoteUrl: `https://git.example.com/my-repo/commit/${commit}`,
      plan: 'plan-1',
      changes: [reported],
      problems: [problem],
    });
    expect(log).toContain('\n+tag: 1.3.0');
    expect(log).toContain('info app.yaml:3: wrote web: 1.2.0 → 1.3.0');
    expect(log).toContain('warn app.yaml:9: no scan has the tagName wbe');
    expect(log).toContain(`pushed commit ${commit} to main`);
  });

  it('succeeds where nothing had to change', async () => {
    backend.pending = { changes: [], problems: [], diff: '' };
    const { output, log } = await run({ gitRepo: 'my-repo' });
    expect(output).toMatchObject({ commit: undefined, changes: [] });
    expect(log).toContain('nothing had to change');
  });

  it.each([
    ['the template is run dry', {}, true],
    ['the input says so', { dryRun: true }, false],
  ])('writes nothing when %s', async (_name, input, isDryRun) => {
    const checkpoints: Checkpoints = new Map();
    const { output, log } = await run(
      { gitRepo: 'my-repo', ...input },
      { isDryRun, checkpoints },
    );
    expect(backend.updates).toEqual([{ dryRun: true }]);
    expect(backend.commits).toEqual([]);
    expect(output).toMatchObject({ commit: undefined, changes: [reported] });
    expect(log).toContain('\n+tag: 1.3.0');
    expect(log).toContain('would write web');
    expect(log).toContain('dry run, nothing was written');
    expect(checkpoints.size).toBe(0);
  });

  it('does not write again in a recovered task', async () => {
    const checkpoints: Checkpoints = new Map();
    const input = { gitRepo: 'my-repo', message: 'with a s3cret' };
    const first = await run(input, { checkpoints });
    const second = await run(input, { checkpoints });
    expect(second.output).toEqual({ ...first.output });
    expect(backend.updates).toHaveLength(1);
    expect(JSON.stringify([...checkpoints])).not.toContain('s3cret');
  });

  it('does not commit twice where the crash came before the checkpoint', async () => {
    await run({ gitRepo: 'my-repo' });
    const { output } = await run({ gitRepo: 'my-repo' }, {});
    expect(backend.commits).toHaveLength(1);
    expect(output).toMatchObject({ commit: undefined, changes: [] });
  });

  it('takes a plan for done that its own lost commit has used up', async () => {
    const input = { gitRepo: 'my-repo', plan: 'plan-1', tagNames: ['web'] };
    await run(input);
    const { output } = await run(input);
    expect(backend.commits).toHaveLength(1);
    expect(backend.updates[2]).toEqual({ dryRun: true, tagNames: ['web'] });
    expect(output).toMatchObject({ commit: undefined, changes: [] });
  });

  it('fails where a plan does not hold and something is left to write', async () => {
    await expect(
      run({ gitRepo: 'my-repo', plan: 'an old one' }),
    ).rejects.toMatchObject({
      name: 'ConflictError',
      message: 'my-repo changed since the preview',
    });
    expect(backend.commits).toEqual([]);
  });

  it('keeps a checkpoint for each turn of a step', async () => {
    const checkpoints: Checkpoints = new Map();
    await run({ gitRepo: 'my-repo', tagNames: ['web'] }, { checkpoints });
    await run({ gitRepo: 'my-repo', tagNames: ['db'] }, { checkpoints });
    expect(backend.updates).toHaveLength(2);
  });

  it('fails in the words of the backend', async () => {
    backend.isAllowed = false;
    await expect(run({ gitRepo: 'my-repo' })).rejects.toMatchObject({
      name: 'NotAllowedError',
      message: 'You may not update my-repo',
    });
  });

  it('asks nothing in a task that was cancelled', async () => {
    await expect(
      run({ gitRepo: 'my-repo' }, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    expect(backend.updates).toEqual([]);
  });

  it('has every input that the handler passes on in its schema', () => {
    const { schema } = createUpdateAction(backend.services);
    expect(Object.keys(schema?.input?.properties ?? {}).sort()).toEqual(
      [
        ...['gitRepo', 'tagNames', 'message', 'plan', 'allowDowngrade'],
        'dryRun',
      ].sort(),
    );
  });
});
