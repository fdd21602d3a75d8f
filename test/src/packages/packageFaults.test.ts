// Needs: nothing
import { testFolder } from '../run/testFolder';
import { findPackageFaults } from './packageFaults';

describe('findPackageFaults', () => {
  const folder = testFolder();

  const manifest = {
    name: 'pack',
    main: 'dist/index.cjs.js',
    exports: {
      '.': { require: './dist/index.cjs.js', types: './dist/index.d.ts' },
      './worker': './dist/worker.cjs.js',
      './package.json': './package.json',
    },
    bin: { pack: 'bin/pack' },
    configSchema: 'config.d.ts',
    files: ['dist', 'config.d.ts', 'migrations/**/*.{js,d.ts}'],
    dependencies: { yaml: '^2' },
    peerDependencies: { react: '^18' },
  };
  const whole = {
    'package.json': JSON.stringify(manifest),
    'README.md': '',
    LICENSE: '',
    'config.d.ts': '',
    'bin/pack': '',
    'dist/index.cjs.js':
      "var a = require('yaml'); require('node:fs'); require('./worker');",
    'dist/index.d.ts': "import { x } from 'react/jsx-runtime';",
    'dist/worker.cjs.js': "import('pack/worker')",
    'migrations/1_init.js': '',
  };

  /** The faults of a package of these files; `undefined` leaves one out. */
  const faults = (files: Record<string, string | undefined> = {}) => {
    const packed = Object.entries({ ...whole, ...files }).flatMap(
      ([name, text]) => (text === undefined ? [] : [[`packed/${name}`, text]]),
    );
    folder.setContent({
      'source/migrations/1_init.js': '',
      ...Object.fromEntries(packed),
    });
    return findPackageFaults(
      folder.resolve('packed'),
      folder.resolve('source'),
    );
  };

  it('finds none where everything is there', () => {
    expect(faults()).toEqual([]);
  });

  it.each([
    ['dist/worker.cjs.js', 'exports'],
    ['dist/index.d.ts', 'exports'],
    ['bin/pack', 'bin'],
    ['config.d.ts', 'configSchema'],
    ['migrations/1_init.js', 'files'],
    ['LICENSE', 'always'],
  ])('notices that %s is missing', (path, field) => {
    expect(faults({ [path]: undefined })).toEqual([
      `pack: ${field === 'exports' ? './' : ''}${path} is missing (${field})`,
    ]);
  });

  it.each([
    "var b = require('left-pad');",
    "import b from 'left-pad/deep';",
    "export * from 'left-pad';",
    "const b = await import('left-pad');",
  ])('notices what is imported and not declared: %s', text => {
    expect(faults({ 'dist/more.cjs.js': text })).toEqual([
      'pack: dist/more.cjs.js imports left-pad, which is not declared',
    ]);
  });
});
