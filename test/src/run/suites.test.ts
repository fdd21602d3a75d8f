import { resolvePackagePath } from '@backstage/backend-plugin-api';
import type { ProgramName } from '../servers/provided';
import { listTestFiles, suiteOf } from './suites';
import type { SuiteName } from './suites';

it.each<[string, ProgramName[], SuiteName]>([
  ['plugins/image-scan/src/a.test.tsx', [], 'unit'],
  ['plugins/image-scan-node/src/http/tls.test.ts', ['openssl'], 'unit'],
  ['plugins/image-scan-backend/src/a.test.ts', ['postgresql'], 'integration'],
  ['test/src/run/a.test.ts', [], 'unit'],
  ['test/src/integration/a.test.ts', [], 'integration'],
  ['test/src/guarantees/asFleet.test.ts', ['docker-registry'], 'guarantees'],
  ['test/src/guarantees/fuzz/policy.test.ts', [], 'long'],
  ['test/src/guarantees/load.test.ts', [], 'long'],
  ['test/src/guarantees/jgit.test.ts', ['jgit', 'jdk'], 'long'],
  ['plugins/image-scan-node/src/a.load.test.ts', [], 'long'],
  ['test/e2e-tests/update.test.ts', ['chromium'], 'e2e'],
])('%s, which needs %j, belongs to %s', (path, needs, suite) => {
  expect(suiteOf(path, new Set(needs))).toBe(suite);
});

it('sees through the real files', () => {
  const files = listTestFiles(resolvePackagePath('image-scan-test', '..'));
  const needsOf = (path: string) => [
    ...(files.find(each => each.path === path)?.needs ?? ['not found']),
  ];
  const common = 'plugins/image-scan-common/src';
  expect(needsOf(`${common}/policy/selectTag.test.ts`)).toEqual([]);
  for (const path of [
    'test/src/run/needs.test.ts',
    'test/src/packages/packageFaults.test.ts',
    'test/src/integration/house.test.ts',
  ]) {
    expect(needsOf(path)).toEqual([]);
  }
  expect(needsOf('test/src/servers/Postgres.test.ts')).toEqual(['postgresql']);
  expect(needsOf('test/src/integration/registry.test.ts').sort()).toEqual([
    'docker-registry',
    'openssl',
  ]);
  const other = 'test/src/integration/otherGitServers.test.ts';
  expect(needsOf(other)).toEqual(['dulwich']);
  expect(needsOf('test/src/guarantees/jgit.test.ts').sort()).toEqual([
    'jdk',
    'jgit',
  ]);
});
