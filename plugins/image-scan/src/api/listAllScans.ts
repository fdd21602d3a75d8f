import type {
  ImageScan,
  ImageScanApi,
  ImageScanListOptions,
} from 'backstage-plugin-image-scan-common';

/** The most that one answer holds. */
const PAGE_SIZE = 500;

/** Every scan that a filter lets through, page by page. */
export async function listAllScans(
  api: ImageScanApi,
  options: Omit<ImageScanListOptions, 'limit' | 'offset'>,
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
