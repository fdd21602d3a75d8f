import type { ImagePolicy, TagExplanation } from '../types';
import { eachOf, mapEach, type Pieces, sortEach } from './inPieces';
import { compareVersionsAsRead, explainText } from './naturalOrder';
import { adviseOpening } from './prereleaseAdvice';
import { explainNoVersion, explainStrict, isRealVersion } from './realVersion';
import { SemverRange } from './SemverRange';
import { StepLimit } from './StepLimit';
import { compareCodeUnits, comparePreferred, semverRangeOf } from './tagOrder';
import {
  explainAll,
  explainTwin,
  nameValue,
  type ValuedTag,
} from './valuedTag';
import { compareVersions, parseVersion, type Version } from './version';

interface VersionedTag {
  tag: string;
  version: Version;
}

/**
 * Tells of each tag what a semver policy makes of its value.
 *
 * @param from - values in git, which `maxStep` counts from
 */
export function* explainVersions(
  candidates: readonly ValuedTag[],
  policy: ImagePolicy,
  from: readonly string[],
): Pieces<TagExplanation[]> {
  const limit = StepLimit.of(policy, from);
  const range = SemverRange.parse(semverRangeOf(policy) ?? '*');
  const isStrict = policy.semver?.strict ?? false;
  // Without a range to suggest, a prerelease is just outside.
  const opened = range.withPrereleases();
  const matching: VersionedTag[] = [];
  const tooFar: VersionedTag[] = [];
  const prereleases: VersionedTag[] = [];
  const outside: VersionedTag[] = [];
  const unreadable = new Map<string, string>();
  yield* eachOf(candidates, candidate => {
    const { tag, value } = candidate;
    const version = parseVersion(value);
    if (!version) {
      unreadable.set(tag, nameValue(candidate, explainNoVersion(value)));
    } else if (isStrict && !isRealVersion(version)) {
      unreadable.set(tag, nameValue(candidate, explainStrict(version)));
    } else if (range.includes(version)) {
      const list = !limit || limit.allows(version) ? matching : tooFar;
      list.push({ tag, version });
    } else if (opened?.includes(version)) {
      prereleases.push({ tag, version });
    } else {
      outside.push({ tag, version });
    }
  });
  const explained = yield* explainMatching(
    yield* newestFirst(matching),
    policy,
  );
  const stepping = yield* mapEach(
    yield* newestFirst(tooFar),
    (each): TagExplanation => ({
      tag: each.tag,
      verdict: 'beyond-step',
      reason: `${valueWords(each)}${limit?.explain(each.version)}`,
    }),
  );
  const before = opened
    ? yield* explainPrereleases(yield* newestFirst(prereleases), opened, policy)
    : [];
  const beyond = yield* mapEach(
    yield* newestFirst(outside),
    (each): TagExplanation => ({
      tag: each.tag,
      verdict: 'outside-range',
      reason: `${valueWords(each)}outside the range ${range}`,
    }),
  );
  const others = yield* mapEach(
    yield* sortEach([...unreadable], ([a], [b]) => compareCodeUnits(a, b)),
    ([tag, reason]): TagExplanation => ({
      tag,
      verdict: 'not-a-version',
      reason,
    }),
  );
  return explained.concat(stepping, before, beyond, others);
}

function* explainPrereleases(
  candidates: readonly VersionedTag[],
  opened: SemverRange,
  policy: ImagePolicy,
): Pieces<TagExplanation[]> {
  if (candidates.length === 0) {
    return [];
  }
  const versions = yield* mapEach(candidates, ({ version }) => version);
  const { newest, range } = yield* adviseOpening(opened, versions);
  const first =
    candidates.find(({ version }) => version === newest) ?? candidates[0];
  const advice: TagExplanation[] = [
    {
      tag: first.tag,
      verdict: 'pre-release',
      reason: range
        ? `pre-release; write ${range} to allow`
        : `pre-release, and ${opened} would take ${
            versions[0].text
          }: ${explainText(policy, newest.text, versions[0].text)}`,
    },
  ];
  return advice.concat(
    yield* explainAll(
      candidates.filter(each => each !== first).map(({ tag }) => tag),
      'pre-release',
      `pre-release; write ${opened} to allow`,
    ),
  );
}

function* explainMatching(
  candidates: readonly VersionedTag[],
  policy: ImagePolicy,
): Pieces<TagExplanation[]> {
  const [selected] = candidates;
  if (!selected) {
    return [];
  }
  const first: TagExplanation[] = [
    {
      tag: selected.tag,
      verdict: 'selected',
      reason:
        selected.tag === selected.version.text
          ? 'the newest version in the range'
          : `the newest version in the range: ${selected.version.text}`,
    },
  ];
  return first.concat(
    yield* mapEach(
      candidates.slice(1),
      (other): TagExplanation => ({
        tag: other.tag,
        verdict: 'older',
        reason: explainOlder(other, selected, policy),
      }),
    ),
  );
}

function explainOlder(
  { version }: VersionedTag,
  selected: VersionedTag,
  policy: ImagePolicy,
): string {
  const newest = selected.version;
  if (version.text === newest.text) {
    return explainTwin(selected.tag);
  }
  if (compareVersions(version, newest) === 0) {
    return `the same version as ${newest.text}, which ${preference(
      newest,
      version,
    )}`;
  }
  const older = `older than ${newest.text}`;
  return compareVersionsAsRead(version, newest) === 1
    ? `${older}: ${explainText(policy, version.text, newest.text)}`
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

function newestFirst(
  candidates: readonly VersionedTag[],
): Pieces<VersionedTag[]> {
  return sortEach(
    candidates,
    (a, b) =>
      comparePreferred(b.version, a.version) || compareCodeUnits(a.tag, b.tag),
  );
}

function valueWords({ tag, version }: VersionedTag): string {
  return tag === version.text ? '' : `${version.text} is `;
}
