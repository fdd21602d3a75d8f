import type { ImagePolicy } from '../types';
import {
  bestTime,
  randomRange,
  randomTag,
  seededRandom,
  shuffle,
} from './__testUtils__/random';
import { explainTags } from './explainTags';
import { InvalidRangeError } from './InvalidRangeError';
import { SemverRange } from './SemverRange';
import { selectTag } from './selectTag';

const hex = 'ab'.repeat(32);
const semver = (range: string): ImagePolicy => ({ semver: { range } });

function suggestedRange(reason: string): SemverRange {
  const match = /^pre-release; write (.*) to allow$/.exec(reason);
  return SemverRange.parse(match?.[1] ?? '');
}

describe('explainTags', () => {
  it('explains every tag of a semver policy, the useful ones first', () => {
    expect(
      explainTags(semver('>=3.18, <4'), [
        'main',
        '3.9',
        `sha256-${hex}.sig`,
        '3.18.1',
        '3.19-alpine',
        'v3.20.0',
        '3.18.1',
        '4.0.0-rc.1',
        '3.20.0',
        '3.18-alpine',
        '4.0.0',
        'edge',
        '3.20',
      ]),
    ).toEqual([
      {
        tag: '3.20.0',
        verdict: 'selected',
        reason: 'the newest version in the range',
      },
      {
        tag: 'v3.20.0',
        verdict: 'older',
        reason: 'the same version as 3.20.0, which has no "v"',
      },
      {
        tag: '3.20',
        verdict: 'older',
        reason: 'the same version as 3.20.0, which spells out more numbers',
      },
      { tag: '3.18.1', verdict: 'older', reason: 'older than 3.20.0' },
      {
        tag: '3.19-alpine',
        verdict: 'pre-release',
        reason: 'pre-release; write >=3.18-0 <4-0 to allow',
      },
      {
        tag: '3.18-alpine',
        verdict: 'pre-release',
        reason: 'pre-release; write >=3.18-0 <4-0 to allow',
      },
      {
        tag: '4.0.0',
        verdict: 'outside-range',
        reason: 'outside the range >=3.18, <4',
      },
      {
        tag: '4.0.0-rc.1',
        verdict: 'outside-range',
        reason: 'outside the range >=3.18, <4',
      },
      {
        tag: '3.9',
        verdict: 'outside-range',
        reason: 'outside the range >=3.18, <4',
      },
      { tag: 'edge', verdict: 'not-a-version', reason: 'not a version' },
      { tag: 'main', verdict: 'not-a-version', reason: 'not a version' },
      {
        tag: `sha256-${hex}.sig`,
        verdict: 'artefact',
        reason: 'holds a signature or another artefact of an image',
      },
    ]);
  });

  it('suggests >=3.18-0 for a list of prereleases only', () => {
    expect(explainTags(semver('>=3.18'), ['3.18-alpine'])).toEqual([
      {
        tag: '3.18-alpine',
        verdict: 'pre-release',
        reason: 'pre-release; write >=3.18-0 to allow',
      },
    ]);
    expect(explainTags({}, ['3.18-alpine'])).toMatchObject([
      { reason: 'pre-release; write >=0-0 to allow' },
    ]);
  });

  it('tells a byte order tie', () => {
    expect(explainTags({}, ['1.0.0', '01.0.0'])).toMatchObject([
      { tag: '01.0.0' },
      {
        tag: '1.0.0',
        reason: 'the same version as 01.0.0, which comes first in byte order',
      },
    ]);
  });

  it('does not call a prerelease of an exact version or below an open bound a pre-release', () => {
    expect(explainTags(semver('1.2.3'), ['1.2.3-alpine'])).toMatchObject([
      { verdict: 'outside-range' },
    ]);
    expect(explainTags(semver('>=2-rc'), ['2.0.0-beta'])).toMatchObject([
      { verdict: 'outside-range' },
    ]);
  });

  it.each([
    ['1.28.0.5999-97678ded3', 'four numbers'],
    ['v1.2.3.4', 'four numbers'],
    ['1.2.3.4.5', 'more than three numbers'],
    ['V1.2.3', 'small letter'],
    ['1.2.3-01', 'begins with 0'],
    ['1.2.3-rc.01.x', 'begins with 0'],
    ['1.2.3_4', 'underscore'],
    ['release-1.2.3', 'only a v may stand in front'],
  ])('says why %s is no version: %s', (tag, words) => {
    expect(explainTags({}, [tag])).toEqual([
      {
        tag,
        verdict: 'not-a-version',
        reason: expect.stringMatching(new RegExp(`^not a version: .*${words}`)),
      },
    ]);
  });

  it.each(['latest', 'sha-97678de', 'main', 'v', '', 'x.y.z'])(
    'has no more to say of %j',
    tag => {
      expect(explainTags({}, [tag])).toEqual([
        { tag, verdict: 'not-a-version', reason: 'not a version' },
      ]);
    },
  );

  it('says of what reads as newer that its digits are text', () => {
    expect(
      explainTags(semver('>=0-0'), ['1.1.1-rc9', '1.1.1-rc10', '1.1.1-rc1']),
    ).toEqual([
      expect.objectContaining({ tag: '1.1.1-rc9', verdict: 'selected' }),
      {
        tag: '1.1.1-rc10',
        verdict: 'older',
        reason:
          'older than 1.1.1-rc9: SemVer compares digits behind the hyphen as text where they do not stand alone between dots; write 1.1.1-rc.10',
      },
      {
        tag: '1.1.1-rc1',
        verdict: 'older',
        reason: 'older than 1.1.1-rc9',
      },
    ]);
    expect(explainTags({ alphabetical: {} }, ['b9', 'b10', 'b1'])).toEqual([
      expect.objectContaining({ tag: 'b9' }),
      expect.objectContaining({
        tag: 'b10',
        reason: expect.stringContaining(
          'before b9 in alphabetical order: the alphabetical order compares digits as text',
        ),
      }),
      expect.objectContaining({
        tag: 'b1',
        reason: 'before b9 in alphabetical order',
      }),
    ]);
  });

  it('advises a range that takes the newest date, not the first of its digits', () => {
    const tags = ['v2026-1-30', 'v2026-09-01', 'v2025-12-31'];
    const [newest, other] = explainTags({}, tags);
    expect(newest).toEqual({
      tag: 'v2026-09-01',
      verdict: 'pre-release',
      reason: 'pre-release; write >=0-0 !=2026.0.0-1-30 to allow',
    });
    expect(other.reason).toBe('pre-release; write >=0-0 to allow');
    expect(
      selectTag(
        { semver: { range: `${suggestedRange(newest.reason)}` } },
        tags,
      ),
    ).toEqual({ selected: 'v2026-09-01' });
    expect(
      selectTag({ semver: { range: `${suggestedRange(newest.reason)}` } }, [
        ...tags,
        'v2026-10-02',
      ]),
    ).toEqual({ selected: 'v2026-10-02' });
  });

  it('does not advise a range with more exceptions than anybody keeps', () => {
    const tags = Array.from({ length: 9 }, (_, i) => `1.0.0-rc${i + 1}`);
    expect(explainTags({}, [...tags, '1.0.0-rc10'])[0]).toEqual({
      tag: '1.0.0-rc10',
      verdict: 'pre-release',
      reason:
        'pre-release, and >=0-0 would take 1.0.0-rc9: SemVer compares digits behind the hyphen as text where they do not stand alone between dots; write 1.0.0-rc.10',
    });
  });

  it('lets only real versions compete where the policy is strict', () => {
    const policy: ImagePolicy = { semver: { range: '*', strict: true } };
    const tags = [
      ...['20240101', '1234567', '2.0.0', 'v1.9.9', '1.10', '01.2.3'],
      ...['3.0.0-rc.1', 'latest', '2.0.9007199254740993'],
    ];
    expect(selectTag(policy, tags)).toEqual({ selected: '2.0.0' });
    const not = 'not three numbers, which strict asks for';
    expect(explainTags(policy, tags)).toEqual([
      {
        tag: '2.0.0',
        verdict: 'selected',
        reason: 'the newest version in the range',
      },
      { tag: 'v1.9.9', verdict: 'older', reason: 'older than 2.0.0' },
      {
        tag: '3.0.0-rc.1',
        verdict: 'pre-release',
        reason: 'pre-release; write >=0-0 to allow',
      },
      {
        tag: '01.2.3',
        verdict: 'not-a-version',
        reason: expect.stringMatching(/^not three numbers .*leading zeros/),
      },
      { tag: '1.10', verdict: 'not-a-version', reason: not },
      { tag: '1234567', verdict: 'not-a-version', reason: not },
      {
        tag: '2.0.9007199254740993',
        verdict: 'not-a-version',
        reason: expect.stringContaining('at most 9007199254740991'),
      },
      { tag: '20240101', verdict: 'not-a-version', reason: not },
      { tag: 'latest', verdict: 'not-a-version', reason: 'not a version' },
    ]);
    expect(selectTag({ semver: { range: '*' } }, tags)).toEqual({
      selected: '20240101',
    });
  });

  it('explains an alphabetical policy in both directions', () => {
    const tags = ['b', 'a', 'x.sbom', 'c', 'a', ''];
    expect(explainTags({ alphabetical: {} }, tags)).toEqual([
      {
        tag: 'c',
        verdict: 'selected',
        reason: 'the last in alphabetical order',
      },
      {
        tag: 'b',
        verdict: 'older',
        reason: 'before c in alphabetical order',
      },
      {
        tag: 'a',
        verdict: 'older',
        reason: 'before c in alphabetical order',
      },
      {
        tag: 'x.sbom',
        verdict: 'artefact',
        reason: 'holds a signature or another artefact of an image',
      },
    ]);
    expect(explainTags({ alphabetical: { order: 'asc' } }, tags)).toMatchObject(
      [
        { tag: 'a', reason: 'the first in alphabetical order' },
        { tag: 'b', reason: 'after a in alphabetical order' },
        { tag: 'c', reason: 'after a in alphabetical order' },
        { tag: 'x.sbom' },
      ],
    );
  });

  it('explains nothing where there is nothing', () => {
    expect(explainTags({}, [])).toEqual([]);
    expect(explainTags({ alphabetical: {} }, [])).toEqual([]);
  });

  it('refuses a range that is none', () => {
    expect(() => explainTags(semver(''), [])).toThrow(InvalidRangeError);
  });

  it('agrees with selectTag, names each tag once and suggests ranges that work', () => {
    const random = seededRandom(3);
    for (let i = 0; i < 800; i++) {
      const policy: ImagePolicy = {
        semver: { range: randomRange(random), strict: random() < 0.3 },
      };
      const tags = Array.from({ length: 20 }, () => randomTag(random));
      const explained = explainTags(policy, tags);
      expect(explainTags(policy, shuffle(random, tags))).toEqual(explained);
      expect(explained.map(({ tag }) => tag).sort()).toEqual(
        [...new Set(tags)].sort(),
      );
      const selected = explained.filter(
        ({ verdict }) => verdict === 'selected',
      );
      expect(selected.map(({ tag }) => tag)).toEqual(
        Object.values(selectTag(policy, tags)),
      );
      expect(
        explained.filter(
          ({ tag, verdict, reason }) =>
            verdict === 'pre-release' && !suggestedRange(reason).includes(tag),
        ),
      ).toEqual([]);
    }
  });

  it('explains a hundred thousand tags in about a second at most', () => {
    const random = seededRandom(4);
    const tags = Array.from(
      { length: 100_000 },
      (_, i) => `${randomTag(random)}-${i}`,
    );
    expect(bestTime(2_000, () => explainTags(semver('^1'), tags))).toBeLessThan(
      2_000,
    );
  });
});
