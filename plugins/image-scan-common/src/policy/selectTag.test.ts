import type { ImagePolicy } from '../types';
import {
  bestTime,
  randomRange,
  randomTag,
  seededRandom,
  shuffle,
} from './__testUtils__/random';
import { InvalidRangeError } from './InvalidRangeError';
import { SemverRange } from './SemverRange';
import { compareTags, selectTag } from './selectTag';

const hex = 'ab'.repeat(32);
const semver = (range: string): ImagePolicy => ({ semver: { range } });
const desc: ImagePolicy = { alphabetical: { order: 'desc' } };
const asc: ImagePolicy = { alphabetical: { order: 'asc' } };

describe('selectTag', () => {
  it('takes the newest version in the range', () => {
    const tags = ['1.9.0', 'latest', '1.10.0', '2.0.0', '1.11.0-rc.1'];
    expect(selectTag(semver('^1'), tags)).toEqual({ selected: '1.10.0' });
    expect(selectTag(semver('^1-0'), tags)).toEqual({
      selected: '1.11.0-rc.1',
    });
  });

  it('takes a release whose metadata has a hyphen', () => {
    expect(
      selectTag(semver('*'), ['1.0.0', '1.1.0+a-b', '1.2.0-rc.1+a', '-1']),
    ).toEqual({ selected: '1.1.0+a-b' });
  });

  it('selects nothing where nothing matches', () => {
    expect(selectTag(semver('^3'), ['1.0.0', 'latest', ''])).toEqual({});
    expect(selectTag(semver('*'), [])).toEqual({});
    expect(selectTag(desc, [])).toEqual({});
    expect(selectTag(asc, [''])).toEqual({});
    expect(selectTag(desc, [''])).toEqual({});
  });

  it('takes any iterable', () => {
    expect(selectTag({}, new Set(['1', '2']))).toEqual({ selected: '2' });
  });

  it('lets semver decide over alphabetical, and any version with no policy', () => {
    const tags = ['1.0.0', 'zzz', '2.0.0', '3.0.0-rc.1'];
    expect(selectTag({ ...semver('^1'), ...desc }, tags)).toEqual({
      selected: '1.0.0',
    });
    expect(selectTag({}, tags)).toEqual({ selected: '2.0.0' });
  });

  it('takes the largest tag in byte order, or the smallest', () => {
    const tags = ['b', 'a10', 'a9', 'Z', 'ab', '2024'];
    expect(selectTag(desc, tags)).toEqual({ selected: 'b' });
    expect(selectTag({ alphabetical: {} }, tags)).toEqual({ selected: 'b' });
    expect(selectTag(asc, tags)).toEqual({ selected: '2024' });
    expect(selectTag(desc, ['a10', 'a9', 'Z'])).toEqual({ selected: 'a9' });
  });

  it('takes the largest number, or the smallest, and none by a clock', () => {
    const tags = ['9', '10', '010', 'latest', '1e9', '-3'];
    expect(selectTag({ numerical: {} }, tags)).toEqual({ selected: '010' });
    expect(selectTag({ numerical: { order: 'desc' } }, tags)).toEqual({
      selected: '-3',
    });
    expect(selectTag({ newest: {} }, tags)).toEqual({});
  });

  it('leaves artefact tags out', () => {
    const artefacts = [
      `sha256-${hex}`,
      `sha256-${hex}.sig`,
      `sha256-${hex}.anything`,
      'x.att',
      'x.sbom',
      '9.0.0-x.sig',
    ];
    expect(selectTag(desc, [...artefacts, '2024'])).toEqual({
      selected: '2024',
    });
    expect(selectTag(asc, [...artefacts, 'z'])).toEqual({ selected: 'z' });
    expect(selectTag(semver('>=0-0'), [...artefacts, '1'])).toEqual({
      selected: '1',
    });
    // Only a whole digest makes it one.
    expect(selectTag(desc, [`sha256-${hex}0`, '1'])).toEqual({
      selected: `sha256-${hex}0`,
    });
    expect(selectTag(desc, [`sha256-${hex}\n`, '1'])).toEqual({
      selected: `sha256-${hex}\n`,
    });
  });

  it.each([
    [['1', '1.0', '1.0.0', 'v1.0.0', 'v1'], '1.0.0'],
    [['1', '1.0', 'v1.0.0', 'v1.0'], 'v1.0.0'],
    [['1', 'v1.0', '1.0'], '1.0'],
    [['v1', '1'], '1'],
    [['1.0.00', '1.0.0', '01.0.0'], '01.0.0'],
  ])('breaks the tie of %j in every order', (tags, selected) => {
    const random = seededRandom(7);
    for (let i = 0; i < 30; i++) {
      expect(selectTag({}, shuffle(random, tags))).toEqual({ selected });
    }
  });

  it('refuses a range that is none', () => {
    expect(() => selectTag(semver(''), ['1'])).toThrow(InvalidRangeError);
    expect(() => selectTag(semver('latest'), [])).toThrow(InvalidRangeError);
  });

  it('depends on neither order nor unreadable tags, and keeps to the range', () => {
    const random = seededRandom(2);
    for (let i = 0; i < 1500; i++) {
      const range = randomRange(random);
      const tags = Array.from({ length: 20 }, () => randomTag(random));
      const { selected } = selectTag(semver(range), tags);
      expect(selectTag(semver(range), shuffle(random, tags))).toEqual(
        selected === undefined ? {} : { selected },
      );
      expect(
        selectTag(semver(range), ['edge', ...tags, '1.2.3.4', '']).selected,
      ).toBe(selected);
      const parsed = SemverRange.parse(range);
      const inside = tags.filter(
        tag => !tag.endsWith('.sig') && parsed.includes(tag),
      );
      expect(inside.includes(selected ?? '')).toBe(inside.length > 0);
      expect(
        inside.filter(
          tag => Number(compareTags(semver(range), tag, selected ?? '')) > 0,
        ),
      ).toEqual([]);
    }
  });

  it('takes milliseconds for ten thousand tags', () => {
    const tags = (count: number) =>
      Array.from(
        { length: count },
        (_, i) =>
          `${i % 3 ? '' : 'v'}${i % 40}.${i % 1000}.${i}${
            i % 5 ? '' : `-rc.${i}`
          }`,
      );
    const many = tags(10_000);
    const more = tags(100_000);
    // Generous, for busy machines: measured are 2, 17 and 1 ms.
    expect(bestTime(30, () => selectTag(semver('>=1-0'), many))).toBeLessThan(
      30,
    );
    expect(bestTime(300, () => selectTag(semver('>=1-0'), more))).toBeLessThan(
      300,
    );
    expect(bestTime(100, () => selectTag(desc, more))).toBeLessThan(100);
  });
});

