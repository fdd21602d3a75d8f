import {
  evaluateTags,
  findMarkers,
  findUnwatched,
  insertMarkers,
  moveImageScans,
  parseImageScans,
  proposeRule,
  rewriteManifest,
} from 'backstage-plugin-image-scan-node';
import fc from 'fast-check';
import { isAlias, isScalar, parseAllDocuments, visit } from 'yaml';
import { fuzz, fuzzRuns, soup } from './fuzz';

jest.setTimeout(120_000);

const image = fc.constantFrom(
  ...['nginx', 'acme/web', 'ghcr.io/acme/web', 'quay.io/other/web'],
  ...['localhost:5000/a/b', 'docker.io/library/nginx', '"acme/quoted'],
);

const tag = fc.oneof(
  fc.constantFrom('1.25.3', 'v1.4.0', '1.25-alpine', '0.15.2', '20240101'),
  fc.constantFrom('1.2.3-debian-12-r4', 'sha-1a2b3c4', 'latest', '7', '1.20'),
  fc
    .tuple(
      fc.nat(30),
      fc.nat(30),
      fc.constantFrom('', '-alpine', '-r2', '-rc.1'),
    )
    .map(([major, minor, suffix]) => `${major}.${minor}.0${suffix}`),
);

/** What may follow a value on its line, and stand below it. */
const rest = fc.constantFrom(
  ...[
    '',
    '',
    '',
    '  ',
    '\t',
    ' # note',
    '  # note',
    ' # {"$imagescan": "old"}',
  ],
  ...[
    ' # renovate: x',
    '\n# below',
    '\n{{- if .x }}',
    '\n{{- include "x" . }}',
  ],
);

const value = fc
  .tuple(image, tag, rest)
  .map(([name, version, more]) =>
    name.startsWith('"')
      ? `${name}:${version}"${more}`
      : `${name}:${version}${more}`,
  );

const container = value.map(text => `    - name: c\n      image: ${text}`);

const document = fc.oneof(
  fc
    .array(container, { minLength: 1, maxLength: 6 })
    .map(list => `kind: Pod\nspec:\n  containers:\n${list.join('\n')}\n`),
  fc
    .tuple(image, tag, rest)
    .map(
      ([name, version, more]) =>
        `image:\n  repository: ${name.replace(
          '"',
          '',
        )}\n  tag: ${version}${more}\n`,
    ),
  value.map(text => `services:\n  web:\n    image: ${text}\n`),
  value.map(text => `kind: Foo\nspec: {a: b,\n  image: ${text}\n  }\n`),
  soup([
    ...[
      'image: a:1',
      'tag: 1.0',
      'repository: acme/a',
      '\n',
      '\n  ',
      '- ',
      ': ',
    ],
    ...[
      'containers:\n',
      '{',
      '}',
      '[',
      ']',
      ', ',
      '"',
      "'",
      '&a ',
      '*a',
      '#',
      '|',
    ],
    ...[' # x', '---\n', '{{ x }}', '{{-', '}}', '\r\n', '>-\n', '? ', '!a '],
  ]),
);

