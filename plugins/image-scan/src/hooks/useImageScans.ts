import { useApi } from '@backstage/frontend-plugin-api';
import type {
  ImageScan,
  ImageScanList,
  ImageScanListOptions,
} from 'backstage-plugin-image-scan-common';
import { useMemo } from 'react';
import { imageScanApiRef } from '../api';
import { agedScan } from './agedScan';
import { type LiveData, useLiveData } from './useLiveData';
import { useNow } from './useNow';

/** A page of scans, kept fresh. */
export function useImageScans(
  options: ImageScanListOptions,
): LiveData<ImageScanList> {
  const api = useApi(imageScanApiRef);
  const now = useNow();
  const live = useLiveData(JSON.stringify(options), () =>
    api.listImageScans(options),
  );
  const { value, loadedAt } = live;
  const aged = useMemo(
    () =>
      value &&
      loadedAt !== undefined && {
        ...value,
        items: value.items.map(scan => agedScan(scan, loadedAt, now)),
      },
    [value, loadedAt, now],
  );
  return { ...live, value: aged || undefined };
}

/** One scan, kept fresh. */
export function useImageScan(id: string): LiveData<ImageScan> {
  const api = useApi(imageScanApiRef);
  const now = useNow();
  const live = useLiveData(id, () => api.getImageScan(id));
  const { value, loadedAt } = live;
  return {
    ...live,
    value:
      value && loadedAt !== undefined
        ? agedScan(value, loadedAt, now)
        : undefined,
  };
}
