import {
  describePolicy,
  policyWarnings,
  selectionWarnings,
} from './describePolicy';

describe('describePolicy', () => {
  it.each([
    [{ semver: { range: '^1.2' } }, 'semver ^1.2'],
    [{ semver: { range: ' ^1.2 ' } }, 'semver ^1.2'],
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

describe('selectionWarnings', () => {
  it.each(['1234567', '20240131', '20240131123456789'])('warns of %s', tag => {
    expect(selectionWarnings(tag)).toEqual([
      expect.stringContaining(`counts as version ${tag}.0.0`),
    ]);
  });

  it.each(['123456', '2024.01.31', '1.2.3', 'v20240131', '20240131-1', ''])(
    'does not warn of %j',
    tag => {
      expect(selectionWarnings(tag)).toEqual([]);
    },
  );
});
