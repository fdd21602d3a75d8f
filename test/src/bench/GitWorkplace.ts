import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createHttpTransport,
  type HttpTransport,
} from 'backstage-plugin-image-scan-node';
import { GitServer } from '../servers/GitServer';
import { manifest, manifestPath, repositoryFiles } from './gitRepositories';
import type { RepositorySize } from './gitRepositories';
import { GitServerProcess } from './GitServerProcess';

/** A git server with repositories for benchmarks, and a way to it. */
export class GitWorkplace {
  #lastTag = 0;
  #lastRevision = 0;

  readonly directory: string;
  readonly git: GitServer;
  readonly server: GitServerProcess;
  readonly transport: HttpTransport;

  private constructor(
    directory: string,
    /** Changes repositories as somebody else; nothing is fetched from it. */
    git: GitServer,
    server: GitServerProcess,
    transport: HttpTransport,
  ) {
    this.directory = directory;
    this.git = git;
    this.server = server;
    this.transport = transport;
  }

  static async create(): Promise<GitWorkplace> {
    const directory = await mkdtemp(join(tmpdir(), 'image-scan-bench-'));
    const git = await GitServer.start({ directory });
    const server = await GitServerProcess.start(directory);
    const transport = createHttpTransport({
      hosts: [{ host: server.host, insecure: true }],
    });
    return new GitWorkplace(directory, git, server, transport);
  }

  /** A tag that was not written before. */
  newTag(): string {
    this.#lastTag += 1;
    return `1.1.${this.#lastTag}`;
  }

  /** Makes a repository as a host keeps it; answers its URL. */
  async createRepository(name: string, size: RepositorySize): Promise<string> {
    await this.git.createRepository(name, repositoryFiles(size));
    await this.git.run(name, 'repack', '-adq');
    await this.git.run(name, 'update-ref', 'refs/heads/seed', 'main');
    return this.server.url(name);
  }

  /** Takes the branch back to where it began. */
  async reset(name: string): Promise<void> {
    await this.git.run(
      name,
      'update-ref',
      'refs/heads/main',
      'refs/heads/seed',
    );
  }

  /** Somebody else changes some of the files; those with markers stay as they are. */
  async changeFiles(name: string, files: number, changed: number) {
    this.#lastRevision += 1;
    const revision = this.#lastRevision;
    const step = Math.floor(files / changed);
    const content: Record<string, string> = {};
    for (let index = 0; index < changed; index += 1) {
      const file = index * step + 1;
      content[manifestPath(file)] = manifest(file, { revision });
    }
    await this.git.commitFiles(name, content, `Revision ${revision}`);
  }

  /** Removes repositories, and clones that were made of them. */
  async remove(...names: string[]): Promise<void> {
    for (const name of names) {
      await rm(join(this.directory, name), { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    this.transport.close();
    await this.server.stop();
    await this.git.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}
