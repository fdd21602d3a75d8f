/** A file that a person could plausibly write. */
export interface BadDefinition {
  /** Default: `imagescans.yaml`. */
  file: string;
  source: string | Buffer;
  /** tagNames that go on. */
  healthy: string[];
  /** What only its neighbours or the grammar of images tell, without its path. */
  problem?: string;
}

/** Stands for the image of the healthy neighbours. */
export const IMAGE = 'IMAGE';

const neighbour = (tagName: string) =>
  `- {tagName: ${tagName}, image: ${IMAGE}}`;

function file(
  source: string | Buffer,
  rest: Partial<BadDefinition> = {},
): BadDefinition {
  return { file: 'imagescans.yaml', source, healthy: [], ...rest };
}

/** An entry between two healthy ones. It begins on line 3 of its file. */
function entry(
  lines: string[],
  rest: Partial<BadDefinition> = {},
): BadDefinition {
  const [first, ...others] = lines;
  return file(
    [
      'imageScans:',
      neighbour('before'),
      `- ${first}`,
      ...others.map(line => `  ${line}`),
      neighbour('behind'),
      '',
    ].join('\n'),
    { healthy: ['before', 'behind'], ...rest },
  );
}

const image = (value: string, reason: string) =>
  entry(['tagName: web', `image: ${value}`], {
    problem: `imageScans[1] (web) on line 3, image: Not an image reference: ${reason}`,
  });

const field = (line: string) =>
  entry(['tagName: web', `image: ${IMAGE}`, line]);

/**
 * One or two of each kind that `parseImageScans` knows, whose own tests have all of
 * them word by word; and those that it cannot know.
 */
export const badDefinitions: readonly BadDefinition[] = [
  field('intervall: 5m'),
  field('"a\\0b": 1'),
  field('policy: semver'),
  field('policy: {semver: {range: latest}}'),
  field('policy: {numerical: {order: up}}'),
  field('filterTags: {pattern: "("}'),
  field('exclusionList: "-debug$"'),
  field('interval: 300'),
  field('secretRef: hub'),
  field('suspend: maybe'),
  entry([`image: ${IMAGE}`]),
  entry(['tagName: "we\\0b"', `image: ${IMAGE}`]),
  entry(['tagName: "\\ud83d"', `image: ${IMAGE}`]),
  entry(['tagName: web', `image: ${IMAGE}`, 'image: nginx']),
  entry(['nginx']),
  entry(['<<: web', `image: ${IMAGE}`]),
  file(
    ['imageScans:', neighbour('web'), neighbour('web'), neighbour('ok')].join(
      '\n',
    ),
    { healthy: ['ok'] },
  ),

  image(
    'https://ghcr.io/org/app',
    '"https://ghcr.io/org/app": it starts with a scheme; write only host/repository',
  ),
  image(
    'oci://ghcr.io/org/app',
    '"oci://ghcr.io/org/app": it starts with a scheme; write only host/repository',
  ),
  image(
    'ghcr.io/Org/App',
    '"ghcr.io/Org/App": the repository has upper-case letters',
  ),
  image(
    'ghcr.io/org/my app',
    '"ghcr.io/org/my app": there is a blank or control character in it',
  ),
  image(
    'me:geheim@ghcr.io/org/app',
    '"***@ghcr.io/org/app": it has a user name; credentials belong into a secret',
  ),
  image('ghcr.io/', '"ghcr.io/": it names no repository'),

  file(''),
  file('scans:\n- tagName: a\n'),
  file('a: b\nimageScans:\n', { file: 'fleet.yaml' }),
  file(`imageScans:\n  tagName: web\n  image: ${IMAGE}\n`),
  file(`imagescans:\n- tagName: web\n  image: ${IMAGE}\n`, {
    file: 'fleet.yaml',
  }),
  file(`imageScans:\n${neighbour('before')}\n---\nimageScans:\n- {}\n`, {
    healthy: ['before'],
  }),
  file(`imageScans:\n${'- {}\n'.repeat(2001)}`),
  ...[
    'imagescans.yml',
    'imageScans.yaml',
    'image-scans.yaml',
    'Fleet.yaml',
  ].map(name =>
    file(`imageScans:\n${neighbour('web')}\n`, {
      file: name,
      problem:
        'imageScans are not read from a file of this name; name it imagescans.yaml (or fleet.yaml), in lower case and with .yaml',
    }),
  ),

  file(`imageScans:\n\t- tagName: web\n\t  image: ${IMAGE}\n`),
  file('password: "geheim" "geheim"\nimageScans: []\n', { file: 'fleet.yaml' }),
  file(Buffer.from('\ufeffimageScans: []\n', 'utf16le')),
  file(
    Buffer.from('imageScans:\n- tagName: f\xfcr\n  image: nginx\n', 'latin1'),
  ),
  file(
    `imageScans:\n${neighbour('web')}\n${`#${'x'.repeat(99)}\n`.repeat(1e5)}`,
  ),
  file(`helm:\n  values:\n${'    a: b\n'.repeat(1e6)}`, { file: 'fleet.yaml' }),
  file(`imageScans: ${'['.repeat(100_000)}`),
  file(`{"imageScans": [{"tagName": "before", "image": "${IMAGE}"}]}`, {
    healthy: ['before'],
  }),
];
