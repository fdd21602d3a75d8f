import { RE2JS } from 're2js';
import { patternSize } from './patternSize';
import { randomPattern } from './__testUtils__/randomPattern';
import { seededRandom } from './__testUtils__/random';

describe('patternSize', () => {
  it.each([
    ['abc', 3],
    ['[a-z0-9]\\d.', 3],
    ['[]a]b', 2],
    ['[^]a\\]]b', 2],
    ['[[:alpha:]_]+', 2],
    ['\\x{10FFFF}\\pL\\p{Greek}\\101', 4],
    ['\\Qa.b*\\E*', 5],
    ['\\Qa{3}', 4],
    ['a{3}', 3],
    ['a{2,5}', 10],
    ['a{2,}', 4],
    ['a{,5}', 5],
    ['(ab){10}', 40],
    ['(?:(?P<x>a){10}){10}', 320],
    ['(?i)a|b', 3],
    ['((', 4],
    ['a)', 3],
    ['\\', 1],
    ['[a', 1],
  ])('of %s is %i', (pattern, size) => {
    expect(patternSize(pattern)).toBe(size);
  });

  it('grows with counts of counts as the program does', () => {
    expect(patternSize('((.{100}){100}){100}')).toBeGreaterThan(1_000_000);
    expect(patternSize('(a{1000}){50}')).toBeGreaterThan(50_000);
  });

  it('is seldom below the size of the program, and never by much', () => {
    const random = seededRandom(3);
    let below = 0;
    let count = 0;
    for (let round = 0; round < 2_000; round += 1) {
      const pattern = randomPattern(random);
      let size: number;
      try {
        size = RE2JS.compile(pattern).programSize();
      } catch {
        // Not an expression: nothing is compiled of it.
        continue;
      }
      count += 1;
      // The program has a beginning and an end of its own.
      const estimate = patternSize(pattern) + 4;
      below += Number(estimate < size);
      expect([pattern, estimate >= 0.8 * size]).toEqual([pattern, true]);
    }
    expect(count).toBeGreaterThan(1_000);
    expect(below / count).toBeLessThan(0.005);
  });
});
