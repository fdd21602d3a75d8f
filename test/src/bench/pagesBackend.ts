import assert from 'node:assert';
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { on, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { JsonObject } from '@backstage/types';
import { ImageScanClient } from 'backstage-plugin-image-scan-common';
import { eventually } from '../integration/eventually';
import type { GitServer } from '../servers/GitServer';
import type { PostgresServer } from '../servers/Postgres';
import type { LoadRegistries } from '../guarantees/loadRegistries';
import { freePort } from '../servers/freePort';

const FILL_LIMIT_MS = 600_000;

const TOKEN = 'bench-token-of-the-outside';

/** Scans of each entity. */
export const SCANS_PER_ENTITY = 10;

/** What the plugin did with its database since the start. */
export interface DatabaseReport {
  /** How often, by SQL text. */
  queries: Record<string, number>;
  /** All of them. */
  statements: number;
  rowsWritten: number;
}

interface Answers {
  report: DatabaseReport;
  allDue: number;
  due: number;
}

/** What the parent asks the backend's process by message. */
export interface PagesRequest {
  id: number;
  name: keyof Answers;
}

export type PagesDatabase = 'SQLite' | 'PostgreSQL';

/**
 * A backend in a process of its own with many scans and entities, every scan
 * scanned once: entity `app-N` has the scans of the folder `app-N`.
 */
export class PagesBackend {
  readonly client: ImageScanClient;
  readonly #agent = new Agent({ keepAlive: true });
  #requests = 0;

  readonly #child: ChildProcess;
  readonly #port: number;
  readonly #directory: string;

  private constructor(child: ChildProcess, port: number, directory: string) {
    this.#child = child;
    this.#port = port;
    this.#directory = directory;

    this.client = new ImageScanClient({
      discoveryApi: {
        getBaseUrl: async () => `http://127.0.0.1:${port}/api/image-scan`,
      },
      fetchApi: {
        fetch: (input, init) =>
          fetch(input, {
            ...init,
            headers: { ...init?.headers, Authorization: `Bearer ${TOKEN}` },
          }),
      },
    });
  }

  static async start(options: {
    database: PagesDatabase;
    scans: number;
    /** Whether the catalog has their entities. */
    withEntities: boolean;
    postgres?: PostgresServer;
    git: GitServer;
    registries: LoadRegistries;
  }): Promise<PagesBackend> {
    const { database, scans, postgres, git, registries } = options;
    const directory = await mkdtemp(join(tmpdir(), 'image-scan-bench-'));
    const port = await freePort();
    const entities = scans / SCANS_PER_ENTITY;
    const repository = `bench-${randomBytes(4).toString('hex')}`;
    await git.createRepository(
      repository,
      manyScans(entities, registries.hosts.good),
    );
    await writeFile(
      join(directory, 'app-config.json'),
      JSON.stringify(
        configOf({
          database,
          directory,
          port,
          postgres,
          repo: git.url(repository),
          hosts: registries.hosts.good,
        }),
      ),
    );
    const child = fork(
      require.resolve('./pagesBackendMain.ts'),
      ['--config', join(directory, 'app-config.json')],
      {
        execArgv: [
          '--require',
          require.resolve('@backstage/cli/config/nodeTransform.cjs'),
        ],
        env: {
          ...process.env,
          NODE_ENV: 'production',
          LOG_LEVEL: 'error',
          BENCH_ENTITIES: `${options.withEntities ? entities : 0}`,
        },
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      },
    );
    const backend = new PagesBackend(child, port, directory);
    try {
      await backend.#untilFilled(entities, options.withEntities);
    } catch (error) {
      await backend.stop();
      throw error;
    }
    return backend;
  }

  /** The body of a GET of a path under `/api`, over a kept connection. */
  async get(path: string): Promise<string> {
    const request = httpRequest({
      host: '127.0.0.1',
      port: this.#port,
      path: `/api${path}`,
      agent: this.#agent,
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    request.end();
    const [response] = await once(request, 'response');
    const body = await text(response);
    if (response.statusCode !== 200) {
      throw new Error(`GET ${path} answered ${response.statusCode}: ${body}`);
    }
    return body;
  }

  /** What the plugin did with its database since the start. */
  report(): Promise<DatabaseReport> {
    return this.#ask('report');
  }

  /** Makes every scan due now. */
  async makeAllDue(): Promise<void> {
    await this.#ask('allDue');
  }

  /** How many scans are due and have not ended. */
  due(): Promise<number> {
    return this.#ask('due');
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    if (this.#child.connected) {
      const exited = once(this.#child, 'exit');
      this.#child.disconnect();
      await exited;
    }
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Waits until the catalog has every entity and every scan its first result. */
  async #untilFilled(entities: number, withEntities: boolean): Promise<void> {
    const ended = once(this.#child, 'exit').then(() => {
      throw new Error('The backend of the bench ended at its start');
    });
    const filled = eventually(
      async () => {
        if (withEntities) {
          const found = await this.get('/catalog/entity-facets?facet=kind');
          assert.ok(found.includes(`"count":${entities}`), found);
        }
        const { totalItems, counts } = await this.client.listImageScans({
          limit: 1,
        });
        assert.strictEqual(totalItems, entities * SCANS_PER_ENTITY);
        assert.strictEqual(counts['up-to-date'], totalItems);
      },
      { timeout: FILL_LIMIT_MS },
    );
    await Promise.race([filled, ended]);
    // Later it ends because the bench wants it.
    ended.catch(() => {});
  }

  async #ask<K extends keyof Answers>(name: K): Promise<Answers[K]> {
    this.#requests += 1;
    const id = this.#requests;
    const messages = on(this.#child, 'message');
    this.#child.send({ id, name });
    for await (const [message] of messages) {
      if (message.id === id) {
        if ('error' in message) {
          throw new Error(message.error);
        }
        return message.result;
      }
    }
    throw new Error('The backend of the bench says nothing more');
  }
}

function configOf(options: {
  database: PagesDatabase;
  directory: string;
  port: number;
  postgres?: PostgresServer;
  repo: string;
  hosts: readonly string[];
}): JsonObject {
  const { database, directory, port, postgres, repo, hosts } = options;
  const baseUrl = `http://127.0.0.1:${port}`;
  return {
    app: { baseUrl },
    organization: { name: 'bench' },
    backend: {
      baseUrl,
      listen: { host: '127.0.0.1', port },
      database:
        database === 'SQLite'
          ? { client: 'better-sqlite3', connection: { directory } }
          : {
              client: 'pg',
              connection: postgres?.connectionString ?? '',
              prefix: `bench_${randomBytes(4).toString('hex')}_`,
            },
      auth: {
        externalAccess: [
          { type: 'static', options: { token: TOKEN, subject: 'bench' } },
        ],
      },
    },
    catalog: { processingInterval: { hours: 24 } },
    imageScan: {
      gitRepos: [
        {
          metadata: { name: 'bench' },
          spec: { repo, imageScanInterval: '24h' },
        },
      ],
      registries: hosts.map(host => ({ host, insecure: true, concurrency: 8 })),
    },
  };
}

/** Scans of as many images, each written at a marker, all of them right. */
function manyScans(
  entities: number,
  hosts: readonly string[],
): Record<string, string> {
  const files: Record<string, string> = {};
  for (let entity = 0; entity < entities; entity += 1) {
    const names = Array.from(
      { length: SCANS_PER_ENTITY },
      (_, index) => `scan-${index}`,
    );
    files[`app-${entity}/imagescans.yaml`] = JSON.stringify({
      imageScans: names.map((tagName, index) => ({
        tagName,
        image: `${hosts[index % hosts.length]}/app-${entity}-${index}`,
        interval: '24h',
      })),
    });
    files[`app-${entity}/values.yaml`] = names
      .map(name => `${name}: 1.19.0 # {"$imagescan": "${name}:tag"}\n`)
      .join('');
  }
  return files;
}
