/** A file that a person could plausibly write, and all that is said of it. */
export interface BadDefinition {
  name: string;
  /** Default: `imagescans.yaml`. */
  file: string;
  source: string | Buffer;
  /** Messages without the path of the file that each begins with. */
  problems: string[];
  /** tagNames that go on. */
  healthy: string[];
}

const IMAGE = 'a.corp/app';

const KEYS =
  'tagName, image, policy, filterTags, exclusionList, minimumAge, platforms, interval, secretRef, suspend';
const RANGES =
  '"*", "^1.4", "~1.4.2", "1.x || 2.x", ">=1.2, <2" and "1.2 - 1.9"';

function file(
  name: string,
  source: string | Buffer,
  problems: string | string[],
  rest: Partial<BadDefinition> = {},
): BadDefinition {
  return {
    name,
    file: 'imagescans.yaml',
    source,
    problems: [problems].flat(),
    healthy: [],
    ...rest,
  };
}

const neighbour = (tagName: string) =>
  `- {tagName: ${tagName}, image: ${IMAGE}}`;

/**
 * An entry between two healthy ones. It begins on line 3 of its file.
 *
 * @param lines - of the entry, the first without its dash
 */
function entry(
  name: string,
  lines: string[],
  problems: string | string[],
  rest: Partial<BadDefinition> = {},
): BadDefinition {
  const [first, ...others] = lines;
  return file(
    name,
    [
      'imageScans:',
      neighbour('before'),
      `- ${first}`,
      ...others.map(line => `  ${line}`),
      neighbour('behind'),
      '',
    ].join('\n'),
    problems,
    { healthy: ['before', 'behind'], ...rest },
  );
}

/** An entry that is fine but for its third line, number 5 of its file. */
function field(name: string, line: string, problem: string): BadDefinition {
  return entry(
    name,
    ['tagName: web', `image: ${IMAGE}`, line],
    `imageScans[1] (web) on line 5, ${problem}`,
  );
}

function unknownKey(line: string, hint = ''): BadDefinition {
  const [key] = line.split(':', 1);
  return field(
    `the key ${key}`,
    line,
    `${key}: this key is unknown; ${hint}allowed here: ${KEYS}`,
  );
}

const BY_SEMVER = 'write it as in policy: {semver: {range: "^1.2"}}; ';
const BY_ALPHABET = 'write it as in policy: {alphabetical: {order: desc}}; ';
const MAP_OF_ENTRY = 'must be a map, such as {tagName: NAME, image: IMAGE}';
const MUST_BE_LIST =
  'and must be a list: begin each entry with a dash, as in "- tagName: NAME"';
const QUOTES = 'a value that begins with one of * & ! | > % @ ` needs quotes';
const COLUMNS =
  'all keys of a map stand in one column, as do all dashes of a list';
const NOTHING =
  'there is no key imageScans at the top of the file, so nothing is scanned for it.';
const noEntries = (line: number) =>
  `imageScans on line ${line} has no entries; write a list, as in "- tagName: NAME", or remove the key.`;
const invalid = (line: number, column: number, reason: string) =>
  `the file is not valid YAML (line ${line}, column ${column}): ${reason}`;

const keys: BadDefinition[] = [
  unknownKey('intervall: 5m', 'is interval meant? '),
  unknownKey('Interval: 5m', 'is interval meant? '),
  unknownKey('secretref: {name: hub}', 'is secretRef meant? '),
  unknownKey('suspended: true', 'is suspend meant? '),
  unknownKey('policies: {}', ''),
  unknownKey('range: "*"', BY_SEMVER),
  unknownKey('semver: {range: "*"}', BY_SEMVER),
  unknownKey('order: asc', BY_ALPHABET),
  unknownKey('os: linux'),
  unknownKey('tag: "1.0"'),
  entry(
    'a misspelt tagName',
    ['tagname: web', `image: ${IMAGE}`],
    `imageScans[1] on line 3, tagname: this key is unknown; is tagName meant? allowed here: ${KEYS}`,
  ),
  entry(
    'a misspelt image',
    ['tagName: web', `images: ${IMAGE}`],
    `imageScans[1] (web) on line 4, images: this key is unknown; is image meant? allowed here: ${KEYS}`,
  ),
  entry(
    'a key twice',
    ['tagName: web', `image: ${IMAGE}`, 'image: nginx'],
    'imageScans[1] on line 3: the key image is there twice, on lines 4 and 5',
  ),
];

