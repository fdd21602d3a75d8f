import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import type { JsonObject, JsonValue } from '@backstage/types';
import imageScanPlugin from 'backstage-plugin-image-scan-backend';
import { parse, stringify } from 'yaml';

jest.setTimeout(240_000);

const root = resolvePackagePath('image-scan-test', '..');

async function start(imageScan: JsonValue | undefined) {
  return startTestBackend({
    features: [
      imageScanPlugin,
      mockServices.rootConfig.factory({
        data: imageScan === undefined ? {} : { imageScan },
      }),
      catalogServiceMock.factory({ entities: [] }),
    ],
  });
}

describe('a configuration that cannot be used', () => {
  // What is said of each wrong shape is held beside readImageScanConfig.
  it('stops the start, which names everything that is wrong', async () => {
    const error = await start({
      gitRepos: [{ spec: {} }],
      secrets: [{ name: 'hub', password: 'geheim' }],
      registries: [{ host: 'a.corp', username: 'me' }],
      gitHosts: [{ host: 'a.corp', timeout: '0s' }],
    }).then(
      async backend => {
        await backend.stop();
        return new Error('the backend started');
      },
      (reason: Error) => reason,
    );
    const [head, ...lines] = error.message
      .slice(error.message.indexOf('The imageScan'))
      .split('\n');
    expect(head).toBe('The imageScan configuration cannot be used:');
    expect(lines).toEqual([
      '- imageScan.gitRepos[0]: GitRepo without a name: metadata.name is missing; write metadata: {name: NAME}; spec.repo is missing; write the https URL of the repository',
      '- imageScan.secrets[0] (hub): has no username; if it comes from an environment variable, that variable is not set',
      '- imageScan.registries[0] (a.corp): has no password; if it comes from an environment variable, that variable is not set',
      '- imageScan.gitHosts[0] (a.corp): timeout: must be from 1s to 1h',
    ]);
    expect(error.message).not.toContain('geheim');
  });

  it.each<[string, JsonValue | undefined]>([
    ['no configuration', undefined],
    ['an empty one', null],
    ['empty lists', { gitRepos: [], secrets: [], registries: [] }],
    [
      'lists whose entries are commented out',
      { gitRepos: null, secrets: null, registries: null },
    ],
  ])('is not %s', async (_, imageScan) => {
    const backend = await start(imageScan);
    expect(backend.server.port()).toBeGreaterThan(0);
    await backend.stop();
  });
});

describe('backstage-cli config:check --strict', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'image-scan-config-'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  /** What the command says of a configuration; the rest of app-config is fine. */
  async function check(imageScan: JsonObject): Promise<string> {
    const file = join(folder, 'app-config.yaml');
    const app = { title: 'Test', baseUrl: 'http://localhost:3000' };
    const backend = {
      baseUrl: 'http://localhost:7007',
      listen: ':7007',
      database: { client: 'better-sqlite3', connection: ':memory:' },
    };
    await writeFile(file, stringify({ app, backend, imageScan }));
    return promisify(execFile)(
      join(root, 'node_modules/.bin/backstage-cli'),
      [
        ...['config:check', '--strict', '--config', file],
        ...['--package', 'backstage-plugin-image-scan-backend'],
      ],
      { cwd: root },
    ).then(
      () => 'accepted',
      (error: { stderr?: string }) => error.stderr ?? '',
    );
  }

  it('takes the examples of README and app-config.yaml, with all keys', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const [, example] = /```yaml\n(imageScan:\n[\s\S]*?)```/.exec(readme) ?? [];
    const { imageScan } = parse(example);
    expect(imageScan.gitRepos[0].spec.repo).toMatch(/^https:/);
    expect(await check(imageScan)).toBe('accepted');

    const demo = parse(await readFile(join(root, 'app-config.yaml'), 'utf8'));
    const [first] = demo.imageScan.gitRepos;
    expect(
      await check({
        ...demo.imageScan,
        gitRepos: [
          ...demo.imageScan.gitRepos,
          { ...first, metadata: { ...first.metadata, labels: { a: 'b' } } },
        ],
        registries: [
          ...demo.imageScan.registries,
          { host: 'a.corp', ca: 'PEM' },
        ],
        gitHosts: [{ host: 'git.corp', timeout: '10m' }],
      }),
    ).toBe('accepted');
  });

  it('refuses wrong types and missing keys, each with its place', async () => {
    const said = await check({
      gitRepos: [
        {
          metadata: { name: [] },
          spec: {
            repo: [],
            branch: {},
            paths: 'apps',
            imageScanInterval: {},
            imageScanCommit: {
              authorName: {},
              authorEmail: [],
              messageTemplate: {},
            },
            clientSecretName: {},
            paused: 'yes',
          },
        },
        { metadata: {}, spec: {} },
        { metadata: { name: 'a' } },
      ],
      secrets: [{ name: {}, dockerConfigJson: { auths: {} }, gitRepos: 'a' }],
      registries: [
        { host: {}, insecure: 'no', ca: {}, gitRepos: 'a', concurrency: 'x' },
        {},
      ],
      gitHosts: [{ host: {}, timeout: {} }, {}],
    });
    const places = [...said.matchAll(/ at (\/imageScan\S*)/g)]
      .map(([, place]) => place.replace('/imageScan/', ''))
      .sort();
    expect(places).toEqual([
      'gitHosts/0/host',
      'gitHosts/0/timeout',
      'gitHosts/1',
      'gitHosts/1',
      'gitRepos/0/metadata/name',
      'gitRepos/0/spec/branch',
      'gitRepos/0/spec/clientSecretName',
      'gitRepos/0/spec/imageScanCommit/authorEmail',
      'gitRepos/0/spec/imageScanCommit/authorName',
      'gitRepos/0/spec/imageScanCommit/messageTemplate',
      'gitRepos/0/spec/imageScanInterval',
      'gitRepos/0/spec/paths',
      'gitRepos/0/spec/paused',
      'gitRepos/0/spec/repo',
      'gitRepos/1/metadata',
      'gitRepos/1/spec',
      'gitRepos/2',
      'registries/0/ca',
      'registries/0/concurrency',
      'registries/0/gitRepos',
      'registries/0/host',
      'registries/0/insecure',
      'registries/1',
      'secrets/0/dockerConfigJson',
      'secrets/0/gitRepos',
      'secrets/0/name',
    ]);
  });
});
