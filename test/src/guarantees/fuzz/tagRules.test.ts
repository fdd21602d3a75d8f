import type { TagRule } from 'backstage-plugin-image-scan-common';
import { compareTagsBy, evaluateTags } from 'backstage-plugin-image-scan-node';
import fc from 'fast-check';
import { anyText, fuzz, soup, thrownBy } from './fuzz';

jest.setTimeout(120_000);

const patternParts = [
  ...['^', '$', '.', '*', '+', '?', '|', '(', ')', '(?:', '(?P<a>', '(?i)'],
  ...['[a-f0-9]', '[^-]', '\\d', '\\w', '\\pL', '\\Q', '\\E', '\\', '[', ']'],
  ...['{2}', '{0,3}', '{1000}', '{', '}', 'a', 'b', '1', '-', '(?!', '(?P.*)'],
];

const extractParts = ['$', '$1', '$a', '${1}', '${', '}', '$$', '.', '_', '1'];

const tag = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,12}$/),
  fc
    .tuple(fc.constantFrom('main-', 'dev-', 'v', ''), fc.nat({ max: 12 }))
    .map(([branch, number]) => `${branch}${number}`),
  fc.constantFrom(
    '1.2.3',
    '1.2',
    'latest',
    'x.sig',
    '007',
    '7.0',
    'a'.repeat(128),
  ),
);

const policy: fc.Arbitrary<TagRule['policy']> = fc.constantFrom(
  { numerical: {} },
  { numerical: { order: 'desc' as const } },
  { alphabetical: {} },
  { semver: { range: '*' } },
  { semver: { range: '>=1-0', strict: true } },
  {},
);

/** Rules that can be used. */
const usable: fc.Arbitrary<TagRule> = fc.record({
  policy,
  filterTags: fc.constantFrom(
    undefined,
    { pattern: '^(?:main|dev)-(\\d+)$', extract: '$1' },
    { pattern: '(\\d+)', extract: '$1' },
    { pattern: '^v?(?P<a>.*)', extract: '${a}' },
    { pattern: '1' },
  ),
  exclusionList: fc.constantFrom(undefined, ['^dev'], ['x', '9$']),
});

/** Whatever somebody may write. */
const any: fc.Arbitrary<TagRule> = fc.record({
  policy,
  filterTags: fc.record({
    pattern: fc.oneof(soup(patternParts), anyText(40)),
    extract: fc.oneof(fc.constant(''), soup(extractParts)),
  }),
  exclusionList: fc.array(soup(patternParts), { maxLength: 3 }),
});

describe('rules of tags', () => {
  it('choose the same of any order of the tags, and explain each once', () => {
    fuzz([usable, fc.array(tag, { maxLength: 20 })], (rule, tags) => {
      const { selected, tags: explained } = evaluateTags(rule, tags);
      expect(evaluateTags(rule, [...tags, ...tags].reverse())).toEqual({
        ...(selected !== undefined && { selected }),
        tags: explained,
      });
      expect(explained.map(each => each.tag).sort()).toEqual(
        [...new Set(tags)].sort(),
      );
    });
  });

  it('choose none that another is better than', () => {
    fuzz(
      [usable, fc.array(tag, { minLength: 1, maxLength: 12 })],
      (rule, tags) => {
        const { selected, tags: explained } = evaluateTags(rule, tags);
        for (const { tag: other, verdict } of explained) {
          const isOlder = selected !== undefined && verdict === 'older';
          expect(isOlder ? compareTagsBy(rule, other, selected) : 0).not.toBe(
            1,
          );
        }
      },
    );
  });

  it('order tags without a circle', () => {
    fuzz([usable, tag, tag, tag], (rule, a, b, c) => {
      const ab = compareTagsBy(rule, a, b);
      expect(compareTagsBy(rule, b, a)).toBe(
        ab === undefined ? undefined : 0 - ab,
      );
      const bc = compareTagsBy(rule, b, c);
      const isChain = (ab ?? -1) >= 0 && (bc ?? -1) >= 0;
      expect(isChain ? compareTagsBy(rule, a, c) : 0).toBeGreaterThanOrEqual(0);
    });
  });

  it('refuse what they cannot use with the field, in a moment', () => {
    fuzz([any, fc.array(tag, { maxLength: 3 })], (rule, tags) => {
      const started = process.cpuUsage();
      const error = thrownBy(() => evaluateTags(rule, tags));
      const { name, message } =
        error instanceof Error
          ? error
          : { name: 'InputError', message: 'policy: can be used' };
      expect(name).toBe('InputError');
      expect(message).toMatch(/^(?:filterTags|exclusionList|policy)[^:]*: /);
      const { user, system } = process.cpuUsage(started);
      expect((user + system) / 1_000).toBeLessThan(1_000);
    });
  });
});
