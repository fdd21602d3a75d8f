import {
  tagOfMarkerValue,
  type TagVerdict,
} from 'backstage-plugin-image-scan-common';
import type { EvaluationOptions } from 'backstage-plugin-image-scan-node';
import type { ChoiceConditions } from './choice';
import { describeSkip } from './decisions';
import type { ChoiceRule, ScanMarker } from './types';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Why a tag is passed over that the rule could choose. */
export interface PassedOver {
  verdict: Extract<TagVerdict, 'skipped' | 'too-young' | 'wrong-platform'>;
  reason: string;
  /** When that ends by itself: for what is too young. */
  until?: number;
}

/** What the rule goes by, of what a choice goes by. */
export function evaluationOptions({
  firstSeen,
  markers,
}: ChoiceConditions): EvaluationOptions {
  const tags = markers.flatMap(
    ({ form, current }) => tagOfMarkerValue(form, current) ?? [],
  );
  return { firstSeen: firstSeen?.later, tagsInGit: [...new Set(tags)] };
}

/** The tag that every marker of a scan has; undefined where they have several, or none. */
export function commonTag(markers: readonly ScanMarker[]): string | undefined {
  const tags = new Set(
    markers
      .filter(({ form }) => form !== 'name')
      .map(({ form, current }) => tagOfMarkerValue(form, current)),
  );
  return tags.size === 1 ? [...tags][0] : undefined;
}

/**
 * What is decided of a tag by people and by time, whether or not the rule could choose it:
 * the one answer for whoever chooses and whoever explains.
 *
 * @remarks
 * A tag that every marker has is never passed over: what is there is not taken back.
 *
 * @returns undefined where nothing speaks against a tag
 */
export function passingOver(
  { minimumAge = 0, platforms }: ChoiceRule,
  { now, firstSeen, markers, skips, wrongPlatforms }: ChoiceConditions,
): (tag: string) => PassedOver | undefined {
  const present = commonTag(markers);
  const reasons = new Map(
    skips.map(skip => [skip.tag, describeSkip(skip)] as const),
  );
  const lacking = new Map(platforms && wrongPlatforms);
  return tag => {
    if (tag === present) {
      return undefined;
    }
    const reason = reasons.get(tag);
    if (reason !== undefined) {
      return { verdict: 'skipped', reason };
    }
    const since = firstSeen?.timeOf(tag);
    const until = since === undefined ? now : since + minimumAge;
    if (since !== undefined && now < until) {
      return {
        verdict: 'too-young',
        reason: `first seen ${formatAge(
          now - since,
        )} ago; old enough on ${new Date(until).toISOString()}`,
        until,
      };
    }
    const found = lacking.get(tag);
    return found === undefined
      ? undefined
      : { verdict: 'wrong-platform', reason: found };
  };
}

/** A length of time in its largest whole unit, such as `5 h`. */
function formatAge(milliseconds: number): string {
  if (milliseconds >= 2 * DAY) {
    return `${Math.floor(milliseconds / DAY)} d`;
  }
  return milliseconds >= HOUR
    ? `${Math.floor(milliseconds / HOUR)} h`
    : `${Math.max(0, Math.floor(milliseconds / MINUTE))} min`;
}