describe('compareTags', () => {
  it('compares versions, also outside the range', () => {
    const policy = semver('^1');
    expect(compareTags(policy, '1.10.0', '1.9.0')).toBeGreaterThan(0);
    expect(compareTags(policy, '1.9.0', '2.0.0')).toBeLessThan(0);
    expect(compareTags(policy, '1.0', 'v1.0.0')).toBe(0);
    expect(compareTags(policy, '1.0.0-rc.1', '1.0.0')).toBeLessThan(0);
    expect(compareTags({}, '2', '1')).toBeGreaterThan(0);
  });

  it('compares text in the direction of an alphabetical policy', () => {
    expect(compareTags(desc, 'b', 'a')).toBeGreaterThan(0);
    expect(compareTags({ alphabetical: {} }, 'a', 'b')).toBeLessThan(0);
    expect(compareTags(asc, 'b', 'a')).toBeLessThan(0);
    expect(compareTags(asc, 'a', 'b')).toBeGreaterThan(0);
    expect(compareTags(asc, 'a', 'a')).toBe(0);
    expect(compareTags(desc, 'a', 'B')).toBeGreaterThan(0);
  });

  it('is undefined for what the policy cannot order', () => {
    expect(compareTags(semver('*'), 'latest', '1')).toBeUndefined();
    expect(compareTags(semver('*'), '1', 'latest')).toBeUndefined();
    expect(compareTags(semver('*'), '', '1')).toBeUndefined();
    expect(compareTags(desc, '', '1')).toBeUndefined();
    expect(compareTags(asc, '1', '')).toBeUndefined();
    expect(compareTags(desc, 'latest', '1')).toBeGreaterThan(0);
  });
});
