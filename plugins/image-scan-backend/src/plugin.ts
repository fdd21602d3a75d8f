import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { createImageScanActions } from './actions';
import { readImageScanConfig } from './config/readImageScanConfig';
import { clearLeftoverLeases, openDatabase } from './database/migrate';
import { createEngine } from './createEngine';
import { GitRepoAuthorizer } from './permissions/GitRepoAuthorizer';
import { createRouter } from './router';
import { AuditedImageScanService } from './service/AuditedImageScanService';
import { AuthorizedImageScanService } from './service/AuthorizedImageScanService';
import { DefaultImageScanService } from './service/DefaultImageScanService';
import { EntityLinks } from './entities/EntityLinks';

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
      async init(deps) {
        const { config, logger, auditor, scheduler } = deps;
        const settings = readImageScanConfig(config);
        settings.warnings.forEach(warning => logger.warn(warning));

        const knex = await openDatabase(deps.database);
        await clearLeftoverLeases(knex);
        const engine = createEngine({
          knex,
          settings,
          config,
          logger,
          auditor,
        });
        await engine.configure();

        const { directory } = engine.context;
        const links = new EntityLinks({ ...deps, directory });
        const authorizer = new GitRepoAuthorizer({ ...deps, directory, links });
        const authorized = new AuthorizedImageScanService({
          service: new DefaultImageScanService({
            ...engine,
            links,
          }),
          authorizer,
        });
        const service = new AuditedImageScanService({
          service: authorized,
          auditor,
        });
        deps.httpRouter.use(engine.readers.count);
        deps.httpRouter.use(createRouter({ ...deps, service }));
        createImageScanActions({ ...deps, service });

        deps.lifecycle.addShutdownHook(() => engine.stop());
        for (const { id, loop } of engine.loops) {
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