const tagNames: BadDefinition[] = [
  entry(
    'no tagName',
    [`image: ${IMAGE}`],
    'imageScans[1] on line 3, tagName: is missing; write the name that markers use',
  ),
  entry(
    "Fleet's name in place of tagName",
    ['name: web', `image: ${IMAGE}`],
    'imageScans[1] on line 3, tagName: is missing; write the name that markers use',
  ),
  entry(
    'an empty tagName',
    ['tagName: " "', `image: ${IMAGE}`],
    'imageScans[1] on line 3, tagName: is missing; write the name that markers use',
  ),
  entry(
    'a list as tagName',
    ['tagName: [web]', `image: ${IMAGE}`],
    'imageScans[1] on line 3, tagName: must be the name that markers use, not a map or list',
  ),
  entry(
    'a template as tagName',
    ['tagName: {{ .Values.name }}', `image: ${IMAGE}`],
    'imageScans[1] on line 3, tagName: must be the name that markers use, not a map or list; templates are not filled in here',
  ),
  entry(
    'a marker as tagName',
    ['tagName: "web:tag"', `image: ${IMAGE}`],
    'imageScans[1] (web:tag) on line 3, tagName: a colon is not allowed, as a marker writes the form behind it, as in NAME:tag',
  ),
  entry(
    'a NUL in tagName',
    ['tagName: "we\\0b"', `image: ${IMAGE}`],
    'imageScans[1] (we\\u0000b) on line 3, tagName: has a line break or control character in it; write it on one line',
  ),
  entry(
    'a line break in tagName',
    ['tagName: "we\\nb"', `image: ${IMAGE}`],
    'imageScans[1] (we\\u000ab) on line 3, tagName: has a line break or control character in it; write it on one line',
  ),
  entry(
    'half a character in tagName',
    ['tagName: "\\ud83d"', `image: ${IMAGE}`],
    'imageScans[1] (\\ud83d) on line 3, tagName: has a line break or control character in it; write it on one line',
  ),
  entry(
    'a NUL in a key',
    ['tagName: web', `image: ${IMAGE}`, '"a\\0b": 1'],
    `imageScans[1] (web) on line 5, a\\u0000b: this key is unknown; allowed here: ${KEYS}`,
  ),
  entry(
    'a number as tagName, which is fine',
    ['tagName: 1.20', `image: ${IMAGE}`],
    [],
    { healthy: ['before', '1.20', 'behind'] },
  ),
  file(
    'a tagName twice',
    [
      'imageScans:',
      neighbour('web'),
      neighbour('before'),
      neighbour('web'),
      '',
    ].join('\n'),
    [
      'imageScans[0] on line 2, tagName: "web" is also the tagName of imageScans[2] on line 4; each entry needs its own',
      'imageScans[2] on line 4, tagName: "web" is also the tagName of imageScans[0] on line 2; each entry needs its own',
    ],
    { healthy: ['before'] },
  ),
];

const images: BadDefinition[] = [
  entry(
    'no image',
    ['tagName: web'],
    'imageScans[1] (web) on line 3, image: is missing; write an image such as ghcr.io/org/app',
  ),
  entry(
    'a map as image',
    ['tagName: web', 'image: {repository: nginx, tag: "1"}'],
    'imageScans[1] (web) on line 4, image: must be an image such as ghcr.io/org/app, not a map or list',
  ),
  entry(
    'nothing but a tag',
    ['tagName: web', 'image: ":1.0"'],
    'imageScans[1] (web) on line 4, image: there is a tag or digest but no image',
  ),
];

