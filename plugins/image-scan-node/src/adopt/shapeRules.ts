import type { TagRule } from 'backstage-plugin-image-scan-common';
import { escapePattern } from './tagShape';
import type {
  CommitShape,
  DashedDateShape,
  DateShape,
  SuffixPart,
  VersionShape,
} from './tagShape';

/** A day, so that month 13 is none. */
const DAY = '20\\d\\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])';

/** The newest of a kind, as commits have no order. */
export function ruleOfCommit({
  prefix,
  length,
  secondsDigits,
  suffix,
}: CommitShape): TagRule {
  const front = `^${escapePattern(prefix)}[0-9a-f]{${length}}${escapePattern(
    suffix,
  )}`;
  return secondsDigits === undefined
    ? { filterTags: { pattern: `${front}$` }, policy: { newest: {} } }
    : numerical(`${front}(\\d{${secondsDigits}})$`, '$1');
}

/** The last date, and the last build of it. */
export function ruleOfDate({ prefix, digits, suffix }: DateShape): TagRule {
  const isDay = digits === 8;
  // With a commit behind it, nothing else has so many digits there.
  const hasCommit = suffix.some(({ kind }) => kind === 'commit');
  const { pattern, groups } = patternOf(suffix, 2);
  const date = isDay && !hasCommit ? DAY : `\\d{${digits}}`;
  const text = `^${escapePattern(prefix)}(${date})${pattern}$`;
  return groups.length === 0
    ? numerical(text, '$1')
    : {
        filterTags: { pattern: text, extract: `$1.0.0-${groups.join('.')}` },
        policy: { semver: { range: '>=0-0' } },
      };
}

/** The last date in the order of texts. */
export function ruleOfDashedDate({
  prefix,
  pattern: date,
  suffix,
}: DashedDateShape): TagRule {
  const { pattern, groups } = patternOf(suffix, 2);
  const isWhole = suffix.every(({ kind }) => kind === 'text');
  const front = `^${escapePattern(prefix)}`;
  const rule: TagRule = isWhole
    ? {
        filterTags: { pattern: `${front}${date}${pattern}$` },
        policy: { alphabetical: { order: 'desc' } },
      }
    : {
        filterTags: {
          pattern: `${front}(${date})${ungrouped(pattern, groups)}$`,
          extract: '$1',
        },
        policy: { alphabetical: { order: 'desc' } },
      };
  return rule;
}

/** Builds of one version alone: the version stays, as the next one is a major step. */
export function ruleOfRevision({
  prefix,
  numbers,
  suffix,
}: VersionShape): TagRule {
  const { pattern, groups } = patternOf(suffix, 2);
  const text = `^${escapePattern(prefix)}(${numbers[0]})${pattern}$`;
  return groups.length === 1
    ? numerical(text, groups[0])
    : {
        filterTags: { pattern: text, extract: `$1-${groups.join('.')}` },
        policy: { semver: { range: '>=0-0' } },
      };
}

/** Versions that are no major step away, each with as many numbers. */
export function ruleOfVersion({
  prefix,
  numbers,
  suffix,
  isPrerelease,
}: VersionShape): TagRule {
  const [first, second = '0', third = '0', fourth] = numbers;
  const [major, minor, patch] = [first, second, third].map(withoutZeros);
  const isYear = /^20\d\d$/.test(first) && numbers.length > 1;
  const year = isYear ? '20\\d\\d' : '\\d+';
  const isFree = numbers.length === 1;
  const hasGroup = suffix.length > 0 || !/^v?$/.test(prefix) || fourth;
  const more = isFree
    ? `(${hasGroup ? '?:' : ''}\\.\\d+){0,2}`
    : '\\.\\d+'.repeat(Math.min(numbers.length, 3) - 1);
  const version = `${year}${more}`;
  const own = fourth === undefined ? [] : ['$2'];
  const { pattern, groups } = patternOf(suffix, 2 + own.length);
  const revisions = [...own, ...groups];
  const range = rangeFor();
  const front = `^${escapePattern(prefix)}`;
  if (!hasGroup) {
    return {
      filterTags: { pattern: `${front}${version}$` },
      policy: { semver: { range } },
    };
  }
  const fourthPattern = fourth === undefined ? '' : '\\.(\\d+)';
  return {
    filterTags: {
      pattern: `${front}(${version})${fourthPattern}${pattern}$`,
      extract: ['$1', revisions.join('.')].filter(Boolean).join('-'),
    },
    policy: { semver: { range } },
  };

  function rangeFor(): string {
    const three = `${major}.${minor}.${patch}`;
    if (isPrerelease) {
      return revisions.length > 0
        ? withRevisions(`${three}-0`)
        : `${isYear ? '>=' : '^'}${three}`;
    }
    if (revisions.length > 0) {
      const isCounted = /^-[a-z]+\.$/i.test(
        suffix[0]?.kind === 'text' ? suffix[0].text : '',
      );
      // Builds of what has no release yet.
      return isCounted && three === '0.0.0'
        ? '>=0.0.0-0'
        : withRevisions(`${major}.${minor}.0-0`);
    }
    const two = isFree ? major : `${major}.${minor}`;
    return isYear ? `>=${two}` : `^${two}`;
  }

  function withRevisions(lowest: string): string {
    if (isYear) {
      return `>=${lowest}`;
    }
    const next =
      major === '0' ? `0.${BigInt(minor) + 1n}.0` : `${BigInt(major) + 1n}.0.0`;
    return `>=${lowest}, <${next}-0`;
  }
}

/** A pattern for what follows a version, and the groups of its revisions. */
export function patternOf(
  suffix: readonly SuffixPart[],
  firstGroup: number,
): { pattern: string; groups: string[] } {
  const groups: string[] = [];
  const parts = suffix.map(part => {
    switch (part.kind) {
      case 'text':
        return escapePattern(part.text);
      case 'commit':
        return `[0-9a-f]{${part.length}}`;
      case 'any':
        return '\\d+';
      default:
        groups.push(`$${firstGroup + groups.length}`);
        // Versions have no zeros in front.
        return /^0\d/.test(part.text) ? '0*(\\d+)' : '(\\d+)';
    }
  });
  return { pattern: parts.join(''), groups };
}

function ungrouped(pattern: string, groups: readonly string[]): string {
  return groups.length === 0 ? pattern : pattern.replaceAll('(\\d+)', '\\d+');
}

/** The largest number. */
export function numerical(pattern: string, extract: string): TagRule {
  return {
    filterTags: { pattern, extract },
    policy: { numerical: { order: 'asc' } },
  };
}

/** A number as ranges have it. */
export function withoutZeros(number: string): string {
  return number.replace(/^0+(?=\d)/, '');
}
