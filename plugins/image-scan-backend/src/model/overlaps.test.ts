import { aGitRepo } from '../__testUtils__/aGitRepo';
import { findOverlaps } from './overlaps';

describe('findOverlaps', () => {
  const repo = 'https://git.example.com/org/shop';
  const overlapsOf = (...specs: Record<string, unknown>[]) =>
    Object.fromEntries(
      findOverlaps(
        specs.map((spec, index) => aGitRepo(`r${index}`, { repo, ...spec })),
        ({ branch }) => branch,
      ),
    );

  it.each<[unknown, unknown, string]>([
    [undefined, ['apps'], 'apps'],
    [['apps'], ['apps'], 'apps'],
    [['apps'], ['apps/web', 'other'], 'apps/web'],
    [['apps/*'], ['apps/web'], 'apps/web'],
    [['apps/*'], ['apps/*'], 'apps/*'],
    [['apps'], ['apps/*'], 'apps/*'],
  ])('finds paths %j and %j of one branch', (one, two, path) => {
    expect(overlapsOf({ paths: one }, { paths: two })).toEqual({
      r0: [{ path, other: 'r1' }],
      r1: [{ path, other: 'r0' }],
    });
  });

  it('finds the same repository in another spelling', () => {
    const same = { repo: `${repo.replace('git.', 'GIT.')}.git/` };
    expect(Object.keys(overlapsOf({}, same))).toEqual(['r0', 'r1']);
  });

  it.each<[Record<string, unknown>, Record<string, unknown>]>([
    [{ paths: ['apps'] }, { paths: ['apps2', 'other'] }],
    [{ paths: ['apps/*'] }, { paths: ['charts/web'] }],
    [{ branch: 'main' }, { branch: 'prod' }],
    [{}, { repo: 'https://git.example.com/org/other' }],
  ])('finds nothing in %j and %j', (one, two) => {
    expect(overlapsOf(one, two)).toEqual({});
  });
});
