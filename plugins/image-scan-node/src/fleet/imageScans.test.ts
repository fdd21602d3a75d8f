import { cpuTimeSince } from '../__testUtils__/cpuTime';
import { parseImageScans } from '../parseImageScans';
import { badDefinitions } from './__fixtures__/badDefinitions';

const parse = (text: string) => parseImageScans(text, { file: 'a/fleet.yaml' });

/** A file with one entry that is fine but for this line. */
const entry = (line: string) =>
  `imageScans:\n- tagName: web\n  image: nginx\n  ${line}\n`;

/** The only error of a file. */
function errorOf(text: string) {
  const { scans, errors } = parse(text);
  expect(scans).toEqual([]);
  expect(errors).toHaveLength(1);
  expect(errors[0].file).toBe('a/fleet.yaml');
  expect(errors[0].message).toMatch(/^a\/fleet\.yaml: /);
  return errors[0];
}

describe('parseImageScans', () => {
  it('reads a whole entry', () => {
    expect(
      parse(`defaultNamespace: web
helm: { values: { x: 1 } }
imageScans:
  - tagName: test-scan
    image: registry.example.com:5000/repo/image:1.0@sha256:abc
    policy:
      semver: { range: ">=1.20" }
      alphabetical: { order: ASC }
    interval: 5m
    secretRef: { name: dockerhub-secret }
    suspend: true
    name: ignored
    gitrepoName: ignored
`),
    ).toEqual({
      scans: [
        {
          entry: 0,
          tagName: 'test-scan',
          image: 'registry.example.com:5000/repo/image',
          policy: {
            semver: { range: '>=1.20' },
            alphabetical: { order: 'asc' },
          },
          interval: 300_000,
          secretRef: { name: 'dockerhub-secret' },
          suspend: true,
          line: 4,
          warnings: [expect.stringContaining('semver decides')],
        },
      ],
      errors: [],
      warnings: [],
    });
  });

  it('fills in defaults', () => {
    expect(parse('imageScans: [{tagName: web, image: nginx}]').scans).toEqual([
      {
        entry: 0,
        tagName: 'web',
        image: 'nginx',
        policy: {},
        interval: 900_000,
        suspend: false,
        line: 1,
        warnings: [],
      },
    ]);
  });

  it.each([
    ['interval: 0', { interval: 900_000 }],
    ['interval: 0s', { interval: 900_000 }],
    ['interval:', { interval: 900_000 }],
    ['interval: 1h30m', { interval: 5_400_000 }],
    ['interval: "5m"', { interval: 300_000 }],
    ['policy:', { policy: {} }],
    ['policy: {semver: ~}', { policy: {} }],
    ['policy: {alphabetical: {}}', { policy: { alphabetical: {} } }],
    ['policy: {alphabetical: {order: ""}}', { policy: { alphabetical: {} } }],
    [
      'policy: {alphabetical: {order: DESC}}',
      { policy: { alphabetical: { order: 'desc' } } },
    ],
    [
      'policy: {semver: {range: 1.20}}',
      { policy: { semver: { range: '1.20' } } },
    ],
    [
      'policy: {semver: {range: 1.x, strict: true}}',
      { policy: { semver: { range: '1.x', strict: true } } },
    ],
    [
      'policy: {semver: {range: 1.x, strict: false}}',
      { policy: { semver: { range: '1.x' } }, warnings: [] },
    ],
    ['suspend: yes', { suspend: true }],
    ['suspend: False', { suspend: false }],
    ['secretRef: null', {}],
  ])('reads %s', (line, fields) => {
    const { scans, errors } = parse(entry(line));
    expect(errors).toEqual([]);
    expect(scans).toEqual([expect.objectContaining(fields)]);
    expect(scans[0].secretRef).toBeUndefined();
  });

  const strictWarnings = (file?: string) =>
    parseImageScans(entry('policy: {semver: {range: 1.x, strict: true}}'), {
      file,
    }).scans.map(({ warnings }) => warnings);

  it.each(['fleet.yaml', 'web/fleet.yml', 'web/dev.yaml'])(
    'says in %s that Fleet ignores strict',
    file => {
      expect(strictWarnings(file)).toEqual([
        [
          expect.stringMatching(
            /ignores the key policy\.semver\.strict .* to imagescans\.yaml/,
          ),
        ],
      ]);
    },
  );

  it.each(['web/imagescans.yaml', undefined])(
    'says nothing of Fleet in %s',
    file => {
      expect(strictWarnings(file)).toEqual([[]]);
    },
  );

  it('raises a short interval and says so', () => {
    expect(parse(entry('interval: 300ms')).scans).toEqual([
      expect.objectContaining({
        interval: 5_000,
        warnings: [expect.stringMatching(/300ms is below 5s/)],
      }),
    ]);
  });

  it.each(badDefinitions.map(({ name, ...bad }) => [name, bad] as const))(
    'says all that is wrong: %s',
    (_, { file, source, problems, healthy }) => {
      const { scans, errors, warnings } = parseImageScans(source, { file });
      const said = [...errors.map(({ message }) => message), ...warnings];
      expect(said).toEqual(problems.map(problem => `${file}: ${problem}`));
      expect(scans.map(({ tagName }) => tagName)).toEqual(healthy);
      for (const message of said) {
        expect(message).toMatch(/^[^\p{Cc}]+$/u);
      }
    },
  );

  it.each([
    [
      'an empty image',
      'imageScans:\n- tagName: a\n  image: ""',
      'image: is missing',
    ],
    [
      'a long tagName',
      `imageScans:\n- tagName: ${'a'.repeat(254)}\n  image: b`,
      '254 characters',
    ],
    [
      'a list as image',
      'imageScans:\n- tagName: a\n  image: [b]',
      'must be an image such as',
    ],
    ['an alias to nothing', 'imageScans:\n- *x', 'the alias *x has no anchor'],
    ['an open quote', 'imageScans:\n- tagName: "a', 'not valid YAML (line 2,'],
    [
      'tags that nest without indentation',
      `imageScans${'!!str - tagName: a\n'.repeat(3_000)}`,
      'nested more than 200',
    ],
    [
      'keys that nest without indentation',
      `${'"x"<<: \n'.repeat(30_000)}imageScans: []`,
      'nested more than 200',
    ],
    ['deep nesting', `imageScans: ${'['.repeat(201)}`, 'nested more than 200'],
    [
      'deep indentation',
      `imageScans:\n${' '.repeat(201)}- a`,
      'nested more than 200',
    ],
    [
      'many dashes',
      `imageScans:\n${'- '.repeat(300_000)}`,
      'nested more than 200',
    ],
    [
      'many keys in one line',
      `imageScans: ${'a: '.repeat(300_000)}`,
      'nested more than 200',
    ],
    [
      'more than 1 MiB',
      `imageScans: []\n#${' '.repeat(1024 * 1024)}`,
      'larger than 1 MiB',
    ],
  ])('refuses %s', (_, text, words) => {
    expect(errorOf(text).message).toContain(words);
  });

  it.each([
    ['intervall: 5m', 'intervall', 'is interval meant?'],
    ['tags: 5m', 'tags', 'allowed here: tagName, image, policy'],
    [
      'interval: 5',
      'interval',
      '"5" is not a duration: a number needs a unit, such as 5m',
    ],
    ['interval: 1d', 'interval', 'no days'],
    ['interval: [5m]', 'interval', 'must be a duration such as 5m'],
    ['policy: semver', 'policy', 'must be a map, such as {semver'],
    ['policy: {semVer: {range: "*"}}', 'policy.semVer', 'is semver meant?'],
    ['policy: {semver: "*"}', 'policy.semver', 'such as {range'],
    [
      'policy: {semver: {}}',
      'policy.semver.range',
      'is missing; write a range',
    ],
    [
      'policy: {semver: {range: ""}}',
      'policy.semver.range',
      'is missing; write a range',
    ],
    [
      'policy: {semver: {range: latest}}',
      'policy.semver.range',
      'Invalid semver range "latest"',
    ],
    [
      'policy: {semver: {ranges: "*", range: "*"}}',
      'policy.semver.ranges',
      'is range meant?',
    ],
    [
      'policy: {alphabetical: {order: up}}',
      'policy.alphabetical.order',
      '"up" is not allowed; write desc',
    ],
    [
      'policy: {alphabetical: asc}',
      'policy.alphabetical',
      'such as {order: desc}',
    ],
    [
      'policy: {semver: {range: "*"}, alphabetical: {order: up}}',
      'policy.alphabetical.order',
      'not allowed',
    ],
    ['secretRef: dockerhub', 'secretRef', 'such as {name: SECRET}'],
    ['secretRef: {}', 'secretRef.name', 'is missing'],
    [
      'secretRef: {name: a, namespace: b}',
      'secretRef.namespace',
      'allowed here: name',
    ],
    ['suspend: maybe', 'suspend', 'write true or false'],
  ])('names the field of %s', (line, field, words) => {
    const error = errorOf(entry(line));
    expect(error).toEqual({
      file: 'a/fleet.yaml',
      line: 4,
      entry: 0,
      tagName: 'web',
      field,
      message: expect.stringContaining(words),
    });
    expect(error.message).toContain(
      `a/fleet.yaml: imageScans[0] (web) on line 4, ${field}: `,
    );
  });

  it('goes on behind an entry that cannot be used', () => {
    const { scans, errors } = parse(
      [
        'imageScans:',
        '- {tagName: a, image: x}',
        '- {tagName: b, image: x, interval: 1d, suspend: maybe}',
        '- {tagName: c, image: x, image: y}',
        '- {tagName: d, image: x}',
      ].join('\n'),
    );
    expect(scans.map(({ tagName, line }) => [tagName, line])).toEqual([
      ['a', 2],
      ['d', 5],
    ]);
    expect(errors.map(({ entry: index, field }) => [index, field])).toEqual([
      [1, 'interval'],
      [1, 'suspend'],
      [2, undefined],
    ]);
    expect(errors[2].message).toContain('the key image is there twice');
  });

  it('refuses every entry of a tagName that is there twice', () => {
    const { scans, errors } = parse(
      'imageScans:\n- {tagName: a, image: x}\n- {tagName: b, image: x}\n- {tagName: a, image: y}\n',
    );
    expect(scans.map(({ tagName }) => tagName)).toEqual(['b']);
    expect(errors.map(({ line, entry: index }) => [line, index])).toEqual([
      [2, 0],
      [4, 2],
    ]);
    expect(errors[0].message).toContain('on line 2');
    expect(errors[0].message).toContain('imageScans[2] on line 4');
  });

  it('follows anchors, aliases and merge keys', () => {
    const { scans, errors } = parse(
      [
        'x: &base {interval: 10m, policy: &p {semver: {range: ^1}}}',
        'y: &more {<<: *base, suspend: true}',
        'imageScans: &all',
        '- {<<: *base, tagName: a, image: &i nginx, interval: 1m}',
        '- {<<: [*more, *base], tagName: b, image: *i}',
        '- {tagName: c, image: *i, policy: *p}',
      ].join('\n'),
    );
    expect(errors).toEqual([]);
    expect(
      scans.map(({ image, interval, suspend, policy }) => [
        image,
        interval,
        suspend,
        policy.semver?.range,
      ]),
    ).toEqual([
      ['nginx', 60_000, false, '^1'],
      ['nginx', 600_000, true, '^1'],
      ['nginx', 900_000, false, '^1'],
    ]);
  });

  it('stands alias bombs', () => {
    const levels = Array.from({ length: 30 }, (_, level) => {
      const item =
        level === 0 ? 'x: y' : `<<: [${`*a${level - 1}, `.repeat(9)}]`;
      return `a${level}: &a${level} {${item}}`;
    });
    const started = process.cpuUsage();
    const merges = parse(
      `${levels.join(
        '\n',
      )}\nimageScans:\n- {<<: *a29, tagName: a, image: b}\n- {<<: *a6, tagName: c, image: d}\n`,
    );
    expect(merges.scans).toEqual([]);
    expect(merges.errors[0].message).toMatch(/merge keys \(<<\)/);
    const lists = levels.map(line => line.replace('<<: ', 'z: '));
    const aliases = parse(
      `${lists.join(
        '\n',
      )}\nimageScans:\n- {policy: *a29, tagName: a, image: b}\n`,
    );
    expect(aliases.errors.map(({ field }) => field)).toEqual(['policy.z']);
    const self = parse('imageScans:\n- &a {<<: *a, tagName: a, image: b}\n');
    expect(self.errors).toHaveLength(1);
    expect(cpuTimeSince(started)).toBeLessThan(5_000);
  });

  it('takes seconds at most for a hostile file', () => {
    const keys = Array.from({ length: 80_000 }, (_, i) => `k${i}: v`);
    // Of the processor: others may use the machine.
    const started = process.cpuUsage();
    expect(parse(`imageScans: {${keys.join(', ')}}`).errors).toHaveLength(1);
    expect(parse(`imageScans:\n- {${keys.join(', ')}}`).scans).toEqual([]);
    parse(`imageScans: a\n${'---\n'.repeat(250_000)}`);
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1000).toBeLessThan(20_000);
  });

  it('reads the first document with imageScans and says so', () => {
    const { scans, errors, warnings } = parse(
      'a: b\n---\nimageScans: [{tagName: a, image: b}]\n---\nimageScans: [{tagName: c, image: d}]\n',
    );
    expect(scans.map(({ tagName, line }) => [tagName, line])).toEqual([
      ['a', 3],
    ]);
    expect(errors).toEqual([]);
    expect(warnings).toEqual([
      'a/fleet.yaml: only the first document with imageScans is read; the one on line 5 is ignored.',
    ]);
  });

  it.each([
    ['an empty file', ''],
    ['a file without image scans', 'helm: {}\n'],
    ['an empty list', 'imageScans: []\n'],
    ['a comment', '# imageScans: here\n'],
    ['a broken file that is not about image scans', 'helm: [\n'],
  ])('finds nothing in %s', (_, text) => {
    expect(parse(text)).toEqual({ scans: [], errors: [], warnings: [] });
  });

  it.each([
    ['a/fleet.yaml', 'imageScans:\n', ['imageScans on line 1 has no entries']],
    ['a/imagescans.yaml', 'imageScans: ~\n', ['line 1 has no entries']],
    ['a/imagescans.yaml', '', ['there is no key imageScans']],
    ['a/imagescans.yaml', '# none\n---\n', ['there is no key imageScans']],
    ['a/imagescans.yaml', 'spec: {imageScans: []}', ['there is no key']],
    ['a/imagescans.yaml', 'imageScans: []', []],
  ])('warns of nothing to scan in %s: %j', (file, text, words) => {
    const { scans, errors, warnings } = parseImageScans(text, { file });
    expect([scans, errors]).toEqual([[], []]);
    expect(warnings).toEqual(
      words.map(word => expect.stringMatching(`^${file}: .*${word}`)),
    );
  });

  it('reports what is broken in a file of its own', () => {
    expect(
      parseImageScans('helm: [\n', { file: 'imagescans.yaml' }).errors,
    ).toHaveLength(1);
  });

  it('reads bytes with a byte order mark and CRLF', () => {
    const source = Buffer.from(
      '\ufeffimageScans:\r\n- tagName: a\r\n  image: b\r\n',
    );
    expect(parseImageScans(source).scans).toEqual([
      expect.objectContaining({ tagName: 'a', image: 'b', line: 2 }),
    ]);
    expect(parseImageScans('imageScans: a').errors).toEqual([
      { line: 1, message: expect.stringMatching(/^imageScans is a text/) },
    ]);
  });
});
