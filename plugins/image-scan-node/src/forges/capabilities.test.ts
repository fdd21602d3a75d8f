import { explainUnsupported } from '.';
import type { ForgeType, PullRequestWishes } from '.';

const NOTHING: PullRequestWishes = { labels: [], reviewers: [] };

describe('explainUnsupported', () => {
  it.each<[ForgeType, Partial<PullRequestWishes>, string]>([
    ['bitbucketCloud', { labels: ['a'] }, 'labels: '],
    ['bitbucketServer', { labels: ['a'] }, 'labels: '],
    ['bitbucketCloud', { reviewers: ['jane'] }, 'reviewers: '],
    ['azure', { reviewers: ['jane'] }, 'reviewers: '],
    ['gitlab', { reviewers: ['jane', 'team:ops'] }, 'leave out team:ops'],
    ['bitbucketCloud', { autoMerge: 'squash' }, 'autoMerge: '],
    ['gitlab', { autoMerge: 'rebase' }, 'write merge or squash'],
  ])('of %s with %j', (type, wishes, words) => {
    expect(explainUnsupported(type, { ...NOTHING, ...wishes })).toEqual([
      expect.stringContaining(words),
    ]);
  });

  it.each<[ForgeType, Partial<PullRequestWishes>]>([
    [
      'github',
      { labels: ['a'], reviewers: ['jane', 'team:ops'], autoMerge: 'rebase' },
    ],
    ['gitlab', { labels: ['a'], reviewers: ['jane'], autoMerge: 'squash' }],
    ['azure', { labels: ['a'], autoMerge: 'rebase' }],
    ['bitbucketServer', { reviewers: ['jane'], autoMerge: 'merge' }],
    ['bitbucketCloud', {}],
  ])('has nothing against %s with %j', (type, wishes) => {
    expect(explainUnsupported(type, { ...NOTHING, ...wishes })).toEqual([]);
  });
});
