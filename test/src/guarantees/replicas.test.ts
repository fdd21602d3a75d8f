import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { BackendDatabase } from '../integration/BackendDatabase';
import { BackendProcess } from '../integration/BackendProcess';
import { describeWith } from '../integration/describeWith';
import { eventually } from '../integration/eventually';
import { GitServer } from '../servers/GitServer';
import { findPostgres, PostgresServer } from '../servers/Postgres';
import { ListingRegistry } from './replicasRegistry';
import { isFullRun, guaranteeScale } from './guaranteeScale';

jest.setTimeout(isFullRun ? 900_000 : 300_000);

const REPLICAS = 3;
const GIT_REPOS = 5;

/** Of every scan; each replica has time for what is due in it many times over. */
const INTERVAL_S = isFullRun ? 60 : 6;
const INTERVAL_MS = INTERVAL_S * 1_000;

/** What README says, and what a machine under load may need on top. */
const LEASE_MS = 30_000;
const LOADED_MS = 45_000;

/** Part of a dead replica's lease that `npm test` does not wait for. */
const SKIPPED_MS = isFullRun ? 0 : 22_000;

/** Longer than a replica that lives takes for the lists it holds. */
const FINISH_MS = 3_000;

const describeWithPostgres = describeWith([
  !findPostgres() && 'PostgreSQL is not installed',
]);

const names = Array.from({ length: GIT_REPOS }, (_, index) => `team-${index}`);
const perRepository = Math.round(guaranteeScale.replicatedScans / GIT_REPOS);

/** Path in git and name of an image of a git repo. */
const imagesOf = (name: string) =>
  Array.from({ length: perRepository }, (_, index) => `${name}/app-${index}`);
const images = names.flatMap(imagesOf);

