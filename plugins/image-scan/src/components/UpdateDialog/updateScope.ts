import type {
  ImageScanApi,
  UpdateRequest,
} from 'backstage-plugin-image-scan-common';
import { listAllScans } from '../../api';

/** What an update is about: a whole git repo, or the scans of an entity, or one scan. */
export interface UpdateScope {
  gitRepo: string;
  entityRef?: string;
  imageScanId?: string;
  /** Tags that a person chose, by the ids of their scans. */
  tags?: Record<string, string>;
  /** Id of an update to take back. */
  revert?: string;
  /** Ids of decisions that end with it. */
  release?: string[];
}

/** What to ask the backend for; without ids it is everything in the git repo. */
export async function scopeRequest(
  api: ImageScanApi,
  scope: UpdateScope,
): Promise<UpdateRequest> {
  const { gitRepo, entityRef, imageScanId, tags, revert, release } = scope;
  const request: UpdateRequest = {
    ...(tags && { tags }),
    ...(revert && { revert }),
    ...(release && { release }),
  };
  if (imageScanId !== undefined) {
    return { ...request, imageScanIds: [imageScanId] };
  }
  if (entityRef === undefined) {
    return request;
  }
  const scans = await listAllScans(api, { gitRepo, entityRef });
  return {
    ...request,
    imageScanIds: scans
      .filter(scan => scan.gitRepo === gitRepo)
      .map(({ id }) => id),
  };
}
