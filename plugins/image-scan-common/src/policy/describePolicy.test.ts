import { describePolicy, policyWarnings } from './describePolicy';

describe('describePolicy', () => {
  it.each([
    [{ semver: { range: '^1.2' } }, 'semver ^1.2'],
    [{ semver: { range: ' ^1.2 ' } }, 'semver ^1.2'],
    [{ semver: { range: '^1', strict: true } }, 'semver ^1 (strict)'],
    [{ semver: { range: '^1', strict: false } }, 'semver ^1'],
    [{ semver: { range: '' } }, 'semver (empty range)'],
    [{}, 'semver *'],
    [{ alphabetical: {} }, 'alphabetical desc'],
    [{ alphabetical: { order: 'asc' as const } }, 'alphabetical asc'],
    [{ semver: { range: '1' }, alphabetical: {} }, 'semver 1'],
    [{ numerical: {} }, 'numerical, the largest number'],
    [
      { numerical: { order: 'desc' as const } },
      'numerical, the smallest number',
    ],
    [{ alphabetical: {}, numerical: {} }, 'alphabetical desc'],
    [{ newest: {} }, 'newest, the tag that appeared last'],
    [{ numerical: {}, newest: {} }, 'numerical, the largest number'],
  ])('%j is %s', (policy, text) => {
    expect(describePolicy(policy)).toBe(text);
  });
});

describe('policyWarnings', () => {
  it('warns of several policies and of nothing else', () => {
    expect(
      policyWarnings({ semver: { range: '*' }, alphabetical: {} }),
    ).toEqual([
      expect.stringContaining('semver decides; alphabetical is ignored'),
    ]);
    expect(
      policyWarnings({ alphabetical: {}, numerical: {}, newest: {} }),
    ).toEqual([
      'The policy has alphabetical, numerical and newest: alphabetical decides; numerical and newest are ignored.',
    ]);
    expect(policyWarnings({ semver: { range: '*' } })).toEqual([]);
    expect(policyWarnings({ alphabetical: {} })).toEqual([]);
    expect(policyWarnings({})).toEqual([]);
  });
});
