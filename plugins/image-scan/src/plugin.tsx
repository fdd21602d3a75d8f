import {
  ApiBlueprint,
  type FrontendPlugin,
  PageBlueprint,
  createFrontendPlugin,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/frontend-plugin-api';
import {
  EntityCardBlueprint,
  EntityContentBlueprint,
} from '@backstage/plugin-catalog-react/alpha';
import { RiShipLine } from '@remixicon/react';
import { ImageScanClient } from 'backstage-plugin-image-scan-common';
import { imageScanApiRef } from './api';
import { isImageScanAvailable } from './entityFilter';
import {
  entityContentRouteRef,
  entityTabRouteRef,
  pageRouteRef,
  rootRouteRef,
} from './routes';
import { imageScanPickerFormField } from './scaffolder';

const imageScanApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: imageScanApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: ({ discoveryApi, fetchApi }) =>
        new ImageScanClient({ discoveryApi, fetchApi }),
    }),
});

const imageScanPage = PageBlueprint.make({
  params: {
    path: '/image-scan',
    routeRef: rootRouteRef,
    loader: () =>
      import('./components/ImageScanPage').then(({ ImageScanPageContent }) => (
        <ImageScanPageContent />
      )),
  },
});

const imageStatusEntityCard = EntityCardBlueprint.make({
  name: 'image-status',
  params: {
    type: 'content',
    filter: isImageScanAvailable,
    loader: () =>
      import('./components/ImageStatusCard').then(({ ImageStatusCard }) => (
        <ImageStatusCard />
      )),
  },
});

const imagesEntityContent = EntityContentBlueprint.make({
  name: 'images',
  params: {
    path: '/images',
    title: 'Images',
    routeRef: entityContentRouteRef,
    filter: isImageScanAvailable,
    loader: () =>
      import('./components/EntityImages').then(({ EntityImages }) => (
        <EntityImages />
      )),
  },
});

/**
 * Image status on entity pages, in a tab and across the catalog.
 *
 * @public
 */
const imageScanPlugin: FrontendPlugin = createFrontendPlugin({
  pluginId: 'image-scan',
  title: 'Image Scan',
  icon: <RiShipLine />,
  info: { packageJson: () => import('../package.json') },
  routes: { root: rootRouteRef, entityContent: entityContentRouteRef },
  externalRoutes: { page: pageRouteRef, entityTab: entityTabRouteRef },
  extensions: [
    imageScanApi,
    imageScanPage,
    imageStatusEntityCard,
    imagesEntityContent,
    imageScanPickerFormField,
  ],
});

export default imageScanPlugin;
