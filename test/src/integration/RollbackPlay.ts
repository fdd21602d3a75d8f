import type {
  Decision,
  ImageScan,
  ImageScanClient,
} from 'backstage-plugin-image-scan-common';
import type { GitServer } from '../servers/GitServer';
import type { MemoryRegistry } from '../servers/MemoryRegistry';
import { eventually } from './eventually';
import { WorkingCopy } from './WorkingCopy';

/** A line with a marker, and its value. */
const MARKED = /(\S+) +# \{"\$imagescan"/;

/** Where histories are played: one backend, one git server and one registry for all. */
export interface RollbackStage {
  git: GitServer;
  registry: MemoryRegistry;
  client(): ImageScanClient;
  /** Kills the backend, and lets go of what it held. */
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/**
 * A history of one git repo: what the automation and a person do in turn. The person
 * works in a clone of their own.
 */
export class RollbackPlay {
  readonly copy: WorkingCopy;
  /** The newest commit of the automation. */
  ours: string;
  readonly #stage: RollbackStage;
  /** Of the git repo, its repository and its image. */
  readonly #name: string;

  private constructor(
    stage: RollbackStage,
    options: { name: string; copy: WorkingCopy; ours: string },
  ) {
    this.#stage = stage;
    this.#name = options.name;
    this.copy = options.copy;
    this.ours = options.ours;
  }

  /** Begins where the first update of a git repo is written and known. */
  static async begin(
    stage: RollbackStage,
    name: string,
  ): Promise<RollbackPlay> {
    await eventually(() => expectFirstUpdate(stage.client(), name));
    const copy = await WorkingCopy.clone(stage.git.url(name));
    const ours = await copy.git('rev-parse', 'HEAD');
    return new RollbackPlay(stage, { name, copy, ours });
  }

  /** Without the registry before the images. */
  async values(): Promise<string[]> {
    const { git, registry } = this.#stage;
    const lines = await git.run(this.#name, 'grep', '-h', '$imagescan', 'HEAD');
    return lines
      .split('\n')
      .flatMap(line => MARKED.exec(line)?.[1] ?? [])
      .map(value => value.replace(`${registry.host}/${this.#name}`, 'app'));
  }

  async commits(): Promise<number> {
    return (await this.#stage.git.log(this.#name)).length;
  }

  async scan(): Promise<ImageScan> {
    const client = this.#stage.client();
    const { items } = await client.listImageScans({ gitRepo: this.#name });
    const [scan, ...more] = items;
    if (!scan || more.length > 0) {
      throw new Error(`${this.#name} has ${items.length} scans, not one`);
    }
    return scan;
  }

  async decisions(active?: boolean): Promise<Decision[]> {
    const { items } = await this.#stage
      .client()
      .listDecisions({ gitRepo: this.#name, active });
    return items;
  }

  /** The registry has a new tag, and the scan has found it. */
  async publish(tag: string): Promise<void> {
    this.#stage.registry.push(this.#name, tag);
    await this.rescan();
  }

  async rescan(): Promise<void> {
    const { id } = await this.scan();
    await this.#stage.client().scanImage(id);
  }

  /** The automation looks at git. */
  async look(): Promise<void> {
    await this.#stage.client().syncGitRepo(this.#name);
  }

  /** Everything is written that may be, whenever the automation wrote last. */
  async writeAll(): Promise<void> {
    await this.#stage.client().updateGitRepo(this.#name, {});
  }

  /** A push is refused; the update that it was for waits. */
  async failToWrite(): Promise<void> {
    const { git } = this.#stage;
    await git.refusePushes(this.#name, 'Nobody pushes during the release');
    await expectRefused(this.writeAll());
    await git.allowPushes(this.#name);
  }

  /** Writes while somebody is faster. */
  async loseRace(files: Record<string, string>): Promise<void> {
    const { git } = this.#stage;
    const raced: string[] = [];
    git.beforePush = async repository => {
      if (repository === this.#name && raced.length === 0) {
        raced.push(await git.commitFiles(repository, files, 'Go back'));
      }
    };
    try {
      await this.writeAll();
    } finally {
      git.beforePush = undefined;
    }
    if (raced.length === 0) {
      throw new Error('Nothing was pushed, so nobody was faster');
    }
  }

  /** The backend dies between its push of a new tag and the answer. */
  async dieAfterPush(tag: string): Promise<void> {
    const { git } = this.#stage;
    const before = await this.commits();
    await this.publish(tag);
    await git.delayAfterPush(this.#name, 30);
    const dying = expectNoAnswer(this.writeAll());
    await eventually(async () => {
      if ((await this.commits()) === before) {
        throw new Error(`${tag} has not arrived in git`);
      }
    });
    await this.#stage.kill();
    await dying;
    await git.delayAfterPush(this.#name, 0);
    await this.copy.update();
    this.ours = await this.copy.git('rev-parse', 'HEAD');
  }

  async restart(): Promise<void> {
    await this.#stage.restart();
  }

  /** A person replaces words in a file, and pushes that. */
  async edit(
    replacements: Record<string, string>,
    path = 'app.yaml',
  ): Promise<void> {
    await this.copy.update();
    let text = await this.copy.read(path);
    for (const [from, to] of Object.entries(replacements)) {
      if (!text.includes(from)) {
        throw new Error(`${path} has no ${from}: ${text}`);
      }
      text = text.replace(from, to);
    }
    await this.copy.write(path, text);
    await this.copy.commit(`Change ${path}`);
  }

  /** A person brings back what the automation wrote last. */
  async undo(): Promise<void> {
    await this.copy.update();
    await this.copy.git('checkout', '--quiet', this.ours, '--', '.');
    await this.copy.commit('Go on again');
  }
}

async function expectFirstUpdate(
  client: ImageScanClient,
  gitRepo: string,
): Promise<void> {
  const { items } = await client.listImageScans({ gitRepo });
  expect(items).toMatchObject([{ state: 'up-to-date', currentTag: '1.1.0' }]);
}

async function expectRefused(write: Promise<void>): Promise<void> {
  await expect(write).rejects.toMatchObject({
    body: { error: { message: expect.stringContaining('the release') } },
  });
}

async function expectNoAnswer(write: Promise<void>): Promise<void> {
  await expect(write).rejects.toThrow();
}
