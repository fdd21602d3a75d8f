import { GitUnreachableError } from './errors';
import type { FetchRequest } from './fetchPack';
import type { PackedObjects } from './PackedObjects';
import type { FetchFeatures } from './remoteHead';
import type { KnownCommit, RepositoryMemory } from './RepositoryMemory';

/** Contents asked for in one request. */
const BATCH_SIZE = 4096;

/** Fetches; undefined when the remote does not give one of the objects away. */
export type FetchObjects = (
  request: FetchRequest,
) => Promise<PackedObjects | undefined>;

/** Why a content is not read, and whether it is its own fault. */
export interface UnreadBlob {
  reason: string;
  /** Else another one, which was sent with it, may be what is too large. */
  isCertain: boolean;
}

export interface SnapshotObjectsOptions {
  commit: KnownCommit;
  memory: RepositoryMemory;
  features: FetchFeatures;
  fetch: FetchObjects;
  /** The commit with all its contents, where that is what was fetched. */
  whole?: PackedObjects;
  /** Names the remote in errors. */
  remote: string;
}

/**
 * The objects of one commit. Its directories are here; contents are fetched when
 * they are asked for, many at a time, or all at once from a remote that gives
 * away nothing less.
 */
export class SnapshotObjects {
  #whole?: Promise<PackedObjects>;

  readonly #options: SnapshotObjectsOptions;

  constructor(options: SnapshotObjectsOptions) {
    this.#options = options;

    this.#whole = options.whole && Promise.resolve(options.whole);
  }

  /** The content of a directory. */
  async tree(oid: string): Promise<Buffer> {
    const { memory, fetch } = this.#options;
    const known = memory.tree(oid);
    if (known) {
      return known;
    }
    // The remote left out what it took to be here.
    const packed = await fetch({ wants: [oid], filter: 'blob:none' });
    if (!packed) {
      throw this.#withheld(`the tree ${oid}`);
    }
    await addTrees(packed, memory);
    return packed.read(oid, 'tree');
  }

  /** The content of a file. */
  async blob(oid: string): Promise<Buffer> {
    const packed = await this.#fetchBlobs([oid]);
    return packed.read(oid, 'blob');
  }

  /**
   * The contents of files, each once and in any order, and instead of a content why it
   * is not read.
   */
  async *blobs(
    oids: Iterable<string>,
  ): AsyncGenerator<[oid: string, content: Buffer | UnreadBlob]> {
    const wanted = [...new Set(oids)];
    let next = this.#fetchBatch(wanted, 0);
    for (let start = 0; next; start += BATCH_SIZE) {
      const packed: PackedObjects = await next;
      // The remote packs the next ones while these are looked at.
      next = this.#fetchBatch(wanted, start + BATCH_SIZE);
      const batch = new Set(wanted.slice(start, start + BATCH_SIZE));
      for (const oid of packed.inOrder(batch)) {
        batch.delete(oid);
        yield [oid, await packed.read(oid, 'blob')];
      }
      for (const oid of batch) {
        yield [
          oid,
          unreadBlob(packed, batch.size) ?? (await packed.read(oid, 'blob')),
        ];
      }
    }
  }

  #fetchBatch(
    oids: readonly string[],
    start: number,
  ): Promise<PackedObjects> | undefined {
    const wants = oids.slice(start, start + BATCH_SIZE);
    if (wants.length === 0) {
      return undefined;
    }
    const batch = this.#fetchBlobs(wants);
    // Thrown to who awaits it; where the one before it failed, nobody does.
    batch.catch(() => undefined);
    return batch;
  }

  async #fetchBlobs(wants: readonly string[]): Promise<PackedObjects> {
    const { features, fetch } = this.#options;
    if (!this.#whole && features.filter) {
      const packed = await fetch({ wants });
      if (packed) {
        return packed;
      }
      // It offers filters, but not what was filtered out.
      features.filter = false;
    }
    this.#whole ??= this.#fetchWhole();
    return this.#whole;
  }

  async #fetchWhole(): Promise<PackedObjects> {
    const { commit, fetch } = this.#options;
    const packed = await fetch({ wants: [commit.oid], depth: 1 });
    if (!packed) {
      throw this.#withheld(`the files of ${commit.oid}`);
    }
    return packed;
  }

  #withheld(what: string): GitUnreachableError {
    return new GitUnreachableError(
      `${this.#options.remote} does not give away ${what}; it is tried again`,
    );
  }
}

/** What was sent and is not among what a pack gives: as many as were gone over. */
function unreadBlob(
  { unread }: PackedObjects,
  missing: number,
): UnreadBlob | undefined {
  return unread && (unread.cutOff || missing <= unread.skipped)
    ? { reason: unread.reason, isCertain: !unread.cutOff }
    : undefined;
}

/** Remembers all directories of a pack. */
export async function addTrees(
  packed: PackedObjects,
  memory: RepositoryMemory,
): Promise<void> {
  for (const oid of packed.namesOf('tree')) {
    memory.addTree(oid, await packed.read(oid, 'tree'));
  }
}
