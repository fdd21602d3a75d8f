import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { NotAllowedError } from '@backstage/errors';
import type { PromiseFsClient } from 'isomorphic-git';
import { MAX_CHECKOUT_BYTES, MAX_READ_BYTES, tooLarge } from './limits';
import { linkLeadsOut } from './paths';

// Windows has no such flag; there the look before is all.
const noFollow: number = constants.O_NOFOLLOW ?? 0;

type ReadOptions = { encoding?: BufferEncoding } | BufferEncoding | undefined;
type WriteOptions = { mode?: number } | BufferEncoding | undefined;

/**
 * The files below one folder, for isomorphic-git: no path outside of it is read or
 * written, none is reached through a symbolic link, and no more is written than a clone
 * may have.
 *
 * @remarks
 * A repository may name any path, and a workspace may hold a stranger's `.git`. Nothing
 * else works in the folder meanwhile, so a folder once found to be a plain one stays so.
 */
export class ConfinedFileSystem implements PromiseFsClient {
  /** Links that were not written because they lead out. */
  readonly omittedLinks: string[] = [];
  /** The first refusal; isomorphic-git tells of it in other words, if at all. */
  failure?: Error;

  readonly #root: string;
  readonly #gitdir: string;
  readonly #plainFolders = new Set<string>();
  readonly #omitted = new Map<string, Stats>();
  #checkoutBytes = 0;

  readonly promises: PromiseFsClient['promises'] = {
    readFile: (path: string, options: ReadOptions) =>
      this.#readFile(path, options),
    writeFile: (
      path: string,
      content: string | Uint8Array,
      options: WriteOptions,
    ) => this.#writeFile(path, content, options),
    unlink: async (path: string) => fs.unlink(await this.#locate(path)),
    readdir: async (path: string) => {
      const folder = await this.#locate(path);
      await this.#checkFolder(folder);
      return fs.readdir(folder);
    },
    mkdir: async (path: string) => fs.mkdir(await this.#locate(path)),
    rmdir: async (path: string) => fs.rmdir(await this.#locate(path)),
    // A link is nowhere followed, so one look is as good as the other.
    stat: (path: string) => this.#lstat(path),
    lstat: (path: string) => this.#lstat(path),
    readlink: async (path: string, options: ReadOptions) =>
      fs.readlink(await this.#locate(path), options),
    symlink: (target: string, path: string) => this.#symlink(target, path),
  };

  /** @param root - a folder that is reached through no link */
  constructor(root: string) {
    this.#root = resolve(root);
    this.#gitdir = `${this.#root}${sep}.git${sep}`;
  }

  async #readFile(
    path: string,
    options: ReadOptions,
  ): Promise<string | Buffer> {
    const handle = await fs.open(
      await this.#locate(path),
      constants.O_RDONLY | noFollow,
    );
    try {
      if ((await handle.stat()).size > MAX_READ_BYTES) {
        throw this.#refuse(tooLarge(`${path} has`, MAX_READ_BYTES, 'bytes'));
      }
      return await handle.readFile(options);
    } finally {
      await handle.close();
    }
  }

  async #writeFile(
    path: string,
    content: string | Uint8Array,
    options: WriteOptions,
  ): Promise<void> {
    const place = await this.#locate(path);
    if (!place.startsWith(this.#gitdir)) {
      this.#checkoutBytes += Buffer.byteLength(content);
      if (this.#checkoutBytes > MAX_CHECKOUT_BYTES) {
        throw this.#refuse(
          tooLarge('Its files have', MAX_CHECKOUT_BYTES, 'bytes'),
        );
      }
    }
    const handle = await fs.open(
      place,
      // eslint-disable-next-line no-bitwise
      constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | noFollow,
      typeof options === 'object' ? options.mode : undefined,
    );
    try {
      await handle.writeFile(content);
    } finally {
      await handle.close();
    }
  }

  async #lstat(path: string): Promise<Stats> {
    const place = await this.#locate(path);
    return this.#omitted.get(place) ?? fs.lstat(place);
  }

  async #symlink(target: string, path: string): Promise<void> {
    const place = await this.#locate(path);
    const name = place
      .slice(this.#root.length + 1)
      .split(sep)
      .join('/');
    if (linkLeadsOut(name, target)) {
      this.omittedLinks.push(name);
      // isomorphic-git looks at what it has written.
      this.#omitted.set(place, await fs.lstat(this.#root));
      return;
    }
    await fs.symlink(target, place);
  }

  /** The path, whose folder is inside the root and is reached through no link. */
  async #locate(path: string): Promise<string> {
    const place = resolve(path);
    if (place !== this.#root) {
      if (!place.startsWith(this.#root + sep)) {
        throw this.#refuse(
          new NotAllowedError(`${path} is outside of the clone`),
        );
      }
      await this.#checkFolder(dirname(place));
    }
    return place;
  }

  async #checkFolder(folder: string): Promise<void> {
    if (folder === this.#root || this.#plainFolders.has(folder)) {
      return;
    }
    await this.#checkFolder(dirname(folder));
    const stats = await fs.lstat(folder);
    if (stats.isSymbolicLink()) {
      throw this.#refuse(
        new NotAllowedError(
          `${folder.slice(
            this.#root.length + 1,
          )} is a symbolic link, and those are not followed`,
        ),
      );
    }
    if (stats.isDirectory()) {
      this.#plainFolders.add(folder);
    }
  }

  #refuse<T extends Error>(error: T): T {
    this.failure ??= error;
    return error;
  }
}
