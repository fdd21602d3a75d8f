import type { ImagePolicy } from 'backstage-plugin-image-scan-common';
import { runAtOnce } from 'backstage-plugin-image-scan-node';
import { aDefinition, aMarker } from '../__testUtils__/builders';
import type { ChoiceConditions } from '../model/choice';
import type { StoredDecision } from '../model/decisions';
import { FirstSeen } from '../model/FirstSeen';
import { missingPlatforms } from '../model/platforms';
import type { ChoiceRule } from '../model/types';
import { chooseImage, type ChoiceRequest } from './chooseImage';
import { explainChoice } from './explainChoice';

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;
const ISO = (time: number) => new Date(time).toISOString();
const ADA = 'user:default/ada';

const app = aDefinition('app');
const markers = (...values: string[]) =>
  values.map((current, line) => aMarker(app, { line, current }));

const skipOf = (
  tag: string,
  overrides: Partial<StoredDecision> = {},
): StoredDecision => ({
  id: `skip ${tag}`,
  kind: 'skip',
  place: {},
  scanId: app.id,
  tag,
  by: ADA,
  at: NOW - HOUR,
  ...overrides,
});

/** Tags by how many hours they are known; those that are not named, for ever. */
const seen = (hours: Record<string, number>, since = 500) => {
  const later = Object.entries(hours).map(([tag, age]) => [
    NOW - age * HOUR,
    [tag],
  ]);
  return runAtOnce(FirstSeen.parse(NOW - since * HOUR, JSON.stringify(later)));
};

const conditions = (
  overrides: Partial<ChoiceConditions> = {},
): ChoiceConditions => ({
  now: NOW,
  firstSeen: seen({}),
  markers: [],
  skips: [],
  ...overrides,
});

const semver = (range = '*'): ImagePolicy => ({ semver: { range } });
const AGE = 72 * HOUR;

const choose = (
  rule: ChoiceRule,
  tags: readonly string[],
  given: ChoiceConditions,
  more: Partial<ChoiceRequest> = {},
) =>
  chooseImage({
    rule,
    tags,
    conditions: given,
    resolveDigest: async tag => `sha256:${tag}`,
    ...more,
  });

