import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readdir, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { resolveSafeChildPath } from '@backstage/backend-plugin-api';
import { InputError, isError, NotAllowedError } from '@backstage/errors';

/** Files above this are not read; ten times what is searched for markers. */
const MAX_BYTES = 100 * 1024 * 1024;

/** As git checks out a file that is not executable. */
const NEW_FILE_MODE = 0o644;

// Windows has no such flag; there the look before is all.
const noFollow: number = constants.O_NOFOLLOW ?? 0;

/**
 * A folder of a task's workspace, without anything that is reached through a symbolic
 * link.
 *
 * @remarks
 * A template may have fetched a stranger's repository into it, so links are neither
 * followed nor written, wherever they point. Names of files are relative to the folder,
 * with `/` on every platform.
 */
export class Workspace {
  readonly #root: string;
  readonly #prefix: string;

  private constructor(root: string, prefix: string) {
    this.#root = root;
    this.#prefix = prefix;
  }

  /**
   * @param path - a folder inside the workspace
   * @throws NotAllowedError where it leads out of the workspace or through a link,
   * InputError where it is no folder
   */
  static async open(workspacePath: string, path = '.'): Promise<Workspace> {
    const folder = resolveSafeChildPath(workspacePath, path);
    const prefix = relative(resolve(workspacePath), folder);
    const expected = join(await realpath(workspacePath), prefix);
    let root: string;
    try {
      root = await realpath(folder);
    } catch (error) {
      if (isError(error) && error.code === 'ENOENT') {
        throw new InputError(`path: ${path} is not in the workspace`);
      }
      throw error;
    }
    if (root !== expected) {
      throw new NotAllowedError(
        `path: ${path} leads through a symbolic link, and those are not followed`,
      );
    }
    if (!(await lstat(root)).isDirectory()) {
      throw new InputError(`path: ${path} is a file; name its folder`);
    }
    return new Workspace(root, toPosix(prefix));
  }

  /** The name of a file from the root of the workspace, as people see it. */
  nameOf(file: string): string {
    return this.#prefix === '' ? file : `${this.#prefix}/${file}`;
  }

  /** The YAML files at any depth but in `.git`, and the links that were passed over. */
  async list(): Promise<{ files: string[]; links: string[] }> {
    const { files, links } = await this.listAll();
    return { files: files.filter(file => /\.ya?ml$/.test(file)), links };
  }

  /** {@link list} with the files of every other kind. */
  async listAll(): Promise<{ files: string[]; links: string[] }> {
    const files: string[] = [];
    const links: string[] = [];
    const folders = [''];
    for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
      const entries = await readdir(join(this.#root, at), {
        withFileTypes: true,
      });
      for (const entry of entries) {
        const name = at === '' ? entry.name : `${at}/${entry.name}`;
        if (entry.isSymbolicLink()) {
          links.push(name);
        } else if (entry.isDirectory() && entry.name !== '.git') {
          folders.push(name);
        } else if (entry.isFile()) {
          files.push(name);
        }
      }
    }
    return { files: files.sort(), links: links.sort() };
  }

  /** In bytes. */
  async sizeOf(file: string): Promise<number> {
    return (await lstat(await this.#locate(file))).size;
  }

  /** @throws Error where it is no plain file, or too large */
  async read(file: string): Promise<Buffer> {
    const path = await this.#locate(file);
    const handle = await open(path, constants.O_RDONLY | noFollow);
    try {
      const { size } = await handle.stat();
      if (size > MAX_BYTES) {
        throw new InputError(
          `it has ${size} bytes; files above ${MAX_BYTES} bytes are not read`,
        );
      }
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  }

  /** Replaces a file at one stroke; its mode stays. */
  async replace(file: string, content: Buffer): Promise<void> {
    const path = await this.#locate(file);
    const { mode } = await lstat(path);
    // eslint-disable-next-line no-bitwise
    await writeWhole(path, content, mode & 0o7777);
  }

  /**
   * Writes a new file at one stroke, into a folder that is there.
   *
   * @throws NotAllowedError where something has its name already
   */
  async create(file: string, content: Buffer): Promise<void> {
    const path = resolveSafeChildPath(this.#root, file);
    const folder = dirname(path);
    if ((await realpath(folder)) !== folder || (await isThere(path))) {
      throw new NotAllowedError(
        `${this.nameOf(
          file,
        )} is not written: there is something of that name, or its folder is reached through a symbolic link`,
      );
    }
    await writeWhole(path, content, NEW_FILE_MODE);
  }

  /** Looks again on each use: names also come from the state of a recovered task. */
  async #locate(file: string): Promise<string> {
    const path = resolveSafeChildPath(this.#root, file);
    const folder = dirname(path);
    if ((await realpath(folder)) !== folder || !(await lstat(path)).isFile()) {
      throw new NotAllowedError(
        `${basename(
          file,
        )} is not a plain file, or is reached through a symbolic link`,
      );
    }
    return path;
  }
}

async function writeWhole(
  path: string,
  content: Buffer,
  mode: number,
): Promise<void> {
  const temporary = join(dirname(path), `.image-scan-${randomUUID()}`);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      // The mode given to `open` is cut by the umask.
      await handle.chmod(mode);
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Whether a file, folder or link is there, wherever the link points. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isError(error) && error.code === 'ENOENT') {
      return false;
    }
    throw error;
  }
}

function toPosix(path: string): string {
  return path.split(sep).join('/');
}
