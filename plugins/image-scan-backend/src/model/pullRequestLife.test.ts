import type { ForgePullRequest } from 'backstage-plugin-image-scan-node';
import {
  type BaseValue,
  pickPullRequest,
  planPullRequest,
  type ProposedValue,
  type PullRequestMemory,
  type PullRequestStep,
  type PullRequestWorld,
  textToWrite,
} from './pullRequestLife';

const OURS = 'a'.repeat(40);
const BEFORE = 'b'.repeat(40);
const THEIRS = 'c'.repeat(40);

const redis = (to: string, from = '1.0'): ProposedValue => ({
  scanId: 'redis',
  file: 'redis.yaml',
  form: 'tag',
  from,
  to,
});
const web = (to: string): ProposedValue => ({
  scanId: 'web',
  file: 'web.yaml',
  form: 'tag',
  from: '3.0',
  to,
});

const shown: ForgePullRequest = {
  number: 12,
  url: 'https://forge.example/12',
  state: 'open',
  title: 't',
  body: 'b',
  isDraft: false,
  base: 'main',
};
const merged: ForgePullRequest = { ...shown, state: 'merged' };
const closed: ForgePullRequest = { ...shown, state: 'closed' };

const open: PullRequestMemory = {
  state: 'open',
  commit: OURS,
  base: 'main',
  blobs: new Map([['redis.yaml', 'blob-1']]),
  values: [redis('1.1')],
  number: 12,
  title: 't',
  body: 'b',
};
const pushed: PullRequestMemory = {
  ...open,
  state: 'pushed',
  number: undefined,
};
const announced: PullRequestMemory = {
  ...pushed,
  state: 'announced',
};

/** An announced push over an open pull request. */
const rebuilding: PullRequestMemory = {
  ...open,
  state: 'announced',
  values: [redis('1.2')],
  before: { ...open, commit: BEFORE },
};

interface Told extends Partial<Omit<PullRequestWorld, 'baseOf'>> {
  /** What the base has at the place of every value, by its tag; default the old one. */
  has?: Record<string, BaseValue>;
  forbidden?: string[];
  blobs?: Record<string, string>;
}

function world({
  has = {},
  forbidden = [],
  blobs = { 'redis.yaml': 'blob-1' },
  ...told
}: Told): PullRequestWorld {
  return {
    base: 'main',
    head: OURS,
    pullRequest: shown,
    wanted: [redis('1.1')],
    blobOf: file => blobs[file],
    baseOf: ({ to }) => has[to] ?? 'old',
    isForbidden: ({ to }) => forbidden.includes(to),
    isWindowOpen: true,
    ...told,
  };
}

const none = { head: undefined, pullRequest: undefined };
const left = { do: 'leave', tell: [], cancelAutoMerge: false } as const;

type History = [
  name: string,
  memory: PullRequestMemory | undefined,
  told: Told,
  step: PullRequestStep,
];