describe('what is passed over', () => {
  const tags = ['1.4.0', '1.5.0', '1.6.0', '2.0.0-rc.1', 'latest'];

  it.each<
    [
      string,
      ChoiceRule,
      ChoiceConditions,
      string | undefined,
      object | undefined,
    ]
  >([
    ['nothing', { policy: semver() }, conditions(), '1.6.0', undefined],
    [
      'a skipped tag, for the next best',
      { policy: semver() },
      conditions({ skips: [skipOf('1.6.0')] }),
      '1.5.0',
      undefined,
    ],
    [
      'several skipped tags',
      { policy: semver() },
      conditions({ skips: [skipOf('1.6.0'), skipOf('1.5.0')] }),
      '1.4.0',
      undefined,
    ],
    [
      'a declined tag alike',
      { policy: semver() },
      conditions({ skips: [skipOf('1.6.0', { kind: 'declined' })] }),
      '1.5.0',
      undefined,
    ],
    [
      'no skipped tag that every marker has',
      { policy: semver() },
      conditions({
        skips: [skipOf('1.6.0')],
        markers: markers('1.6.0', '1.6.0'),
      }),
      '1.6.0',
      undefined,
    ],
    [
      'a skipped tag that some markers have',
      { policy: semver() },
      conditions({
        skips: [skipOf('1.6.0')],
        markers: markers('1.6.0', '1.5.0'),
      }),
      '1.5.0',
      undefined,
    ],
    [
      'a tag that is too young, for the best that is old enough',
      { policy: semver(), minimumAge: AGE },
      conditions({ firstSeen: seen({ '1.6.0': 5 }) }),
      '1.5.0',
      { tag: '1.6.0', until: NOW + 67 * HOUR },
    ],
    [
      'none that is just old enough',
      { policy: semver(), minimumAge: AGE },
      conditions({ firstSeen: seen({ '1.6.0': 72 }) }),
      '1.6.0',
      undefined,
    ],
    [
      'young tags, and tells the first of the better that is old enough',
      { policy: semver(), minimumAge: AGE },
      conditions({ firstSeen: seen({ '1.6.0': 5, '1.5.0': 9 }) }),
      '1.4.0',
      { tag: '1.5.0', until: NOW + 63 * HOUR },
    ],
    [
      'young tags that are no better without a word',
      { policy: semver(), minimumAge: AGE },
      conditions({ firstSeen: seen({ '1.4.0': 5, '2.0.0-rc.1': 5 }) }),
      '1.6.0',
      undefined,
    ],
    [
      'everything at first sight, until it is old enough',
      { policy: semver(), minimumAge: AGE },
      conditions({ firstSeen: seen({}, 2) }),
      undefined,
      { tag: '1.6.0', until: NOW + 70 * HOUR },
    ],
    [
      'no young tag that every marker has',
      { policy: semver(), minimumAge: AGE },
      conditions({ firstSeen: seen({}, 2), markers: markers('1.5.0') }),
      '1.5.0',
      { tag: '1.6.0', until: NOW + 70 * HOUR },
    ],
    [
      'a young tag, as well as one that is skipped in its place',
      { policy: semver(), minimumAge: AGE },
      conditions({
        firstSeen: seen({ '1.6.0': 5 }),
        skips: [skipOf('1.5.0')],
      }),
      '1.4.0',
      { tag: '1.6.0', until: NOW + 67 * HOUR },
    ],
    [
      'a skipped tag, which does not wait when it is young as well',
      { policy: semver(), minimumAge: AGE },
      conditions({
        firstSeen: seen({ '1.6.0': 5 }),
        skips: [skipOf('1.6.0')],
      }),
      '1.5.0',
      undefined,
    ],
    [
      'by values, where there is a filter',
      {
        policy: { numerical: {} },
        filterTags: { pattern: '^1\\.(\\d)', extract: '$1' },
        minimumAge: AGE,
      },
      conditions({
        firstSeen: seen({ '1.5.0': 5 }),
        skips: [skipOf('1.6.0')],
      }),
      '1.4.0',
      { tag: '1.5.0', until: NOW + 67 * HOUR },
    ],
  ])('is %s', async (_, rule, given, selected, waiting) => {
    const { result, notes } = await choose(rule, tags, given);
    expect(result?.tag).toBe(selected);
    expect(notes).toEqual(waiting ? { waiting } : {});
    // Whoever explains says the same.
    const explained = await explainChoice(rule, tags, given);
    expect(explained.find(({ verdict }) => verdict === 'selected')?.tag).toBe(
      selected,
    );
    expect(explained.map(({ tag }) => tag).sort()).toEqual([...tags].sort());
  });

  it('is explained with who, until when and why', async () => {
    const until = NOW + 5 * HOUR;
    const explained = await explainChoice(
      { policy: semver(), minimumAge: AGE },
      tags,
      conditions({
        firstSeen: seen({ '1.6.0': 5 }),
        skips: [skipOf('1.5.0', { until, reason: 'breaks checkout' })],
      }),
    );
    expect(explained.map(each => Object.values(each))).toEqual([
      ['1.4.0', 'selected', 'the newest version in the range'],
      [
        '1.6.0',
        'too-young',
        `first seen 5 h ago; old enough on ${ISO(NOW + 67 * HOUR)}`,
      ],
      [
        '1.5.0',
        'skipped',
        `skipped by ${ADA} until ${ISO(until)}: breaks checkout`,
      ],
      ['2.0.0-rc.1', 'pre-release', expect.any(String)],
      ['latest', 'not-a-version', 'not a version'],
    ]);
  });

  it('is counted where nothing is left', async () => {
    const given = conditions({
      skips: ['1.4.0', '1.5.0', '1.6.0'].map(tag => skipOf(tag)),
    });
    await expect(choose({ policy: semver() }, tags, given)).rejects.toThrow(
      /^no tag can be chosen of 5: 3 skipped, 1 pre-releases, 1 not versions$/,
    );
    await expect(choose({ policy: semver('^7') }, tags, given)).rejects.toThrow(
      /^no tag matches semver \^7: /,
    );
  });

  it('is chosen like a list without it, whatever the times and skips', async () => {
    let state = 7;
    const random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    for (let round = 0; round < 200; round += 1) {
      const list = Array.from(
        { length: 1 + Math.floor(random() * 8) },
        (_, minor) => `1.${minor}.${Math.floor(random() * 3)}`,
      );
      const ages = Object.fromEntries(
        list.map(tag => [tag, Math.floor(random() * 144)]),
      );
      const skips = list.filter(() => random() < 0.2);
      const present = random() < 0.5 ? [list[0]] : [];
      const given = conditions({
        firstSeen: seen(ages),
        skips: skips.map(tag => skipOf(tag)),
        markers: markers(...present),
      });
      const at = async (now: number) => {
        const rule = { policy: semver(), minimumAge: AGE };
        const left = list.filter(
          tag =>
            present.includes(tag) ||
            (!skips.includes(tag) && now - NOW >= (72 - ages[tag]) * HOUR),
        );
        const plain = chooseImage({
          rule: { policy: rule.policy },
          tags: left,
          resolveDigest: async tag => tag,
        }).catch(() => ({ result: undefined }));
        const choice = choose(rule, list, { ...given, now }).catch(() => ({
          result: undefined,
          notes: { waiting: undefined },
        }));
        const { result } = await plain;
        const chosen = await choice;
        expect([round, chosen.result?.tag]).toEqual([round, result?.tag]);
        return chosen;
      };
      const { result, notes } = await at(NOW);
      // Nothing changes before the time that it tells, and then it does.
      const { until = NOW + 200 * HOUR, tag = result?.tag } =
        notes.waiting ?? {};
      expect((await at(until - 1)).result).toEqual(result);
      expect((await at(until)).result?.tag).toBe(tag);
    }
  });
});

