import type { ProgramName } from '../servers/provided';
import { makePlan, readSelection } from './selection';
import type { TestCommand } from './selection';
import type { TestFile } from './suites';

const file = (
  path: string,
  suite: TestFile['suite'],
  ...needs: ProgramName[]
): TestFile => ({ path, suite, needs: new Set(needs) });

const selectTag = file('plugins/common/src/selectTag.test.ts', 'unit');
const transport = file('plugins/node/src/tls.test.ts', 'unit', 'openssl');
const queue = file(
  'plugins/b/src/ScanQueue.test.ts',
  'integration',
  'postgresql',
);
const secrets = file('test/src/guarantees/secrets.test.ts', 'guarantees');
const crash = file('test/src/guarantees/crash.test.ts', 'long', 'postgresql');
const update = file('test/e2e-tests/update.test.ts', 'e2e', 'chromium');
const files = [selectTag, transport, queue, secrets, crash, update];

const plan = (command: TestCommand, ...args: string[]) =>
  makePlan(command, readSelection(args), files);

describe('makePlan', () => {
  it('runs everything but the long suite where nothing is named', () => {
    expect(plan('all')).toEqual({
      runsChecks: true,
      runsBenchmarks: false,
      jest: [selectTag, transport, queue, secrets],
      browser: [update],
      programs: ['openssl', 'postgresql', 'chromium'],
      installs: true,
      env: {},
    });
  });

  it.each<[string, TestCommand, string[], Partial<ReturnType<typeof plan>>]>([
    [
      'nothing for a file that needs nothing',
      'all',
      ['SELECTTAG'],
      { jest: [selectTag], browser: [], programs: [] },
    ],
    [
      'one server for a file that needs it',
      'all',
      ['ScanQueue', '-t', 'a claim'],
      { jest: [queue], browser: [], programs: ['postgresql'] },
    ],
    [
      'a browser for its tests alone',
      'e2e',
      ['update'],
      { jest: [], browser: [update], programs: ['chromium'] },
    ],
    [
      'each file that one of the words matches',
      'all',
      ['selectTag', 'update'],
      { jest: [selectTag], browser: [update], programs: ['chromium'] },
    ],
    [
      'guarantees of npm test by name',
      'guarantees',
      ['secrets'],
      {
        jest: [secrets],
        browser: [],
        programs: [],
        env: { IMAGE_SCAN_GUARANTEES: 'full' },
      },
    ],
  ])('provides %s', (_, command, args, expected) => {
    expect(plan(command, ...args)).toEqual({
      runsChecks: false,
      runsBenchmarks: false,
      installs: true,
      env: {},
      ...expected,
    });
  });

  it('installs nothing for unit tests', () => {
    expect(plan('unit')).toMatchObject({
      jest: [selectTag, transport],
      programs: ['openssl'],
      installs: false,
    });
  });

  it('runs the long suite apart, with the benchmarks', () => {
    expect(plan('guarantees')).toMatchObject({
      runsChecks: false,
      runsBenchmarks: true,
      jest: [crash],
      programs: expect.arrayContaining(['postgresql', 'wrk']),
    });
  });

  it('leaves the checks out where a name or an option narrows the run', () => {
    expect(plan('all', '-t', 'a tag').runsChecks).toBe(false);
    expect(plan('all', '--coverage').runsChecks).toBe(false);
  });

  it('refuses a word that only files of other suites have', () => {
    expect(() => plan('unit', 'queue')).toThrow(
      'No test file of this suite matches; elsewhere: plugins/b/src/ScanQueue.test.ts (integration)',
    );
    expect(() => plan('all', 'nothing')).toThrow('elsewhere: none');
  });
});

describe('readSelection', () => {
  it.each([
    [['-t', 'a tag', 'x']],
    [['x', '-t=a tag']],
    [['--testNamePattern=a tag', 'x']],
    [['-g', 'a tag', 'x']],
  ])('finds name and path in %j', args => {
    expect(readSelection(args)).toEqual({
      patterns: [/x/i],
      testName: 'a tag',
      jestOptions: [],
    });
  });

  it('gives options to jest', () => {
    expect(readSelection(['--coverage', '-u']).jestOptions).toEqual([
      '--coverage',
      '-u',
    ]);
  });

  it('refuses -t without a name', () => {
    expect(() => readSelection(['x', '-t'])).toThrow('-t needs a name');
  });
});
