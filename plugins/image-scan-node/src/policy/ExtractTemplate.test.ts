import { InputError } from '@backstage/errors';
import { ExtractTemplate } from './ExtractTemplate';
import { RegularExpression } from './RegularExpression';

const expression = RegularExpression.parse(
  '^(\\d+)-(?P<ts>\\d+)(?:-(?P<__proto__>x))?$',
);

function expand(template: string, text = '5-17'): string | undefined {
  const groups = expression.match(text);
  return groups && ExtractTemplate.parse(template, expression).expand(groups);
}

describe('ExtractTemplate', () => {
  it.each([
    ['$1.$2', '5.17'],
    ['$ts', '17'],
    ['${ts}s$1', '17s5'],
    ['${1}_$2', '5_17'],
    ['$0', '5-17'],
    ['$$$1$$', '$5$'],
    ['$$1', '$1'],
    ['$__proto__', ''],
    ['v$1', 'v5'],
    ['plain', 'plain'],
    ['\\1', '\\1'],
  ])('expands %s to %s', (template, text) => {
    expect(expand(template)).toBe(text);
  });

  it('takes what a group matched this time', () => {
    expect(expand('$__proto__$1', '5-17-x')).toBe('x5');
  });

  it.each([
    ['$', /names no group/],
    ['$1$', /names no group/],
    ['$-$1', /the dollar sign before "-"/],
    ['${1', /names no group/],
    ['${}', /names no group/],
    [
      '$version',
      /"version", which the pattern does not have; it has: ts, __proto__$/,
    ],
    ['$1_$2', /"1_", which the pattern does not have; .*; write \$\{1\}_$/],
    ['$01', /"01", which/],
    ['$4', /the group 4, and the pattern has only 3/],
    ['$99999999999', /only 3/],
    ['$constructor', /does not have/],
    ['$1'.repeat(17), /17 groups, and at most 16/],
    ['x'.repeat(513), /513 characters, and at most 512/],
  ])('refuses %s', (template, reason) => {
    const parse = () => ExtractTemplate.parse(template, expression);
    expect(parse).toThrow(InputError);
    expect(parse).toThrow(reason);
  });
});