describe('maxStep', () => {
  const tags = ['1.4.2', '1.4.3', '1.5.0', '2.0.0', 'v1.4.9-alpine'];
  const rule = (maxStep: 'patch' | 'minor' | 'major'): ChoiceRule => ({
    policy: { semver: { range: '*', maxStep } },
  });

  it.each([
    ['patch', ['1.4.2'], '1.4.3'],
    ['minor', ['1.4.2'], '1.5.0'],
    ['major', ['1.4.2'], '2.0.0'],
    ['minor', [], '2.0.0'],
    ['minor', ['latest', '1.4.2'], '1.5.0'],
    ['minor', ['latest'], '2.0.0'],
    ['patch', ['1.4.2', '1.4.0'], '1.4.3'],
    ['minor', ['1.4.2', '1.5.0'], '1.5.0'],
    ['minor', ['2.1.0'], '2.0.0'],
  ] as const)('%s from %j takes %s', async (step, inGit, selected) => {
    const given = conditions({ markers: markers(...inGit) });
    const { result } = await choose(rule(step), tags, given);
    expect(result?.tag).toBe(selected);
    const explained = await explainChoice(rule(step), tags, given);
    expect(explained[0]).toMatchObject({ tag: selected, verdict: 'selected' });
  });

  it('is explained with the step and where it begins', async () => {
    const given = conditions({ markers: markers('1.4.2') });
    const explained = await explainChoice(rule('patch'), tags, given);
    expect(
      explained.flatMap(({ tag, verdict, reason }) =>
        verdict === 'beyond-step' ? [[tag, reason]] : [],
      ),
    ).toEqual([
      ['2.0.0', 'a major step from 1.4.2; patch is allowed'],
      ['1.5.0', 'a minor step from 1.4.2; patch is allowed'],
    ]);
  });

  it('counts from values where there is a filter', async () => {
    const filtered = {
      ...rule('minor'),
      filterTags: { pattern: '^b-(.*)$', extract: '$1' },
    };
    const given = conditions({ markers: markers('b-1.4.2') });
    const list = ['b-1.4.2', 'b-1.5.0', 'b-2.0.0'];
    const { result } = await choose(filtered, list, given);
    expect(result?.tag).toBe('b-1.5.0');
    expect((await explainChoice(filtered, list, given))[2]).toEqual({
      tag: 'b-2.0.0',
      value: '2.0.0',
      verdict: 'beyond-step',
      reason: '2.0.0 is a major step from 1.4.2; minor is allowed',
    });
  });

  it('says where markers disagree so that nothing is left', async () => {
    const given = conditions({ markers: markers('1.4.2', '2.0.0') });
    await expect(choose(rule('minor'), tags, given)).rejects.toThrow(
      'no tag can be chosen of 5: 4 beyond the largest step, 1 pre-releases; the markers disagree: deployment.yaml:0 has 1.4.2, deployment.yaml:1 has 2.0.0',
    );
  });
});

