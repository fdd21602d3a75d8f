import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Nothing of the user's own settings; a name, as everybody who commits has one. */
const ENVIRONMENT = {
  PATH: process.env.PATH,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  HOME: '/nonexistent',
};

/** A person's clone of a repository, with C git. */
export class WorkingCopy {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async clone(url: string): Promise<WorkingCopy> {
    const directory = await mkdtemp(join(tmpdir(), 'image-scan-clone-'));
    const copy = new WorkingCopy(directory);
    await copy.git('clone', '--quiet', url, '.');
    return copy;
  }

  /** Runs git and answers what it prints. */
  async git(...args: string[]): Promise<string> {
    const { stdout } = await run('git', args, {
      cwd: this.#directory,
      env: ENVIRONMENT,
    });
    return stdout.trim();
  }

  async read(path: string): Promise<string> {
    return readFile(join(this.#directory, path), 'utf8');
  }

  async write(path: string, content: string): Promise<void> {
    await writeFile(join(this.#directory, path), content);
  }

  /** Fetches what others pushed, and forgets whatever is here. */
  async update(): Promise<void> {
    await this.git('fetch', '--quiet');
    await this.git('reset', '--quiet', '--hard', '@{upstream}');
  }

  /** Commits all that was changed, and pushes it. */
  async commit(message: string): Promise<void> {
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--message', message);
    await this.git('push', '--quiet');
  }

  async remove(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}
