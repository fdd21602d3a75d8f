import { InputError } from '@backstage/errors';
import { cpuTimeSince } from '../__testUtils__/cpuTime';
import { RegularExpression } from './RegularExpression';

describe('RegularExpression', () => {
  it('matches anywhere, with the case that is written', () => {
    const expression = RegularExpression.parse('1\\.2');
    expect(expression.test('11.2.0')).toBe(true);
    expect(expression.test('1x2')).toBe(false);
    expect(RegularExpression.parse('^RC').test('rc1')).toBe(false);
    expect(RegularExpression.parse('(?i)^RC').test('rc1')).toBe(true);
  });

  it('gives groups by number and by name, and nothing for one that took no part', () => {
    const expression = RegularExpression.parse('(?P<a>x)|(?<constructor>y)');
    expect(expression.groupCount).toBe(2);
    expect([...expression.groupNames]).toEqual([
      ['a', 1],
      ['constructor', 2],
    ]);
    expect(expression.match('_y')).toEqual(['y', undefined, 'y']);
    expect(expression.match('z')).toBeUndefined();
  });

  it.each([
    ['^(?!.*debug)', /exclusionList/],
    ['(?<=v)1', /exclusionList/],
    ['*-alpine', /"-alpine\$" for "\*-alpine"/],
    ['(?P.*)', /\(\?P<name>…\)/],
    ['[z-a]', /invalid character class range/],
    ['(?P<a>x)(?P<a>y)', /duplicate/],
    ['a'.repeat(2_049), /2049 characters, and at most 2048/],
    ['(?:a{100}){31}', /too large: .*3162, and at most 3000/],
    ['\\C', /not a regular expression of RE2/],
  ])('refuses %s and says why', (pattern, reason) => {
    const parse = () => RegularExpression.parse(pattern);
    expect(parse).toThrow(InputError);
    expect(parse).toThrow(reason);
  });

  it.each([
    '^(a+)+$',
    '^(a|aa)+$',
    '(x+x+){300}y',
    '(.?.?){400}',
    '(?i)([\\pL\\pN]){0,700}',
    '((a?){30}){19}',
  ])('compiles and matches %s in a moment', pattern => {
    const started = process.cpuUsage();
    const expression = RegularExpression.parse(pattern);
    for (const tag of ['a'.repeat(127), `${'aA1_-.'.repeat(21)}!`]) {
      expression.test(tag);
      expression.match(tag);
    }
    // Compiled once, and four matches without the compiler of the machine.
    expect(cpuTimeSince(started)).toBeLessThan(300);
  });
});
