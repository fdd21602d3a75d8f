import type {
  ImageScan,
  ImageScanApi,
  ImageScanListOptions,
} from 'backstage-plugin-image-scan-common';

/** What an update is about: a whole git repo, or the scans of an entity, or one scan. */
export interface UpdateScope {
  gitRepo: string;
  entityRef?: string;
  imageScanId?: string;
}

/** A scan that is held, as the dialog asks about it. */
export interface HeldScan {
  id: string;
  tagName: string;
  image: string;
  from: string;
  to: string;
  reason: string;
}

/** What a scope stands for at the moment. */
export interface UpdateTargets {
  /** Absent where everything in the git repo is meant. */
  tagNames?: string[];
  held: HeldScan[];
}

const PAGE_SIZE = 500;

/**
 * What to ask the backend for.
 *
 * @param released - ids of the held scans that may go back
 */
export async function findTargets(
  api: ImageScanApi,
  scope: UpdateScope,
  released: ReadonlySet<string>,
): Promise<UpdateTargets> {
  const scans = scope.imageScanId
    ? [await api.getImageScan(scope.imageScanId)]
    : await listAll(api, {
        gitRepo: scope.gitRepo,
        entityRef: scope.entityRef,
      });
  const held = scans.flatMap(heldScan);
  const isWholeRepo = !scope.imageScanId && !scope.entityRef;
  if (isWholeRepo && released.size === 0) {
    return { held };
  }
  // `allowDowngrade` lets everything named go back, so what stays held must not
  // be named.
  const kept = new Set(
    held.filter(({ id }) => !released.has(id)).map(({ id }) => id),
  );
  const tagNames = scans
    .filter(({ id, gitRepo }) => gitRepo === scope.gitRepo && !kept.has(id))
    .map(({ tagName }) => tagName);
  return { held, tagNames: [...new Set(tagNames)] };
}

function heldScan(scan: ImageScan): HeldScan[] {
  const { id, tagName, image, held } = scan;
  // What somebody decided is not lifted by `allowDowngrade`.
  return held && !held.decision ? [{ id, tagName, image, ...held }] : [];
}

async function listAll(
  api: ImageScanApi,
  options: ImageScanListOptions,
): Promise<ImageScan[]> {
  const scans: ImageScan[] = [];
  for (;;) {
    const { items, totalItems } = await api.listImageScans({
      ...options,
      limit: PAGE_SIZE,
      offset: scans.length,
    });
    scans.push(...items);
    if (items.length === 0 || scans.length >= totalItems) {
      return scans;
    }
  }
}
