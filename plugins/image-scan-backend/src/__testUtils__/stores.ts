import type {
  TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { DatabaseDecisionStore } from '../database/DatabaseDecisionStore';
import { DatabaseGitRepoStore } from '../database/DatabaseGitRepoStore';
import { DatabaseImageScanStore } from '../database/DatabaseImageScanStore';
import { DatabaseScanQueue } from '../database/DatabaseScanQueue';
import { DatabaseUpdateStore } from '../database/DatabaseUpdateStore';
import type {
  GitRepoClaim,
  RepositoryContents,
} from '../database/GitRepoStore';
import { openDatabase } from '../database/migrate';
import type { ScanOutcome } from '../database/ScanQueue';

/** The moment that tests of stores begin at. */
export const NOW = 1_800_000_000_000;

export const DIGEST = `sha256:${'a'.repeat(64)}`;

/** A new database with all stores over it. */
export async function openStores(
  databases: TestDatabases,
  databaseId: TestDatabaseId,
) {
  const knex = await databases.init(databaseId);
  return createStores(await openDatabase({ getClient: async () => knex }));
}

/** All stores over a database, with short words for what tests do often. */
export function createStores(knex: Knex) {
  const gitRepos = new DatabaseGitRepoStore(knex);
  const queue = new DatabaseScanQueue(knex);

  const claim = async (key: string, now: number): Promise<GitRepoClaim> => {
    const claimed = await gitRepos.claim(key, now);
    if (!claimed) {
      throw new Error(`Git repo ${key} is held`);
    }
    return claimed;
  };

  return {
    knex,
    gitRepos,
    queue,
    imageScans: new DatabaseImageScanStore(knex),
    updates: new DatabaseUpdateStore(knex),
    decisions: new DatabaseDecisionStore(knex),
    claim,

    /** Makes these the configured git repos. */
    configure: (...keys: string[]) =>
      gitRepos.configure(
        keys.map(key => ({ key, definitionHash: 'configured' })),
        NOW,
      ),

    /** Stores what a run read and gives the git repo back. */
    sync: async (
      contents: RepositoryContents,
      now: number = NOW,
      key: string = 'repo',
    ): Promise<void> => {
      const held = await claim(key, now);
      await gitRepos.storeContents(held, contents, now);
      await gitRepos.complete(held, {
        nextSyncAt: now + 900_000,
        synced: { at: now, staleAt: now + 1_800_000 },
      });
    },

    /** Scans now; a tag is a result, an error a failure. */
    scan: async (
      scanId: string,
      result: string | Error,
      now: number = NOW,
      times: Partial<{ nextScanAt: number; staleAt: number }> = {},
    ): Promise<void> => {
      const held = await queue.claimScan(scanId, now);
      if (!held) {
        throw new Error(`Image scan ${scanId} is held`);
      }
      const { nextScanAt = now + 300_000, staleAt = now + 600_000 } = times;
      const outcome: ScanOutcome =
        result instanceof Error
          ? { scanId, nextScanAt, error: result.message }
          : {
              scanId,
              nextScanAt,
              staleAt,
              result: { tag: result, digest: DIGEST },
            };
      await queue.complete(held, [outcome], now);
    },
  };
}
