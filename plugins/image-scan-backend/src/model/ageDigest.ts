import { tagOfMarkerValue } from 'backstage-plugin-image-scan-common';
import type { Choice, ChoiceConditions, EarlierChoice } from './choice';
import type { ChoiceRule, ScanMarker, ScanResult } from './types';

const DIGEST = /@(sha(?:256|512):[0-9a-f]+)$/;

/**
 * Lets a digest under a tag that had another one before wait as long as a tag does: a tag
 * that is pushed anew is new where digests are written.
 *
 * @param found - the chosen tag, and what it points to now
 * @returns the digest before while the one of now is too young
 */
export function ageDigest(
  { minimumAge = 0 }: ChoiceRule,
  found: ScanResult,
  { now, markers }: ChoiceConditions,
  before: EarlierChoice,
): Choice {
  const known = knownDigest(found.tag, markers, before.result);
  if (
    minimumAge === 0 ||
    known === undefined ||
    known === found.digest ||
    !markers.some(writesDigest)
  ) {
    return { result: found, notes: {} };
  }
  const { youngDigest } = before.notes;
  const since =
    youngDigest?.tag === found.tag && youngDigest.digest === found.digest
      ? youngDigest.since
      : now;
  const until = since + minimumAge;
  return now < until
    ? {
        result: { tag: found.tag, digest: known },
        notes: {
          youngDigest: { ...found, since },
          waiting: { tag: found.tag, until },
        },
      }
    : { result: found, notes: {} };
}

function writesDigest({ form, current }: ScanMarker): boolean {
  return form === 'digest' || DIGEST.test(current);
}

/** The digest that a tag had before: by the last result, else by what git has. */
export function knownDigest(
  tag: string,
  markers: readonly ScanMarker[],
  result: ScanResult | undefined,
): string | undefined {
  if (result?.tag === tag) {
    return result.digest;
  }
  const inGit = markers.flatMap(({ form, current }) =>
    tagOfMarkerValue(form, current) === tag
      ? DIGEST.exec(current)?.[1] ?? []
      : [],
  );
  return inGit[0];
}
