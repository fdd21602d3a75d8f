import type { ImagePolicy, TagExplanation, TagVerdict } from '../types';
import {
  compareAsRead,
  compareVersionsAsRead,
  explainText,
} from './naturalOrder';
import { adviseOpening } from './prereleaseAdvice';
import { eachOf, inOnePiece, mapEach, type Pieces, sortEach } from './inPieces';
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
  return inOnePiece(explainTagsInTurns(policy, tags));
}

/**
 * {@link explainTags} that pauses every millisecond or so, for servers: of a hundred
 * thousand tags it takes a second.
 *
 * @public
 */
export function* explainTagsInTurns(
  policy: ImagePolicy,
  tags: Iterable<string>,
): Generator<void, TagExplanation[], void> {
  const candidates: string[] = [];
  const artefacts: string[] = [];
  const range = semverRangeOf(policy);
  const parsed = range === undefined ? undefined : SemverRange.parse(range);
  yield* eachOf(new Set(tags), tag => {
    (isArtefactTag(tag) ? artefacts : candidates).push(tag);
  });
  const explained = parsed
    ? yield* explainByVersion(candidates, policy, parsed)
    : yield* explainByText(candidates, policy);
  const sorted = yield* sortEach(artefacts, compareCodeUnits);
  return explained.concat(yield* explainAll(sorted, 'artefact', ARTEFACT));
}

function* explainByVersion(
  tags: string[],
  policy: ImagePolicy,
  range: SemverRange,
): Pieces<TagExplanation[]> {
  const isStrict = policy.semver?.strict ?? false;
  // Without a range to suggest, a prerelease is just outside.
  const opened = range.withPrereleases();
  const matching: Version[] = [];
  const prereleases: Version[] = [];
  const outside: Version[] = [];
  const unreadable = new Map<string, string>();
  yield* eachOf(tags, tag => {
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
  });
  const explained = yield* explainMatching(
    yield* newestFirst(matching),
    policy,
  );
  const before = opened
    ? yield* explainPrereleases(yield* newestFirst(prereleases), opened, policy)
    : [];
  const beyond = yield* explainAll(
    yield* mapEach(yield* newestFirst(outside), version => version.text),
    'outside-range',
    `outside the range ${range}`,
  );
  const others = yield* mapEach(
    yield* sortEach([...unreadable], ([a], [b]) => compareCodeUnits(a, b)),
    ([tag, reason]): TagExplanation => ({
      tag,
      verdict: 'not-a-version',
      reason,
    }),
  );
  return explained.concat(before, beyond, others);
}

function* explainPrereleases(
  versions: Version[],
  opened: SemverRange,
  policy: ImagePolicy,
): Pieces<TagExplanation[]> {
  if (versions.length === 0) {
    return [];
  }
  const { newest, range } = yield* adviseOpening(opened, versions);
  const others = versions.filter(version => version !== newest);
  const first: TagExplanation[] = [
    {
      tag: newest.text,
      verdict: 'pre-release',
      reason: range
        ? `pre-release; write ${range} to allow`
        : `pre-release, and ${opened} would take ${
            versions[0].text
          }: ${explainText(policy, newest.text, versions[0].text)}`,
    },
  ];
  return first.concat(
    yield* explainAll(
      yield* mapEach(others, version => version.text),
      'pre-release',
      `pre-release; write ${opened} to allow`,
    ),
  );
}

function* explainMatching(
  versions: Version[],
  policy: ImagePolicy,
): Pieces<TagExplanation[]> {
  const [selected] = versions;
  if (!selected) {
    return [];
  }
  const first: TagExplanation[] = [
    {
      tag: selected.text,
      verdict: 'selected',
      reason: 'the newest version in the range',
    },
  ];
  return first.concat(
    yield* mapEach(
      versions.slice(1),
      (version): TagExplanation => ({
        tag: version.text,
        verdict: 'older',
        reason: explainOlder(version, selected, policy),
      }),
    ),
  );
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

function* explainByText(
  tags: string[],
  policy: ImagePolicy,
): Pieces<TagExplanation[]> {
  const largest = largestFirst(policy);
  const sorted = yield* sortEach(
    tags.filter(tag => tag !== ''),
    (a, b) => (largest ? compareCodeUnits(b, a) : compareCodeUnits(a, b)),
  );
  const [selected] = sorted;
  if (selected === undefined) {
    return [];
  }
  const first: TagExplanation[] = [
    {
      tag: selected,
      verdict: 'selected',
      reason: `the ${largest ? 'last' : 'first'} in alphabetical order`,
    },
  ];
  return first.concat(
    yield* mapEach(sorted.slice(1), (tag): TagExplanation => {
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
  );
}

function newestFirst(versions: readonly Version[]): Pieces<Version[]> {
  return sortEach(versions, (a, b) => comparePreferred(b, a));
}

function explainAll(
  tags: readonly string[],
  verdict: TagVerdict,
  reason: string,
): Pieces<TagExplanation[]> {
  return mapEach(tags, tag => ({ tag, verdict, reason }));
}
