import { PatternBudget } from './PatternBudget';
import { patternSize } from './patternSize';

const PATTERN = '^v(.*)$';
const SIZE = patternSize(PATTERN);

describe('PatternBudget', () => {
  it('counts a pattern once, however many entries have it', () => {
    const budget = new PatternBudget(SIZE);
    for (let entry = 0; entry < 3; entry++) {
      budget.spend({ filterTags: { pattern: PATTERN } });
      budget.spend({ exclusionList: [PATTERN] });
    }
    expect(() => budget.spend({ filterTags: { pattern: 'a' } })).toThrow(
      /^filterTags\.pattern: .* 0 is left of \d+ \(limit patternSize\)/,
    );
  });

  it('names the field, and lets smaller ones go on', () => {
    const budget = new PatternBudget(SIZE + patternSize('a'));
    expect(() =>
      budget.spend({ exclusionList: [PATTERN, `${PATTERN}|b`] }),
    ).toThrow(
      /^exclusionList\[1\]: the patterns of this git repo are too large/,
    );
    budget.spend({ filterTags: { pattern: 'a' } });
  });

  it('leaves to others what is never compiled', () => {
    const budget = new PatternBudget(SIZE);
    budget.spend({ filterTags: { pattern: '(a{1000}){1000}' } });
    budget.spend({});
    budget.spend({ filterTags: { pattern: PATTERN } });
  });
});
