import {
  type GitRepoDefinition,
  parseGitRepo,
} from 'backstage-plugin-image-scan-node';
import fc from 'fast-check';
import { fuzz, fuzzRuns, inLinearTime } from './fuzz';
import { anything } from './anything';

jest.setTimeout(120_000);

const manifest = fc.record({
  apiVersion: fc.constantFrom(undefined, 'fleet.cattle.io/v1alpha1'),
  kind: fc.constantFrom(undefined, 'GitRepo'),
  metadata: fc.record({
    name: fc.stringMatching(/^[a-z0-9](?:[-a-z0-9]{0,8}[a-z0-9])?$/),
    namespace: fc.constantFrom(undefined, 'fleet-local'),
    labels: fc.constantFrom(undefined, { a: 'b' }),
  }),
  spec: fc.record({
    repo: fc.constantFrom('https://git.example.com/org/repo', 'http://a:1/b'),
    branch: fc.constantFrom(undefined, 'main', 'feature/x', ''),
    paths: fc.constantFrom(undefined, [], ['.'], ['a/b/', './c'], ['/']),
    imageScanInterval: fc.constantFrom(undefined, '5m', '1s', '0', 0),
    imageScanCommit: fc.constantFrom(undefined, {
      authorName: 'Ima',
      authorEmail: 'a@b',
      messageTemplate: 'x',
    }),
    clientSecretName: fc.constantFrom(undefined, 'git'),
    paused: fc.constantFrom(undefined, true, false),
    targets: fc.constantFrom(undefined, [{ clusterSelector: {} }]),
  }),
});

/** With which a blank `spec.repo` once passed for a URL. */
const smallManifest = {
  metadata: { name: 'a' },
  spec: { repo: 'https://git.example.com/org/repo' },
};

function readGitRepo(value: unknown): GitRepoDefinition | undefined {
  try {
    return inLinearTime(1000, () => parseGitRepo(value));
  } catch (error) {
    expect(error).toMatchObject({ name: 'InputError' });
    expect(String(error)).not.toContain('undefined');
    return undefined;
  }
}

function checkGitRepo(gitRepo: GitRepoDefinition): void {
  const { name: called, repo, paths, imageScanInterval, commit } = gitRepo;
  expect(called).toMatch(/^[a-z0-9.-]{1,253}$/);
  expect(['http:', 'https:']).toContain(new URL(repo).protocol);
  expect(paths.length).toBeGreaterThan(0);
  for (const folder of paths) {
    expect(folder.split('/')).not.toContain('..');
    expect(folder).not.toMatch(/^\/|\/$|^$/);
  }
  expect(imageScanInterval).toBeGreaterThanOrEqual(5_000);
  expect(commit.authorName).toMatch(/^[^<>\n]+$/);
}

describe('fuzzing GitRepos', () => {
  afterAll(() => console.info(`GitRepos: ${fuzzRuns()} runs`));

  it('a good GitRepo means what it says', () => {
    fuzz([manifest], value => {
      const { metadata, spec } = value;
      const {
        name: called,
        repo,
        branch,
        paused,
        clientSecretName,
      } = parseGitRepo(value);
      expect({ called, repo, branch, paused, clientSecretName }).toEqual({
        called: metadata.name,
        repo: spec.repo,
        branch: spec.branch || undefined,
        paused: spec.paused ?? false,
        clientSecretName: spec.clientSecretName,
      });
      expect(readGitRepo(JSON.parse(JSON.stringify(value)))).toEqual(
        readGitRepo(value),
      );
    });
  });

  it('a GitRepo of any value is read or an InputError', () => {
    fuzz<[unknown, unknown, string]>(
      [
        manifest,
        anything,
        fc.constantFrom(
          ...['', 'metadata', 'spec', 'metadata.name', 'metadata.namespace'],
          ...['spec.repo', 'spec.branch', 'spec.paths', 'spec.paused', 'kind'],
          ...['spec.imageScanInterval', 'spec.imageScanCommit', 'spec.oops'],
          'spec.imageScanCommit.authorName',
        ),
      ],
      (good, value, path) => {
        const gitRepo = readGitRepo(replace(good, path, value));
        if (gitRepo) {
          checkGitRepo(gitRepo);
        }
      },
      [[smallManifest, '\n', 'spec.repo']],
    );
  });
});

/** The value with another one at a path of its keys. */
function replace(value: unknown, path: string, other: unknown): unknown {
  if (path === '') {
    return other;
  }
  const [key, ...rest] = path.split('.');
  const old: object =
    typeof value === 'object' && value !== null ? { ...value } : {};
  const inner = new Map<string, unknown>(Object.entries(old)).get(key);
  return { ...old, [key]: replace(inner, rest.join('.'), other) };
}