describe('platforms', () => {
  const tags = ['1.4.0', '1.5.0', '1.6.0', '1.7.0', '1.8.0', '1.9.0'];
  const rule: ChoiceRule = {
    policy: semver(),
    platforms: ['linux/amd64', 'linux/arm64'],
  };
  const both = ['linux/amd64', 'linux/arm64/v8'];
  const chooseOf = async (
    platforms: Record<string, string[]>,
    given = conditions(),
    more: Partial<ChoiceRequest> = {},
  ) => {
    const asked: string[] = [];
    const choice = choose(rule, tags, given, {
      readPlatforms: async digest => {
        const tag = digest.slice('sha256:'.length);
        asked.push(tag);
        return platforms[tag] ?? ['linux/amd64'];
      },
      ...more,
    });
    return { ...(await choice), asked };
  };

  it('are looked at from the best tag downwards', async () => {
    const { result, notes, asked } = await chooseOf({
      '1.9.0': ['linux/amd64'],
      '1.8.0': [],
      '1.7.0': both,
    });
    expect(result?.tag).toBe('1.7.0');
    expect(asked).toEqual(['1.9.0', '1.8.0', '1.7.0']);
    expect(notes.wrongPlatforms).toEqual([
      ['1.9.0', 'has linux/amd64 only'],
      ['1.8.0', 'has no platform that is known'],
    ]);
    const given = conditions({ wrongPlatforms: notes.wrongPlatforms });
    const explained = await explainChoice(rule, tags, given);
    expect(
      explained.slice(0, 4).map(each => [each.tag, each.verdict, each.reason]),
    ).toEqual([
      ['1.7.0', 'selected', 'the newest version in the range'],
      ['1.9.0', 'wrong-platform', 'has linux/amd64 only'],
      ['1.8.0', 'wrong-platform', 'has no platform that is known'],
      ['1.6.0', 'older', 'older than 1.7.0'],
    ]);
    // Of a rule that wants none, they do not matter.
    const [first] = await explainChoice({ policy: semver() }, tags, given);
    expect(first.tag).toBe('1.9.0');
  });

  it('fail the scan where the five best have not all of them', async () => {
    await expect(chooseOf({ '1.4.0': both })).rejects.toThrow(
      /^none of the 5 best tags has linux\/amd64 and linux\/arm64: 1\.9\.0 has linux\/amd64 only; 1\.8\.0 .*; 1\.5\.0 has linux\/amd64 only$/,
    );
    const skips = ['1.4.0', '1.5.0', '1.6.0', '1.7.0', '1.8.0'];
    await expect(
      chooseOf({}, conditions({ skips: skips.map(tag => skipOf(tag)) })),
    ).rejects.toThrow(
      'none of the 1 best tags has linux/amd64 and linux/arm64',
    );
  });

  it('do not matter of a tag that every marker has, but of a new digest', async () => {
    const digestOf = (tag: string) => `sha256:${tag}`;
    const inGit = `app:1.9.0@sha256:${'a'.repeat(64)}`;
    const { result } = await chooseOf(
      {},
      conditions({
        markers: [aMarker(app, { form: 'digest', current: inGit })],
      }),
    );
    expect(result).toEqual({
      tag: '1.9.0',
      digest: `sha256:${'a'.repeat(64)}`,
    });
    const first = await chooseOf({}, conditions({ markers: markers('1.9.0') }));
    expect(first.result).toEqual({ tag: '1.9.0', digest: digestOf('1.9.0') });
  });

  it('fail the scan where they cannot be read', async () => {
    const error = new Error('silent');
    await expect(
      chooseOf({}, conditions(), {
        readPlatforms: async () => {
          throw error;
        },
      }),
    ).rejects.toBe(error);
  });

  it.each([
    ['linux/arm64', 'linux/arm64/v8', true],
    ['linux/arm64/v8', 'linux/arm64', true],
    ['linux/arm/v7', 'linux/arm/v6', false],
    ['linux/arm/v7', 'linux/arm', true],
    ['linux/arm', 'linux/arm64', false],
    ['windows/amd64', 'linux/amd64', false],
  ])('%s is there with %s: %s', (wanted, available, isThere) => {
    expect(missingPlatforms([wanted], [available])).toEqual(
      isThere ? [] : [wanted],
    );
  });
});

