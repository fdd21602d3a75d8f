import { isPlaceholder } from './imageText';

/** A version in a tag, and what stands around it. */
export interface VersionShape {
  kind: 'version';
  /** Literal text in front of the numbers: ``, `v`, `release-`. */
  prefix: string;
  /** As they are written, zeros in front included. */
  numbers: string[];
  /** What follows the numbers. */
  suffix: SuffixPart[];
  /** Whether it is a pre-release, whose own text is not in the suffix. */
  isPrerelease: boolean;
}

/** A part of what follows a version. */
export type SuffixPart =
  | { kind: 'text'; text: string }
  /** A number that orders builds of one version. */
  | { kind: 'revision'; text: string }
  /** Digits of a commit. */
  | { kind: 'commit'; length: number }
  /** A number that says nothing of the order. */
  | { kind: 'any' };

/** A date in a tag, without signs between its parts. */
export interface DateShape {
  kind: 'date';
  prefix: string;
  /** 8 for a day, 12 or 14 with the time. */
  digits: number;
  suffix: SuffixPart[];
}

/** A date whose parts are written with signs between them, and so in the order of texts. */
export interface DashedDateShape {
  kind: 'dashed-date';
  prefix: string;
  /** The date and the time, with `\d` for the digits. */
  pattern: string;
  suffix: SuffixPart[];
}

/** A commit, perhaps with the time that it was built at. */
export interface CommitShape {
  kind: 'commit';
  prefix: string;
  length: number;
  /** Digits of the seconds since 1970. */
  secondsDigits?: number;
  suffix: string;
}

/** What a tag looks like; undefined where it is a word, which has no order. */
export type TagShape =
  | VersionShape
  | DateShape
  | DashedDateShape
  | CommitShape
  | undefined;

/** Numbers and texts behind a version; what has more is no version. */
const MAX_PARTS = 12;

const REQUEST = /^(?:pr|mr|pull|merge|pull-request)[-_.]?\d/i;

const SHA = /^((?:sha|git|commit)[-_]?)([0-9a-f]{6,40})$/;

/** A word or several, with a sign behind each: `main-`, `release-v1-`. */
const WORDS = /^(?:[A-Za-z][A-Za-z0-9]*[-_.])+/;

const DASHED_DATE =
  /^(.*?)(20\d\d)([-_.])(0[1-9]|1[0-2])\3(0[1-9]|[12]\d|3[01])((?:[T_.-]\d\d[-:.]?\d\d(?:[-:.]?\d\d)?Z?)?)(?!\d)(.*)$/;

const DATE =
  /^((?:.*[^0-9])?)(20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?)?)((?:[^0-9].*)?)$/;

const VERSION =
  /^(v|(?:(?!v\d)[A-Za-z](?:[A-Za-z0-9]*[-_]|(?:[A-Za-z0-9]*[A-Za-z])?\.))+v?|)(\d+(?:\.\d+)*)((?:[^0-9].*)?)$/;

/** A version of three numbers right behind a word, such as `go1.21.3`. */
const JOINED_VERSION = /^([A-Za-z]+)(\d+\.\d+\.\d+)((?:[^0-9.].*)?)$/;

const PRERELEASE =
  /^[-_.]?(?:alpha|beta|preview|pre|rc|cr|milestone|snapshot|a(?=\d)|m(?=\d))(?:[-_.]?\d+)*(?![A-Za-z0-9])/i;

/** Words with a number that counts builds. */
const REVISION_WORD =
  /(?:^|[^A-Za-z])(?:r|rev|revision|build|b|ls|p|cp|gke\.|build\.)$/;

/** Takes a tag apart. */
export function shapeOf(tag: string): TagShape {
  if (REQUEST.test(tag) || isPlaceholder(tag)) {
    return undefined;
  }
  const shape =
    readCommit(tag) ?? readDashedDate(tag) ?? readDate(tag) ?? readVersion(tag);
  const parts = shape?.kind === 'commit' ? 0 : shape?.suffix.length ?? 0;
  return parts > MAX_PARTS ? undefined : shape;
}

/** A commit has 7 to 40 hexadecimal digits, among them a letter and a figure. */
function isCommit(text: string): boolean {
  return /^[0-9a-f]{7,40}$/.test(text) && /[a-f]/.test(text) && /\d/.test(text);
}