describeWithPostgres('three replicas on one PostgreSQL', () => {
  let postgres: PostgresServer;
  let registry: ListingRegistry;
  let git: GitServer;
  let replicas: BackendProcess[] = [];
  let knex: Knex;

  beforeAll(async () => {
    postgres = await PostgresServer.start();
    git = await GitServer.start();
  });

  beforeEach(async () => {
    registry = await ListingRegistry.start();
    images.forEach(image => registry.memory.push(image, '1.0.0'));
  });

  afterEach(async () => {
    await knex?.destroy();
    await Promise.all(replicas.map(replica => replica.remove()));
    replicas = [];
    await registry?.stop();
  });

  afterAll(async () => {
    await git?.stop();
    await postgres?.stop();
  });

  /** Starts them on a new database, over repositories of their own. */
  async function start(test: string): Promise<void> {
    await Promise.all(names.map(name => createRepository(test, name)));
    const database = BackendDatabase.onPostgres(postgres.connectionString);
    replicas = await Promise.all(
      Array.from({ length: REPLICAS }, () => createReplica(test, database)),
    );
    // Backstage's own tables are made by one: its services do not expect company.
    const [first, ...others] = replicas;
    await first.start();
    await Promise.all(others.map(replica => replica.start()));
    knex = database.connect();
    await everyImageAsked(0);
  }

  async function createRepository(test: string, name: string): Promise<void> {
    const scans = imagesOf(name).map((image, index) => ({
      tagName: `app-${index}`,
      image: `${registry.memory.host}/${image}`,
      interval: `${INTERVAL_S}s`,
    }));
    await git.createRepository(`${test}/${name}`, {
      'imagescans.yaml': JSON.stringify({ imageScans: scans }),
      ...Object.fromEntries(
        scans.map(({ tagName }) => [
          `${tagName}.yaml`,
          `v: 1.0.0 # {"$imagescan": "${tagName}:tag"}\n`,
        ]),
      ),
    });
  }

  function createReplica(
    test: string,
    database: BackendDatabase,
  ): Promise<BackendProcess> {
    return BackendProcess.create({
      database: () => database.config,
      imageScan: {
        gitRepos: names.map(name => ({
          metadata: { name },
          spec: { repo: git.url(`${test}/${name}`), imageScanInterval: '10s' },
        })),
        registries: [
          { host: registry.memory.host, insecure: true, concurrency: 8 },
        ],
      },
    });
  }

  async function everyImageAsked(since: number): Promise<void> {
    await eventually(
      () => expect(registry.notAskedSince(images, since)).toEqual([]),
      { timeout: INTERVAL_MS + LEASE_MS + LOADED_MS },
    );
  }

  /** Pushes a new tag for one image of every git repo. */
  function pushTags(version: number): void {
    names.forEach(name =>
      registry.memory.push(`${name}/app-${version}`, `1.${version}.0`),
    );
  }

  /** Each tag that was pushed is in git, by one commit, which the history has. */
  async function expectCommits(
    test: string,
    versions: number[],
  ): Promise<void> {
    for (const name of names) {
      await eventually(() => expectInGit(`${test}/${name}`, versions), {
        timeout: INTERVAL_MS + LEASE_MS + LOADED_MS,
      });
      await eventually(() => expectHistory(test, name, versions), {
        timeout: LOADED_MS,
      });
    }
  }

  async function expectInGit(
    repository: string,
    versions: number[],
  ): Promise<void> {
    for (const version of versions) {
      const file = await git.readFile(repository, `app-${version}.yaml`);
      expect(file.toString()).toContain(`v: 1.${version}.0 `);
    }
  }

  async function expectHistory(
    test: string,
    name: string,
    versions: number[],
  ): Promise<void> {
    const { client } = replicas[REPLICAS - 1];
    await client.syncGitRepo(name);
    const { items } = await client.listUpdates({ gitRepo: name, limit: 100 });
    const log = await git.log(`${test}/${name}`);
    expect(items.map(({ commit }) => commit)).toEqual(
      log.slice(0, -1).map(({ oid }) => oid),
    );
    const written = items.flatMap(({ changes }) => changes.map(({ to }) => to));
    expect(written.sort()).toEqual(
      versions.map(version => `1.${version}.0`).sort(),
    );
  }

  it('shares the scans, and takes over those of one that dies', async () => {
    await start('killed');
    const calm = Date.now();
    pushTags(1);
    await sleep(1.5 * INTERVAL_MS);
    await everyImageAsked(calm + INTERVAL_MS / 2);
    expect(registry.askedTwiceAtOnce()).toEqual([]);
    // A scan is due an interval after it began; its request may have waited.
    expect(registry.askedAgainWithin(INTERVAL_MS / 2)).toEqual([]);

    // Each holds some lists when one of them dies.
    const release = registry.hold();
    await eventually(
      async () => expect(await heldLists()).toBeGreaterThan(8 * 2),
      { timeout: INTERVAL_MS + LOADED_MS },
    );
    pushTags(2);
    await replicas[0].kill();
    const killed = Date.now();
    const before = await heldTokens();
    release();
    const skipped = await passTime(before);
    const takeover = await eventually(
      async () => {
        const left = (await heldTokens()).filter(each => before.includes(each));
        expect(left).toEqual([]);
        return Date.now() - killed + skipped;
      },
      { timeout: LEASE_MS + LOADED_MS },
    );
    expect(takeover).toBeLessThan(LEASE_MS + LOADED_MS);
    await everyImageAsked(killed);
    // What the dead one had asked for ended with it.
    expect(registry.askedTwiceAtOnce()).toEqual([]);
    await expectCommits('killed', [1, 2]);
    console.info(
      `${images.length} scans; the work of the dead was taken over after ${
        takeover / 1_000
      } s`,
    );
  });

  it('goes on after a restart of the database', async () => {
    await start('restarted');
    pushTags(1);
    await sleep(INTERVAL_MS / 2);
    const before = await heldTokens();
    await postgres.restart('immediate');
    const restarted = Date.now();
    pushTags(2);
    const skipped = await passTime(before);
    await everyImageAsked(restarted);
    const recovered = Date.now();
    await sleep(INTERVAL_MS);
    await everyImageAsked(recovered);
    expect(registry.askedTwiceAtOnce()).toEqual([]);
    await expectCommits('restarted', [1, 2]);
    console.info(
      `${images.length} scans; all of them ran within ${
        (recovered - restarted + skipped) / 1_000
      } s after the restart of the database`,
    );
  });

  /**
   * Brings the end of leases nearer, where those who held them are gone.
   *
   * @returns by how much
   */
  async function passTime(tokens: readonly string[]): Promise<number> {
    await sleep(FINISH_MS);
    if (SKIPPED_MS > 0) {
      await knex('image_scans')
        .whereIn('lease_token', [...tokens])
        .decrement('lease_until', SKIPPED_MS);
    }
    return SKIPPED_MS;
  }

  async function heldLists(): Promise<number> {
    return new Set(await heldTokens()).size;
  }

  async function heldTokens(): Promise<string[]> {
    return knex('image_scans')
      .whereNotNull('lease_token')
      .distinct('lease_token')
      .pluck('lease_token');
  }
});