const policies: BadDefinition[] = [
  field(
    'a text as policy',
    'policy: semver',
    'policy: must be a map, such as {semver: {range: "*"}}',
  ),
  field(
    'a list as policy',
    'policy: [{semver: {range: "*"}}]',
    'policy: must be a map, such as {semver: {range: "*"}}',
  ),
  field(
    'a range right under policy',
    'policy: {range: "*"}',
    `policy.range: this key is unknown; ${BY_SEMVER}allowed here: semver, alphabetical, numerical, newest`,
  ),
  field(
    'an order that there is not',
    'policy: {numerical: {order: up}}',
    'policy.numerical.order: "up" is not allowed; write asc for the largest number or desc for the smallest',
  ),
  field(
    'a filter that is no expression',
    'filterTags: {pattern: "("}',
    'filterTags.pattern: not a regular expression of RE2: missing closing ): `(`',
  ),
  field(
    'an extract without a pattern',
    'filterTags: {extract: "$1"}',
    'filterTags.extract: there is no pattern to extract from; write filterTags.pattern as well',
  ),
  field(
    'an exclusion that is no list',
    'exclusionList: "-debug$"',
    'exclusionList: must be a list, such as ["-debug$"]',
  ),
  field(
    'a text as semver',
    'policy: {semver: "*"}',
    'policy.semver: must be a map, such as {range: "^1.2"}',
  ),
  field(
    'a misspelt range',
    'policy: {semver: {rnage: "*"}}',
    'policy.semver.rnage: this key is unknown; is range meant? allowed here: range, strict, maxStep',
  ),
  field(
    'no range',
    'policy: {semver: {}}',
    'policy.semver.range: is missing; write a range such as "*" or "^1.2"',
  ),
  field(
    'a word as range',
    'policy: {semver: {range: latest}}',
    `policy.semver.range: Invalid semver range "latest": cannot read "latest". Allowed are, for example, ${RANGES}`,
  ),
  field(
    'a range without a version',
    'policy: {semver: {range: ">="}}',
    `policy.semver.range: Invalid semver range ">=": cannot read ">=". Allowed are, for example, ${RANGES}`,
  ),
  field(
    'a list of ranges',
    'policy: {semver: {range: ["1.x", "2.x"]}}',
    'policy.semver.range: must be a range such as "*" or "^1.2", not a map or list',
  ),
  ...['3', '[true]'].map(strict =>
    field(
      `strict as ${strict}`,
      `policy: {semver: {range: 1.x, strict: ${strict}}}`,
      strict === '3'
        ? 'policy.semver.strict: "3" is not allowed; write true or false'
        : 'policy.semver.strict: must be true or false, not a map or list',
    ),
  ),
  entry(
    'a range that begins with !',
    [
      ...['tagName: web', `image: ${IMAGE}`, 'policy:', '  semver:'],
      '    range: !=1.0',
    ],
    'imageScans[1] (web) on line 7, policy.semver.range: YAML reads !=1.0 as a tag in front of the value; write the whole value in quotes',
  ),
  ...['ascending', 'up', 'Z'].map(order =>
    field(
      `the order ${order}`,
      `policy: {alphabetical: {order: ${order}}}`,
      `policy.alphabetical.order: "${order.toLowerCase()}" is not allowed; write desc for the largest tag or asc for the smallest`,
    ),
  ),
  field(
    'a text as alphabetical',
    'policy: {alphabetical: asc}',
    'policy.alphabetical: must be a map, such as {order: desc}',
  ),
];

const otherFields: BadDefinition[] = [
  ...['300', '1.5'].map(interval =>
    field(
      `the interval ${interval}`,
      `interval: ${interval}`,
      `interval: "${interval}" is not a duration: a number needs a unit, such as ${interval}m for minutes or ${interval}s for seconds`,
    ),
  ),
  ...['-5m', '5 m', '5min', 'PT5M', 'every 5m'].map(interval =>
    field(
      `the interval ${interval}`,
      `interval: ${interval}`,
      `interval: "${interval}" is not a duration: write numbers with the units h, m, s, ms, us or ns, such as 5m or 1h30m`,
    ),
  ),
  field(
    'an interval in days',
    'interval: 1d',
    'interval: "1d" is not a duration: there are no days, weeks or years; write hours, such as 24h',
  ),
  field(
    'a map as interval',
    'interval: {minutes: 5}',
    'interval: must be a duration such as 5m, not a map or list',
  ),
  field(
    'a text as secretRef',
    'secretRef: hub',
    'secretRef: must be a map, such as {name: SECRET}',
  ),
  field(
    'no name in secretRef',
    'secretRef: {}',
    'secretRef.name: is missing; write the name of a secret',
  ),
  field(
    'a namespace in secretRef',
    'secretRef: {name: hub, namespace: default}',
    'secretRef.namespace: this key is unknown; allowed here: name',
  ),
  ...['maybe', '1', '"y"'].map(suspend =>
    field(
      `suspend: ${suspend}`,
      `suspend: ${suspend}`,
      `suspend: "${suspend.replace(
        /"/g,
        '',
      )}" is not allowed; write true or false`,
    ),
  ),
  field(
    'a map as suspend',
    'suspend: {}',
    'suspend: must be true or false, not a map or list',
  ),
  field('suspend: "yes", which is fine', 'suspend: "yes"', ''),
].map(bad =>
  bad.name.endsWith('which is fine')
    ? { ...bad, problems: [], healthy: ['before', 'web', 'behind'] }
    : bad,
);

