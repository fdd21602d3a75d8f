import type { ImagePolicy } from 'backstage-plugin-image-scan-common';
import { aDefinition, aMarker } from '../__testUtils__/builders';
import { assessScan } from './assessScan';
import type { ScanDefinition, ScanMarker } from './types';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const OLD_DIGEST = `sha256:${'b'.repeat(64)}`;

interface Case {
  name: string;
  policy?: ImagePolicy;
  suspend?: boolean;
  markers?: Partial<ScanMarker>[];
  latest?: string;
  failed?: boolean;
  /** The tag that git agreed with last, under this definition or another. */
  settled?: { tag: string; by: 'same' | 'other' };
  expected: {
    state: string;
    held?: { from: string; to: string };
    currentTag?: string;
    change?: string;
    settled?: string;
  };
}

const semver: ImagePolicy = { semver: { range: '*' } };
const largest: ImagePolicy = { alphabetical: { order: 'desc' } };
const smallest: ImagePolicy = { alphabetical: { order: 'asc' } };

const cases: Case[] = [
  {
    name: 'no result yet',
    markers: [{ current: '1.0.0' }],
    expected: { state: 'unknown', currentTag: '1.0.0' },
  },
  {
    name: 'no result and a failure',
    markers: [{ current: '1.0.0' }],
    failed: true,
    expected: { state: 'error', currentTag: '1.0.0' },
  },
  {
    name: 'a newer tag at first sight',
    markers: [{ current: '1.0.0' }],
    latest: '1.1.0',
    expected: {
      state: 'update-available',
      currentTag: '1.0.0',
      change: 'minor',
    },
  },
  {
    name: 'digits that the policy reads as text go back only for a person',
    policy: { semver: { range: '>=0-0' } },
    markers: [{ current: '1.1.1-rc10' }],
    latest: '1.1.1-rc9',
    expected: {
      state: 'held',
      held: { from: '1.1.1-rc10', to: '1.1.1-rc9' },
      currentTag: '1.1.1-rc10',
      change: 'patch',
    },
  },
  {
    name: 'so they do in the order of letters',
    policy: { alphabetical: {} },
    markers: [{ current: 'build-10' }],
    latest: 'build-9',
    expected: {
      state: 'held',
      held: { from: 'build-10', to: 'build-9' },
      currentTag: 'build-10',
      change: 'other',
    },
  },
  {
    name: 'they go back from what was written last only for a person',
    policy: { semver: { range: '>=0-0' } },
    markers: [{ current: 'latest' }],
    latest: '1.1.1-rc9',
    settled: { tag: '1.1.1-rc10', by: 'same' },
    expected: {
      state: 'held',
      held: { from: '1.1.1-rc10', to: '1.1.1-rc9' },
      currentTag: 'latest',
      change: 'other',
      settled: '1.1.1-rc10',
    },
  },
  {
    name: 'a changed definition releases them too',
    policy: { semver: { range: '>=0-0' } },
    markers: [{ current: '1.1.1-rc10' }],
    latest: '1.1.1-rc9',
    settled: { tag: '1.1.1-rc10', by: 'other' },
    expected: {
      state: 'update-available',
      currentTag: '1.1.1-rc10',
      change: 'patch',
      settled: '1.1.1-rc10',
    },
  },
  {
    name: 'a worse tag at first sight is held',
    markers: [{ current: '2.0.0' }],
    latest: '1.9.0',
    expected: {
      state: 'held',
      held: { from: '2.0.0', to: '1.9.0' },
      currentTag: '2.0.0',
      change: 'major',
    },
  },
  {
    name: 'agreement settles',
    markers: [{ current: '1.1.0' }],
    latest: '1.1.0',
    expected: { state: 'up-to-date', currentTag: '1.1.0', settled: '1.1.0' },
  },
  {
    name: 'a tag that vanished after settling is held',
    markers: [{ current: '1.1.0' }],
    latest: '1.0.0',
    settled: { tag: '1.1.0', by: 'same' },
    expected: {
      state: 'held',
      held: { from: '1.1.0', to: '1.0.0' },
      currentTag: '1.1.0',
      change: 'minor',
      settled: '1.1.0',
    },
  },
  {
    name: 'a person went back in git: what was written last still holds',
    markers: [{ current: '1.0.0' }],
    latest: '1.0.5',
    settled: { tag: '1.1.0', by: 'same' },
    expected: {
      state: 'held',
      held: { from: '1.1.0', to: '1.0.5' },
      currentTag: '1.0.0',
      change: 'patch',
      settled: '1.1.0',
    },
  },
  {
    name: 'a definition that changed since may go back',
    markers: [{ current: '2.0.0' }],
    latest: '1.9.0',
    settled: { tag: '2.0.0', by: 'other' },
    expected: {
      state: 'update-available',
      currentTag: '2.0.0',
      change: 'major',
      settled: '2.0.0',
    },
  },
  {
    name: 'a value that the policy cannot order is no downgrade',
    markers: [{ current: 'latest' }],
    latest: '1.0.0',
    expected: {
      state: 'update-available',
      currentTag: 'latest',
      change: 'other',
    },
  },
  {
    name: 'alphabetical desc: a smaller tag is held',
    policy: largest,
    markers: [{ current: 'main-0200' }],
    latest: 'main-0100',
    expected: {
      state: 'held',
      held: { from: 'main-0200', to: 'main-0100' },
      currentTag: 'main-0200',
      change: 'other',
    },
  },
  {
    name: 'alphabetical desc: a larger tag is written',
    policy: largest,
    markers: [{ current: 'main-0100' }],
    latest: 'main-0200',
    expected: {
      state: 'update-available',
      currentTag: 'main-0100',
      change: 'other',
    },
  },
  {
    name: 'alphabetical asc: a larger tag is held',
    policy: smallest,
    markers: [{ current: 'a' }],
    latest: 'b',
    expected: {
      state: 'held',
      held: { from: 'a', to: 'b' },
      currentTag: 'a',
      change: 'other',
    },
  },
  {
    name: 'alphabetical asc: a smaller tag is written',
    policy: smallest,
    markers: [{ current: 'b' }],
    latest: 'a',
    expected: { state: 'update-available', currentTag: 'b', change: 'other' },
  },
  {
    name: 'the same tag with another digest',
    markers: [
      {
        form: 'digest',
        current: `registry.example.com/app:1.0.0@${OLD_DIGEST}`,
      },
    ],
    latest: '1.0.0',
    settled: { tag: '1.0.0', by: 'same' },
    expected: {
      state: 'update-available',
      currentTag: '1.0.0',
      change: 'digest',
      settled: '1.0.0',
    },
  },
  {
    name: 'a value of another image with a better tag',
    markers: [{ form: 'image', current: 'elsewhere/app:3.0.0' }],
    latest: '1.0.0',
    expected: {
      state: 'held',
      held: { from: '3.0.0', to: '1.0.0' },
      currentTag: '3.0.0',
      change: 'major',
    },
  },
  {
    name: 'markers that disagree, all worse',
    markers: [{ current: '1.0.0' }, { current: '1.1.0', line: 9 }],
    latest: '1.2.0',
    expected: { state: 'update-available', change: 'other' },
  },
  {
    name: 'markers that disagree, one better',
    markers: [{ current: '1.0.0' }, { current: '1.3.0', line: 9 }],
    latest: '1.2.0',
    expected: {
      state: 'held',
      held: { from: '1.3.0', to: '1.2.0' },
      change: 'other',
    },
  },
  {
    name: 'one marker right and one still to be written',
    markers: [{ current: '1.2.0' }, { current: '1.1.0', line: 9 }],
    latest: '1.2.0',
    expected: { state: 'update-available', change: 'other' },
  },
  {
    name: 'a name-only marker that is right',
    markers: [{ form: 'name', current: 'registry.example.com/app' }],
    latest: '1.2.0',
    expected: { state: 'up-to-date', settled: '1.2.0' },
  },
  {
    name: 'a pinned tag that is worse in the registry',
    markers: [{ form: 'tag', current: `1.3.0@${OLD_DIGEST}` }],
    latest: '1.2.0',
    expected: {
      state: 'held',
      held: { from: '1.3.0', to: '1.2.0' },
      currentTag: '1.3.0',
      change: 'minor',
    },
  },
  {
    name: 'a pinned tag with something newer',
    markers: [{ form: 'tag', current: `1.1.0@${OLD_DIGEST}` }],
    latest: '1.2.0',
    expected: {
      state: 'update-available',
      currentTag: '1.1.0',
      change: 'minor',
    },
  },
  {
    name: 'a pinned tag that is the latest at its digest',
    markers: [{ form: 'tag', current: `1.2.0@${DIGEST}` }],
    latest: '1.2.0',
    expected: { state: 'up-to-date', currentTag: '1.2.0', settled: '1.2.0' },
  },
  {
    name: 'a pinned tag that is the latest at the digest of a person',
    markers: [{ form: 'tag', current: `1.2.0@${OLD_DIGEST}` }],
    latest: '1.2.0',
    expected: { state: 'up-to-date', currentTag: '1.2.0', settled: '1.2.0' },
  },
  {
    name: 'a name-only marker that is wrong',
    markers: [{ form: 'name', current: 'elsewhere/app' }],
    latest: '1.2.0',
    expected: { state: 'update-available', change: 'other' },
  },
  {
    name: 'no marker',
    latest: '1.2.0',
    expected: { state: 'unknown' },
  },
  {
    name: 'no marker keeps what was settled',
    latest: '1.0.0',
    settled: { tag: '1.2.0', by: 'same' },
    expected: { state: 'unknown', settled: '1.2.0' },
  },
  {
    name: 'a failed scan of an image that git agrees with',
    markers: [{ current: '1.2.0' }],
    latest: '1.2.0',
    failed: true,
    expected: { state: 'error', currentTag: '1.2.0', settled: '1.2.0' },
  },
  {
    name: 'a failed scan with a change from before still to be written',
    markers: [{ current: '1.1.0' }],
    latest: '1.2.0',
    failed: true,
    expected: { state: 'error', currentTag: '1.1.0', change: 'minor' },
  },
  {
    name: 'a failed scan with a held change stays held',
    markers: [{ current: '1.3.0' }],
    latest: '1.2.0',
    failed: true,
    expected: {
      state: 'error',
      held: { from: '1.3.0', to: '1.2.0' },
      currentTag: '1.3.0',
      change: 'minor',
    },
  },
  {
    name: 'a suspended scan changes nothing',
    suspend: true,
    markers: [{ current: '1.0.0' }],
    latest: '1.2.0',
    settled: { tag: '1.0.0', by: 'same' },
    expected: { state: 'suspended', currentTag: '1.0.0', settled: '1.0.0' },
  },
];

