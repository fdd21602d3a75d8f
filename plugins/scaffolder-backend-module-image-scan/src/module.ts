import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
import { createAdoptAction } from './actions/adopt';
import { createRewriteAction } from './actions/rewrite';
import { createUpdateAction } from './actions/update';
import { GitAccess } from './repository/GitAccess';

/**
 * Adds the actions `image-scan:update`, `image-scan:rewrite` and `image-scan:adopt` to the
 * scaffolder.
 *
 * @public
 */
export const scaffolderModuleImageScan = createBackendModule({
  pluginId: 'scaffolder',
  moduleId: 'image-scan',
  register(env) {
    env.registerInit({
      deps: {
        actions: scaffolderActionsExtensionPoint,
        auth: coreServices.auth,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        lifecycle: coreServices.lifecycle,
      },
      async init({ actions, lifecycle, ...services }) {
        const access = new GitAccess(services.config);
        lifecycle.addShutdownHook(() => access.close());
        actions.addActions(
          createUpdateAction(services),
          createRewriteAction({ ...services, access }),
          createAdoptAction(),
        );
      },
    });
  },
});
