import { parseCommit } from './objects';
import { UnreadablePackError } from './PackedObjects';
import type { PackedObjects } from './PackedObjects';
import type { FetchFeatures } from './remoteHead';
import type { KnownCommit, RepositoryMemory } from './RepositoryMemory';
import { addTrees } from './SnapshotObjects';
import type { FetchObjects } from './SnapshotObjects';

/** A commit whose directories are in the memory. */
export interface FetchedCommit {
  commit: KnownCommit;
  /** The contents too, from a remote that cannot leave them out. */
  whole?: PackedObjects;
}

/**
 * Fetches a commit and those of its directories that are not known.
 *
 * @returns undefined when the remote no longer gives it away, because the branch
 *   has moved
 */
export async function fetchCommit(
  oid: string,
  options: {
    memory: RepositoryMemory;
    features: FetchFeatures;
    fetch: FetchObjects;
  },
): Promise<FetchedCommit | undefined> {
  const { memory, features, fetch } = options;
  if (memory.commit?.oid === oid) {
    return { commit: memory.commit };
  }
  const request = { wants: [oid], depth: 1, filter: 'blob:none' } as const;
  // Without a filter, deltas could stand on contents that are not here.
  const have = features.filter ? memory.commit?.oid : undefined;
  let packed: PackedObjects | undefined;
  try {
    packed = await fetch({ ...request, have });
  } catch (error) {
    if (!have || !(error instanceof UnreadablePackError)) {
      throw error;
    }
    // A server with another idea of what is here; all of it can be read.
    packed = await fetch(request);
  }
  if (!packed) {
    return undefined;
  }
  const content = await packed.read(oid, 'commit');
  const commit = { oid, content, tree: parseCommit(content).tree };
  await addTrees(packed, memory);
  memory.commit = commit;
  return { commit, whole: features.filter ? undefined : packed };
}
