import { setTimeout as sleep } from 'node:timers/promises';
import { BackendDatabase } from '../../integration/BackendDatabase';
import { BackendProcess } from '../../integration/BackendProcess';
import { eventually } from '../../integration/eventually';
import { type CrashMoment, crashMoments } from './moments';
import type { SeededRandom } from './random';
import { CrashServers } from './servers';

/** How long a push of a dead backend may come after the start of the next. */
const LATE_PUSH_MS = 1_500;

/** How long a moment is waited for once all that was asked for is done. */
const IDLE_MS = 1_000;

/** How long what was asked for may take; the longest leases included. */
const WORK_LIMIT_MS = 90_000;

/** How long the last backend may take to bring everything up to date. */
const SETTLE_LIMIT_MS = 120_000;

const SCANS_PER_GIT_REPO = 4;

/** A git repo of the configuration; two of them share a repository. */
interface ScenarioGitRepo {
  name: string;
  repository: string;
  folder: string;
}

const gitRepos: readonly ScenarioGitRepo[] = [
  { name: 'shop', repository: 'shop', folder: 'apps' },
  { name: 'web-east', repository: 'web', folder: 'east' },
  { name: 'web-west', repository: 'web', folder: 'west' },
  { name: 'tools', repository: 'tools', folder: 'apps' },
];

/** An image and the one file that says which tag of it is used. */
export interface ScenarioImage {
  gitRepo: string;
  repository: string;
  file: string;
  tagName: string;
  image: string;
  /** Its newest tag is `1.<version>.0`. */
  version: number;
}

/**
 * A backend that is killed again and again while tags are pushed, people call it
 * and others push to its branches.
 */
export class CrashScenario {
  readonly repositories = [...new Set(gitRepos.map(each => each.repository))];
  readonly images: ScenarioImage[];
  /** Commits of others, in no order. */
  readonly foreignCommits: string[] = [];
  /** What the backend answered to people although it was alive. */
  readonly refusals: string[] = [];
  /** How often each moment came. */
  readonly kills = new Map<string, number>();

  readonly servers: CrashServers;
  readonly database: BackendDatabase;
  readonly backend: BackendProcess;
  readonly #random: SeededRandom;

  private constructor(
    servers: CrashServers,
    database: BackendDatabase,
    backend: BackendProcess,
    random: SeededRandom,
  ) {
    this.servers = servers;
    this.database = database;
    this.backend = backend;
    this.#random = random;

    this.images = gitRepos.flatMap(({ name, repository, folder }) =>
      Array.from({ length: SCANS_PER_GIT_REPO }, (_, index) => ({
        gitRepo: name,
        repository,
        file: `${folder}/app-${index}.yaml`,
        tagName: `app-${index}`,
        image: `${name}/app-${index}`,
        version: 0,
      })),
    );
  }

  static async start(
    databaseId: string,
    random: SeededRandom,
  ): Promise<CrashScenario> {
    const servers = await CrashServers.start();
    const { git, registry } = servers;
    const database = await BackendDatabase.create(databaseId);
    const backend = await BackendProcess.create({
      database: () => database.config,
      imageScan: {
        gitRepos: gitRepos.map(({ name, repository, folder }) => ({
          metadata: { name },
          spec: {
            repo: git.url(repository),
            paths: [folder],
            imageScanInterval: '5s',
          },
        })),
        registries: [{ host: registry.host, insecure: true, concurrency: 16 }],
      },
    });
    const scenario = new CrashScenario(servers, database, backend, random);
    await scenario.#createRepositories();
    // The tables are there from now on.
    await backend.start();
    await backend.kill();
    await scenario.#letLeasesEnd();
    return scenario;
  }

  /** Lets the backend work for a while and kills it. */
  async killOnce(): Promise<void> {
    for (let count = 1 + this.#random.below(3); count > 0; count -= 1) {
      this.#pushTag(this.#random.pick(this.images));
    }
    if (this.#random.below(4) === 0) {
      await this.#pushForeignCommit(this.#random.pick(this.repositories));
    }
    const moment = this.#random.pick(
      crashMoments(this.servers, this.repositories, this.#random),
    );
    await moment.prepare?.();
    const struck = await this.#runUntil(moment);
    await moment.after?.();
    await this.#letLeasesEnd();
    const name = struck ? moment.name : 'idle';
    this.kills.set(name, (this.kills.get(name) ?? 0) + 1);
  }

