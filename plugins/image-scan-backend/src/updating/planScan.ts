import type { UpdateScan } from 'backstage-plugin-image-scan-common';
import type { ResolvedImage } from 'backstage-plugin-image-scan-node';
import { assessScan } from '../model/assessScan';
import type { StoredDecision } from '../model/decisions';
import type { ScanDefinition, ScanMarker, StoredScan } from '../model/types';

/** Which scans an update is about; default all. */
export interface ScanSelection {
  tagNames?: readonly string[];
  imageScanIds?: readonly string[];
}

/** What limits or widens an update. */
export interface PlanOptions extends ScanSelection {
  /** Lifts what is held because it goes back, and nothing that somebody decided. */
  allowDowngrade: boolean;
  /** What binds the git repo and its scans; default nothing. */
  decisions?: readonly StoredDecision[];
}

/** What an update wants of a scan; without an image, nothing is written. */
export type PlannedScan = Omit<UpdateScan, 'values'> & {
  image?: ResolvedImage;
};

/** Whether an update is about a scan at all. */
export function isSelected(
  { id, tagName }: ScanDefinition,
  { tagNames, imageScanIds }: ScanSelection,
): boolean {
  return (
    (!tagNames || tagNames.includes(tagName)) &&
    (!imageScanIds || imageScanIds.includes(id))
  );
}

/**
 * Works out what the last result of a scan wants of its markers.
 *
 * @param input - of the scan alone, but for the options
 * @returns undefined where nothing is wanted
 */
export function planScan(input: {
  definition: ScanDefinition;
  stored?: StoredScan;
  markers: readonly ScanMarker[];
  decisions: readonly StoredDecision[];
  options: PlanOptions;
}): PlannedScan | undefined {
  const { definition, stored, markers, decisions, options } = input;
  if (markers.length === 0 || !isSelected(definition, options)) {
    return undefined;
  }
  const same =
    stored?.definition.hash === definition.hash &&
    stored.definition.listKey === definition.listKey;
  const latest = same ? stored.latest : undefined;
  const { state, held, currentTag, change } = assessScan({
    definition,
    latest,
    failed: false,
    markers,
    settled: stored?.settled,
    decisions,
  });
  if (state === 'up-to-date') {
    return undefined;
  }
  const planned: PlannedScan = {
    imageScanId: definition.id,
    tagName: definition.tagName,
    path: definition.path,
    from: currentTag,
    to: latest?.tag,
    change,
  };
  const notWritten = (
    cause: NonNullable<UpdateScan['notWritten']>['cause'],
    reason: string,
  ): PlannedScan => ({
    ...planned,
    notWritten: { cause, reason, decision: held?.decision },
  });
  if (state === 'suspended') {
    return notWritten('suspended', 'is suspended');
  }
  if (!latest) {
    return notWritten('no-result', 'has no result yet');
  }
  if (held?.decision) {
    return notWritten('decision', `is kept as it is: ${held.reason}`);
  }
  if (held && !options.allowDowngrade) {
    return notWritten('downgrade', `is held at ${held.from}: ${held.reason}`);
  }
  return { ...planned, image: { image: definition.image, ...latest } };
}
