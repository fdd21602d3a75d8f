import { EventEmitter, once } from 'node:events';
import { GitServer } from '../../servers/GitServer';
import { MemoryRegistry } from '../../servers/MemoryRegistry';

/** What can be seen from outside of a backend at work. */
type Sight =
  | 'tags-asked'
  | 'digest-answered'
  | 'git-read'
  | 'push-arrived'
  | 'push-answered';

/** A registry and a git server that say how far the backend has come. */
export class CrashServers {
  /** Let go of held pushes: of the backend at work, and of those before it. */
  readonly #releases: (() => Promise<void>)[] = [];
  readonly #lateReleases: (() => Promise<void>)[] = [];
  readonly #sights = new EventEmitter();

  readonly registry: MemoryRegistry;
  readonly git: GitServer;

  private constructor(registry: MemoryRegistry, git: GitServer) {
    this.registry = registry;
    this.git = git;

    registry.beforeAnswer = async ({ url = '', method }, response) => {
      if (url.includes('/tags/list')) {
        this.#see('tags-asked');
      } else if (method === 'HEAD') {
        response.on('finish', () => this.#see('digest-answered'));
      }
    };
    git.intercept = ({ url = '', method }, response) => {
      if (method === 'POST' && url.endsWith('/git-upload-pack')) {
        this.#see('git-read');
      }
      if (method === 'POST' && url.endsWith('/git-receive-pack')) {
        response.on('finish', () => this.#see('push-answered'));
      }
      return false;
    };
    git.beforePush = async () => this.#see('push-arrived');
  }

  static async start(): Promise<CrashServers> {
    const registry = await MemoryRegistry.start();
    const git = await GitServer.start();
    return new CrashServers(registry, git);
  }

  /** Resolves when the backend is seen at something the next time. */
  async next(sight: Sight): Promise<void> {
    await once(this.#sights, sight);
  }

  /** git holds pushes from now on. */
  async holdPushes(repositories: readonly string[]): Promise<void> {
    for (const repository of repositories) {
      this.#releases.push(await this.git.holdPushes(repository));
    }
  }

  /** git holds no more pushes; those of the backend that died stay held. */
  async allowPushes(repositories: readonly string[]): Promise<void> {
    this.#lateReleases.push(...this.#releases.splice(0));
    for (const repository of repositories) {
      await this.git.allowPushes(repository);
    }
  }

  /** Lets go of the pushes of backends that died. */
  async releaseLatePushes(): Promise<void> {
    await Promise.all(this.#lateReleases.splice(0).map(release => release()));
  }

  async stop(): Promise<void> {
    await this.registry.stop();
    await this.git.stop();
  }

  #see(sight: Sight): void {
    this.#sights.emit(sight);
  }
}
