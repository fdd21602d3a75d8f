import type { ResolvedImage } from '../types';
import { findMarkers } from './findMarkers';
import { mayHoldMarkers } from './manifestText';
import { rewriteManifest } from './rewriteManifest';

const digest = `sha256:${'a'.repeat(64)}`;
const other = `sha256:${'c'.repeat(64)}`;
const images = new Map<string, ResolvedImage>([
  ['app', { image: 'ghcr.io/acme/app', tag: '1.5.0', digest }],
  ['undigested', { image: 'ghcr.io/acme/app', tag: '1.5.0' }],
]);

function read(text: string) {
  const source = Buffer.from(text);
  const { output, changes, problems } = rewriteManifest(source, images, {
    careful: true,
  });
  const found = findMarkers(source, { careful: true });
  expect(output === source).toBe(changes.length === 0);
  return { output: output.toString(), problems, found };
}

describe('a careful rewrite', () => {
  it.each([
    ['a literal', '- APP_VERSION=1.9.0', 'app:tag'],
    ['a flag', '- --image=ghcr.io/acme/app:1.0.0', 'app'],
    ['a flag in quotes', "- '--image=ghcr.io/acme/app:1.0.0'", 'app:digest'],
    ['a URL', 'url: oci://ghcr.io/acme/app', 'app:name'],
    ['a command', 'run: docker run ghcr.io/acme/app:1.0.0', 'app'],
    ['a line feed at its end', 'tag: "1.2.0\\n"', 'app:tag'],
    ['a bare tag', 'tag: 1.2.0', 'app'],
    ['a bare tag and its digest', `tag: 1.2.0@${other}`, 'app'],
    ['a whole image', 'image: ghcr.io/acme/app:1.0.0', 'app:tag'],
    ['an image with a port', 'image: "host:5000/app"', 'app:tag'],
    ['a tag that a name would drop', 'repository: a/app:1.0.0', 'app:name'],
    ['a digest alone', `digest: ${other}`, 'app:tag'],
    ['a variable', 'image: ghcr.io/acme/app:${TAG}', 'app'],
    ['a very long value', `image: "${'a'.repeat(100_000)}"`, 'app'],
  ])('reports %s and leaves it', (_, line, reference) => {
    const text = `a: 1\n${line} # {"$imagescan": "${reference}"}\n`;
    const { output, problems, found } = read(text);
    expect(output).toBe(text);
    expect(found.markers).toEqual([]);
    expect(found.problems).toEqual(problems);
    expect(problems).toEqual([
      {
        code: 'not-a-value',
        line: 2,
        tagName: 'app',
        message: expect.stringContaining('was not overwritten'),
      },
    ]);
  });

  it.each([
    ['nothing yet', 'tag: ""', 'app:tag', 'tag: "1.5.0"'],
    ['a null', 'tag: ~', 'app:tag', 'tag: 1.5.0'],
    ['latest', 'tag: latest', 'app:tag', 'tag: 1.5.0'],
    ['a placeholder', 'tag: REPLACE_ME', 'app:tag', 'tag: 1.5.0'],
    ['no tag', 'image: app', 'app', 'image: ghcr.io/acme/app:1.5.0'],
    ['a port', 'image: h:5000/app', 'app', 'image: ghcr.io/acme/app:1.5.0'],
    ['a pinned tag', `tag: 1.2.3@${other}`, 'app:tag', `tag: 1.5.0@${digest}`],
    [
      'a pinned image',
      `image: "ghcr.io/acme/app:1.2.3@${other}"`,
      'app',
      `image: "ghcr.io/acme/app:1.5.0@${digest}"`,
    ],
    [
      'a pinned image without a tag',
      `image: ghcr.io/acme/app@${other}`,
      'app',
      `image: ghcr.io/acme/app:1.5.0@${digest}`,
    ],
    [
      'a digest where none was',
      'image: ghcr.io/acme/app:1.2.3',
      'app:digest',
      `image: ghcr.io/acme/app:1.5.0@${digest}`,
    ],
  ])('writes over %s', (_, line, reference, written) => {
    const marker = `# {"$imagescan": "${reference}"}\n`;
    const { output, problems } = read(`${line} ${marker}`);
    expect(output).toBe(`${written} ${marker}`);
    expect(problems).toEqual([]);
  });

  it.each([`tag: 1.5.0@${digest}`, `tag: "1.5.0@${other}"`])(
    'leaves the digest of a tag that is the same: %s',
    line => {
      const text = `${line} # {"$imagescan": "app:tag"}\n`;
      expect(read(text).output).toBe(text);
    },
  );

  it('unpins nothing where the registry gave no digest', () => {
    const text = `tag: 1.2.3@${other} # {"$imagescan": "undigested:tag"}\n`;
    const { output, problems } = read(text);
    expect(output).toBe(text);
    expect(problems.map(({ code }) => code)).toEqual(['no-digest']);
  });

  it('reports each marker of a block text on its line with its name', () => {
    const { found } = read(
      [
        'values: |',
        '  image:',
        '    repository: ghcr.io/acme/app # {"$imagescan": "app:name"}',
        '    tag: "0.1.103" # {"$imagescan": "app:tag"}',
        '    # tag: "0.1.102" # {"$imagescan": "app:tag"}',
        '  sidecar:',
        '    tag: "0.1" # {"$imagescan": "side:tag"}',
        '    both: {"$imagescan": "x"} # {"$imagescan": "y"}',
        'after: app:1 # {"$imagescan": "app"}',
        '',
      ].join('\n'),
    );
    expect(found.problems.map(({ line, tagName }) => [line, tagName])).toEqual([
      [3, 'app'],
      [4, 'app'],
      [7, 'side'],
      [8, undefined],
    ]);
    expect(found.problems[0].message).toContain('block text');
    expect(found.markers.map(({ line }) => line)).toEqual([9]);
  });

  it('reports each marker of other texts over several lines', () => {
    const { found } = read(
      [
        'a: "text',
        "  # {'$imagescan': 1}",
        '  #{$imagescan}"',
        '{{/*',
        'b: x # {"$imagescan": "app"}',
        'c: x # {"$imagescan": "app:tag"}',
        '*/}}',
        '',
      ].join('\n'),
    );
    expect(found.problems.map(({ line, tagName }) => [line, tagName])).toEqual([
      [2, undefined],
      [3, undefined],
      [5, 'app'],
      [6, 'app'],
    ]);
  });

  it.each([
    'run: |\n  $imageScanDir = Join-Path $pwd reports\n',
    '{{- $imageScanner := .Values.scanner }}\n',
    'script: echo $IMAGESCAN_ENABLED\n',
    'script: echo "$imagescan2"\n',
    '# $imageScans are listed below\n',
    'env: { "$imageScanDir": x }\n',
  ])('finds nothing in longer names: %j', text => {
    expect(mayHoldMarkers(Buffer.from(text))).toBe(false);
    expect(mayHoldMarkers(Buffer.from(text, 'utf16le'))).toBe(false);
    expect(read(text).found).toEqual({ markers: [], problems: [] });
  });

  it.each(['script: echo $imagescan\n', 'a: b # {"$imagescans": "app"}\n'])(
    'reports what is meant as a marker: %j',
    text => {
      expect(read(text).found.problems).toHaveLength(1);
    },
  );

  it('speaks of a # only where there is one', () => {
    expect(read('a: echo $imagescan\n').problems[0].message).not.toMatch(/#/);
    expect(read('a: b#{$imagescan}\n').problems[0].message).toMatch(/the #/);
  });

  it.each([
    '#image: ghcr.io/acme/app:1.0.0   #{"$imagescan": "app"}',
    '  # - image: ghcr.io/acme/app:1.0.0 # {"$imagescan": "app"}',
    '## tag: "1.0" # { "$imagescan": "app:tag" }',
    '# - app:1.0 ## {"$imagescan": "app"}',
  ])('says nothing of a line that is commented out: %s', line => {
    const text = `a: app:1 # {"$imagescan": "app"}\n${line}\r\nb: 1\n`;
    const { problems, found } = read(text);
    expect(problems).toEqual([]);
    expect(found.markers).toHaveLength(1);
  });

  it.each([
    '# {"$imagescan": "app"}',
    '# # {"$imagescan": "app"}',
    '# the next line: {"$imagescan": "app"}',
    'a: b # c: d # {"$imagescan": "app"}',
  ])('reports a comment that is no line of a manifest: %s', line => {
    expect(read(`${line}\n`).problems).toHaveLength(1);
  });
});
