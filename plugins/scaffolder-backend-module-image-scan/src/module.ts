import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
import { createRewriteAction } from './actions/rewrite';
import { createUpdateAction } from './actions/update';

/**
 * Adds the actions `image-scan:update` and `image-scan:rewrite` to the scaffolder.
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
        discovery: coreServices.discovery,
      },
      async init({ actions, ...services }) {
        actions.addActions(
          createUpdateAction(services),
          createRewriteAction(services),
        );
      },
    });
  },
});
