import type { ForgePullRequest } from 'backstage-plugin-image-scan-node';
import type { MarkerForm } from 'backstage-plugin-image-scan-common';

/** A value that a pull request writes. */
export interface ProposedValue {
  scanId: string;
  file: string;
  form: MarkerForm;
  from: string;
  to: string;
}

/** What is remembered of the last pull request of a branch of ours. */
export interface PullRequestMemory {
  /**
   * `announced`: its push may not have arrived; `pushed`: the branch is there, and it may
   * not have been opened.
   */
  state: 'announced' | 'pushed' | 'open' | 'merged' | 'closed';
  /** What we pushed, or were about to push. */
  commit: string;
  /** Of an announced one: what counts where its push has not arrived. */
  before?: PullRequestMemory;
  base: string;
  /** The blobs on which it was built, by the files that it changes. */
  blobs: ReadonlyMap<string, string>;
  values: readonly ProposedValue[];
  number?: number;
  /** As we wrote them. */
  title: string;
  body: string;
  /** We are closing it, so that its being closed says nothing of a person. */
  isClosing?: boolean;
  /** It is to merge by itself. */
  isAutoMerged?: boolean;
  /** Values that were told in a comment, as others have edited the branch. */
  told?: readonly ProposedValue[];
}

/** What is there now. */
export interface PullRequestWorld {
  base: string;
  /** Where our branch is; absent where there is none. */
  head?: string;
  /** Of the forge: that of `memory`, else one that is open. */
  pullRequest?: ForgePullRequest;
  /** What the results change on the base; what people decided against is not in it. */
  wanted: readonly ProposedValue[];
  /** The blob of a file on the base. */
  blobOf(file: string): string | undefined;
  /** What the base has at the place of a value. */
  baseOf(value: ProposedValue): BaseValue;
  /** Whether a decision forbids a value. */
  isForbidden(value: ProposedValue): boolean;
  /** Whether something new may be proposed now. */
  isWindowOpen: boolean;
}

/**
 * `same` is the value itself, `newer` one that goes on from it, `old` the one it would
 * replace, `other` anything else.
 */
export type BaseValue = 'same' | 'newer' | 'old' | 'other';

/** What to do next; after each but `nothing` and `leave` it is looked at anew. */
export type PullRequestStep =
  | { do: 'nothing'; because: 'up-to-date' | 'nothing-wanted' | 'window' }
  /** Never to touch the branch: somebody else has it. */
  | {
      do: 'leave';
      because: 'edited' | 'not-ours';
      /** What to tell in a comment, once. */
      tell: readonly ProposedValue[];
      cancelAutoMerge: boolean;
    }
  /** To build one commit on the base and to move the branch from `expected` to it. */
  | {
      do: 'push';
      because: 'new' | 'values' | 'base-moved' | 'conflict';
      values: readonly ProposedValue[];
      expected?: string;
    }
  | { do: 'open' }
  /** The announced push has arrived. */
  | { do: 'confirm-push' }
  /** The pull request is there, and was not remembered. */
  | { do: 'confirm-open'; number: number }
  | {
      do: 'close';
      because: 'superseded' | 'withdrawn' | 'base-changed' | 'branch-deleted';
      declined: readonly ProposedValue[];
      deleteBranch: boolean;
    }
  | {
      do: 'record';
      state: 'merged' | 'closed';
      declined: readonly ProposedValue[];
      deleteBranch: boolean;
    }
  /** A person opened again what was closed: what that declined is proposed again. */
  | { do: 'reopened'; released: readonly ProposedValue[] };

/**
 * Decides what becomes of the pull request of a branch.
 *
 * @remarks
 * Pure. Whose branch it is says the commit alone: where it is not at the one that we
 * pushed, somebody else was there, and it is never touched again. What a person closed is
 * declined; what we closed, and what the base has got by another way, is not.
 */
