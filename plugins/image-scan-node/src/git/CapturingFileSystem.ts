import type { PromiseFsClient } from 'isomorphic-git';

// One for all: a commit asks some twenty times, and a stack trace costs more than the
// rest of it.
const absent = Object.assign(new Error('There is no such file'), {
  code: 'ENOENT',
});

/**
 * A file system for isomorphic-git that holds nothing and keeps what is written,
 * so that objects can be made without a repository.
 */
export class CapturingFileSystem implements PromiseFsClient {
  readonly written = new Map<string, Uint8Array>();

  readonly promises: PromiseFsClient['promises'] = {
    readFile: this.#refuse,
    readdir: this.#refuse,
    stat: this.#refuse,
    lstat: this.#refuse,
    readlink: this.#refuse,
    symlink: this.#refuse,
    rmdir: this.#refuse,
    unlink: this.#refuse,
    mkdir: async () => {},
    writeFile: async (path: string, content: Uint8Array) => {
      this.written.set(path, content);
    },
  };

  async #refuse(): Promise<never> {
    throw absent;
  }
}
