import assert from 'node:assert';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import knexFactory, { type Knex } from 'knex';
import { TestImageScan } from '../integration/TestImageScan';
import { GitServer } from '../servers/GitServer';

/** Requests at the same time that one registry gets, which is the default. */
export const CONCURRENCY = 4;

const LIMIT_MS = 300_000;

/** Fewer than a file may have. */
const SCANS_PER_FILE = 1_000;

/** The real plugin with its scheduler, on a database in a file. */
export class ScanBackend {
  readonly #knex: Knex;
  readonly #scans: number;
  readonly #stops: readonly (() => Promise<unknown>)[];

  private constructor(
    knex: Knex,
    scans: number,
    stops: readonly (() => Promise<unknown>)[],
  ) {
    this.#knex = knex;
    this.#scans = scans;
    this.#stops = stops;
  }

  /** Starts it with a scan of each image and waits until each has a result. */
  static async start(
    images: readonly string[],
    hosts: readonly string[],
  ): Promise<ScanBackend> {
    const folder = await mkdtemp(join(tmpdir(), 'image-scan-bench-'));
    const git = await GitServer.start();
    await git.createRepository('bench', definitionsOf(images));
    const knex = knexFactory({
      client: 'better-sqlite3',
      connection: { filename: join(folder, 'image-scan.sqlite') },
      useNullAsDefault: true,
    });
    const plugin = await TestImageScan.start({
      knex,
      imageScan: {
        gitRepos: [
          {
            metadata: { name: 'bench' },
            spec: { repo: git.url('bench'), imageScanInterval: '24h' },
          },
        ],
        registries: hosts.map(host => ({
          host,
          insecure: true,
          concurrency: CONCURRENCY,
        })),
      },
    });
    const backend = new ScanBackend(knex, images.length, [
      () => plugin.stop(),
      () => knex.destroy(),
      () => git.stop(),
      () => rm(folder, { recursive: true, force: true }),
    ]);
    try {
      await backend.#until(
        async () =>
          (await backend.#count(query =>
            query.whereNotNull('last_scan_at'),
          )) === images.length,
      );
    } catch (error) {
      await backend.stop();
      throw error;
    }
    return backend;
  }

  /** Makes everything due. @returns seconds from the first claim to the last result */
  async scanAll(): Promise<number> {
    const before = Date.now();
    await this.#knex('image_scans').update({ next_scan_at: before });
    await this.#until(
      async () =>
        (await this.#count(query => query.whereNotNull('lease_until'))) > 0 ||
        (await this.#count(query =>
          query.where('last_scan_at', '>=', before),
        )) > 0,
      1,
    );
    const started = Date.now();
    // One row, not their number: what is timed pays for this look as well.
    await this.#until(
      async () =>
        !(await this.#knex('image_scans')
          .where('next_scan_at', '<=', before)
          .first('id')),
    );
    const [{ last }] = await this.#knex('image_scans').max({
      last: 'last_scan_at',
    });
    return (Number(last) - started) / 1_000;
  }

  async checkResults(tag: string, digest: string): Promise<void> {
    const right = await this.#count(query =>
      query
        .where({ latest_tag: tag, latest_digest: digest })
        .whereNull('scan_error'),
    );
    assert.strictEqual(right, this.#scans);
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) {
      await stop();
    }
  }

  async #count(
    where: (query: Knex.QueryBuilder) => Knex.QueryBuilder,
  ): Promise<number> {
    const row = await where(this.#knex('image_scans')).count({ count: '*' });
    return Number(row[0].count);
  }

  async #until(condition: () => Promise<boolean>, pause = 20): Promise<void> {
    const deadline = Date.now() + LIMIT_MS;
    while (!(await condition())) {
      assert.ok(Date.now() < deadline, 'the scans end in time');
      await sleep(pause);
    }
  }
}

function definitionsOf(images: readonly string[]): Record<string, string> {
  const files: Record<string, string> = {};
  for (let start = 0; start < images.length; start += SCANS_PER_FILE) {
    const part = images.slice(start, start + SCANS_PER_FILE);
    files[`part-${start}/imagescans.yaml`] = JSON.stringify({
      imageScans: part.map((image, index) => ({
        tagName: `app-${start + index}`,
        image,
        interval: '24h',
      })),
    });
  }
  return files;
}
