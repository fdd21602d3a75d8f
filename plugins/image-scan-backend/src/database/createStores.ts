import type { Knex } from 'knex';
import { DatabaseDecisionStore } from './DatabaseDecisionStore';
import { DatabaseGitRepoStore } from './DatabaseGitRepoStore';
import { DatabaseImageScanStore } from './DatabaseImageScanStore';
import { DatabasePlatformStore } from './DatabasePlatformStore';
import { DatabaseScanQueue } from './DatabaseScanQueue';
import { DatabaseUpdateStore } from './DatabaseUpdateStore';
import type { DecisionStore } from './DecisionStore';
import type { GitRepoStore } from './GitRepoStore';
import type { ImageScanStore } from './ImageScanStore';
import type { PlatformStore } from './PlatformStore';
import type { ScanQueue } from './ScanQueue';
import type { UpdateStore } from './UpdateStore';

/** Everything that is kept, one store for each group of tables. */
export interface Stores {
  gitRepos: GitRepoStore;
  imageScans: ImageScanStore;
  queue: ScanQueue;
  updates: UpdateStore;
  decisions: DecisionStore;
  platforms: PlatformStore;
}

/** The stores of one database, whose tables stand. */
export function createStores(knex: Knex): Stores {
  return {
    gitRepos: new DatabaseGitRepoStore(knex),
    imageScans: new DatabaseImageScanStore(knex),
    queue: new DatabaseScanQueue(knex),
    updates: new DatabaseUpdateStore(knex),
    decisions: new DatabaseDecisionStore(knex),
    platforms: new DatabasePlatformStore(knex),
  };
}