const entries: BadDefinition[] = [
  entry(
    'a text as entry',
    ['nginx'],
    `imageScans[1] on line 3: ${MAP_OF_ENTRY}`,
  ),
  entry(
    'a list as entry',
    ['[nginx]'],
    `imageScans[1] on line 3: ${MAP_OF_ENTRY}`,
  ),
  entry(
    'nothing behind a dash',
    [''],
    `imageScans[1] on line 3: ${MAP_OF_ENTRY}`,
  ),
  entry(
    'no blanks behind colons',
    ['tagName:web', 'image:nginx'],
    `imageScans[1] on line 3: ${MAP_OF_ENTRY}; there must be a blank behind each colon`,
  ),
  entry(
    'a merge key without a map',
    ['<<: web', `image: ${IMAGE}`],
    'imageScans[1] on line 3: its merge key (<<) does not refer to a map',
  ),
  file(
    'anchors, aliases and merge keys, which are fine',
    [
      `x: &base {image: &i ${IMAGE}, interval: 5m}`,
      'imageScans:',
      '- {<<: *base, tagName: before}',
      '- {tagName: behind, image: *i}',
      '',
    ].join('\n'),
    [],
    { healthy: ['before', 'behind'] },
  ),
];

const blocks: BadDefinition[] = [
  file('an empty file', '', NOTHING),
  file('nothing but comments', '# imageScans:\n# - tagName: a\n', NOTHING),
  file('nothing but a document mark', '---\n', NOTHING),
  file('another key', 'scans:\n- tagName: a\n', NOTHING),
  file('an ImageScan of Kubernetes', 'kind: ImageScan\nspec: {}\n', NOTHING),
  file(
    'imageScans under another key',
    'spec:\n  imageScans:\n  - tagName: a\n    image: b\n',
    NOTHING,
  ),
  file('imageScans: null', 'imageScans: null\n', noEntries(1)),
  file('nothing behind imageScans', 'a: b\nimageScans:\n', noEntries(2), {
    file: 'fleet.yaml',
  }),
  file(
    'one entry without its dash',
    `imageScans:\n  tagName: web\n  image: ${IMAGE}\n`,
    `imageScans is a map ${MUST_BE_LIST}`,
  ),
  file(
    'entries by name',
    `imageScans:\n  web: {image: ${IMAGE}}\n`,
    `imageScans is a map ${MUST_BE_LIST}`,
  ),
  file(
    'a text as imageScans',
    'imageScans: web\n',
    `imageScans is a text ${MUST_BE_LIST}`,
  ),
  file(
    'a list alone',
    `- tagName: web\n  image: ${IMAGE}\n`,
    'the list of image scans stands alone; write it under the key imageScans',
  ),
  ...['imageScan', 'imagescans', 'image_scans', 'imageScnas'].map(key =>
    file(
      `the key ${key}`,
      `${key}:\n- tagName: web\n  image: ${IMAGE}\n`,
      `the key ${key} is unknown; is imageScans meant?`,
      { file: 'fleet.yaml' },
    ),
  ),
  file(
    'imageScans twice',
    'imageScans: []\nimageScans: []\n',
    'imageScans is there twice, on lines 1 and 2; write one list',
  ),
  file(
    'imageScans in two documents',
    `imageScans:\n${neighbour('before')}\n---\nimageScans:\n${neighbour(
      'x',
    )}\n`,
    'only the first document with imageScans is read; the one on line 4 is ignored.',
    { healthy: ['before'] },
  ),
  file(
    'too many entries',
    `imageScans:\n${'- {}\n'.repeat(2001)}`,
    'imageScans has 2001 entries, and at most 2000 are read; divide it into several bundles',
  ),
];

