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
  ])('%j is %s', (policy, text) => {
    expect(describePolicy(policy)).toBe(text);
  });
});

describe('policyWarnings', () => {
  it('warns of two policies and of nothing else', () => {
    expect(
      policyWarnings({ semver: { range: '*' }, alphabetical: {} }),
    ).toEqual([
      expect.stringContaining('semver decides; alphabetical is ignored'),
    ]);
    expect(policyWarnings({ semver: { range: '*' } })).toEqual([]);
    expect(policyWarnings({ alphabetical: {} })).toEqual([]);
    expect(policyWarnings({})).toEqual([]);
  });
});
