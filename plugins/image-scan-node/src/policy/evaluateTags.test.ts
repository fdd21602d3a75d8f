import { InputError } from '@backstage/errors';
import type { TagRule } from 'backstage-plugin-image-scan-common';
import { cpuTimeSince } from '../__testUtils__/cpuTime';
import { runAtOnce, runInTurns } from '../inTurns';
import {
  compareTagsBy,
  evaluateTags,
  evaluateTagsInTurns,
  replayTagsInTurns,
} from './evaluateTags';
import { readInTurns } from './readInTurns';
import { TagValues } from './TagValues';

const builds: TagRule = {
  policy: { numerical: {} },
  filterTags: { pattern: '^main-[a-f0-9]*-?(?P<ts>\\d*)', extract: '$ts' },
  exclusionList: ['-debug$', '^pr-'],
};

/** Tags that a rule of builds orders, in no order of their own. */
function manyBuilds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const mixed = (index * 7_919) % count;
    return `main-${mixed.toString(16).padStart(7, '0')}-${
      1_700_000_000 + mixed
    }`;
  });
}

describe('evaluateTags', () => {
  it('says at which step each tag fell out, and with which value', () => {
    expect(
      evaluateTags(builds, [
        'main-abc-7',
        'main-abc-12',
        'main-abc-12',
        'main-abc-13-debug',
        'main-g',
        'dev',
        'x.sig',
      ]),
    ).toEqual({
      selected: 'main-abc-12',
      tags: [
        {
          tag: 'main-abc-12',
          verdict: 'selected',
          reason: 'the largest number: 12',
          value: '12',
        },
        {
          tag: 'main-abc-7',
          verdict: 'older',
          reason: '7 is smaller than 12',
          value: '7',
        },
        {
          tag: 'dev',
          verdict: 'filtered',
          reason: `does not match the pattern ${builds.filterTags?.pattern}`,
        },
        {
          tag: 'main-abc-13-debug',
          verdict: 'excluded',
          reason: 'matches "-debug$" of the exclusionList',
        },
        {
          tag: 'main-g',
          verdict: 'no-value',
          reason: 'the extract "$ts" gives nothing for this tag',
          value: '',
        },
        {
          tag: 'x.sig',
          verdict: 'artefact',
          reason: 'holds a signature or another artefact of an image',
        },
      ],
    });
  });

  it('lets strict look at the value', () => {
    const rule = {
      policy: { semver: { range: '*', strict: true } },
      filterTags: { pattern: '^r(.*)$', extract: '$1' },
    };
    expect(evaluateTags(rule, ['r1.2.3', 'r9'])).toMatchObject({
      selected: 'r1.2.3',
      tags: [
        {},
        {
          tag: 'r9',
          verdict: 'not-a-version',
          reason: expect.stringContaining(
            '"9", which the extract gives, is not three numbers',
          ),
        },
      ],
    });
  });

  it('chooses the newest by the clock it is given, of those that compete', () => {
    const rule = { policy: { newest: {} }, exclusionList: ['^latest$'] };
    const tags = ['a', 'b', 'latest'];
    expect(evaluateTags(rule, tags).selected).toBeUndefined();
    const firstSeen = new Map([
      ['a', 1],
      ['latest', 2],
    ]);
    expect(evaluateTags(rule, tags, { firstSeen }).selected).toBe('a');
    expect(compareTagsBy(rule, 'a', 'b')).toBeUndefined();
  });

  it.each<[string, TagRule]>([
    ['policy.newest', { policy: { newest: {} } }],
    ['policy.semver.range', { policy: { semver: { range: 'latest' } } }],
    [
      'exclusionList[1]',
      {
        policy: {},
        exclusionList: [
          '(?:a{30}){30}(?:b{30}){30}',
          '(?:c{30}){30}(?:d{30}){30}',
        ],
      },
    ],
    ['exclusionList', { policy: {}, exclusionList: Array(26).fill('a') }],
    ['filterTags.extract', { policy: {}, filterTags: { extract: '$1' } }],
  ])('names the field %s that cannot be used', (field, rule) => {
    const evaluate = () => evaluateTags(rule, []);
    expect(evaluate).toThrow(InputError);
    expect(evaluate).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          new RegExp(`^${field.replace(/[[\].]/g, '\\$&')}: `),
        ),
      }),
    );
  });

  it('orders tags that are excluded, for what is in git', () => {
    expect(compareTagsBy(builds, 'main-abc-13-debug', 'main-abc-12')).toBe(1);
  });

  it('lets other work in while it matches', async () => {
    const tags = manyBuilds(4_000);
    const work = evaluateTagsInTurns(builds, tags);
    let pauses = 0;
    let step = work.next();
    while (!step.done) {
      pauses += 1;
      step = work.next();
    }
    expect(step.value.selected).toBe(
      [...tags].sort((a, b) => (a.slice(13) < b.slice(13) ? 1 : -1))[0],
    );
    expect(pauses).toBeGreaterThan(3);
    await expect(
      runInTurns(evaluateTagsInTurns(builds, tags)),
    ).resolves.toHaveProperty('selected');
  });

  it('stops where patterns take too long, and chooses nothing', () => {
    const values = new TagValues({
      filterTags: { pattern: '^(a|b|ab|ba|.){150}$|(.)$', extract: '$2' },
    });
    const tags = Array.from(
      { length: 5_000 },
      (_, i) => `${'ab'.repeat(60)}${i}`,
    );
    const started = process.cpuUsage();
    expect(() => runAtOnce(readInTurns(values, tags, () => {}, 100))).toThrow(
      /^the patterns take too long: [\d,]+ of 5,000 tags in 0\.1 s/,
    );
    expect(cpuTimeSince(started)).toBeLessThan(1_000);
  });

  it('replays groups of tags as it would have chosen after each of them', () => {
    const tags = Array.from({ length: 12 }, (_, at) => `main-${(at * 5) % 12}`);
    const filterTags = { pattern: '^main-(1?[02468])$', extract: '$1' };
    const firstSeen = new Map(tags.slice(3).map((tag, at) => [tag, at % 4]));
    for (const policy of [
      { numerical: {} },
      { semver: { range: '>2', maxStep: 'minor' as const } },
      { newest: {} },
    ]) {
      const rule = { policy, filterTags };
      const options = { firstSeen, tagsInGit: ['main-8'] };
      const ends = [0, 2, 2, 7, 12];
      const groups = ends.map((end, at) => tags.slice(ends[at - 1] ?? 0, end));
      expect(runAtOnce(replayTagsInTurns(rule, groups, options))).toEqual(
        ends.map(
          end => evaluateTags(rule, tags.slice(0, end), options).selected,
        ),
      );
    }
  });
});
