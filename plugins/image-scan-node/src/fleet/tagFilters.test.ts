import { parseImageScans } from '../parseImageScans';

function read(entry: string, file = 'app/imagescans.yaml') {
  const { scans, errors } = parseImageScans(
    `imageScans:\n- {tagName: web, image: nginx, ${entry}}\n`,
    { file },
  );
  return {
    scan: scans[0],
    errors: errors.map(({ field, message }) => [field, message]),
  };
}

describe('filters of an imageScans entry', () => {
  it('reads them with each blank that they have', () => {
    const { scan, errors } = read(
      `filterTags: {pattern: '^v(\\d+) ?', extract: ' $1'}, exclusionList: ['-debug$', ' '], policy: {numerical: {order: DESC}}`,
    );
    expect(errors).toEqual([]);
    expect(scan).toMatchObject({
      filterTags: { pattern: '^v(\\d+) ?', extract: ' $1' },
      exclusionList: ['-debug$', ' '],
      policy: { numerical: { order: 'desc' } },
      warnings: [],
    });
  });

  it('takes empty ones for none', () => {
    const { scan } = read(`filterTags: {pattern: ''}, exclusionList: []`);
    expect(scan).not.toHaveProperty('filterTags');
    expect(scan).not.toHaveProperty('exclusionList');
  });

  it.each([
    ['minimumAge: 72h', 259_200_000],
    ['minimumAge: 1h30m', 5_400_000],
    ['minimumAge: 0', undefined],
    ['minimumAge: 0s', undefined],
    ['minimumAge: ', undefined],
  ])('reads %s', (entry, minimumAge) => {
    const { scan, errors } = read(entry);
    expect(errors).toEqual([]);
    expect(scan.minimumAge).toBe(minimumAge);
  });

  it.each([
    ['filterTags: {pattern: "(?!x)"}', 'filterTags.pattern', /exclusionList/],
    [
      'filterTags: {pattern: "(a{100}){99}"}',
      'filterTags.pattern',
      /invalid|large/,
    ],
    ['filterTags: {extract: "$1"}', 'filterTags.extract', /no pattern/],
    ['filterTags: {pattern: a, extract: "$b"}', 'filterTags.extract', /"b"/],
    ['filterTags: {patern: a}', 'filterTags.patern', /is pattern meant/],
    ['filterTags: a', 'filterTags', /must be a map/],
    [
      'policy: {filterTags: {pattern: a}}',
      'policy.filterTags',
      /beside policy/,
    ],
    ['exclusionList: a', 'exclusionList', /must be a list/],
    ['minimumAge: 3d', 'minimumAge', /no days, .* write hours, such as 24h/],
    ['minimumAge: 72', 'minimumAge', /needs a unit/],
    ['minimumAge: [72h]', 'minimumAge', /must be a duration such as 72h/],
    ['platforms: linux/arm64', 'platforms', /must be a list, such as \[linux/],
    [
      'platforms: [linux/amd64, arm64]',
      'platforms[1]',
      /"arm64" is not a platform; write os\/architecture, such as linux\/arm64/,
    ],
    ['platforms: [Linux/amd64]', 'platforms[0]', /is not a platform/],
    ['platforms: [~]', 'platforms[0]', /is missing; write os\/architecture/],
    ['policy: {minimumAge: 72h}', 'policy.minimumAge', /beside policy/],
    ['exclusionList: [a, "["]', 'exclusionList[1]', /RE2/],
    ['exclusionList: [~]', 'exclusionList[0]', /is empty/],
    ['exclusionList: [[a]]', 'exclusionList[0]', /not a map or list/],
    [
      `exclusionList: [${'a, '.repeat(26)}]`,
      'exclusionList',
      /26 items, and at most 25/,
    ],
    [
      'policy: {numerical: {order: largest}}',
      'policy.numerical.order',
      /write asc for the largest number or desc for the smallest/,
    ],
    ['policy: {newest: {}}', 'policy.newest', /needs filterTags\.pattern or/],
    [
      'exclusionList: [main], policy: {newest: }',
      'policy.newest',
      /is empty; write newest: \{\}/,
    ],
    [
      'exclusionList: [main], policy: {newest: {by: created}}',
      'policy.newest.by',
      /unknown/,
    ],
    ['newest: {}', 'newest', /write it as in policy: \{newest: \{\}\}/],
    [
      'policy: {semver: {range: "*", maxStep: mayor}}',
      'policy.semver.maxStep',
      /"mayor" is not allowed; write patch, minor or major/,
    ],
    [
      'policy: {alphabetical: {maxStep: minor}}',
      'policy.alphabetical.maxStep',
      /write it as in policy: \{semver: /,
    ],
  ])('refuses %s', (entry, field, reason) => {
    const { scan, errors } = read(entry);
    expect(scan).toBeUndefined();
    expect(errors).toEqual([[field, expect.stringMatching(reason)]]);
    expect(errors[0][1]).toMatch(
      /^app\/imagescans\.yaml: imageScans\[0\] \(web\) on line 2, /,
    );
  });

  it('reads platforms, each once', () => {
    const list = '[linux/arm64/v8, linux/amd64, linux/amd64]';
    expect(read(`platforms: ${list}`).scan.platforms).toEqual([
      'linux/arm64/v8',
      'linux/amd64',
    ]);
    expect(read('platforms: []').scan).not.toHaveProperty('platforms');
    expect(
      read('platforms: [linux/amd64]', 'fleet.yaml').scan.warnings,
    ).toEqual([
      expect.stringContaining('Fleet ignores the key platforms without'),
    ]);
  });

  it('reads the newest, which stands last, and how far a step may go', () => {
    const filter = 'filterTags: {pattern: "^main-"}';
    const { scan, errors } = read(`${filter}, policy: {newest: {}}`);
    expect(errors).toEqual([]);
    expect(scan.policy).toEqual({ newest: {} });
    expect(scan.warnings).toEqual([]);
    const both = read('policy: {newest: {}, numerical: {}}').scan;
    expect(both.warnings).toEqual([
      expect.stringMatching(/both numerical and newest: numerical decides/),
    ]);
    const steps = ['Patch', 'minor', 'major'].map(
      step =>
        read(`policy: {semver: {range: "*", maxStep: ${step}}}`).scan.policy
          .semver,
    );
    expect(steps).toEqual([
      { range: '*', maxStep: 'patch' },
      { range: '*', maxStep: 'minor' },
      { range: '*' },
    ]);
    const { warnings } = read(
      `${filter}, policy: {newest: {}, semver: {range: "*", maxStep: minor}}`,
      'fleet.yaml',
    ).scan;
    for (const key of ['policy.newest', 'policy.semver.maxStep']) {
      expect(warnings).toContainEqual(
        expect.stringContaining(`Fleet ignores the key ${key} without`),
      );
    }
  });

  it('warns of what Fleet ignores, and of what may be meant otherwise', () => {
    const keys = `filterTags: {pattern: /^v1/}, exclusionList: [''], minimumAge: 72h, policy: {alphabetical: {order: asc}, numerical: {}}`;
    const { scan } = read(keys, 'app/fleet.yaml');
    const warnings = [
      expect.stringMatching(/slashes around filterTags.pattern \/\^v1\//),
      expect.stringMatching(/exclusionList\[0\] matches every tag/),
      expect.stringMatching(/smallest value, as in Fleet; Flux means the opp/),
      expect.stringMatching(/both alphabetical and numerical: alphabetical/),
    ];
    const fleet = [
      'filterTags',
      'exclusionList',
      'minimumAge',
      'policy.numerical',
    ].map(key =>
      expect.stringContaining(`Fleet ignores the key ${key} without a word`),
    );
    expect(scan.warnings).toHaveLength(8);
    expect(scan.warnings).toEqual(
      expect.arrayContaining([...warnings, ...fleet]),
    );
    expect(read(keys).scan.warnings).toHaveLength(4);
  });
});
