import type { TagExplanation } from '../types';
import { explainValuesInTurns } from './explainValues';
import { inOnePiece } from './inPieces';

function explainValues(
  ...args: Parameters<typeof explainValuesInTurns>
): TagExplanation[] {
  return inOnePiece(explainValuesInTurns(...args));
}

const numbered = (...values: string[]) =>
  values.map(value => ({ tag: `main-${value}`, value }));

function reasons(
  ...args: Parameters<typeof explainValues>
): [string, string, string][] {
  return explainValues(...args).map(({ tag, verdict, reason }) => [
    tag,
    verdict,
    reason,
  ]);
}

describe('explainValuesInTurns', () => {
  it('says numbers with their words', () => {
    expect(
      reasons({ numerical: {} }, numbered('9', '010', '10', 'x', '-1')),
    ).toEqual([
      ['main-010', 'selected', 'the largest number: 010'],
      [
        'main-10',
        'older',
        'the same value as main-010, which comes first in byte order',
      ],
      ['main-9', 'older', '9 is smaller than 010'],
      ['main--1', 'older', '-1 is smaller than 010'],
      [
        'main-x',
        'not-a-number',
        '"x", which the extract gives, is not a number',
      ],
    ]);
    expect(
      reasons({ numerical: { order: 'desc' } }, numbered('9', '10')),
    ).toEqual([
      ['main-9', 'selected', 'the smallest number: 9'],
      ['main-10', 'older', '10 is larger than 9'],
    ]);
  });

  it('names the value of a version where it is not the tag', () => {
    expect(
      reasons(
        { semver: { range: '^1' } },
        numbered('1.2.0', '1.10.0', '2.0.0', 'x'),
      ),
    ).toEqual([
      ['main-1.10.0', 'selected', 'the newest version in the range: 1.10.0'],
      ['main-1.2.0', 'older', 'older than 1.10.0'],
      ['main-2.0.0', 'outside-range', '2.0.0 is outside the range ^1'],
      [
        'main-x',
        'not-a-version',
        '"x", which the extract gives, is not a version',
      ],
    ]);
  });

  it('says by which text one comes before another', () => {
    expect(
      reasons({ alphabetical: {} }, [
        { tag: 'x-b', value: 'b' },
        { tag: 'a-b', value: 'b' },
        { tag: 'z-a', value: 'a' },
      ]),
    ).toEqual([
      ['a-b', 'selected', 'the last in alphabetical order'],
      [
        'x-b',
        'older',
        'the same value as a-b, which comes first in byte order',
      ],
      ['z-a', 'older', 'before b in alphabetical order'],
    ]);
  });

  describe('with newest', () => {
    const policy = { newest: {} };
    const candidates = ['a', 'b', 'c'].map(tag => ({ tag, value: tag }));
    const at = (...times: [string, string][]) =>
      new Map(times.map(([tag, time]) => [tag, Date.parse(time)]));

    it('selects none without a clock, and none of those of the first look', () => {
      const verdicts = (firstSeen?: ReadonlyMap<string, number>) =>
        explainValues(policy, candidates, { firstSeen }).map(
          ({ verdict }) => verdict,
        );
      expect(verdicts()).toEqual(['older', 'older', 'older']);
      expect(verdicts(new Map())).toEqual(['older', 'older', 'older']);
    });

    it('selects one that is alone', () => {
      expect(
        reasons(policy, candidates.slice(1, 2), {
          firstSeen: new Map(),
        }),
      ).toEqual([['b', 'selected', 'the only tag that competes']]);
    });

    it('selects the last one, the first in byte order of several', () => {
      const firstSeen = at(
        ['a', '2026-11-01T00:00Z'],
        ['b', '2026-11-02T00:00Z'],
        ['c', '2026-11-02T00:00Z'],
      );
      expect(reasons(policy, candidates, { firstSeen })).toEqual([
        [
          'b',
          'selected',
          'the tag that appeared last, 2026-11-02T00:00:00.000Z',
        ],
        [
          'c',
          'older',
          'appeared together with b, which comes first in byte order',
        ],
        ['a', 'older', 'appeared before b, 2026-11-01T00:00:00.000Z'],
      ]);
      firstSeen.delete('a');
      expect(reasons(policy, candidates, { firstSeen })[2]).toEqual([
        'a',
        'older',
        'there before b',
      ]);
    });
  });
});