const bytes: BadDefinition[] = [
  file(
    'a tab',
    `imageScans:\n\t- tagName: web\n\t  image: ${IMAGE}\n`,
    invalid(2, 1, 'Tabs are not allowed as indentation; indent with blanks'),
  ),
  file(
    'keys in different columns',
    `imageScans:\n- tagName: web\n image: ${IMAGE}\n`,
    invalid(3, 1, `Sequence item without - indicator; ${COLUMNS}`),
  ),
  file(
    'a colon that is missing',
    `imageScans:\n- tagName web\n  image: ${IMAGE}\n`,
    invalid(
      2,
      3,
      'Implicit keys need to be on a single line; is a colon or a quote missing?',
    ),
  ),
  file(
    'a range that begins with *',
    'imageScans:\n- tagName: web\n  image: nginx\n  policy: {semver: {range: *}}\n',
    invalid(4, 28, `Alias cannot be an empty string; ${QUOTES}`),
  ),
  file(
    'a range that begins with >',
    'imageScans:\n- tagName: web\n  image: nginx\n  policy:\n    semver:\n      range: >=1.0\n',
    invalid(6, 15, `Block scalar header includes extra characters; ${QUOTES}`),
  ),
  file(
    'a name that begins with @',
    'imageScans:\n- tagName: @web\n  image: nginx\n',
    invalid(
      2,
      12,
      `Plain value cannot start with reserved character @; ${QUOTES}`,
    ),
  ),
  file(
    'a bracket that is open',
    'imageScans: [{tagName: web, image: nginx}\n',
    invalid(
      2,
      1,
      'Flow sequence in block collection must be sufficiently indented and end with a ]',
    ),
  ),
  file(
    'an alias to nothing',
    'imageScans:\n- <<: *base\n  tagName: web\n',
    'the alias *base has no anchor above it',
  ),
  file(
    'a secret in a broken line',
    'password: "geheim" "geheim"\nimageScans: []\n',
    invalid(1, 20, 'Unexpected double-quoted-scalar at node end'),
    { file: 'fleet.yaml' },
  ),
  file(
    'NUL bytes',
    'imageScans:\n- tagName: we\0b\n',
    'the file holds NUL bytes; save it as UTF-8',
  ),
  file(
    'UTF-16',
    Buffer.from('\ufeffimageScans: []\n', 'utf16le'),
    'the file holds NUL bytes; save it as UTF-8',
  ),
  file(
    'Latin-1',
    Buffer.from('imageScans:\n- tagName: f\xfcr\n  image: nginx\n', 'latin1'),
    'the file is not UTF-8; save it as UTF-8',
  ),
  file(
    'line ends of old Macs',
    'imageScans:\r- tagName: web\r  image: nginx\r',
    'the lines of the file end with CR alone; save it with LF or CRLF',
  ),
  file(
    '10 MB',
    `imageScans:\n${neighbour('web')}\n${`#${'x'.repeat(99)}\n`.repeat(1e5)}`,
    'the file is larger than 1 MiB, the most that is read',
  ),
  file(
    '10 MB that Fleet reads and nobody else',
    `helm:\n  values:\n${'    a: b\n'.repeat(1e6)}`,
    [],
    { file: 'fleet.yaml' },
  ),
  file(
    'deep brackets',
    `imageScans: ${'['.repeat(100_000)}`,
    'the file is nested more than 200 levels or columns deep',
  ),
  file(
    'deep indentation',
    `imageScans:\n${' '.repeat(300)}- web\n`,
    'the file is nested more than 200 levels or columns deep',
  ),
  file(
    'Windows line ends and a byte order mark, which are fine',
    `\ufeffimageScans:\r\n${neighbour('before')}\r\n`,
    [],
    { healthy: ['before'] },
  ),
  file(
    'JSON, which is fine',
    `{"imageScans": [{"tagName": "before", "image": "${IMAGE}"}]}`,
    [],
    { healthy: ['before'] },
  ),
];

/** What a file says by itself, without its neighbours and the grammar of images. */
export const badDefinitions: readonly BadDefinition[] = [
  ...keys,
  ...tagNames,
  ...images,
  ...policies,
  ...otherFields,
  ...entries,
  ...blocks,
  ...bytes,
];
