/*
 * The backend of the benches of store and pages: the real catalog with entities
 * that are tied to folders of a git repo, and the real plugin, whose database is
 * watched. The parent asks by message; `--config` names the configuration.
 */
import { createBackend } from '@backstage/backend-defaults';
import { DatabaseManager } from '@backstage/backend-defaults/database';
import {
  coreServices,
  createBackendModule,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  ANNOTATION_LOCATION,
  ANNOTATION_ORIGIN_LOCATION,
} from '@backstage/catalog-model';
import { catalogProcessingExtensionPoint } from '@backstage/plugin-catalog-node';
import imageScanPlugin from 'backstage-plugin-image-scan-backend';
import type { Knex } from 'knex';
import type { DatabaseReport, PagesRequest } from './pagesBackend';

let watched: Knex | undefined;
const report: DatabaseReport = { queries: {}, statements: 0, rowsWritten: 0 };

/** Counts what is asked of a database and the rows that it wrote. */
function watch(knex: Knex): void {
  watched = knex;
  knex.on('query', ({ sql }: { sql: string }) => {
    report.statements += 1;
    report.queries[sql] = (report.queries[sql] ?? 0) + 1;
  });
  knex.on(
    'query-response',
    (result: unknown, { method }: { method: string }) => {
      if (['insert', 'update', 'del'].includes(method)) {
        // With `returning` the rows, else how many; an insert is of one row.
        const count = Array.isArray(result) ? result.length : Number(result);
        report.rowsWritten += method === 'insert' ? 1 : count;
      }
    },
  );
}

/**
 * The catalog's own SQLite waits for the disk at each of the many commits that
 * bring the entities in. What is timed later only reads.
 */
async function fillQuickly(knex: Knex): Promise<void> {
  if (knex.client.config.client === 'better-sqlite3') {
    await knex.raw('PRAGMA synchronous = OFF');
  }
}

const watchedDatabase = createServiceFactory({
  service: coreServices.database,
  deps: {
    config: coreServices.rootConfig,
    lifecycle: coreServices.lifecycle,
    logger: coreServices.logger,
    plugin: coreServices.pluginMetadata,
  },
  createRootContext: ({ config }) => DatabaseManager.fromConfig(config),
  factory: ({ lifecycle, logger, plugin }, manager) => {
    const database = manager.forPlugin(plugin.getId(), { lifecycle, logger });
    return {
      migrations: database.migrations,
      getClient: async () => {
        const knex = await database.getClient();
        if (plugin.getId() !== 'image-scan') {
          await fillQuickly(knex);
        } else if (!watched) {
          watch(knex);
        }
        return knex;
      },
    };
  },
});

/** Entities `app-0`, `app-1`, …, each tied to the folder of its name. */
const entities = (count: number) =>
  createBackendModule({
    pluginId: 'catalog',
    moduleId: 'bench-entities',
    register(env) {
      env.registerInit({
        deps: { catalog: catalogProcessingExtensionPoint },
        async init({ catalog }) {
          catalog.addEntityProvider({
            getProviderName: () => 'bench',
            connect: connection =>
              connection.applyMutation({
                type: 'full',
                entities: Array.from({ length: count }, (_, index) => ({
                  entity: componentOf(`app-${index}`),
                })),
              }),
          });
        },
      });
    },
  });

function componentOf(name: string) {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: {
      name,
      description: `What ${name} is for`,
      annotations: {
        [ANNOTATION_LOCATION]: 'bench:entities',
        [ANNOTATION_ORIGIN_LOCATION]: 'bench:entities',
        'image-scan/git-repo': 'bench',
        'image-scan/path': name,
      },
    },
    spec: { type: 'service', lifecycle: 'production', owner: 'team' },
  };
}

async function answer({ name }: PagesRequest): Promise<unknown> {
  if (!watched) {
    throw new Error('The plugin has no database yet');
  }
  switch (name) {
    case 'report':
      return report;
    case 'allDue':
      return watched('image_scans').update({ next_scan_at: Date.now() });
    case 'due': {
      const rows = await watched('image_scans')
        .where('next_scan_at', '<=', Date.now())
        .count({ count: '*' });
      return Number(rows[0].count);
    }
    default:
      throw new Error(`Unknown request ${name}`);
  }
}

process.on('message', (request: PagesRequest) => {
  answer(request).then(
    result => process.send?.({ id: request.id, result }),
    error => process.send?.({ id: request.id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());

const backend = createBackend();
backend.add(watchedDatabase);
backend.add(import('@backstage/plugin-catalog-backend'));
backend.add(entities(Number(process.env.BENCH_ENTITIES)));
backend.add(imageScanPlugin);
backend.start().catch(error => {
  console.error(error);
  process.exit(1);
});
