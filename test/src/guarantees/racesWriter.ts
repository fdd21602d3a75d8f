import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Somebody who commits to a branch without pause, with git itself. */
export class RacingWriter {
  /** Subjects of the commits that the server took, in order. */
  readonly pushed: string[] = [];
  /** How often a push lost against another. */
  rejected = 0;

  readonly #name: string;
  readonly #clone: string;

  private constructor(name: string, clone: string) {
    this.#name = name;
    this.#clone = clone;
  }

  static async create(name: string, url: string): Promise<RacingWriter> {
    const clone = await mkdtemp(join(tmpdir(), 'image-scan-writer-'));
    const writer = new RacingWriter(name, clone);
    await writer.#git('clone', '--quiet', url, '.');
    return writer;
  }

  /** Commits and pushes until told to stop; what was begun is brought to an end. */
  async work(until: AbortSignal, pause: number): Promise<void> {
    while (!until.aborted) {
      const subject = `${this.#name} ${this.pushed.length}`;
      await appendFile(join(this.#clone, `${this.#name}.txt`), `${subject}\n`);
      await this.#git('add', '.');
      await this.#git('commit', '--quiet', '--message', subject);
      while (!(await this.#push())) {
        this.rejected += 1;
        await this.#git('pull', '--quiet', '--rebase');
      }
      this.pushed.push(subject);
      await sleep(pause);
    }
  }

  async remove(): Promise<void> {
    await rm(this.#clone, { recursive: true, force: true });
  }

  async #push(): Promise<boolean> {
    try {
      await this.#git('push', '--quiet', 'origin', 'HEAD:main');
      return true;
    } catch (error) {
      // git has no exit code of its own for a branch that moved.
      if (/rejected|cannot lock ref|failed to push/.test(String(error))) {
        return false;
      }
      throw error;
    }
  }

  async #git(...args: string[]): Promise<void> {
    await run('git', args, {
      cwd: this.#clone,
      env: {
        PATH: process.env.PATH,
        HOME: this.#clone,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_TERMINAL_PROMPT: '0',
        GIT_AUTHOR_NAME: this.#name,
        GIT_AUTHOR_EMAIL: `${this.#name}@example.com`,
        GIT_COMMITTER_NAME: this.#name,
        GIT_COMMITTER_EMAIL: `${this.#name}@example.com`,
      },
    });
  }
}