describe('newest', () => {
  const rule: ChoiceRule = {
    policy: { newest: {} },
    filterTags: { pattern: '^main-' },
  };
  const tags = ['main-a', 'main-b', 'main-c', 'latest'];

  it('takes what appeared last', async () => {
    const given = conditions({
      firstSeen: seen({ 'main-a': 2, 'main-b': 5, latest: 1 }),
      markers: markers('main-b'),
    });
    const { result, notes } = await choose(rule, tags, given, {
      before: {
        notes: { firstSeen: [['main-gone', 7]] },
        settledTag: 'main-gone',
      },
    });
    expect(result?.tag).toBe('main-a');
    expect(notes.firstSeen).toEqual([
      ['main-a', NOW - 2 * HOUR],
      ['main-b', NOW - 5 * HOUR],
      ['main-gone', 7],
    ]);
    const explained = await explainChoice(rule, tags, given);
    expect(explained.map(each => [each.tag, each.verdict])).toEqual([
      ['main-a', 'selected'],
      ['main-b', 'older'],
      ['main-c', 'older'],
      ['latest', 'filtered'],
    ]);
  });

  it('chooses nothing of what was there at first sight, and says so', async () => {
    const { result, notes } = await choose(rule, tags, conditions());
    expect(result).toBeUndefined();
    expect(notes.undecided).toMatch(
      /^Nothing is chosen yet: 3 tags were there when the registry was first/,
    );
    const alone = await choose(rule, ['main-a', 'latest'], conditions());
    expect(alone.result?.tag).toBe('main-a');
  });

  it('goes by skips and by age as others do', async () => {
    const given = conditions({
      firstSeen: seen({ 'main-a': 2, 'main-b': 5, 'main-c': 100 }),
      skips: [skipOf('main-a')],
    });
    const aged = { ...rule, minimumAge: AGE };
    expect((await choose(rule, tags, given)).result?.tag).toBe('main-b');
    expect(await choose(aged, tags, given)).toMatchObject({
      result: { tag: 'main-c' },
      notes: { waiting: { tag: 'main-b', until: NOW + 67 * HOUR } },
    });
  });

  it('fails where nothing competes, and needs a filter', async () => {
    await expect(choose(rule, ['latest'], conditions())).rejects.toThrow(
      'no tag can be chosen of 1: 1 do not match the pattern',
    );
    await expect(
      choose({ policy: { newest: {} } }, tags, conditions()),
    ).rejects.toThrow(/^policy\.newest: needs filterTags\.pattern/);
  });
});

