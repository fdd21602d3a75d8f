import type { TagRule } from 'backstage-plugin-image-scan-common';
import { runAtOnce } from '../inTurns';
import type { PausingWork } from '../inTurns';
import { compareTagsBy, evaluateTagsInTurns } from '../policy';
import { isValidTag } from '../registry';
import {
  numerical,
  patternOf,
  ruleOfCommit,
  ruleOfDashedDate,
  ruleOfDate,
  ruleOfRevision,
  ruleOfVersion,
  withoutZeros,
} from './shapeRules';
import { escapePattern, shapeOf } from './tagShape';
import type { SuffixPart, TagShape, VersionShape } from './tagShape';

/** Words in front of a number that counts builds. */
const BUILD_WORD =
  /^(?:build|b|r|rev|revision|run|ci|release|main|master|develop|dev|trunk|nightly|snapshot|edge|canary|stable|prod)[-_.]$/i;

/** From so many digits on, a whole number counts builds and not major versions. */
const BUILD_DIGITS = 3;

/** Tags of a list between two pauses. */
const TAGS_AT_ONCE = 5_000;

/**
 * Proposes a rule that keeps the shape of the tag in use and never chooses an older one.
 *
 * @remarks
 * Versions stay within their major version, or below 1 within their minor one; what is
 * written behind a version, such as `-alpine`, stays; builds of one version are ordered
 * by their number; dates by the date; commits by the time they appear.
 *
 * @param tag - in use
 * @param tags - all tags that the registry has; a partial list proposes wrongly. Without
 * it, or with the tag in use alone, the tag alone decides
 * @returns undefined where nothing is safe: for words such as `latest`, tags of pull
 * requests, placeholders, and whole numbers whose next is a major step
 * @public
 */
export function proposeRule(
  tag: string,
  tags?: readonly string[],
): TagRule | undefined {
  return runAtOnce(proposeRuleInTurns(tag, tags));
}

/** {@link proposeRule}, with pauses. @public */
export function* proposeRuleInTurns(
  tag: string,
  tags: readonly string[] = [],
): PausingWork<TagRule | undefined> {
  if (!isValidTag(tag)) {
    return undefined;
  }
  const shape = shapeOf(tag);
  const rule = shape && (yield* ruleOf(shape, tags));
  if (!rule) {
    return undefined;
  }
  return shape.kind === 'version'
    ? yield* checkedVariant(shape, rule, tag, tags)
    : yield* checked(rule, tag, tags);
}

/** What the tag alone suggests, unchecked: two tags with the same can share a scan. */
export function suggestRule(tag: string): TagRule | undefined {
  const shape = shapeOf(tag);
  return shape && runAtOnce(ruleOf(shape, []));
}

function* ruleOf(
  shape: NonNullable<TagShape>,
  tags: readonly string[],
): PausingWork<TagRule | undefined> {
  switch (shape.kind) {
    case 'commit':
      return ruleOfCommit(shape);
    case 'date':
      return ruleOfDate(shape);
    case 'dashed-date':
      return ruleOfDashedDate(shape);
    default:
      return yield* ruleOfNumbers(shape, tags);
  }
}

/** Whether any list of tags could bring a rule for it. */
export function mayHaveRule(tag: string): boolean {
  return isValidTag(tag) && shapeOf(tag) !== undefined;
}

function* ruleOfNumbers(
  shape: VersionShape,
  tags: readonly string[],
): PausingWork<TagRule | undefined> {
  const { numbers, suffix, prefix, isPrerelease } = shape;
  const revisions = suffix.filter(({ kind }) => kind === 'revision').length;
  if (numbers.length > 4) {
    return undefined;
  }
  if (numbers.length > 1 || isPrerelease) {
    if (numbers.length === 2 && suffix.length === 0 && prefix === '') {
      const release = yield* ruleOfUbuntu(numbers.join('.'), tags);
      if (release) {
        return release;
      }
    }
    return ruleOfVersion(shape);
  }
  const isYear = /^20\d\d$/.test(numbers[0]);
  if (revisions > 0 && isYear) {
    return undefined;
  }
  if (revisions > 0) {
    return ruleOfRevision(shape);
  }
  if (yield* hasFiner(shape, tags)) {
    return ruleOfVersion(shape);
  }
  const [number] = numbers;
  const isCommitted = suffix.some(({ kind }) => kind === 'commit');
  const isBuild =
    prefix === '' || prefix === 'v'
      ? number.length >= BUILD_DIGITS &&
        suffix.length === 0 &&
        !isYear &&
        !(yield* hasVersions(tags))
      : number.length >= BUILD_DIGITS || BUILD_WORD.test(prefix);
  if (!isBuild || isCommitted) {
    return undefined;
  }
  const { pattern } = patternOf(suffix, 2);
  return numerical(`^${escapePattern(prefix)}(\\d+)${pattern}$`, '$1');
}

