import { type ApiRef, createApiRef } from '@backstage/frontend-plugin-api';
import type { ImageScanApi } from 'backstage-plugin-image-scan-common';

/**
 * Where the pages get image scans from; by default the image-scan backend.
 *
 * @public
 */
export const imageScanApiRef: ApiRef<ImageScanApi> = createApiRef<ImageScanApi>(
  { id: 'plugin.image-scan.api' },
);
