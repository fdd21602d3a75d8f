import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { createImageScanActions } from './actions';
import { readImageScanConfig } from './config/readImageScanConfig';
import { clearLeftoverLeases, openDatabase } from './database/migrate';
import { createWorkers } from './createWorkers';
import { GitCredentialResolver } from './credentials/GitCredentialResolver';
import { createStores } from './database/createStores';
import { EntityLinks } from './entities/EntityLinks';
import { GitRepoDirectory } from './model/GitRepoDirectory';
import { GitRepoAuthorizer } from './permissions/GitRepoAuthorizer';
import { createRouter } from './router';
import { AuditedImageScanService } from './service/AuditedImageScanService';
import { AuthorizedImageScanService } from './service/AuthorizedImageScanService';
import { DefaultImageScanService } from './service/DefaultImageScanService';
import { Readers } from './work/Readers';

/** How often each replica looks whether work is due. */
const TICK = { seconds: 1 };

/** Longer than any tick: a tick only starts work. */
const TICK_TIMEOUT = { minutes: 1 };

/**
 * Image Scan for Backstage: scans container registries, chooses tags by policy
 * and writes them to git where markers ask for it.
 *
 * @public
 */
export const imageScanPlugin = createBackendPlugin({
  pluginId: 'image-scan',
  register(env) {
    env.registerInit({
      deps: {
        actionsRegistry: actionsRegistryServiceRef,
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        scheduler: coreServices.scheduler,
      },
      async init({
        actionsRegistry,
        auditor,
        auth,
        catalog,
        config,
        database,
        httpAuth,
        httpRouter,
        lifecycle,
        logger,
        permissions,
        permissionsRegistry,
        scheduler,
      }) {
        const settings = readImageScanConfig(config);
        settings.warnings.forEach(warning => logger.warn(warning));

        const knex = await openDatabase(database);
        await clearLeftoverLeases(knex);
        const stores = createStores(knex);
        const directory = new GitRepoDirectory(settings.gitRepos);
        const gitCredentials = new GitCredentialResolver({
          secrets: settings.secrets,
          config,
        });
        const readers = new Readers();
        const workers = createWorkers({
          settings,
          stores,
          directory,
          gitCredentials,
          readers,
          logger,
          auditor,
        });
        await workers.configure();

        const links = new EntityLinks({ directory, catalog, auth });
        const service = new AuditedImageScanService({
          service: new AuthorizedImageScanService({
            service: new DefaultImageScanService({
              context: {
                directory,
                integrations: gitCredentials.integrations,
              },
              stores,
              scanWorker: workers.scanWorker,
              tagResolver: workers.tagResolver,
              gitRepoWorker: workers.gitRepoWorker,
              links,
            }),
            authorizer: new GitRepoAuthorizer({
              permissions,
              permissionsRegistry,
              directory,
              links,
            }),
          }),
          auditor,
        });
        httpRouter.use(readers.count);
        httpRouter.use(createRouter({ service, httpAuth }));
        createImageScanActions({ actionsRegistry, service });

        lifecycle.addShutdownHook(() => workers.stop());
        for (const { id, loop } of workers.loops) {
          await scheduler.scheduleTask({
            id,
            scope: 'local',
            frequency: TICK,
            timeout: TICK_TIMEOUT,
            fn: () => loop.tick(),
          });
        }
      },
    });
  },
});
