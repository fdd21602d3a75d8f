import { ImagePolicy, TagExplanation, TagVerdict } from '../types';
import { SemverRange } from './SemverRange';
import {
  compareCodeUnits,
  comparePreferred,
  isArtefactTag,
  largestFirst,
  semverRangeOf,
} from './tagOrder';
import { compareVersions, parseVersion, Version } from './version';

const ARTEFACT = 'holds a signature or another artefact of an image';
const NOT_A_VERSION = 'not a version';

/**
 * Tells for each tag whether a policy chooses it, and if not, why.
 *
 * @remarks
 * The selected tag comes first (the same one as {@link selectTag} finds), then
 * older ones from the newest to the oldest, prereleases and versions outside the
 * range likewise, and at last what is not a version and what is an artefact, in
 * byte order. A tag that the list names twice is explained once.
 *
 * @throws InvalidRangeError when the semver range is none
 * @public
 */
export function explainTags(
  policy: ImagePolicy,
  tags: Iterable<string>,
): TagExplanation[] {
  const candidates: string[] = [];
  const artefacts: string[] = [];
  for (const tag of new Set(tags)) {
    (isArtefactTag(tag) ? artefacts : candidates).push(tag);
  }
  const range = semverRangeOf(policy);
  return [
    ...(range === undefined
      ? explainByText(candidates, largestFirst(policy))
      : explainByVersion(candidates, SemverRange.parse(range))),
    ...explainAll(artefacts.sort(compareCodeUnits), 'artefact', ARTEFACT),
  ];
}

function explainByVersion(
  tags: string[],
  range: SemverRange,
): TagExplanation[] {
  // Without a range to suggest, a prerelease is just outside.
  const opened = range.withPrereleases();
  const matching: Version[] = [];
  const prereleases: Version[] = [];
  const outside: Version[] = [];
  const unreadable: string[] = [];
  for (const tag of tags) {
    const version = parseVersion(tag);
    if (!version) {
      unreadable.push(tag);
    } else if (range.includes(version)) {
      matching.push(version);
    } else if (opened?.includes(version)) {
      prereleases.push(version);
    } else {
      outside.push(version);
    }
  }
  return [
    ...explainMatching(newestFirst(matching)),
    ...explainAll(
      newestFirst(prereleases).map(version => version.text),
      'pre-release',
      `pre-release; write ${opened} to allow`,
    ),
    ...explainAll(
      newestFirst(outside).map(version => version.text),
      'outside-range',
      `outside the range ${range}`,
    ),
    ...explainAll(
      unreadable.sort(compareCodeUnits),
      'not-a-version',
      NOT_A_VERSION,
    ),
  ];
}

function explainMatching(versions: Version[]): TagExplanation[] {
  const [selected, ...others] = versions;
  if (!selected) {
    return [];
  }
  return [
    {
      tag: selected.text,
      verdict: 'selected',
      reason: 'the newest version in the range',
    },
    ...others.map(
      (version): TagExplanation => ({
        tag: version.text,
        verdict: 'older',
        reason:
          compareVersions(version, selected) === 0
            ? `the same version as ${selected.text}, which ${preference(
                selected,
                version,
              )}`
            : `older than ${selected.text}`,
      }),
    ),
  ];
}

/** Why the first of two equal versions is preferred. */
function preference(selected: Version, other: Version): string {
  if (selected.numericParts !== other.numericParts) {
    return 'spells out more numbers';
  }
  if (selected.hasV !== other.hasV) {
    return 'has no "v"';
  }
  return 'comes first in byte order';
}

function explainByText(tags: string[], largest: boolean): TagExplanation[] {
  const [selected, ...others] = tags
    .filter(tag => tag !== '')
    .sort((a, b) =>
      largest ? compareCodeUnits(b, a) : compareCodeUnits(a, b),
    );
  if (selected === undefined) {
    return [];
  }
  return [
    {
      tag: selected,
      verdict: 'selected',
      reason: `the ${largest ? 'last' : 'first'} in alphabetical order`,
    },
    ...explainAll(
      others,
      'older',
      `${largest ? 'before' : 'after'} ${selected} in alphabetical order`,
    ),
  ];
}

function newestFirst(versions: Version[]): Version[] {
  return versions.sort((a, b) => comparePreferred(b, a));
}

function explainAll(
  tags: string[],
  verdict: TagVerdict,
  reason: string,
): TagExplanation[] {
  return tags.map(tag => ({ tag, verdict, reason }));
}