const histories: History[] = [
  // The first one.
  [
    'nothing is wanted and nothing there',
    undefined,
    { ...none, wanted: [] },
    { do: 'nothing', because: 'nothing-wanted' },
  ],
  [
    'something is wanted',
    undefined,
    none,
    { do: 'push', because: 'new', values: [redis('1.1')] },
  ],
  [
    'something is wanted outside of the window',
    undefined,
    { ...none, isWindowOpen: false },
    { do: 'nothing', because: 'window' },
  ],
  [
    'somebody has a branch of this name',
    undefined,
    { pullRequest: undefined, head: THEIRS },
    { ...left, because: 'not-ours' },
  ],
  [
    'the memory was lost, and a pull request is open',
    undefined,
    { head: OURS },
    { ...left, because: 'not-ours' },
  ],
  // Crashes.
  [
    'the announced push has arrived',
    announced,
    { pullRequest: undefined },
    { do: 'confirm-push' },
  ],
  [
    'the announced push has not arrived',
    announced,
    none,
    { do: 'push', because: 'new', values: [redis('1.1')] },
  ],
  [
    'the announced push has not arrived, and nothing is wanted any more',
    announced,
    { ...none, wanted: [] },
    { do: 'nothing', because: 'nothing-wanted' },
  ],
  [
    'somebody pushed where ours should arrive',
    announced,
    { pullRequest: undefined, head: THEIRS },
    { ...left, because: 'not-ours' },
  ],
  [
    'a crash after the push',
    pushed,
    { pullRequest: undefined },
    { do: 'open' },
  ],
  [
    'a crash after it was opened',
    pushed,
    {},
    { do: 'confirm-open', number: 12 },
  ],
  [
    'a crash after the push, and a newer tag came',
    pushed,
    { pullRequest: undefined, wanted: [redis('1.2')] },
    { do: 'push', because: 'new', values: [redis('1.2')], expected: OURS },
  ],
  [
    'a crash after the push, and the base moved',
    pushed,
    { pullRequest: undefined, blobs: { 'redis.yaml': 'blob-2' } },
    { do: 'push', because: 'new', values: [redis('1.1')], expected: OURS },
  ],
  [
    'a person pushed before it was opened',
    pushed,
    { pullRequest: undefined, head: THEIRS },
    { ...left, because: 'edited' },
  ],
  [
    'the branch was deleted before it was opened',
    pushed,
    none,
    { do: 'push', because: 'new', values: [redis('1.1')] },
  ],
  [
    'a rebuild has arrived',
    rebuilding,
    { wanted: [redis('1.2')] },
    { do: 'confirm-push' },
  ],
  [
    'a rebuild has not arrived',
    rebuilding,
    { head: BEFORE, wanted: [redis('1.2')] },
    { do: 'push', because: 'values', values: [redis('1.2')], expected: BEFORE },
  ],
  [
    'a rebuild has not arrived, and the old one was closed',
    rebuilding,
    { head: BEFORE, wanted: [redis('1.2')], pullRequest: closed },
    {
      do: 'record',
      state: 'closed',
      declined: [redis('1.1')],
      deleteBranch: false,
    },
  ],
  [
    'a rebuild has not arrived, and the old one was merged and its branch deleted',
    rebuilding,
    {
      head: undefined,
      wanted: [redis('1.2')],
      pullRequest: merged,
      has: { '1.1': 'same' },
    },
    { do: 'record', state: 'merged', declined: [], deleteBranch: false },
  ],
  // It is open.
  ['nothing changed', open, {}, { do: 'nothing', because: 'up-to-date' }],
  [
    'another file of the base changed',
    open,
    { blobs: { 'redis.yaml': 'blob-1', 'other.yaml': 'blob-9' } },
    { do: 'nothing', because: 'up-to-date' },
  ],
  [
    'a file of it changed on the base',
    open,
    { blobs: { 'redis.yaml': 'blob-2' } },
    {
      do: 'push',
      because: 'base-moved',
      values: [redis('1.1')],
      expected: OURS,
    },
  ],
  [
    'a file of it changed on the base, outside of the window',
    open,
    { blobs: { 'redis.yaml': 'blob-2' }, isWindowOpen: false },
    {
      do: 'push',
      because: 'base-moved',
      values: [redis('1.1')],
      expected: OURS,
    },
  ],
  [
    'the forge sees a conflict',
    open,
    { pullRequest: { ...shown, isConflicted: true } },
    { do: 'push', because: 'conflict', values: [redis('1.1')], expected: OURS },
  ],
  [
    'a newer tag',
    open,
    { wanted: [redis('1.2')] },
    { do: 'push', because: 'values', values: [redis('1.2')], expected: OURS },
  ],
  [
    'a newer tag outside of the window',
    open,
    { wanted: [redis('1.2')], isWindowOpen: false },
    { do: 'nothing', because: 'up-to-date' },
  ],
  [
    'another scan has something as well',
    open,
    { wanted: [redis('1.1'), web('3.1')] },
    {
      do: 'push',
      because: 'values',
      values: [redis('1.1'), web('3.1')],
      expected: OURS,
    },
  ],
  [
    'one of two is held',
    { ...open, values: [redis('1.1'), web('3.1')] },
    { wanted: [redis('1.1')], forbidden: ['3.1'] },
    { do: 'push', because: 'values', values: [redis('1.1')], expected: OURS },
  ],
  [
    'one of two is held outside of the window, where a newer one waits',
    { ...open, values: [redis('1.1'), web('3.1')] },
    { wanted: [redis('1.2')], forbidden: ['3.1'], isWindowOpen: false },
    { do: 'push', because: 'values', values: [redis('1.1')], expected: OURS },
  ],
  [
    'all of it is held',
    open,
    { wanted: [], forbidden: ['1.1'] },
    { do: 'close', because: 'withdrawn', declined: [], deleteBranch: true },
  ],
  [
    'the base has it by another way',
    open,
    { wanted: [], has: { '1.1': 'same' } },
    { do: 'close', because: 'superseded', declined: [], deleteBranch: true },
  ],
  [
    'the base went on from it',
    open,
    { wanted: [], has: { '1.1': 'newer' } },
    { do: 'close', because: 'superseded', declined: [], deleteBranch: true },
  ],
  [
    'the base has it, outside of the window',
    open,
    { wanted: [], has: { '1.1': 'same' }, isWindowOpen: false },
    { do: 'close', because: 'superseded', declined: [], deleteBranch: true },
  ],
  [
    'the tag went back to what the base has',
    open,
    { wanted: [] },
    { do: 'close', because: 'withdrawn', declined: [], deleteBranch: true },
  ],
  [
    'another base is configured',
    open,
    { base: 'release' },
    { do: 'close', because: 'base-changed', declined: [], deleteBranch: true },
  ],
  [
    'its branch was deleted, and the forge left it open',
    open,
    { head: undefined },
    {
      do: 'close',
      because: 'branch-deleted',
      declined: [redis('1.1')],
      deleteBranch: false,
    },
  ],
  // Others were there.
  [
    'a person committed to it',
    open,
    { head: THEIRS },
    { ...left, because: 'edited' },
  ],
  [
    'a person committed to it, and a newer tag came',
    open,
    { head: THEIRS, wanted: [redis('1.2')] },
    { ...left, because: 'edited', tell: [redis('1.2')] },
  ],
  [
    'a person committed to it, and the newer tag was told',
    { ...open, told: [redis('1.2')] },
    { head: THEIRS, wanted: [redis('1.2')] },
    { ...left, because: 'edited' },
  ],
  [
    'a person committed to it, the base moved and another base is configured',
    open,
    { head: THEIRS, blobs: { 'redis.yaml': 'x' }, base: 'release' },
    { ...left, because: 'edited' },
  ],
  [
    'a person committed to it, and it is held while it merges by itself',
    { ...open, isAutoMerged: true },
    { head: THEIRS, wanted: [], forbidden: ['1.1'] },
    { ...left, because: 'edited', cancelAutoMerge: true },
  ],
  // Merged in any of three ways: only the values on the base count.
  [
    'it was merged',
    open,
    { pullRequest: merged, wanted: [], has: { '1.1': 'same' } },
    { do: 'record', state: 'merged', declined: [], deleteBranch: true },
  ],
  [
    'it was merged, its branch is gone, and a newer tag came',
    open,
    {
      pullRequest: merged,
      head: undefined,
      wanted: [redis('1.2', '1.1')],
      has: { '1.1': 'same' },
    },
    { do: 'record', state: 'merged', declined: [], deleteBranch: false },
  ],
  [
    'it was merged, and the base went on from it',
    open,
    { pullRequest: merged, has: { '1.1': 'newer' } },
    { do: 'record', state: 'merged', declined: [], deleteBranch: true },
  ],
  [
    'it was merged with another value, which a person wrote',
    open,
    { pullRequest: merged, head: THEIRS, has: { '1.1': 'other' } },
    {
      do: 'record',
      state: 'merged',
      declined: [redis('1.1')],
      deleteBranch: false,
    },
  ],
  [
    'it was merged without one of two',
    { ...open, values: [redis('1.1'), web('3.1')] },
    { pullRequest: merged, head: undefined, has: { '1.1': 'same' } },
    {
      do: 'record',
      state: 'merged',
      declined: [web('3.1')],
      deleteBranch: false,
    },
  ],
  [
    'the next one after it was merged',
    { ...open, state: 'merged' },
    { head: undefined, pullRequest: merged, wanted: [redis('1.2')] },
    { do: 'push', because: 'new', values: [redis('1.2')] },
  ],
  [
    'the next one, where the merged branch was left',
    { ...open, state: 'merged' },
    { pullRequest: merged, wanted: [redis('1.2')] },
    { do: 'push', because: 'new', values: [redis('1.2')], expected: OURS },
  ],
  // Closed.
  [
    'a person closed it',
    open,
    { pullRequest: closed },
    {
      do: 'record',
      state: 'closed',
      declined: [redis('1.1')],
      deleteBranch: false,
    },
  ],
  [
    'the forge closed it, as the base has all of it',
    open,
    { pullRequest: closed, wanted: [], has: { '1.1': 'same' } },
    { do: 'record', state: 'closed', declined: [], deleteBranch: false },
  ],
  [
    'a person closed it, and the base has one of two',
    { ...open, values: [redis('1.1'), web('3.1')] },
    { pullRequest: closed, has: { '3.1': 'same' } },
    {
      do: 'record',
      state: 'closed',
      declined: [redis('1.1')],
      deleteBranch: false,
    },
  ],
  [
    'we closed it, and crashed before that was stored',
    { ...open, isClosing: true },
    { pullRequest: closed, wanted: [] },
    { do: 'record', state: 'closed', declined: [], deleteBranch: true },
  ],
  [
    'we wanted to close it, and crashed before',
    { ...open, isClosing: true },
    { wanted: [], has: { '1.1': 'same' } },
    { do: 'close', because: 'superseded', declined: [], deleteBranch: true },
  ],
  [
    'what was closed is declined',
    { ...open, state: 'closed' },
    { pullRequest: closed, wanted: [] },
    { do: 'nothing', because: 'nothing-wanted' },
  ],
  [
    'a newer tag after it was closed',
    { ...open, state: 'closed' },
    { pullRequest: closed, wanted: [redis('1.2')] },
    { do: 'push', because: 'new', values: [redis('1.2')], expected: OURS },
  ],
  [
    'released after it was closed, and the branch is gone',
    { ...open, state: 'closed' },
    { pullRequest: closed, head: undefined },
    { do: 'push', because: 'new', values: [redis('1.1')] },
  ],
  [
    'a person committed to the branch of a closed one',
    { ...open, state: 'closed' },
    { pullRequest: closed, head: THEIRS, wanted: [redis('1.2')] },
    { ...left, because: 'edited', tell: [redis('1.2')] },
  ],
  [
    'a person opened it again',
    { ...open, state: 'closed' },
    { wanted: [] },
    { do: 'reopened', released: [redis('1.1')] },
  ],
];

