import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@backstage/types';
import knexFactory, { type Knex } from 'knex';

/** A database that a backend process keeps its data in over restarts. */
export class BackendDatabase {
  /** Value of `backend.database`. */
  readonly config: JsonObject;
  readonly #connection: Knex.Config;
  readonly #directory?: string;

  private constructor(options: {
    config: JsonObject;
    connection: Knex.Config;
    directory?: string;
  }) {
    this.config = options.config;
    this.#connection = options.connection;
    this.#directory = options.directory;
  }

  /** @param id - one of Backstage's `TestDatabases` */
  static async create(id: string): Promise<BackendDatabase> {
    if (!id.startsWith('SQLITE')) {
      return BackendDatabase.onPostgres(testConnectionString());
    }
    const directory = await mkdtemp(join(tmpdir(), 'image-scan-database-'));
    return new BackendDatabase({
      config: { client: 'better-sqlite3', connection: { directory } },
      connection: {
        client: 'better-sqlite3',
        connection: { filename: join(directory, 'image-scan.sqlite') },
        useNullAsDefault: true,
      },
      directory,
    });
  }

  /** One of its own on a server; several backends may share it. */
  static onPostgres(connectionString: string): BackendDatabase {
    const prefix = `test_${randomBytes(4).toString('hex')}_`;
    const url = new URL(connectionString);
    url.pathname = `/${prefix}image-scan`;
    return new BackendDatabase({
      config: { client: 'pg', connection: connectionString, prefix },
      connection: { client: 'pg', connection: url.href },
    });
  }

  /** A connection of the test's own to the plugin's tables. */
  connect(): Knex {
    return knexFactory(this.#connection);
  }

  async remove(): Promise<void> {
    if (this.#directory) {
      await rm(this.#directory, { recursive: true, force: true });
    }
  }
}

function testConnectionString(): string {
  const found = Object.entries(process.env).find(([name]) =>
    /^BACKSTAGE_TEST_DATABASE_POSTGRES\d+_CONNECTION_STRING$/.test(name),
  )?.[1];
  if (!found) {
    throw new Error('No variable names a PostgreSQL server for tests');
  }
  return found;
}
