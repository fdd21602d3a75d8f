import type { Step } from './runStep';

const SOURCES = '{plugins,test}/**/*.{ts,tsx,js,json,md}';
const BUILT = '!**/{dist,dist-types,coverage,test-results}/**';

/** What `npm test` checks beside its tests. */
export function checks(root: string): Step[] {
  const check = (name: string, program: string, ...args: string[]): Step => ({
    name,
    command: { program, args, cwd: root },
    limitMinutes: 10,
  });
  return [
    check('type check', 'tsc'),
    check('lint', 'backstage-cli', 'repo', 'lint'),
    check('arrows', 'depcruise', 'plugins', 'test'),
    check('unused', 'knip'),
    check(
      'formatting',
      'prettier',
      '--check',
      SOURCES,
      '*.{json,yaml,md}',
      BUILT,
    ),
    // Lax: the passwords are not there, only the shape is checked.
    check(
      'app-config.yaml',
      'backstage-cli',
      'config:check',
      '--strict',
      '--lax',
    ),
  ];
}

/** Whether the benchmarks work and their results are right; no time is held. */
export function shortBenchmarks(root: string): Step {
  return {
    name: 'benchmarks, short',
    command: {
      program: 'node',
      args: [
        '--require',
        '@backstage/cli/config/nodeTransform.cjs',
        'test/src/bench/main.ts',
        '--short',
      ],
      cwd: root,
    },
    limitMinutes: 8,
  };
}