describe('assessScan', () => {
  const anyText = expect.any(String);

  it.each(cases)('$name', each => {
    const { policy = semver, suspend = false, markers = [] } = each;
    const definition: ScanDefinition = aDefinition('app', { policy, suspend });
    const assessment = assessScan({
      definition,
      latest: each.latest ? { tag: each.latest, digest: DIGEST } : undefined,
      failed: each.failed ?? false,
      markers: markers.map(marker => aMarker(definition, marker)),
      settled: each.settled && {
        tag: each.settled.tag,
        definitionHash:
          each.settled.by === 'same' ? definition.hash : 'another',
      },
    });
    const { held, settled, ...rest } = each.expected;
    expect(assessment).toEqual({
      ...rest,
      ...(held && { held: { ...held, reason: anyText } }),
      ...(settled && { settled: { tag: settled, definitionHash: anyText } }),
    });
  });

  it('settles under the definition of now', () => {
    const definition = aDefinition('app');
    const { settled } = assessScan({
      definition,
      latest: { tag: '1.0.0', digest: DIGEST },
      failed: false,
      markers: [aMarker(definition, { current: '1.0.0' })],
      settled: { tag: '2.0.0', definitionHash: 'another' },
    });
    expect(settled).toEqual({ tag: '1.0.0', definitionHash: definition.hash });
  });

  it('says where the better tag is', () => {
    const definition = aDefinition('app');
    const assess = (current: string, settledTag?: string) =>
      assessScan({
        definition,
        latest: { tag: '1.0.0', digest: DIGEST },
        failed: false,
        markers: [aMarker(definition, { current })],
        settled: settledTag
          ? { tag: settledTag, definitionHash: definition.hash }
          : undefined,
      }).held?.reason;
    expect(assess('2.0.0')).toContain('git has 2.0.0');
    expect(assess('0.9.0', '2.0.0')).toContain('2.0.0 was written last');
  });

  describe('with a filter', () => {
    const assess = (filterTags: ScanDefinition['filterTags']) =>
      assessScan({
        definition: {
          ...aDefinition('app'),
          policy: { numerical: {} },
          filterTags,
        },
        latest: { tag: 'main-bbb-9', digest: DIGEST },
        failed: false,
        markers: [aMarker({ id: 'app' }, { current: 'main-aaa-10' })],
      });

    it('orders values, so that a smaller number is held', () => {
      expect(
        assess({ pattern: '^main-[a-f]+-(\\d+)$', extract: '$1' }),
      ).toMatchObject({
        state: 'held',
        change: 'other',
        held: {
          reason:
            'git has main-aaa-10, which the policy orders above main-bbb-9: 10 and 9',
        },
      });
    });

    it('holds what cannot be compared any more', () => {
      expect(assess({ pattern: '(' })).toMatchObject({
        state: 'held',
        held: { reason: expect.stringContaining('which cannot be compared') },
      });
    });
  });
});
