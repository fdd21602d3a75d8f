import { policyYaml } from './policyYaml';

describe('policyYaml', () => {
  it('quotes a range, whatever is in it', () => {
    expect(policyYaml({ semver: { range: '>=1 "x" # y' } })).toBe(
      'policy:\n  semver:\n    range: ">=1 \\"x\\" # y"',
    );
  });

  it('writes strict where it is set', () => {
    expect(policyYaml({ semver: { range: '1.x', strict: true } })).toBe(
      'policy:\n  semver:\n    range: "1.x"\n    strict: true',
    );
    expect(policyYaml({ semver: { range: '1.x', strict: false } })).toBe(
      'policy:\n  semver:\n    range: "1.x"',
    );
  });

  it('writes an order', () => {
    expect(policyYaml({ alphabetical: {} })).toBe(
      'policy:\n  alphabetical:\n    order: desc',
    );
  });
});