function readCommit(tag: string): CommitShape | undefined {
  const named = SHA.exec(tag);
  if (named) {
    const [, prefix, digits] = named;
    return { kind: 'commit', prefix, length: digits.length, suffix: '' };
  }
  const [prefix] = WORDS.exec(tag) ?? [''];
  // Each word may be the commit itself, and `v1-3f15cb8` begins with one.
  for (const start of new Set([0, lastWord(prefix), prefix.length])) {
    const front = tag.slice(0, start);
    const [digits = ''] = /^[0-9a-f]+/.exec(tag.slice(start)) ?? [];
    const suffix = tag.slice(start + digits.length);
    const isDated = /20\d{6}/.test(front);
    if (isCommit(digits) && !isDated && !/^[A-Za-z0-9]/.test(suffix)) {
      const [, sign, seconds] = /^([-_.])(\d{10})$/.exec(suffix) ?? [];
      const shape: CommitShape = {
        kind: 'commit',
        prefix: front,
        length: digits.length,
        suffix,
      };
      if (seconds) {
        return { ...shape, secondsDigits: seconds.length, suffix: sign };
      }
      const isLiteral = !/\d/.test(suffix) || /^[-_.][a-z0-9]*$/i.test(suffix);
      return isLiteral ? shape : undefined;
    }
  }
  return undefined;
}

function lastWord(words: string): number {
  const end = words.slice(0, -1).search(/[A-Za-z0-9]*$/);
  return Math.max(0, end);
}

function readDashedDate(tag: string): DashedDateShape | undefined {
  const [, prefix, year, sign, month, day, time = '', rest = ''] =
    DASHED_DATE.exec(tag) ?? [];
  // `2024.01.15` is a version that begins with the year.
  if (!year || sign === '.' || /[0-9]$/.test(prefix)) {
    return undefined;
  }
  const text = `${sign}${month}${sign}${day}${time}`;
  return {
    kind: 'dashed-date',
    prefix,
    pattern: `20\\d\\d${escapePattern(text).replace(/\d/g, '\\d')}`,
    suffix: readSuffix(rest, false),
  };
}

function readDate(tag: string): DateShape | undefined {
  const [, prefix, date, rest = ''] = DATE.exec(tag) ?? [];
  // Behind a version it is a revision of that.
  if (!date || /\d[.]\d/.test(prefix)) {
    return undefined;
  }
  return {
    kind: 'date',
    prefix,
    digits: date.length,
    suffix: readSuffix(rest, true),
  };
}

function readVersion(tag: string): VersionShape | undefined {
  const match = JOINED_VERSION.exec(tag) ?? VERSION.exec(tag);
  if (!match) {
    return undefined;
  }
  const [, prefix, numbers, rest] = match;
  const [prerelease] = PRERELEASE.exec(rest) ?? [''];
  const isCounted = /^-snapshot\.\d+$/i.test(rest);
  return {
    kind: 'version',
    prefix,
    numbers: numbers.split('.'),
    isPrerelease: prerelease !== '' && !isCounted,
    suffix: readSuffix(
      isCounted ? rest : rest.slice(prerelease.length),
      prerelease === '',
    ),
  };
}

/** @param isBehindOrder - a number right at the start then counts builds */
function readSuffix(text: string, isBehindOrder: boolean): SuffixPart[] {
  const eks = /^(-eks)-\d+-\d+-(\d+)$/.exec(text);
  if (eks) {
    return [
      { kind: 'text', text: '-eks-' },
      { kind: 'any' },
      { kind: 'text', text: '-' },
      { kind: 'any' },
      { kind: 'text', text: '-' },
      { kind: 'revision', text: eks[2] },
    ];
  }
  const counted =
    /^(-(?:dev|snapshot|nightly|canary|ci|main|master|edge)\.)(\d+)$/i.exec(
      text,
    );
  if (counted) {
    return [
      { kind: 'text', text: counted[1] },
      { kind: 'revision', text: counted[2] },
    ];
  }
  const parts: SuffixPart[] = [];
  let literal = '';
  const flush = () => {
    if (literal !== '') {
      parts.push({ kind: 'text', text: literal });
      literal = '';
    }
  };
  let before = '';
  for (const [word] of text.matchAll(/[A-Za-z0-9]+|[^A-Za-z0-9]+/g)) {
    const [, letters, digits] = /^(.*?)(\d+)$/.exec(word) ?? [];
    const commit = /^g?([0-9a-f]{7,40})$/.exec(word)?.[1];
    const isDate = digits !== undefined && letters === '' && DATE.test(digits);
    const isFirst = isBehindOrder && /^[-_.]$/.test(before) && letters === '';
    if (commit && isCommit(commit)) {
      literal += word.slice(0, word.length - commit.length);
      flush();
      parts.push({ kind: 'commit', length: commit.length });
    } else if (
      digits &&
      (isFirst || isDate || REVISION_WORD.test(before + letters))
    ) {
      literal += letters;
      flush();
      parts.push({ kind: 'revision', text: digits });
    } else {
      literal += word;
    }
    before += word;
  }
  flush();
  return parts;
}

/** The text for a regular expression that matches nothing else. */
export function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
