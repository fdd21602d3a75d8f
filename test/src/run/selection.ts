import type { ProgramName } from '../servers/provided';
import type { SuiteName, TestFile } from './suites';

/** What a person wants to run of a command's suites. */
export interface Selection {
  /** Regular expressions for paths, in any case; none means every file. */
  patterns: readonly RegExp[];
  /** A regular expression for the names of tests, as jest and Playwright take it. */
  testName?: string;
  /** Options for jest, such as `--coverage`. */
  jestOptions: readonly string[];
}

const TEST_COMMANDS = [
  'all',
  'unit',
  'integration',
  'guarantees',
  'e2e',
] as const;

/** What the scripts of package.json that run tests say first. */
export type TestCommand = (typeof TEST_COMMANDS)[number];

/** What a command does. */
export interface Plan {
  /** Type check, lint and the like: only where everything runs. */
  runsChecks: boolean;
  runsBenchmarks: boolean;
  /** Test files for jest. */
  jest: readonly TestFile[];
  /** Test files for Playwright. */
  browser: readonly TestFile[];
  /** What all of that needs. */
  programs: readonly ProgramName[];
  /** Whether missing programs may be installed. */
  installs: boolean;
  /** For the tests: what tells them that they may take their time. */
  env: Record<string, string>;
}

const SUITES: Record<TestCommand, readonly SuiteName[]> = {
  all: ['unit', 'integration', 'guarantees', 'e2e'],
  unit: ['unit'],
  integration: ['integration'],
  guarantees: ['long'],
  e2e: ['e2e'],
};

/** With a filter, the guarantees that `npm test` runs can be named here as well. */
const SUITES_WITH_FILTER: Record<TestCommand, readonly SuiteName[]> = {
  ...SUITES,
  guarantees: ['guarantees', 'long'],
};

const BENCHMARKS_NEED: readonly ProgramName[] = [
  'docker-registry',
  'openssl',
  'postgresql',
  'skopeo',
  'wrk',
];

const NAME_OPTIONS = ['-t', '--testNamePattern', '-g', '--grep'];

/** @throws Error with the names that there are */
export function readTestCommand(text = ''): TestCommand {
  const command = TEST_COMMANDS.find(each => each === text);
  if (!command) {
    throw new Error(`"${text}" is none of ${TEST_COMMANDS.join(', ')}`);
  }
  return command;
}

/**
 * Reads the arguments of a command: words are patterns of paths, `-t NAME` a name,
 * and all else is for jest.
 *
 * @throws Error when `-t` has no name
 */
export function readSelection(args: readonly string[]): Selection {
  const patterns: RegExp[] = [];
  const jestOptions: string[] = [];
  let testName: string | undefined;
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [option, value] = arg.split(/=(.*)/s);
    if (NAME_OPTIONS.includes(option)) {
      testName = value ?? rest.shift();
      if (!testName) {
        throw new Error(`${option} needs a name, such as ${option} "a tag"`);
      }
    } else if (arg.startsWith('-')) {
      jestOptions.push(arg);
    } else {
      patterns.push(new RegExp(arg, 'i'));
    }
  }
  return { patterns, testName, jestOptions };
}

/**
 * Decides what runs, and what has to be there for it.
 *
 * @param files - every test file of the project
 * @throws Error when no file matches: a wrong word must not look like a success
 */
export function makePlan(
  command: TestCommand,
  selection: Selection,
  files: readonly TestFile[],
): Plan {
  const { patterns, testName, jestOptions } = selection;
  const isFiltered = patterns.length > 0 || testName !== undefined;
  const suites = (isFiltered ? SUITES_WITH_FILTER : SUITES)[command];
  const matching = files.filter(
    ({ path }) =>
      patterns.length === 0 || patterns.some(pattern => pattern.test(path)),
  );
  const chosen = matching.filter(({ suite }) => suites.includes(suite));
  if (chosen.length === 0) {
    const elsewhere = matching.map(({ path, suite }) => `${path} (${suite})`);
    throw new Error(
      `No test file of this suite matches; elsewhere: ${
        elsewhere.join(', ') || 'none'
      }`,
    );
  }
  const isWhole = !isFiltered && jestOptions.length === 0;
  // Two minutes in which no time is held: they wait for the long suite.
  const runsBenchmarks = command === 'guarantees' && isWhole;
  const programs = new Set([
    ...chosen.flatMap(({ needs }) => [...needs]),
    ...(runsBenchmarks ? BENCHMARKS_NEED : []),
  ]);
  return {
    runsChecks: command === 'all' && isWhole,
    runsBenchmarks,
    jest: chosen.filter(({ suite }) => suite !== 'e2e'),
    browser: chosen.filter(({ suite }) => suite === 'e2e'),
    programs: [...programs],
    installs: command !== 'unit',
    env: command === 'guarantees' ? { IMAGE_SCAN_GUARANTEES: 'full' } : {},
  };
}
