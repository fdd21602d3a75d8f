import { isSafeName, linkLeadsOut } from './paths';

describe('isSafeName', () => {
  it.each([
    'a.yaml',
    '.github',
    '.gitignore',
    '.gitmodules',
    'git',
    'ä b',
    'git~x',
    '..a',
  ])('takes %j', name => expect(isSafeName(name)).toBe(true));

  it.each([
    ...['', '.', '..', 'a/b', '/', 'a\\b', '..\\a', 'a\0'],
    ...[
      '.git',
      '.GIT',
      '.Git',
      '.git.',
      '.git ',
      '.git. .',
      '.git::$INDEX_ALLOCATION',
    ],
    ...['git~1', 'GIT~1', 'git~12', '.g\u200cit', '\ufeff.git', '.git\u206f'],
  ])('refuses %j', name => expect(isSafeName(name)).toBe(false));
});

describe('linkLeadsOut', () => {
  it.each([
    ['a', 'b'],
    ['a', './b'],
    ['a', '.'],
    ['d/a', '../b'],
    ['d/e/a', '../../b/c'],
    ['d/a', '..'],
  ])('lets %j lead to %j', (path, target) =>
    expect(linkLeadsOut(path, target)).toBe(false),
  );

  it.each([
    ['a', ''],
    ['a', '/etc'],
    ['a', '..'],
    ['d/a', '../..'],
    ['d/a', '../../b'],
    // What `b` is decides where a step up after it leads.
    ['a', 'b/..'],
    ['d/a', '../b/../c'],
    ['a', '.git'],
    ['d/a', '../.GIT/config'],
    ['a', '..\\b'],
  ])('sees that %j leads out by %j', (path, target) =>
    expect(linkLeadsOut(path, target)).toBe(true),
  );
});
