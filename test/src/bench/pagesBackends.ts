import { GitServer } from '../servers/GitServer';
import { findPostgres, PostgresServer } from '../servers/Postgres';
import { LoadRegistries } from '../guarantees/loadRegistries';
import type { BenchResult } from './Bench';
import { PagesBackend, type PagesDatabase } from './pagesBackend';

/** A backend of one size, filled, and what it is. */
export interface FilledBackend {
  backend: PagesBackend;
  database: PagesDatabase;
  scans: number;
}

/** Does work on a backend of each size on each database that is installed. */
export async function eachPagesBackend(
  { sizes, withEntities }: { sizes: readonly number[]; withEntities: boolean },
  work: (filled: FilledBackend) => Promise<BenchResult[]>,
): Promise<BenchResult[]> {
  const installation = findPostgres();
  const postgres = installation && (await PostgresServer.start(installation));
  const git = await GitServer.start();
  const registries = await LoadRegistries.start();
  const databases: PagesDatabase[] = postgres
    ? ['SQLite', 'PostgreSQL']
    : ['SQLite'];
  const results: BenchResult[] = [];
  try {
    for (const database of databases) {
      for (const scans of sizes) {
        const backend = await PagesBackend.start({
          database,
          scans,
          withEntities,
          postgres,
          git,
          registries,
        });
        try {
          results.push(...(await work({ backend, database, scans })));
        } finally {
          await backend.stop();
        }
      }
    }
    return results;
  } finally {
    await registries.stop();
    await git.stop();
    await postgres?.stop();
  }
}
