/**
 * The pages for apps of the old frontend system.
 *
 * @packageDocumentation
 */
import {
  createApiFactory,
  createComponentExtension,
  createPlugin,
  createRoutableExtension,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/core-plugin-api';
import { ImageScanClient } from 'backstage-plugin-image-scan-common';
import { imageScanApiRef } from './api';
import {
  entityContentRouteRef,
  entityTabRouteRef,
  pageRouteRef,
  rootRouteRef,
} from './routes';
import { imageScanPickerFieldExtension } from './scaffolder/legacy';

export { imageScanApiRef } from './api';
export { isImageScanAvailable } from './entityFilter';
export { imageScanTranslationRef } from './translation';

/** @public */
export const imageScanPlugin = createPlugin({
  id: 'image-scan',
  apis: [
    createApiFactory({
      api: imageScanApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: ({ discoveryApi, fetchApi }) =>
        new ImageScanClient({ discoveryApi, fetchApi }),
    }),
  ],
  routes: { root: rootRouteRef, entityContent: entityContentRouteRef },
  externalRoutes: { page: pageRouteRef, entityTab: entityTabRouteRef },
});

/**
 * The page with everything in the catalog, for `<Route path="/image-scan" …>`.
 *
 * @public
 */
export const ImageScanPage = imageScanPlugin.provide(
  createRoutableExtension({
    name: 'ImageScanPage',
    component: () =>
      import('./components/ImageScanPage/LegacyImageScanPage').then(
        m => m.LegacyImageScanPage,
      ),
    mountPoint: rootRouteRef,
  }),
);

/**
 * The tab of an entity, for an `EntityLayout.Route`.
 *
 * @public
 */
export const EntityImagesContent = imageScanPlugin.provide(
  createRoutableExtension({
    name: 'EntityImagesContent',
    component: () =>
      import('./components/EntityImages').then(m => m.EntityImages),
    mountPoint: entityContentRouteRef,
  }),
);

/**
 * The card of an entity.
 *
 * @public
 */
export const EntityImageStatusCard = imageScanPlugin.provide(
  createComponentExtension({
    name: 'EntityImageStatusCard',
    component: {
      lazy: () =>
        import('./components/ImageStatusCard').then(m => m.ImageStatusCard),
    },
  }),
);

/**
 * The field `ImageScanPicker` of templates, for `<ScaffolderFieldExtensions>`.
 *
 * @public
 */
export const ImageScanPickerFieldExtension = imageScanPlugin.provide(
  imageScanPickerFieldExtension,
);
