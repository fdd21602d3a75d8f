import { isDeepStrictEqual } from 'node:util';
import type { Problem } from 'backstage-plugin-image-scan-common';
import { assessScan } from '../model/assessScan';
import type { ScanDefinition, ScanMarker, StoredScan } from '../model/types';
import type { ComparedScan } from './compareContents';
import {
  assessmentColumns,
  definitionColumns,
  toStoredScan,
} from './imageScanRows';
import type { ImageScanRow } from './tables';

/** The columns of a scan that was read, with what is still true of it before. */
export function scanColumns(options: {
  definition: ScanDefinition;
  before?: ImageScanRow;
  markers: readonly ScanMarker[];
  compared: ComparedScan;
  problems: readonly Problem[];
  now: number;
}): Omit<ImageScanRow, 'lease_token' | 'lease_until' | 'last_update_id'> {
  const { definition, before, markers, compared, problems, now } = options;
  const stored = before && toStoredScan(before);
  // A result was chosen by image and policy; with another definition or
  // credential it says nothing any more.
  const kept =
    stored?.definition.hash === definition.hash &&
    stored.definition.listKey === definition.listKey
      ? stored
      : undefined;
  const isRenewed =
    kept !== undefined &&
    !isDeepStrictEqual(choiceParts(kept.definition), choiceParts(definition));
  const assessment = assessScan({
    definition,
    latest: kept?.latest,
    choice: kept?.choice,
    failed: Boolean(kept?.failure),
    markers,
    settled: compared.settled,
    decisions: compared.decisions,
  });
  // Spreads into so wide an object take fifty times as long, as measured.
  return Object.assign(
    definitionColumns(definition),
    {
      id: definition.id,
      problems: JSON.stringify(problems),
      latest_tag: kept?.latest?.tag ?? null,
      latest_digest: kept?.latest?.digest ?? null,
      last_scan_at: kept?.lastScanAt ?? null,
      choice: kept && before ? before.choice : '{}',
      // What changes the choice and is no reason to forget the last one.
      choice_epoch: (before?.choice_epoch ?? 0) + (isRenewed ? 1 : 0),
      next_scan_at:
        isRenewed && !definition.suspend
          ? now
          : nextScanAt(definition, kept, now),
      stale_at: before?.stale_at ?? null,
      scan_error: kept?.failure?.message ?? null,
      scan_error_at: kept?.failure?.at ?? null,
      scan_failures: kept?.failure?.count ?? 0,
    },
    assessmentColumns(assessment),
  );
}

function choiceParts({ policy, minimumAge }: ScanDefinition): unknown {
  return { policy, minimumAge };
}

function nextScanAt(
  definition: ScanDefinition,
  kept: StoredScan | undefined,
  now: number,
): number | null {
  if (definition.suspend) {
    return null;
  }
  if (kept?.nextScanAt === undefined) {
    return now;
  }
  // A shorter interval counts at once; a longer one from the next scan on.
  return Math.min(kept.nextScanAt, now + definition.interval);
}
