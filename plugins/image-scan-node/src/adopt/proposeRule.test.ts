import type { TagRule } from 'backstage-plugin-image-scan-common';
import { compareTagsBy, evaluateTags } from '../policy';
import { pick, seededRandom } from '../policy/__testUtils__/random';
import { proposeRule } from './proposeRule';

/** `pattern => extract: policy`. */
function shown(rule: TagRule | undefined): string | undefined {
  if (!rule) {
    return undefined;
  }
  const { filterTags = {}, policy } = rule;
  const { semver, ...other } = policy;
  const extract = filterTags.extract ? ` => ${filterTags.extract}` : '';
  const [kind] = Object.keys(other);
  return `${filterTags.pattern}${extract}: ${semver?.range ?? kind}`;
}

const DAY = '20\\d\\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])';

describe('proposeRule', () => {
  it.each([
    // A word, a request or a placeholder has no order.
    ['mr-17', undefined],
    ['PLACE_HOLDER', undefined],
    ['ltsc2022', undefined],
    ['k8s', undefined],
    ['alpine3.17', undefined],
    ['1.2.3.4.5', undefined],
    ['', undefined],
    ['not a tag', undefined],
    // Commits and times of builds.
    ['main-1a2b3c4', '^main-[0-9a-f]{7}$: newest'],
    ['feature-x-1a2b3c4d', '^feature-x-[0-9a-f]{8}$: newest'],
    ['1a2b3c4-amd64', '^[0-9a-f]{7}-amd64$: newest'],
    [
      'git-0123456789abcdef0123456789abcdef01234567',
      '^git-[0-9a-f]{40}$: newest',
    ],
    [
      'main-20240101120000-1a2b3c4',
      '^main-(\\d{14})-[0-9a-f]{7}$ => $1: numerical',
    ],
    ['v20240101-1a2b3c4', '^v(\\d{8})-[0-9a-f]{7}$ => $1: numerical'],
    ['bookworm-20240211-slim', `^bookworm-(${DAY})-slim$ => $1: numerical`],
    ['20240101.2', `^(${DAY})\\.(\\d+)$ => $1.0.0-$2: >=0-0`],
    [
      '2024-01-31-1a2b3c4',
      '^(20\\d\\d-\\d\\d-\\d\\d)-[0-9a-f]{7}$ => $1: alphabetical',
    ],
    ['2024-13-01', undefined],
    // Words in front.
    ['release-v1.4', '^release-v(\\d+\\.\\d+)$ => $1: ^1.4'],
    ['jdk-17', undefined],
    ['main-57', '^main-(\\d+)$ => $1: numerical'],
    ['go1.21.3', '^go(\\d+\\.\\d+\\.\\d+)$ => $1: ^1.21'],
    // Versions.
    ['v1.4.0', '^v\\d+\\.\\d+\\.\\d+$: ^1.4'],
    ['0.15.2', '^\\d+\\.\\d+\\.\\d+$: ^0.15'],
    ['2024.1', '^20\\d\\d\\.\\d+$: >=2024.1'],
    ['2024.1.2-slim', '^(20\\d\\d\\.\\d+\\.\\d+)-slim$ => $1: >=2024.1'],
    ['22.04', '^\\d+\\.\\d+$: ^22.4'],
    ['2024', undefined],
    [
      '0.3.1.7',
      '^(\\d+\\.\\d+\\.\\d+)\\.(\\d+)$ => $1-$2: >=0.3.0-0, <0.4.0-0',
    ],
    ['3.6.8-management', '^(\\d+\\.\\d+\\.\\d+)-management$ => $1: ^3.6'],
    ['17-jre', undefined],
    // Builds of a version.
    [
      '1.27.3-gke.100',
      '^(\\d+\\.\\d+\\.\\d+)-gke\\.(\\d+)$ => $1-$2: >=1.27.0-0, <2.0.0-0',
    ],
    [
      '2.0.0-ls123',
      '^(\\d+\\.\\d+\\.\\d+)-ls(\\d+)$ => $1-$2: >=2.0.0-0, <3.0.0-0',
    ],
    [
      'v1.2.3-5-g1a2b3c4',
      '^v(\\d+\\.\\d+\\.\\d+)-(\\d+)-g[0-9a-f]{7}$ => $1-$2: >=1.2.0-0, <2.0.0-0',
    ],
    [
      '3.9.18-slim-20240211',
      '^(\\d+\\.\\d+\\.\\d+)-slim-(\\d+)$ => $1-$2: >=3.9.0-0, <4.0.0-0',
    ],
    [
      '1.2.3-debian-12-r4',
      '^(\\d+\\.\\d+\\.\\d+)-debian-12-r(\\d+)$ => $1-$2: >=1.2.0-0, <2.0.0-0',
    ],
    [
      '1.5.0-SNAPSHOT.4',
      '^(\\d+\\.\\d+\\.\\d+)-SNAPSHOT\\.(\\d+)$ => $1-$2: >=1.5.0-0, <2.0.0-0',
    ],
    [
      '1.2.3-r007',
      '^(\\d+\\.\\d+\\.\\d+)-r0*(\\d+)$ => $1-$2: >=1.2.0-0, <2.0.0-0',
    ],
    // Pre-releases: their releases.
    ['0.20.1-beta.1', '^\\d+\\.\\d+\\.\\d+$: ^0.20.1'],
    ['8.0-rc1', '^\\d+\\.\\d+$: ^8.0.0'],
    ['3.22_alpha', '^\\d+\\.\\d+$: ^3.22.0'],
    ['1.5.0-rc.1-alpine', '^(\\d+\\.\\d+\\.\\d+)-alpine$ => $1: ^1.5.0'],
  ])('makes of %s alone %s', (tag, expected) => {
    expect(shown(proposeRule(tag))).toBe(expected);
    expect(shown(proposeRule(tag, [tag]))).toBe(expected);
  });

  it.each([
    // Ubuntu, by what else there is.
    [
      '23.10',
      ['22.04', '23.10', '24.04'],
      '^\\d\\d\\.(04|10)$: >=23.10',
      '24.04',
    ],
    ['22.04', ['22.04', '22.5', '23.0'], '^\\d+\\.\\d+$: ^22.4', '22.5'],
    // Whole numbers with versions beside them.
    ['1234', ['1234', '1235', '1.2.3'], undefined, undefined],
    ['v7', ['v7', 'v7.1', 'v8'], '^v\\d+(\\.\\d+){0,2}$: ^7', 'v7.1'],
    // Nothing newer has the number of the variant.
    [
      '14.7-alpine3.17',
      ['14.7-alpine3.17', '14.8-alpine3.18'],
      '^(\\d+\\.\\d+)-alpine3\\.\\d+$ => $1: ^14.7',
      '14.8-alpine3.18',
    ],
    // Going back.
    [
      '0.20.1-beta.1',
      ['0.20.0', '0.20.1-beta.1'],
      '^\\d+\\.\\d+\\.\\d+$: ^0.20.1',
      undefined,
    ],
  ])('makes of %s among %j %s', (tag, tags, expected, selected) => {
    const rule = proposeRule(tag, tags);
    expect(shown(rule)).toBe(expected);
    expect(rule && evaluateTags(rule, tags).selected).toBe(selected);
  });

  it('never chooses an older tag than the one in use', () => {
    const random = seededRandom(18);
    const numbers = ['0', '1', '1', '1', '1', '2', '10', '03', '2024', '123'];
    const suffixes = [
      ...['', '', '', '-alpine', '-alpine3.17', '-alpine3.9', '-r1', '-r10'],
      ...['-debian-12-r2', '-1', '_7', '-rc.1', '-rc10', '-beta', '-1a2b3c4'],
      ...['-ls12', '-gke.100', '-dev.3', '-slim-20240211', '.5', '-1.el9'],
      ...['-eks-1-29-11', '-SNAPSHOT.4', 'p3', 'u212-jdk', '-01', '-r007'],
    ];
    const prefixes = ['', '', '', 'v', 'release-', 'jdk-', 'build-', 'main-'];
    const words = [
      ...['latest', '20240101', '20231231', 'nightly-20240101', '1a2b3c4'],
      ...[
        '2024-01-01',
        'RELEASE.2024-01-31T20-20-33Z',
        'main-1a2b3c4-1731420500',
      ],
      ...['20240101.1', '20240101.10', '22.04', '24.04', '23.10'],
    ];
    const kindOfTag = () => {
      const count = 1 + Math.floor(random() * 4);
      const [prefix, suffix] = [pick(random, prefixes), pick(random, suffixes)];
      const digit = () => `${Math.floor(random() * 12)}`;
      return () =>
        random() < 0.1
          ? pick(random, words)
          : prefix +
            Array.from({ length: count }, (_, index) =>
              index === 0 ? pick(random, numbers) : digit(),
            ).join('.') +
            suffix.replace(/\d$/, digit);
    };
    let proposals = 0;
    let steps = 0;
    const worse: { current: string; selected: string }[] = [];
    for (let round = 0; round < 1_500; round += 1) {
      const kinds = [kindOfTag(), kindOfTag()];
      const tags = Array.from({ length: 1 + (round % 25) }, () =>
        pick(random, kinds)(),
      );
      const [current] = tags;
      const rule = proposeRule(current, tags);
      if (!rule) {
        continue;
      }
      proposals += 1;
      const { selected = current } = evaluateTags(rule, tags);
      const order = compareTagsBy(rule, selected, current);
      steps += selected === current ? 0 : 1;
      // A rule for releases begins at the pre-release in use, and does not order it.
      const isLost =
        order === undefined &&
        !/rc|beta|newest/.test(`${current} ${shown(rule)}`);
      worse.push(...(order === -1 || isLost ? [{ current, selected }] : []));
    }
    expect(worse).toEqual([]);
    expect(proposals).toBeGreaterThan(800);
    expect(steps).toBeGreaterThan(100);
  });
});
