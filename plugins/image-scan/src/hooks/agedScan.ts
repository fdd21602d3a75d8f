import type { ImageScan } from 'backstage-plugin-image-scan-common';

/** Milliseconds without an answer that say nothing about a scan of any interval. */
const GRACE = 60_000;

/**
 * A scan as it may be shown now: when the backend has not answered for two
 * intervals, what it said last may not read `up-to-date` any more.
 *
 * @remarks
 * The backend itself answers `unknown` for what it has not scanned for two
 * intervals; this is about a page that has lost its backend. Both times are the
 * browser's, so a wrong clock does not matter.
 */
export function agedScan(
  scan: ImageScan,
  loadedAt: number,
  now: number,
): ImageScan {
  const age = now - loadedAt;
  if (
    scan.state !== 'up-to-date' ||
    age <= Math.max(2 * scan.interval, GRACE)
  ) {
    return scan;
  }
  return { ...scan, state: 'unknown', staleSince: scan.lastScanTime };
}
