import { ImagePolicy } from '../types';
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
      const policy = semver(randomRange(random));
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
