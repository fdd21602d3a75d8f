import type {
  UpdateChange,
  UpdateScan,
} from 'backstage-plugin-image-scan-common';
import type { ResolvedImage } from 'backstage-plugin-image-scan-node';
import { assessScan } from '../model/assessScan';
import { isOfOneTag, type StoredDecision } from '../model/decisions';
import type {
  ScanDefinition,
  ScanMarker,
  ScanResult,
  StoredScan,
  WantedTag,
} from '../model/types';

/** A tag that a person names for a scan. */
export interface ChosenTag extends WantedTag {
  /** Of the definition whose registry lists it. */
  listKey: string;
}

/** Which scans an update is about; default all, or those with a tag to write. */
export interface ScanSelection {
  tagNames?: readonly string[];
  imageScanIds?: readonly string[];
  /** By the ids of scans. */
  chosen?: ReadonlyMap<string, ChosenTag>;
}

/** What limits or widens an update. */
export interface PlanOptions extends ScanSelection {
  /** Lifts what is held because it goes back, and nothing that somebody decided. */
  allowDowngrade: boolean;
  /** What binds the git repo and its scans; default nothing. */
  decisions?: readonly StoredDecision[];
  /** What another update wrote, to be written back. */
  revert?: readonly UpdateChange[];
}

/** What is known of a scan that an update may write. */
export interface ScanToPlan {
  definition: ScanDefinition;
  stored?: StoredScan;
  markers: readonly ScanMarker[];
  /** What binds it. */
  decisions: readonly StoredDecision[];
}

/** What an update wants of a scan; without an image and values, nothing is written. */
export type PlannedScan = Omit<UpdateScan, 'values'> & {
  image?: ResolvedImage;
  /** Values to write at single markers. */
  values?: ReadonlyMap<ScanMarker, string>;
  /** The tag that a person chose with them; empty where they have several. */
  chosenTag?: string;
};

/** Whether an update is about a scan at all. */
export function isSelected(
  { id, tagName }: ScanDefinition,
  { tagNames, imageScanIds, chosen }: ScanSelection,
): boolean {
  if (chosen?.has(id)) {
    return true;
  }
  return tagNames || imageScanIds
    ? (!tagNames || tagNames.includes(tagName)) &&
        (!imageScanIds || imageScanIds.includes(id))
    : !chosen;
}

/**
 * Works out what the last result of a scan wants of its markers.
 *
 * @returns undefined where nothing is wanted
 */
export function planResult(
  scan: ScanToPlan,
  { allowDowngrade }: Pick<PlanOptions, 'allowDowngrade'>,
): PlannedScan | undefined {
  const { definition, stored, markers, decisions } = scan;
  const latest = resultOf(scan);
  const { state, held, currentTag, change } = assessScan({
    definition,
    latest,
    choice: stored?.choice,
    failed: false,
    markers,
    settled: stored?.settled,
    decisions,
  });
  if (state === 'up-to-date') {
    return undefined;
  }
  const planned: PlannedScan = {
    ...nameScan(definition),
    from: currentTag,
    to: latest?.tag,
    change,
  };
  if (state === 'suspended') {
    return notWritten(planned, 'suspended', 'is suspended');
  }
  if (!latest) {
    return notWritten(planned, 'no-result', 'has no result yet');
  }
  if (held?.decision) {
    return notWritten(
      planned,
      'decision',
      `is kept as it is: ${held.reason}`,
      held.decision,
    );
  }
  if (held && !allowDowngrade) {
    const reason = `is held at ${held.from}: ${held.reason}`;
    return notWritten(planned, 'downgrade', reason);
  }
  return {
    ...planned,
    image: { image: definition.image, ...latest },
    goesBack: held?.reason,
  };
}

/** The last result, where it is of the very definition. */
function resultOf({ definition, stored }: ScanToPlan): ScanResult | undefined {
  return stored?.definition.hash === definition.hash &&
    stored.definition.listKey === definition.listKey
    ? stored.latest
    : undefined;
}

/** Which scan is planned. */
export function nameScan({
  id,
  tagName,
  path,
}: ScanDefinition): Pick<PlannedScan, 'imageScanId' | 'tagName' | 'path'> {
  return { imageScanId: id, tagName, path };
}

/** What is wanted and not written. */
export function notWritten(
  planned: PlannedScan,
  cause: NonNullable<UpdateScan['notWritten']>['cause'],
  reason: string,
  decision?: NonNullable<UpdateScan['notWritten']>['decision'],
): PlannedScan {
  return { ...planned, notWritten: { cause, reason, decision } };
}

/**
 * Whether the automation would write over what a person writes: only then does it hold
 * afterwards.
 *
 * @param written - the markers as they are then
 */
export function wouldBeWrittenOver(
  scan: ScanToPlan,
  written: readonly ScanMarker[],
): boolean {
  const { definition, stored, decisions } = scan;
  const latest = resultOf(scan);
  const { state, held } = assessScan({
    definition,
    latest,
    choice: stored?.choice,
    failed: false,
    markers: written,
    settled: stored?.settled,
    decisions,
  });
  // What is passed over now gives way to the next one.
  const isPassedOver = held?.decision && isOfOneTag(held.decision.kind);
  return !latest || state === 'update-available' || isPassedOver === true;
}