/**
 * The rule if it is safe; where nothing newer has the number of the variant, such as
 * `alpine3.17`, one for any number of it.
 */
function* checkedVariant(
  shape: VersionShape,
  suggested: TagRule,
  tag: string,
  tags: readonly string[],
): PausingWork<TagRule | undefined> {
  const { isPrerelease } = shape;
  const rule = yield* checked(suggested, tag, tags, isPrerelease);
  const suffix = shape.suffix.flatMap((part): SuffixPart[] => {
    const [, front, back] =
      (part.kind === 'text' && /^(.*alpine\d+\.)\d+(.*)$/.exec(part.text)) ||
      [];
    return front === undefined
      ? [part]
      : [
          { kind: 'text', text: front },
          { kind: 'any' },
          { kind: 'text', text: back },
        ];
  });
  if (!rule || suffix.length === shape.suffix.length) {
    return rule;
  }
  const selected = yield* selectBy(rule, tags);
  if (selected !== tag) {
    return rule;
  }
  const widened = ruleOfVersion({ ...shape, suffix });
  const wide = yield* checked(widened, tag, tags, isPrerelease);
  const widest = wide && (yield* selectBy(wide, tags));
  return wide && widest && compareTagsBy(wide, widest, tag) === 1 ? wide : rule;
}

function* ruleOfUbuntu(
  version: string,
  tags: readonly string[],
): PausingWork<TagRule | undefined> {
  if (!/^\d\d\.(?:04|10)$/.test(version)) {
    return undefined;
  }
  let releases = 0;
  for (let index = 0; index < tags.length; index += 1) {
    if (index % TAGS_AT_ONCE === TAGS_AT_ONCE - 1) {
      yield;
    }
    if (/^\d+\.\d+$/.test(tags[index])) {
      if (!/^\d\d\.(?:04|10)$/.test(tags[index])) {
        return undefined;
      }
      releases += 1;
    }
  }
  const isLongTerm = /^\d[02468]\.04$/.test(version);
  const [first, second] = version.split('.').map(withoutZeros);
  return releases < 2
    ? undefined
    : {
        filterTags: {
          pattern: isLongTerm ? '^\\d[02468]\\.04$' : '^\\d\\d\\.(04|10)$',
        },
        policy: { semver: { range: `>=${first}.${second}` } },
      };
}

/** Whether a list has tags of the same major version with more numbers. */
function* hasFiner(
  { prefix, numbers, suffix }: VersionShape,
  tags: readonly string[],
): PausingWork<boolean> {
  const { pattern } = patternOf(suffix, 2);
  const finer = new RegExp(
    `^${escapePattern(prefix)}${numbers[0]}(?:\\.\\d+){1,2}${pattern}$`,
  );
  return yield* some(tags, each => finer.test(each));
}

function* hasVersions(tags: readonly string[]): PausingWork<boolean> {
  return yield* some(tags, each => /^v?\d+\.\d+/.test(each));
}

function* some(
  tags: readonly string[],
  holds: (tag: string) => boolean,
): PausingWork<boolean> {
  for (let index = 0; index < tags.length; index += 1) {
    if (index % TAGS_AT_ONCE === TAGS_AT_ONCE - 1) {
      yield;
    }
    if (holds(tags[index])) {
      return true;
    }
  }
  return false;
}

function* selectBy(
  rule: TagRule,
  tags: readonly string[],
): PausingWork<string | undefined> {
  const { selected } = yield* evaluateTagsInTurns(rule, tags);
  return selected;
}

/**
 * The rule, unless it would leave the tag in use for an older one.
 *
 * @param isPrerelease - whether the tag in use is none of those that compete: the range
 * then begins at its release, as it cannot be compared with the choice
 */
function* checked(
  rule: TagRule,
  tag: string,
  tags: readonly string[],
  isPrerelease = false,
): PausingWork<TagRule | undefined> {
  if (rule.policy.newest || isPrerelease) {
    return rule;
  }
  const own = yield* selectBy(rule, [tag]);
  const selected = yield* selectBy(rule, tags);
  const isKnown = own === tag && compareTagsBy(rule, tag, tag) === 0;
  const isWorse =
    selected !== undefined && compareTagsBy(rule, selected, tag) === -1;
  return isKnown && !isWorse ? rule : undefined;
}