  /** Starts a backend that nobody kills and waits until nothing is left to do. */
  async settle(): Promise<void> {
    const { late } = await this.#startBackend();
    await late;
    await eventually(
      async () => {
        const { items } = await this.backend.client.listImageScans({
          limit: 100,
        });
        const open = this.images.filter(image => {
          const scan = items.find(
            each =>
              each.gitRepo === image.gitRepo && each.tagName === image.tagName,
          );
          return (
            scan?.state !== 'up-to-date' ||
            scan.currentTag !== `1.${image.version}.0`
          );
        });
        if (open.length > 0) {
          throw new Error(
            `Not up to date: ${open
              .map(({ gitRepo, tagName }) => `${gitRepo} ${tagName}`)
              .join(', ')}`,
          );
        }
      },
      { timeout: SETTLE_LIMIT_MS },
    );
  }

  async stop(): Promise<void> {
    await this.backend.remove();
    await this.database.remove();
    await this.servers.stop();
  }

  async #createRepositories(): Promise<void> {
    const { git, registry } = this.servers;
    this.images.forEach(image => this.#pushTag(image));
    for (const repository of this.repositories) {
      const files = new Map<string, string>([['README.md', 'Seed\n']]);
      for (const { name, folder } of gitRepos.filter(
        each => each.repository === repository,
      )) {
        const own = this.images.filter(({ gitRepo }) => gitRepo === name);
        files.set(
          `${folder}/imagescans.yaml`,
          JSON.stringify({
            imageScans: own.map(({ tagName, image }) => ({
              tagName,
              image: `${registry.host}/${image}`,
              interval: '5s',
            })),
          }),
        );
        for (const { file, tagName } of own) {
          files.set(file, `v: 1.0.0 # {"$imagescan": "${tagName}:tag"}\n`);
        }
      }
      await git.createRepository(repository, Object.fromEntries(files));
    }
  }

  /**
   * Makes the leases of the dead end now: the time that they would take, without
   * the wait.
   */
  async #letLeasesEnd(): Promise<void> {
    const knex = this.database.connect();
    try {
      for (const table of ['git_repos', 'image_scans', 'branch_locks']) {
        await knex(table)
          .whereNotNull('lease_until')
          .update({ lease_until: 1 });
      }
    } finally {
      await knex.destroy();
    }
  }

  #pushTag(image: ScenarioImage): void {
    image.version += 1;
    this.servers.registry.push(image.image, `1.${image.version}.0`);
  }

  async #pushForeignCommit(repository: string): Promise<void> {
    const text = `Line ${this.foreignCommits.length}\n`;
    const { git } = this.servers;
    this.foreignCommits.push(
      await git.commitFiles(repository, { 'README.md': text }, 'Edit README'),
    );
  }

  /** @returns whether the moment came */
  async #runUntil(moment: CrashMoment): Promise<boolean> {
    if (moment.whileStarting) {
      await this.backend.launch();
      await moment.wait();
      await this.backend.kill();
      return true;
    }
    const { late } = await this.#startBackend();
    const came = moment.wait().then(() => true);
    const dead = new AbortController();
    const work = this.#askForWork(dead.signal).catch((error: Error) => {
      // What a request meets that the kill ends is no failure.
      if (!dead.signal.aborted || error.name === 'ResponseError') {
        this.refusals.push(`${moment.name}: ${error.message}`);
      }
    });
    const struck = await Promise.race([
      came,
      work.then(() => sleep(IDLE_MS, false, { ref: false })),
      sleep(WORK_LIMIT_MS, false, { ref: false }),
    ]);
    dead.abort();
    await this.backend.kill();
    await work;
    await late;
    return struck;
  }

  /** @returns the time when pushes of the backend before have arrived */
  async #startBackend(): Promise<{ late: Promise<void> }> {
    await this.backend.start();
    return {
      late: sleep(this.#random.below(LATE_PUSH_MS)).then(() =>
        this.servers.releaseLatePushes(),
      ),
    };
  }

  /** What people do: scan, sync and update here and there. */
  async #askForWork(dead: AbortSignal): Promise<void> {
    const { client } = this.backend;
    const { items } = await client.listImageScans({ limit: 100 });
    const { name } = this.#random.pick(gitRepos);
    const own = items.filter(({ gitRepo }) => gitRepo === name);
    for (const { id } of own) {
      if (!dead.aborted) {
        await client.scanImage(id);
      }
    }
    if (!dead.aborted && this.#random.below(3) === 0) {
      await client.syncGitRepo(name);
    }
    if (!dead.aborted && this.#random.below(3) > 0) {
      await client.updateGitRepo(name, {});
    }
  }
}
