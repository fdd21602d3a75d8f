import { createDevApp } from '@backstage/frontend-dev-utils';
import {
  ApiBlueprint,
  createFrontendModule,
} from '@backstage/frontend-plugin-api';
import catalogPlugin from '@backstage/plugin-catalog/alpha';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import plugin, { imageScanApiRef } from '../src';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { mockImageScanApi } from './__data__/scenes';
import { entity } from './__data__/entity';

// The pages without a backend: `backstage-cli package start --entrypoint dev/mocked`,
// then /catalog/default/component/shop and /image-scan. `?scene=` in the first
// address opened chooses what the backend would answer: see scenes.ts.
const scene = new URLSearchParams(window.location.search).get('scene');

const catalogMocks = createFrontendModule({
  pluginId: 'catalog',
  extensions: [
    ApiBlueprint.make({
      params: defineParams =>
        defineParams({
          api: catalogApiRef,
          deps: {},
          factory: () => catalogApiMock({ entities: [entity] }),
        }),
    }),
  ],
});

const imageScanMocks = createFrontendModule({
  pluginId: 'image-scan',
  extensions: [
    ApiBlueprint.make({
      params: defineParams =>
        defineParams({
          api: imageScanApiRef,
          deps: {},
          factory: () => mockImageScanApi(scene),
        }),
    }),
  ],
});

const permissionMocks = createFrontendModule({
  pluginId: 'app',
  extensions: [
    ApiBlueprint.make({
      name: 'permission',
      params: defineParams =>
        defineParams({
          api: permissionApiRef,
          deps: {},
          factory: () => ({
            authorize: async () => ({
              result:
                scene === 'denied'
                  ? AuthorizeResult.DENY
                  : AuthorizeResult.ALLOW,
            }),
          }),
        }),
    }),
  ],
});

createDevApp({
  features: [
    catalogPlugin,
    plugin,
    catalogMocks,
    imageScanMocks,
    permissionMocks,
  ],
});
