import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import {
  EntityProvider,
  entityRouteRef,
} from '@backstage/plugin-catalog-react';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { ImageScanApi } from 'backstage-plugin-image-scan-common';
import type { ReactElement } from 'react';
import { useLocation } from 'react-router-dom';
import { entity } from '../../dev/__data__/entity';
import { imageScanApiRef } from '../api';
import { entityTabRouteRef, pageRouteRef } from '../routes';

/**
 * Renders part of the plugin on the page of an entity.
 *
 * @remarks
 * Permissions are remembered across tests by their name and git repo: a test
 * that denies some needs a git repo of its own.
 *
 * @param denied - names of the permissions that the user does not have
 */
export function renderPage(
  element: ReactElement,
  options: {
    api: ImageScanApi;
    /** Where the element is mounted; default everywhere. */
    mountPath?: string;
    path?: string;
    denied?: string[];
  },
) {
  const { api, mountPath, path = '/', denied = [] } = options;
  return renderInTestApp(
    <EntityProvider entity={entity}>
      {element}
      <Location />
    </EntityProvider>,
    {
      mountPath,
      initialRouteEntries: [path],
      mountedRoutes: {
        '/catalog/:namespace/:kind/:name': entityRouteRef,
        '/test-tab': entityTabRouteRef,
        '/test-page': pageRouteRef,
      },
      apis: [
        [imageScanApiRef, api],
        mockApis.permission({
          authorize: ({ permission }) =>
            denied.includes(permission.name)
              ? AuthorizeResult.DENY
              : AuthorizeResult.ALLOW,
        }),
      ],
    },
  );
}

/** Shows where the router is, for tests of what the URL keeps. */
function Location() {
  const { pathname, search } = useLocation();
  return <output data-testid="location">{pathname + search}</output>;
}