describe('planPullRequest', () => {
  it.each(histories)('%s', (_, memory, told, step) => {
    expect(planPullRequest(memory, world(told))).toEqual(step);
  });

  it('comes to rest: no step is planned twice', () => {
    const opened = planPullRequest(pushed, world({}));
    expect(opened.do).toBe('confirm-open');
    expect(planPullRequest(open, world({})).do).toBe('nothing');
  });
});

describe('pickPullRequest', () => {
  const of = (number: number, state: ForgePullRequest['state']) => ({
    ...shown,
    number,
    state,
  });
  it.each<[string, ForgePullRequest[], number | undefined, number | undefined]>(
    [
      ['none', [], 12, undefined],
      ['the known one', [of(13, 'closed'), of(12, 'open')], 12, 12],
      [
        'an open one before the known one',
        [of(13, 'open'), of(12, 'closed')],
        12,
        13,
      ],
      ['the oldest of two', [of(14, 'open'), of(13, 'open')], undefined, 13],
      ['the known one, though it is closed', [of(12, 'closed')], 12, 12],
      [
        'none that is not known and not open',
        [of(11, 'closed')],
        12,
        undefined,
      ],
    ],
  )('is %s', (_, found, number, expected) => {
    expect(pickPullRequest(found, { number })?.number).toBe(expected);
  });
});

describe('textToWrite', () => {
  const written = { title: 'Update a', body: '| a |\n| b |' };
  const next = { title: 'Update b', body: '| c |' };
  it('writes both where nobody edited them', () => {
    const kept = { title: 'Update a', body: '| a | \r\n| b |\r\n' };
    expect(textToWrite(written, kept, next)).toEqual(next);
  });
  it.each([
    ['title', { ...written, title: 'Mine' }, { ...next, title: 'Mine' }],
    ['body', { ...written, body: 'Mine' }, { ...next, body: 'Mine' }],
  ])('leaves a %s that a person edited', (_, kept, expected) => {
    expect(textToWrite(written, kept, next)).toEqual(expected);
  });
  it('writes nothing where there is nothing new', () => {
    expect(textToWrite(written, written, written)).toBeUndefined();
    expect(
      textToWrite(written, { title: 'x', body: 'y' }, next),
    ).toBeUndefined();
  });
});
