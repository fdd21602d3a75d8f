import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gitUrl } from './addresses';
import { gitUser } from './credentials';
import { DEMO_OWNER } from './giteaPages';

const run = promisify(execFile);

/** A repository of the demo as another person works with it: a clone. */
export class DemoRepository {
  static async clone(name: string): Promise<DemoRepository> {
    const folder = await mkdtemp(join(tmpdir(), 'image-scan-clone-'));
    const remote = new URL(`${gitUrl}/${DEMO_OWNER}/${name}.git`);
    remote.username = gitUser.username;
    remote.password = gitUser.password;
    const repository = new DemoRepository(name, folder);
    await repository.#git('clone', '--quiet', remote.href, '.');
    return repository;
  }

  readonly #name: string;
  readonly #folder: string;

  private constructor(name: string, folder: string) {
    this.#name = name;
    this.#folder = folder;
  }

  /** The commit that the branch is at on the server. */
  async remoteHead(): Promise<string> {
    const line = await this.#git('ls-remote', 'origin', 'refs/heads/main');
    return line.split('\t')[0];
  }

  /** Where the server shows a commit to people. */
  commitUrl(commit: string): string {
    return `${gitUrl}/${DEMO_OWNER}/${this.#name}/commit/${commit}`;
  }

  /** A file on the server's branch. */
  async read(file: string): Promise<string> {
    await this.#git('fetch', '--quiet', 'origin');
    return this.#git('show', `origin/main:${file}`);
  }

  /** What a commit of the server changed in each file: lines with their signs. */
  async changedLines(commit: string): Promise<Record<string, string[]>> {
    await this.#git('fetch', '--quiet', 'origin');
    const names = await this.#git('show', '--format=', '--name-only', commit);
    const files: Record<string, string[]> = {};
    for (const file of names.trim().split('\n')) {
      const shown = await this.#git('show', '--format=', commit, '--', file);
      const lines = shown.trimEnd().split('\n');
      const hunks = lines.slice(lines.findIndex(line => line.startsWith('@@')));
      files[file] = hunks.filter(line => !line.startsWith('@@'));
    }
    return files;
  }

  /** The message of a commit of the server. */
  async message(commit: string): Promise<string> {
    await this.#git('fetch', '--quiet', 'origin');
    return (await this.#git('log', '-1', '--format=%B', commit)).trimEnd();
  }

  /** Changes a file on the server's branch, as somebody else would. */
  async push(file: string, change: (text: string) => string): Promise<void> {
    await this.#git('pull', '--quiet', '--ff-only');
    const changed = change(await this.#git('show', `HEAD:${file}`));
    await writeFile(join(this.#folder, file), changed);
    await this.#git('commit', '--quiet', '--all', '--message', 'By hand');
    await this.#git('push', '--quiet');
  }

  /**
   * Reverts the last commit that wrote an image, as somebody does who rolls back; once
   * more, and it is there again.
   *
   * @param image - as the lines have it, without its tag
   * @returns the commits: the new one, and the one that it reverts
   * @throws Error where the image was only written by the first commit
   */
  async revertLast(
    image: string,
  ): Promise<{ commit: string; reverted: string }> {
    await this.#git('pull', '--quiet', '--ff-only');
    const line = await this.#git(
      ...[
        'log',
        '-1',
        '--format=%H %P',
        '-G',
        `${image.replace(/[.]/g, '[.]')}:`,
      ],
    );
    const [reverted, parent] = line.trim().split(' ');
    if (!parent) {
      throw new Error(`Nothing has been written for ${image} yet`);
    }
    await this.#git('revert', '--no-edit', reverted);
    await this.#git('push', '--quiet');
    return { commit: await this.remoteHead(), reverted };
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #git(...args: string[]): Promise<string> {
    const identity = ['-c', 'user.name=Robin', '-c', 'user.email=robin@shop'];
    const { stdout } = await run('git', [...identity, ...args], {
      cwd: this.#folder,
      // Nothing of the user's own settings.
      env: {
        PATH: process.env.PATH,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_TERMINAL_PROMPT: '0',
        NO_PROXY: '*',
      },
    });
    return stdout;
  }
}
