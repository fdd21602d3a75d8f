import { TagOrder } from './TagOrder';

const versions = new TagOrder({
  policy: { semver: { range: '^1' } },
  filterTags: { pattern: '^app-(.+)$', extract: '$1' },
});

describe('TagOrder', () => {
  it('says a step back by values, and names them', () => {
    expect(versions.explainStepBack('app-1.3.0', 'app-1.2.0')).toBe(
      'which the policy orders above app-1.2.0: 1.3.0 and 1.2.0',
    );
    expect(versions.explainStepBack('app-1.2.0', 'app-1.3.0')).toBeUndefined();
    expect(versions.explainStepBack('latest', 'app-1.3.0')).toBeUndefined();
    expect(new TagOrder({ policy: {} }).explainStepBack('1.3.0', '1.2.0')).toBe(
      'which the policy orders above 1.2.0',
    );
  });

  it('measures a step by values', () => {
    expect(versions.changeKind('app-1.2.0', 'app-1.3.0')).toBe('minor');
    expect(versions.changeKind('app-1.2.0', 'app-1.2.0')).toBe('digest');
    expect(versions.changeKind('latest', 'app-1.2.0')).toBe('other');
    expect(versions.changeKind(undefined, 'app-1.2.0')).toBe('other');
    const numbers = new TagOrder({ policy: { numerical: {} } });
    expect(numbers.changeKind('1', '2')).toBe('other');
  });
});