export function planPullRequest(
  memory: PullRequestMemory | undefined,
  world: PullRequestWorld,
): PullRequestStep {
  if (!memory || memory.state === 'merged') {
    return planAnew(memory, world);
  }
  const { head, pullRequest } = world;
  if (memory.state === 'announced') {
    return head === memory.commit
      ? { do: 'confirm-push' }
      : planPullRequest(memory.before, world);
  }
  if (memory.state === 'pushed') {
    return planUnopened(memory, world);
  }
  const isShown =
    pullRequest !== undefined && pullRequest.number === memory.number;
  if (memory.state === 'closed') {
    return isShown && pullRequest.state === 'open' && !memory.isClosing
      ? { do: 'reopened', released: memory.values }
      : planAnew(memory, world);
  }
  return isShown && pullRequest.state !== 'open'
    ? recordEnd(memory, world, pullRequest.state)
    : planOpen(memory, world);
}

/** The branch was pushed, and its pull request may be there or not. */
function planUnopened(
  memory: PullRequestMemory,
  world: PullRequestWorld,
): PullRequestStep {
  const { head, pullRequest } = world;
  if (head !== memory.commit) {
    return planAnew(memory, world);
  }
  if (pullRequest?.state === 'open') {
    return { do: 'confirm-open', number: pullRequest.number };
  }
  const isCurrent =
    isSame(memory.values, world.wanted) &&
    memory.base === world.base &&
    !isOutdated(memory, world);
  return isCurrent ? { do: 'open' } : planAnew(memory, world);
}

/** There is no pull request of ours that is open. */
function planAnew(
  memory: PullRequestMemory | undefined,
  world: PullRequestWorld,
): PullRequestStep {
  const { head, wanted, isWindowOpen } = world;
  const isOurs = head === undefined || head === memory?.commit;
  if (!isOurs && wanted.length > 0) {
    return leave(memory, world, memory ? 'edited' : 'not-ours');
  }
  if (wanted.length === 0) {
    return { do: 'nothing', because: 'nothing-wanted' };
  }
  return isWindowOpen
    ? { do: 'push', because: 'new', values: wanted, expected: head }
    : { do: 'nothing', because: 'window' };
}

/** A pull request of ours is open. */
function planOpen(
  memory: PullRequestMemory,
  world: PullRequestWorld,
): PullRequestStep {
  const { head, base, pullRequest } = world;
  if (head === undefined) {
    // As good as closed, where a forge does not close it by itself.
    return close(memory, world, 'branch-deleted');
  }
  if (head !== memory.commit) {
    return leave(memory, world, 'edited');
  }
  if (memory.base !== base) {
    return close(memory, world, 'base-changed');
  }
  const values = valuesToHave(memory, world);
  if (values.length === 0) {
    const isThere = memory.values.every(value => hasCome(value, world));
    return close(memory, world, isThere ? 'superseded' : 'withdrawn');
  }
  const push = (because: 'values' | 'base-moved' | 'conflict') =>
    ({ do: 'push', because, values, expected: head } as const);
  if (!isSame(values, memory.values)) {
    return push('values');
  }
  if (isOutdated(memory, world)) {
    return push('base-moved');
  }
  if (pullRequest?.isConflicted) {
    return push('conflict');
  }
  return { do: 'nothing', because: 'up-to-date' };
}

/** Outside of the window nothing new comes in; what may not stay goes at any time. */
function valuesToHave(
  { values }: PullRequestMemory,
  world: PullRequestWorld,
): readonly ProposedValue[] {
  return world.isWindowOpen
    ? world.wanted
    : values.filter(
        value => !world.isForbidden(value) && world.baseOf(value) === 'old',
      );
}

/** Whether one of its files has become another on the base. */
function isOutdated(
  { blobs }: PullRequestMemory,
  { blobOf }: PullRequestWorld,
): boolean {
  return [...blobs].some(([file, blob]) => blobOf(file) !== blob);
}

