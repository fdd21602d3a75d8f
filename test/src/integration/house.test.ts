// Needs: nothing
import { spawnSync } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Each check of the house is held against faults that are planted for it. */
jest.setTimeout(120_000);

const root = resolve(__dirname, '../../..');

interface Result {
  passed: boolean;
  output: string;
}

function run(
  program: string,
  args: string[],
  options: { cwd: string; input?: string },
): Result {
  const { status, stdout, stderr, error } = spawnSync(
    join(root, 'node_modules/.bin', program),
    args,
    {
      ...options,
      encoding: 'utf8',
      timeout: 60_000,
      // Jest asks for colours, which would stand between the words.
      env: { ...process.env, FORCE_COLOR: undefined, NO_COLOR: '1' },
    },
  );
  if (error) {
    throw error;
  }
  return { passed: status === 0, output: `${stdout}${stderr}` };
}

/** Runs with files in a folder of their own, which lie where those of the project do. */
async function withFiles<T>(
  files: Record<string, string>,
  use: (folder: string) => T,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'image-scan-house-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    return use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('arrows', () => {
  const backend = 'plugins/image-scan-backend/src';
  const engine = 'plugins/image-scan-node/src';

  const cruise = (files: Record<string, string>) =>
    withFiles(
      {
        'tsconfig.json': '{"compilerOptions": {"module": "esnext"}}',
        ...files,
      },
      folder =>
        run(
          'depcruise',
          ['--config', join(root, '.dependency-cruiser.cjs'), 'plugins'],
          { cwd: folder },
        ),
    );

  it('lets a room know those below', async () => {
    const { passed, output } = await cruise({
      [`${backend}/model/types.ts`]: 'export interface A { a: string }',
      [`${backend}/updating/plan.ts`]:
        "import type { A } from '../model/types'; export type B = A;",
    });
    expect(output).toMatch('no dependency violations found');
    expect(passed).toBe(true);
  });

  it('hold what runs back, across or in a circle, and what is not found', async () => {
    const planted = [
      ['backend-model-looks-up', `${backend}/model/a.ts`, '../service/b'],
      [
        'backend-scanning-looks-up',
        `${backend}/scanning/a.ts`,
        '../updating/b',
      ],
      ['backend-database-looks-up', `${backend}/database/a.ts`, '../b'],
      ['node-git-knows-a-sibling', `${engine}/git/a.ts`, '../markers/b'],
      ['node-http-knows-a-room', `${engine}/http/a.ts`, '../registry/b'],
      [
        'image-scan-knows-too-much',
        'plugins/image-scan/src/a.ts',
        '../../image-scan-node/src/b',
      ],
    ];
    const { passed, output } = await cruise({
      ...Object.fromEntries(
        planted.flatMap(([, from, to]) => [
          [`${join(dirname(from), to)}.ts`, 'export interface B { b: string }'],
          [from, `import type { B } from '${to}'; export type A = B;`],
        ]),
      ),
      [`${engine}/fleet/a.ts`]:
        "import type { B } from './b'; export interface A { b: B }",
      [`${engine}/fleet/b.ts`]:
        "import type { A } from './a'; export interface B { a?: A }",
      [`${engine}/fleet/c.ts`]: "export * from './gone';",
    });
    for (const [rule, from] of planted) {
      expect(output).toMatch(`error ${rule}: ${from} →`);
    }
    expect(output).toMatch(`error circle: ${engine}/fleet/a.ts →`);
    expect(output).toMatch(`error lost: ${engine}/fleet/c.ts →`);
    expect(passed).toBe(false);
  });
});

describe('lint', () => {
  const lint = (packageFolder: string, source: string) => {
    const cwd = join(root, packageFolder);
    return run('eslint', ['--stdin', '--stdin-filename', 'src/planted.ts'], {
      cwd,
      input: source,
    });
  };

  it.each(['plugins/image-scan-backend', 'plugins/image-scan', 'test'])(
    'holds the dialect in %s',
    folder => {
      const { passed, output } = lint(
        folder,
        [
          "import { Named } from './named';",
          'const mostBytes = 10;',
          'export const words = `some`;',
          'export const PLACES = new Map<string, Named>();',
          'export class Counter {',
          '  private count = mostBytes;',
          '  constructor(readonly start: number) {}',
          '  private add() {',
          '    this.count += this.start;',
          '  }',
          '}',
          '',
        ].join('\n'),
      );
      const lines = (rule: RegExp) =>
        output.split('\n').flatMap(line => {
          const at = /^\s*(\d+):\d+\s+error\s/.exec(line);
          return at && rule.test(line) ? [Number(at[1])] : [];
        });
      expect(lines(/consistent-type-imports/)).toEqual([1]);
      expect(lines(/SCREAMING_CASE/)).toEqual([2, 3]);
      expect(lines(/Write #name/)).toEqual([6, 8]);
      expect(lines(/Declare the field/)).toEqual([7]);
      expect(passed).toBe(false);
    },
  );

  it('lets pass what keeps to it', () => {
    expect(
      lint(
        'plugins/image-scan-backend',
        [
          "import type { Named } from './named';",
          '',
          'const MOST_BYTES = 10;',
          'export const places = new Map<string, Named>();',
          'export class Counter {',
          '  #count = MOST_BYTES;',
          '',
          '  add() {',
          '    this.#count += 1;',
          '  }',
          '}',
          '',
        ].join('\n'),
      ),
    ).toEqual({ passed: true, output: '' });
  });
});

describe('unused', () => {
  it('tells files, exports and dependencies that nobody uses', async () => {
    const { passed, output } = await withFiles(
      {
        'package.json': JSON.stringify({
          name: 'root',
          private: true,
          workspaces: ['plugins/*'],
        }),
        'plugins/image-scan-common/package.json': JSON.stringify({
          name: 'backstage-plugin-image-scan-common',
          main: 'src/index.ts',
          dependencies: { 'never-imported': '1.0.0' },
        }),
        'plugins/image-scan-common/src/index.ts':
          "export { used } from './parts';",
        'plugins/image-scan-common/src/parts.ts':
          'export const used = new Set();\nexport const left = new Set();\n',
        'plugins/image-scan-common/src/alone.ts': 'export {};',
      },
      folder =>
        run(
          'knip',
          [
            '--config',
            join(root, '.knip.jsonc'),
            '--directory',
            folder,
            '--no-config-hints',
          ],
          { cwd: folder },
        ),
    );
    expect(output).toMatch('src/alone.ts');
    expect(output).toMatch('never-imported');
    expect(output).toMatch(/left\s.*parts\.ts/);
    expect(output).not.toMatch(/used\s.*parts\.ts/);
    expect(passed).toBe(false);
  });
});
