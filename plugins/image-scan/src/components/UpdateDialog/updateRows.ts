import type {
  Decision,
  UpdateRequest,
  UpdateScan,
} from 'backstage-plugin-image-scan-common';

/** A scan in the dialog, with its box. */
export interface UpdateRow {
  scan: UpdateScan;
  /** What holds it, where somebody decided so. */
  decision?: Decision;
  /** Whether the user can say otherwise. */
  isTickable: boolean;
  isTicked: boolean;
  /** Whether it is held, and written only because the user ticked it. */
  isForced: boolean;
}

/**
 * The scans of a preview with their boxes. What would be written is ticked, and what
 * is held by a decision on it alone or because it goes back can be.
 *
 * @param ticks - what the user chose, by the ids of the scans
 * @param isFixed - whether what would be written is written whole
 */
export function toRows(
  scans: readonly UpdateScan[],
  decisions: readonly Decision[],
  ticks: ReadonlyMap<string, boolean>,
  isFixed: boolean,
): UpdateRow[] {
  return scans.map(scan => {
    const { imageScanId, notWritten } = scan;
    const decision = decisions.find(
      ({ id }) => id === notWritten?.decision?.id,
    );
    const isHeld =
      notWritten?.cause === 'downgrade' ||
      (decision !== undefined && decision.imageScanId === imageScanId);
    const isTickable = notWritten ? isHeld : !isFixed;
    const isTicked = isTickable
      ? ticks.get(imageScanId) ?? !notWritten
      : !notWritten;
    return {
      scan,
      decision,
      isTickable,
      isTicked,
      isForced: isTicked && isHeld,
    };
  });
}

/** Whether the boxes are as the backend would have it. */
export function isAsProposed(rows: readonly UpdateRow[]): boolean {
  return rows.every(
    ({ scan, isTicked }) => isTicked === (scan.notWritten === undefined),
  );
}

/** The request for what is ticked: what is held is named together with what lifts it. */
export function requestOf(
  base: UpdateRequest,
  rows: readonly UpdateRow[],
): UpdateRequest {
  if (isAsProposed(rows)) {
    return base;
  }
  const forced = rows.filter(({ isForced }) => isForced);
  const release = [
    ...(base.release ?? []),
    ...forced.flatMap(({ decision }) => decision?.id ?? []),
  ];
  const isWhole = base.tags !== undefined || base.revert !== undefined;
  return {
    ...base,
    ...(!isWhole && {
      imageScanIds: rows
        .filter(({ isTicked }) => isTicked)
        .map(({ scan }) => scan.imageScanId),
    }),
    // Only what is ticked is named, and of that only what is held goes back.
    ...(forced.length > 0 && { allowDowngrade: true }),
    ...(release.length > 0 && { release: [...new Set(release)] }),
  };
}
