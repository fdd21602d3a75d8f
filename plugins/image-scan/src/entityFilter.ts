import {
  ANNOTATION_LOCATION,
  ANNOTATION_SOURCE_LOCATION,
  type Entity,
} from '@backstage/catalog-model';
import { GIT_REPO_ANNOTATION } from 'backstage-plugin-image-scan-common';

/** Kinds that something runs for; other kinds have their annotation to be shown. */
const KINDS = ['component', 'resource', 'system'];

/**
 * Whether an entity may have image scans: it names a git repo, or its source is
 * in one that the backend may know.
 *
 * @remarks
 * In an app of the old frontend system, use it as the `if` of an
 * `EntityLayout.Route` or `EntitySwitch.Case`.
 *
 * @public
 */
export function isImageScanAvailable(entity: Entity): boolean {
  const { annotations = {} } = entity.metadata;
  return (
    annotations[GIT_REPO_ANNOTATION] !== undefined ||
    (KINDS.includes(entity.kind.toLocaleLowerCase('en-US')) &&
      [ANNOTATION_SOURCE_LOCATION, ANNOTATION_LOCATION].some(name =>
        annotations[name]?.startsWith('url:'),
      ))
  );
}
