import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { GitServer } from '../servers/GitServer';
import { MemoryRegistry } from '../servers/MemoryRegistry';
import { eventually } from './eventually';
import { TestImageScan } from './TestImageScan';

jest.setTimeout(120_000);

const databases = TestDatabases.create();
const EMAIL = 'bot@example.com';

let directory: string;
let git: GitServer;
let registry: MemoryRegistry;

async function run(command: string, args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, {
    timeout: 30_000,
    env: {
      PATH: process.env.PATH,
      HOME: directory,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
    },
  });
  return stdout;
}

async function allRows(knex: Knex): Promise<string> {
  const tables: { name: string }[] =
    knex.client.config.client === 'pg'
      ? await knex('pg_tables')
          .select({ name: 'tablename' })
          .where({ schemaname: 'public' })
      : await knex('sqlite_master').select('name').where({ type: 'table' });
  const rows = await Promise.all(tables.map(({ name }) => knex(name).select()));
  return JSON.stringify(rows);
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'image-scan-signed-'));
  git = await GitServer.start();
  registry = await MemoryRegistry.start();
});

afterAll(async () => {
  await git.stop();
  await registry.stop();
  rmSync(directory, { recursive: true });
});

it.each(databases.eachSupportedId())(
  'signs what it commits, and keeps the key to itself, on %s',
  async databaseId => {
    const name = `app-${databaseId.toLowerCase().replaceAll('_', '-')}`;
    const key = join(directory, name);
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    const sshPrivateKey = readFileSync(key, 'utf8');
    const image = `${registry.host}/${name}`;
    registry.push(name, '1.0.0');
    registry.push(name, '1.1.0');
    await git.createRepository(name, {
      'fleet.yaml': JSON.stringify({
        imageScans: [
          { tagName: 'app', image, policy: { semver: { range: '*' } } },
        ],
      }),
      'app.yaml': `image: ${image}:1.0.0 # {"$imagescan": "app"}\n`,
    });
    const knex = await databases.init(databaseId);
    const scan = await TestImageScan.start({
      knex,
      imageScan: {
        gitRepos: [
          {
            metadata: { name },
            spec: {
              repo: git.url(name),
              branch: 'main',
              imageScanCommit: {
                authorName: 'Bot',
                authorEmail: EMAIL,
                signingSecretName: 'bot-key',
              },
            },
          },
        ],
        secrets: [{ name: 'bot-key', sshPrivateKey }],
        registries: [{ host: registry.host, insecure: true }],
      },
    });
    try {
      await eventually(async () => expect(await git.log(name)).toHaveLength(2));
      const clone = join(directory, `${name}-clone`);
      await run('git', ['clone', '--quiet', '--bare', git.url(name), clone]);
      const allowed = join(directory, `${name}-allowed`);
      writeFileSync(allowed, `${EMAIL} ${readFileSync(`${key}.pub`, 'utf8')}`);
      const trusting = ['-c', `gpg.ssh.allowedSignersFile=${allowed}`];
      await run('git', ['-C', clone, ...trusting, 'verify-commit', 'main']);
      expect(
        await run('git', [
          '-C',
          clone,
          ...trusting,
          'log',
          '-1',
          '--format=%G? %GS',
        ]),
      ).toBe(`G ${EMAIL}\n`);

      const [, secretLine] = sshPrivateKey.split('\n').slice(1);
      await scan.scanInState(name, 'app', 'up-to-date');
      const shown = JSON.stringify(await scan.client.listImageScans({}));
      for (const text of [await allRows(knex), shown]) {
        expect(text).toContain(name);
        expect(text).not.toContain(secretLine);
      }
    } finally {
      await scan.stop();
    }
  },
);
