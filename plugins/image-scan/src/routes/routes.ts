import {
  createExternalRouteRef,
  createRouteRef,
} from '@backstage/core-plugin-api';

// Route refs of core-plugin-api work in both frontend systems; those of
// frontend-plugin-api do not work in the old one.

/** The page with everything in the catalog. */
export const rootRouteRef = createRouteRef({ id: 'image-scan' });

/** The tab of an entity. */
export const entityContentRouteRef = createRouteRef({
  id: 'image-scan:entity-content',
});

/**
 * The same two places as seen by a link: an app may leave either of them out,
 * and then there is no link instead of a crash.
 */
export const pageRouteRef = createExternalRouteRef({
  id: 'image-scan:page',
  optional: true,
  defaultTarget: 'image-scan.root',
});

/** See {@link pageRouteRef}. */
export const entityTabRouteRef = createExternalRouteRef({
  id: 'image-scan:entity-tab',
  optional: true,
  defaultTarget: 'image-scan.entityContent',
});
