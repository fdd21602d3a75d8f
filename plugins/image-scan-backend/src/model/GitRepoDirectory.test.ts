import { NotFoundError } from '@backstage/errors';
import { aGitRepo } from '../__testUtils__/aGitRepo';
import { GitRepoDirectory } from './GitRepoDirectory';

describe('GitRepoDirectory', () => {
  const bare = aGitRepo('bare');
  const spaced = aGitRepo('spaced', {}, 'ns');
  const a = aGitRepo('twin', {}, 'a');
  const b = aGitRepo('twin', {}, 'b');
  const without = aGitRepo('twin');
  const directory = new GitRepoDirectory([bare, spaced, a, b]);

  it('shows a name alone where it is unique', () => {
    expect(
      [bare, spaced, a, b].map(({ key }) => directory.nameOf(key)),
    ).toEqual(['bare', 'spaced', 'a:twin', 'b:twin']);
    expect(directory.nameOf('gone/away')).toBe('gone/away');
  });

  it.each([
    ['bare', bare],
    ['spaced', spaced],
    ['ns:spaced', spaced],
    ['a:twin', a],
    ['b:twin', b],
  ])('finds %s', (name, definition) => {
    expect(directory.find(name)).toBe(definition);
    expect(directory.get(name)).toBe(definition);
  });

  it.each(['twin', 'ns:bare', 'undefined:bare', 'a/twin', '', 'constructor'])(
    'does not find %j',
    name => {
      expect(directory.find(name)).toBeUndefined();
      expect(() => directory.get(name)).toThrow(NotFoundError);
    },
  );

  it('gives a name that is not unique to the one without a namespace', () => {
    const mixed = new GitRepoDirectory([a, without]);
    expect(mixed.find('twin')).toBe(without);
    expect(mixed.find('a:twin')).toBe(a);
    expect(mixed.nameOf(without.key)).toBe('twin');
    expect(mixed.nameOf(a.key)).toBe('a:twin');
  });
});
