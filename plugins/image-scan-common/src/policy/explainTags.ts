import type { ImagePolicy, TagExplanation, TagVerdict } from '../types';
import {
  compareAsRead,
  compareVersionsAsRead,
  explainText,
} from './naturalOrder';
import { adviseOpening } from './prereleaseAdvice';
import { explainNoVersion, explainStrict, isRealVersion } from './realVersion';
import { SemverRange } from './SemverRange';
import {
  compareCodeUnits,
  comparePreferred,
  isArtefactTag,
  largestFirst,
  semverRangeOf,
} from './tagOrder';
import { compareVersions, parseVersion, type Version } from './version';

const ARTEFACT = 'holds a signature or another artefact of an image';

/**
 * Tells for each tag whether a policy chooses it, and if not, why.
 *
 * @remarks
 * The selected tag comes first (the same one as {@link selectTag} finds), then
 * older ones from the newest to the oldest, prereleases (of which the one that an opened
 * range should choose comes first) and versions outside the range likewise, and at last what is not a version and what is an artefact, in
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
      ? explainByText(candidates, policy)
      : explainByVersion(candidates, policy, SemverRange.parse(range))),
    ...explainAll(artefacts.sort(compareCodeUnits), 'artefact', ARTEFACT),
  ];
}

function explainByVersion(
  tags: string[],
  policy: ImagePolicy,
  range: SemverRange,
): TagExplanation[] {
  const isStrict = policy.semver?.strict ?? false;
  // Without a range to suggest, a prerelease is just outside.
  const opened = range.withPrereleases();
  const matching: Version[] = [];
  const prereleases: Version[] = [];
  const outside: Version[] = [];
  const unreadable = new Map<string, string>();
  for (const tag of tags) {
    const version = parseVersion(tag);
    if (!version) {
      unreadable.set(tag, explainNoVersion(tag));
    } else if (isStrict && !isRealVersion(version)) {
      unreadable.set(tag, explainStrict(version));
    } else if (range.includes(version)) {
      matching.push(version);
    } else if (opened?.includes(version)) {
      prereleases.push(version);
    } else {
      outside.push(version);
    }
  }
  return [
    ...explainMatching(newestFirst(matching), policy),
    ...(opened
      ? explainPrereleases(newestFirst(prereleases), opened, policy)
      : []),
    ...explainAll(
      newestFirst(outside).map(version => version.text),
      'outside-range',
      `outside the range ${range}`,
    ),
    ...[...unreadable]
      .sort(([a], [b]) => compareCodeUnits(a, b))
      .map(
        ([tag, reason]): TagExplanation => ({
          tag,
          verdict: 'not-a-version',
          reason,
        }),
      ),
  ];
}

function explainPrereleases(
  versions: Version[],
  opened: SemverRange,
  policy: ImagePolicy,
): TagExplanation[] {
  if (versions.length === 0) {
    return [];
  }
  const { newest, range } = adviseOpening(opened, versions);
  const others = versions.filter(version => version !== newest);
  return [
    {
      tag: newest.text,
      verdict: 'pre-release',
      reason: range
        ? `pre-release; write ${range} to allow`
        : `pre-release, and ${opened} would take ${
            versions[0].text
          }: ${explainText(policy, newest.text, versions[0].text)}`,
    },
    ...explainAll(
      others.map(version => version.text),
      'pre-release',
      `pre-release; write ${opened} to allow`,
    ),
  ];
}

function explainMatching(
  versions: Version[],
  policy: ImagePolicy,
): TagExplanation[] {
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
        reason: explainOlder(version, selected, policy),
      }),
    ),
  ];
}

function explainOlder(
  version: Version,
  selected: Version,
  policy: ImagePolicy,
): string {
  if (compareVersions(version, selected) === 0) {
    return `the same version as ${selected.text}, which ${preference(
      selected,
      version,
    )}`;
  }
  const older = `older than ${selected.text}`;
  return compareVersionsAsRead(version, selected) === 1
    ? `${older}: ${explainText(policy, version.text, selected.text)}`
    : older;
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

function explainByText(tags: string[], policy: ImagePolicy): TagExplanation[] {
  const largest = largestFirst(policy);
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
    ...others.map((tag): TagExplanation => {
      const reason = `${
        largest ? 'before' : 'after'
      } ${selected} in alphabetical order`;
      return {
        tag,
        verdict: 'older',
        reason:
          compareAsRead(policy, tag, selected) === 1
            ? `${reason}: ${explainText(policy, tag, selected)}`
            : reason,
      };
    }),
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
