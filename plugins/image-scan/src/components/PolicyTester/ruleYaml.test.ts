import { isUnknownToFleet, ruleYaml } from './ruleYaml';

describe('ruleYaml', () => {
  it('quotes a range, whatever is in it', () => {
    expect(ruleYaml({ policy: { semver: { range: '>=1 "x" # y' } } })).toBe(
      'policy:\n  semver:\n    range: ">=1 \\"x\\" # y"',
    );
  });

  it('writes strict where it is set', () => {
    expect(
      ruleYaml({ policy: { semver: { range: '1.x', strict: true } } }),
    ).toBe('policy:\n  semver:\n    range: "1.x"\n    strict: true');
    expect(
      ruleYaml({ policy: { semver: { range: '1.x', strict: false } } }),
    ).toBe('policy:\n  semver:\n    range: "1.x"');
  });

  it('writes an order', () => {
    expect(ruleYaml({ policy: { alphabetical: {} } })).toBe(
      'policy:\n  alphabetical:\n    order: desc',
    );
  });

  it('writes what competes, and by which part', () => {
    const rule = {
      policy: { numerical: {} },
      filterTags: { pattern: '^main-(?P<n>\\d+)$', extract: '$n' },
      exclusionList: ['-debug$'],
    };
    expect(ruleYaml(rule)).toBe(
      [
        'policy:',
        '  numerical:',
        '    order: asc',
        'filterTags:',
        '  pattern: "^main-(?P<n>\\\\d+)$"',
        '  extract: "$n"',
        'exclusionList:',
        '  - "-debug$"',
      ].join('\n'),
    );
  });
});

describe('isUnknownToFleet', () => {
  it.each([
    [{ policy: { semver: { range: '*' } } }, false],
    [{ policy: { alphabetical: {} }, exclusionList: [] }, false],
    [{ policy: { semver: { range: '*', strict: true } } }, true],
    [{ policy: { numerical: {} } }, true],
    [{ policy: { alphabetical: {} }, filterTags: { pattern: 'a' } }, true],
    [{ policy: { alphabetical: {} }, exclusionList: ['a'] }, true],
  ])('of %j is %s', (rule, expected) => {
    expect(isUnknownToFleet(rule)).toBe(expected);
  });
});