const manifest = fc
  .tuple(
    fc.array(document, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('\n', '\r\n'),
    fc.constantFrom('', '\ufeff'),
    fc.boolean(),
  )
  .map(([documents, feed, bom, endsLine]) => {
    const text = documents.join('---\n').replace(/\r?\n/g, feed);
    return Buffer.from(bom + (endsLine ? text : text.replace(/\r?\n$/, '')));
  });

/** Everything but comments, as the `yaml` package reads it; undefined if it cannot. */
function outline(source: Buffer): unknown[] | undefined {
  const nodes: unknown[] = [];
  for (const each of parseAllDocuments(`${source}`, { uniqueKeys: false })) {
    if (!('errors' in each) || each.errors.length > 0) {
      return undefined;
    }
    visit(each, {
      Node: (key, node) => {
        const shown = isScalar(node) ? node.value : undefined;
        nodes.push([key, node.tag, isAlias(node) ? node.source : shown]);
      },
    });
  }
  return nodes;
}

describe('fuzzing what is taken into care', () => {
  afterAll(() => console.info(`adopt: ${fuzzRuns()} runs`));

  it('what is found can be marked, is watched then, and nothing else changes', () => {
    fuzz(
      [manifest, fc.constantFrom('a.yaml', 'values.yaml', 'x/compose.yaml')],
      (source, file) => {
        const files = new Map([[file, source]]);
        const before = outline(source);
        const found = findUnwatched(files);
        const marks = found.flatMap(({ line, tagName, form }) =>
          tagName && form ? [{ file, line, tagName, form }] : [],
        );
        if (before === undefined || marks.length === 0) {
          return;
        }
        const output = insertMarkers(files, marks).get(file) ?? source;
        expect(outline(output)).toEqual(before);

        // Without the markers it is what it was, byte for byte.
        const lines = `${output.toString('latin1')}`.split('\n');
        for (const { line } of marks) {
          lines[line - 1] = lines[line - 1].replace(
            / {1,2}# \{"\$imagescan": "[a-z0-9._-]+(?::tag|:digest)?"\}/,
            '',
          );
        }
        expect(lines.join('\n')).toBe(source.toString('latin1'));

        const { markers } = findMarkers(output, { careful: true });
        for (const mark of marks) {
          const { line, tagName, form } = mark;
          expect(markers).toContainEqual(
            expect.objectContaining({ line, tagName, form }),
          );
        }
        const again = findUnwatched(new Map([[file, output]]));
        expect(again.filter(({ take }) => take)).toEqual([]);

        const images = new Map(
          found.flatMap(({ tagName, image: name = '' }) =>
            tagName ? [[tagName, { image: name, tag: '99.0.0' }] as const] : [],
          ),
        );
        const { changes } = rewriteManifest(output, images, { careful: true });
        expect(changes.length).toBeGreaterThanOrEqual(marks.length);
      },
    );
  });

  it('a proposed rule never chooses a tag that is worse than the one in use', () => {
    fuzz([tag, fc.array(tag, { maxLength: 30 })], (current, others) => {
      const tags = [current, ...others];
      const rule = proposeRule(current, tags);
      const chosen = rule && evaluateTags(rule, tags).selected;
      if (chosen === undefined) {
        return;
      }
      const [was, is] = [current, chosen].map(text =>
        text.replace(/^\D*/, '').split(/\D+/).map(Number),
      );
      const at = was.findIndex((number, index) => number !== is[index]);
      // The release of a pre-release has fewer numbers.
      const isRelease = /rc/.test(current) && !/rc/.test(chosen);
      expect(at === -1 || isRelease || (is[at] ?? 0) > was[at]).toBe(true);
    });
  });

  it('moved scans read as they did', () => {
    const line = fc.constantFrom(
      ...['a: 1', '# x', '', '  # y', 'b:', '  c: 2', '- tagName: z', 'd: |'],
      ...['  imageScans: 1', 'e: &x 1', 'f: *x', '---'],
    );
    const lines = fc.array(line, { maxLength: 5 });
    fuzz([lines, lines], (above, below) => {
      const block = [
        'imageScans:',
        '- tagName: web',
        '  image: nginx',
        '  policy: {semver: {range: "*"}}',
      ];
      const source = Buffer.from([...above, ...block, ...below].join('\n'));
      const moved = moveImageScans(new Map([['fleet.yaml', source]]));
      if ('refused' in moved) {
        return;
      }
      const own = moved.files.get('imagescans.yaml') ?? Buffer.alloc(0);
      const fleet = moved.files.get('fleet.yaml') ?? Buffer.alloc(0);
      expect(own.length + fleet.length).toBe(source.length);
      const names = (text: Buffer) =>
        parseImageScans(text).scans.map(({ tagName }) => tagName);
      expect(names(own)).toEqual(names(source));
      expect(names(fleet)).toEqual([]);
    });
  });
});