describe('a digest under the same tag', () => {
  const [old, young] = ['a', 'b'].map(letter => `sha256:${letter.repeat(64)}`);
  const rule = { policy: semver(), minimumAge: AGE };
  const digestMarker = (current: string) => [
    aMarker(app, { form: 'digest', current }),
  ];
  const at = (
    given: Partial<ChoiceConditions>,
    before: ChoiceRequest['before'],
  ) =>
    choose(rule, ['1.5.0'], conditions(given), {
      before,
      resolveDigest: async () => young,
    });
  const result = { tag: '1.5.0', digest: old };
  const inGit = digestMarker(`app:1.5.0@${old}`);

  it('waits as a tag does, where digests are written', async () => {
    const first = await at({ markers: inGit }, { result, notes: {} });
    expect(first).toEqual({
      result,
      notes: {
        youngDigest: { tag: '1.5.0', digest: young, since: NOW },
        waiting: { tag: '1.5.0', until: NOW + AGE },
      },
    });
    const before = { ...first, now: NOW + AGE - 1, markers: inGit };
    expect(await at(before, first)).toEqual(first);
    expect(await at({ ...before, now: NOW + AGE }, first)).toEqual({
      result: { tag: '1.5.0', digest: young },
      notes: {},
    });
  });

  it.each([
    ['no digest is written', markers('1.5.0'), { result, notes: {} }],
    ['none was known', digestMarker('app:1.4.0'), { notes: {} }],
    [
      'another tag was chosen before',
      digestMarker('app:1.4.0'),
      { result: { tag: '1.4.0', digest: old }, notes: {} },
    ],
  ])('does not wait where %s', async (_, given, before) => {
    expect(await at({ markers: given }, before)).toEqual({
      result: { tag: '1.5.0', digest: young },
      notes: {},
    });
  });

  it('is held against what git has, where no result is known', async () => {
    expect(await at({ markers: inGit }, { notes: {} })).toMatchObject({
      result,
    });
    const pinned = [aMarker(app, { form: 'tag', current: `1.5.0@${old}` })];
    expect(await at({ markers: pinned }, { notes: {} })).toMatchObject({
      result,
    });
  });

  it('begins anew with each other digest', async () => {
    const notes = {
      youngDigest: { tag: '1.5.0', digest: 'sha256:c', since: NOW - AGE },
    };
    expect(await at({ markers: inGit }, { result, notes })).toMatchObject({
      notes: { waiting: { until: NOW + AGE } },
    });
  });
});

describe('a hundred thousand tags', () => {
  it.each<[string, ChoiceRule]>([
    ['without a filter', { policy: semver(), minimumAge: AGE }],
    [
      'with a filter',
      {
        policy: { numerical: {} },
        filterTags: { pattern: '^1\\.0\\.(\\d+)$', extract: '$1' },
        minimumAge: AGE,
      },
    ],
  ])(
    'let other work in, %s',
    async (_, rule) => {
      const tags = Array.from({ length: 100_000 }, (__, at) => `1.0.${at}`);
      const ages = Object.fromEntries(
        tags.slice(50_000).map((tag, at) => [tag, (at % 700) / 10]),
      );
      const given = conditions({ firstSeen: seen(ages) });
      const measure = async () => {
        let longest = 0;
        let before = process.cpuUsage();
        const ticking = setInterval(() => {
          const { user, system } = process.cpuUsage(before);
          longest = Math.max(longest, (user + system) / 1_000);
          before = process.cpuUsage();
        }, 1);
        try {
          return { choice: await choose(rule, tags, given), longest };
        } finally {
          clearInterval(ticking);
        }
      };
      // The least of some: threads that collect garbage are counted as well.
      const first = await measure();
      const { choice } = first;
      const longest = Math.min(
        first.longest,
        (await measure()).longest,
        (await measure()).longest,
      );
      expect(choice.result?.tag).toBe('1.0.49999');
      // The oldest of the young ones come first.
      expect(choice.notes.waiting?.tag).toBe('1.0.99699');
      expect(longest).toBeLessThan(50);
    },
    60_000,
  );
});
