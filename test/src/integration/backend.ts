/*
 * A backend of its own process, for tests that kill it: the plugin with the real
 * services that it uses, and without the rest, so that it starts in a moment.
 * Its configuration is the file named by `--config`.
 */
import { createSpecializedBackend } from '@backstage/backend-app-api';
import {
  actionsRegistryServiceFactory,
  metricsServiceFactory,
  tracingServiceFactory,
} from '@backstage/backend-defaults/alpha';
import { auditorServiceFactory } from '@backstage/backend-defaults/auditor';
import { authServiceFactory } from '@backstage/backend-defaults/auth';
import { databaseServiceFactory } from '@backstage/backend-defaults/database';
import { discoveryServiceFactory } from '@backstage/backend-defaults/discovery';
import { httpAuthServiceFactory } from '@backstage/backend-defaults/httpAuth';
import { httpRouterServiceFactory } from '@backstage/backend-defaults/httpRouter';
import { lifecycleServiceFactory } from '@backstage/backend-defaults/lifecycle';
import { loggerServiceFactory } from '@backstage/backend-defaults/logger';
import { permissionsServiceFactory } from '@backstage/backend-defaults/permissions';
import { permissionsRegistryServiceFactory } from '@backstage/backend-defaults/permissionsRegistry';
import { rootConfigServiceFactory } from '@backstage/backend-defaults/rootConfig';
import { rootHealthServiceFactory } from '@backstage/backend-defaults/rootHealth';
import { rootHttpRouterServiceFactory } from '@backstage/backend-defaults/rootHttpRouter';
import { rootLifecycleServiceFactory } from '@backstage/backend-defaults/rootLifecycle';
import { WinstonLogger } from '@backstage/backend-defaults/rootLogger';
import { schedulerServiceFactory } from '@backstage/backend-defaults/scheduler';
import { userInfoServiceFactory } from '@backstage/backend-defaults/userInfo';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import imageScanPlugin from 'backstage-plugin-image-scan-backend';

/** Without the search for secrets, which reads the schemas of every package. */
const rootLoggerServiceFactory = createServiceFactory({
  service: coreServices.rootLogger,
  deps: {},
  factory: () => WinstonLogger.create({ level: 'info' }),
});

export async function start(): Promise<void> {
  const backend = createSpecializedBackend({
    defaultServiceFactories: [
      actionsRegistryServiceFactory,
      auditorServiceFactory,
      authServiceFactory,
      databaseServiceFactory,
      discoveryServiceFactory,
      httpAuthServiceFactory,
      httpRouterServiceFactory,
      lifecycleServiceFactory,
      loggerServiceFactory,
      metricsServiceFactory,
      permissionsRegistryServiceFactory,
      permissionsServiceFactory,
      rootConfigServiceFactory,
      rootHealthServiceFactory,
      rootHttpRouterServiceFactory,
      rootLifecycleServiceFactory,
      rootLoggerServiceFactory,
      schedulerServiceFactory,
      tracingServiceFactory,
      userInfoServiceFactory,
    ],
  });
  backend.add(imageScanPlugin);
  await backend.start();
}
