import type { GitRemote } from 'backstage-plugin-image-scan-node';
import type { UpdateStore } from '../database/UpdateStore';

/**
 * Settles updates that were left between announcement and confirmation, by a
 * crash or a push without an answer: whether it arrived is asked of the remote.
 * One that did not, and that still can, stays announced.
 */
export async function settleUpdates(options: {
  /** Key of the git repo. */
  gitRepo: string;
  updates: UpdateStore;
  remote: GitRemote;
  signal?: AbortSignal;
}): Promise<void> {
  const { gitRepo, updates, remote, signal } = options;
  for (const update of await updates.announced(gitRepo)) {
    // Others may have pushed much more since, while nobody asked.
    const since = new Date(update.createdAt);
    if (await remote.contains(update.commit, { since, signal })) {
      await updates.confirm(update);
    } else if (Date.now() > update.createdAt + remote.pushLimit) {
      // Before, the server may still be at it, although who sent it is gone.
      await updates.withdraw(update.id);
    }
  }
}