function recordEnd(
  memory: PullRequestMemory,
  world: PullRequestWorld,
  state: 'merged' | 'closed',
): PullRequestStep {
  const isOurs = world.head !== undefined && world.head === memory.commit;
  const missing = memory.values.filter(value => !hasCome(value, world));
  return {
    do: 'record',
    state,
    // Merged with another value, it was edited before.
    declined: memory.isClosing ? [] : missing,
    // Whoever closed it may want to open it again.
    deleteBranch: isOurs && (state === 'merged' || memory.isClosing === true),
  };
}

function close(
  memory: PullRequestMemory,
  world: PullRequestWorld,
  because: 'superseded' | 'withdrawn' | 'base-changed' | 'branch-deleted',
): PullRequestStep {
  return {
    do: 'close',
    because,
    declined:
      because === 'branch-deleted'
        ? memory.values.filter(value => !hasCome(value, world))
        : [],
    deleteBranch: because !== 'branch-deleted',
  };
}

function leave(
  memory: PullRequestMemory | undefined,
  { wanted, isForbidden }: PullRequestWorld,
  because: 'edited' | 'not-ours',
): PullRequestStep {
  const known = [...(memory?.values ?? []), ...(memory?.told ?? [])].map(keyOf);
  return {
    do: 'leave',
    because,
    tell:
      because === 'edited'
        ? wanted.filter(value => !known.includes(keyOf(value)))
        : [],
    cancelAutoMerge:
      memory?.isAutoMerged === true && memory.values.some(isForbidden),
  };
}

/** The base has it, or went on from it. */
function hasCome(value: ProposedValue, { baseOf }: PullRequestWorld): boolean {
  return ['same', 'newer'].includes(baseOf(value));
}

function isSame(
  a: readonly ProposedValue[],
  b: readonly ProposedValue[],
): boolean {
  const keys = new Set(a.map(keyOf));
  return keys.size === new Set(b.map(keyOf)).size && b.every(hasKey(keys));
}

function hasKey(keys: ReadonlySet<string>): (value: ProposedValue) => boolean {
  return value => keys.has(keyOf(value));
}

/** What it writes and where; what it replaces changes with the base. */
function keyOf({ scanId, file, form, to }: ProposedValue): string {
  return JSON.stringify([scanId, file, form, to]);
}

/**
 * The pull request to look at, of those that a forge has of our branch: the one that is
 * open, the oldest where a forge allows several, else the one that is remembered.
 *
 * @param found - newest first
 */
export function pickPullRequest(
  found: readonly ForgePullRequest[],
  memory: Pick<PullRequestMemory, 'number'> | undefined,
): ForgePullRequest | undefined {
  const known = found.find(({ number }) => number === memory?.number);
  if (known?.state === 'open') {
    return known;
  }
  const open = found.filter(({ state }) => state === 'open');
  return open.sort((a, b) => a.number - b.number)[0] ?? known;
}

/**
 * The title and body that an open pull request gets: the new ones, but what a person has
 * edited stays.
 *
 * @param written - as we wrote them last
 * @param shown - as the forge has them
 * @returns undefined where nothing is to be written
 */
export function textToWrite(
  written: { title: string; body: string },
  shown: { title: string; body: string },
  next: { title: string; body: string },
): { title: string; body: string } | undefined {
  const pick = (field: 'title' | 'body') =>
    isSameText(shown[field], written[field]) ? next[field] : shown[field];
  const text = { title: pick('title'), body: pick('body') };
  return isSameText(text.title, shown.title) &&
    isSameText(text.body, shown.body)
    ? undefined
    : text;
}

/** Forges keep line breaks and blanks at the end each in their own way. */
function isSameText(a: string, b: string): boolean {
  const normal = (text: string) =>
    text
      .replace(/\r\n?/g, '\n')
      .replace(/[ \t]+$/gm, '')
      .trim();
  return normal(a) === normal(b);
}
