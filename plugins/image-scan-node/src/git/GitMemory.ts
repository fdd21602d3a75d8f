import { RepositoryMemory } from './RepositoryMemory';

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/**
 * What remotes remember of their repositories, within a limit that they share:
 * the repository that was not looked at for longest is forgotten first, and read
 * from the beginning when its turn comes.
 *
 * @public
 */
export class GitMemory {
  readonly #memories = new Map<object, RepositoryMemory>();
  readonly #maxBytes: number;

  /** @param options - `maxBytes` is about what all of it may need; default 64 MiB */
  constructor(options: { maxBytes?: number } = {}) {
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  }

  /** About what is remembered, in bytes. */
  get bytes(): number {
    let bytes = 0;
    for (const memory of this.#memories.values()) {
      bytes += memory.bytes;
    }
    return bytes;
  }

  /** @internal */
  take(owner: object): RepositoryMemory {
    const known = this.#memories.get(owner);
    return known && !known.isOutgrown ? known : new RepositoryMemory();
  }

  /** @internal */
  keep(owner: object, memory: RepositoryMemory): void {
    // The order of a Map is the order of its last use.
    this.#memories.delete(owner);
    this.#memories.set(owner, memory);
    let { bytes } = this;
    for (const [oldest, { bytes: size }] of this.#memories) {
      if (bytes <= this.#maxBytes) {
        break;
      }
      this.#memories.delete(oldest);
      bytes -= size;
    }
  }
}
