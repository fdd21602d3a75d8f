import { cpuTimeSince } from '../__testUtils__/cpuTime';
import { findUnwatched } from './findUnwatched';
import { insertMarkers } from './insertMarkers';
import { moveImageScans } from './moveImageScans';
import { proposeRule } from './proposeRule';

const SIZE = 64 * 1024;
const POD = 'kind: Pod\nspec:\n  containers:\n  - image: acme/web:1.0.0\n';

const fill = (part: string, bytes = SIZE) =>
  part.repeat(Math.ceil(bytes / part.length));

/** Does work that must be linear in its input. */
function inTime<T>(work: () => T): T {
  const started = process.cpuUsage();
  const result = work();
  expect(cpuTimeSince(started)).toBeLessThan(20_000);
  return result;
}

// Each is linear when it takes a second or so here; a quadratic one takes minutes.
const linear: Record<string, string> = {
  'open brackets': `a: ${'['.repeat(SIZE)}`,
  'open braces with keys': `a: ${fill('{image: ')}`,
  'dashes inside dashes': `${fill('- ')}\n`,
  'ever deeper maps': Array.from(
    { length: 1_000 },
    (_, depth) => `${' '.repeat(depth)}containers:\n`,
  ).join(''),
  'keys inside keys': `${fill('? ')}\n`,
  'anchors and aliases': `a:\n${fill('- &a image\n- *a\n')}`,
  documents: fill('---\nimage: x\n'),
  'blank lines behind a value': `image: acme/a:1\n${'\n'.repeat(SIZE)}`,
  'values on one line': `a: [${fill('acme.io/a:1, ')}]\n`,
  'open quotes': fill("image: 'x\n"),
  'template actions': fill('image: {{ x }}\n'),
  'trimming actions': `${fill('image: a:1\n{{- x }}\n')}`,
  comments: fill('image: a:1 # x\n'),
  'block texts': fill('a: |\n  image: x\n'),
  'a long block text': `a: |\n${fill('  imagex: y\n')}`,
  'a long key': `${'image'.repeat(SIZE / 8)}: x\n`,
  'a long image': `image: ${'a/'.repeat(SIZE / 2)}\n`,
};

describe('hostile repositories', () => {
  it.each(Object.keys(linear))('are read in linear time: %s', name => {
    const files = new Map([
      ['values.yaml', Buffer.from(linear[name])],
      ['a.yaml', Buffer.from(POD + linear[name])],
    ]);
    const found = inTime(() => findUnwatched(files));
    expect(found).toContainEqual(
      expect.objectContaining({ file: 'a.yaml', line: 4, tag: '1.0.0' }),
    );
    const [first] = found.filter(({ file }) => file === 'a.yaml');
    const mark = { ...first, tagName: 'web', form: 'image' as const };
    inTime(() => insertMarkers(files, [mark]));
    inTime(() =>
      moveImageScans(
        new Map([['fleet.yaml', Buffer.from(`imageScans:\n${linear[name]}`)]]),
      ),
    );
  });

  it('finds, names and marks 20,000 images', () => {
    const files = new Map(
      Array.from({ length: 200 }, (_, folder): [string, Buffer] => [
        `${folder}/a.yaml`,
        Buffer.from(
          `kind: Pod\nspec:\n  containers:\n${Array.from(
            { length: 100 },
            (__, index) => `  - image: acme/a${index}/web:1.${index % 50}.0\n`,
          ).join('')}`,
        ),
      ]),
    );
    const marks = inTime(() => findUnwatched(files)).flatMap(
      ({ file, line, tagName, form }) =>
        tagName && form ? [{ file, line, tagName, form }] : [],
    );
    expect(marks).toHaveLength(20_000);
    const marked = inTime(() => insertMarkers(files, marks));
    expect(inTime(() => findUnwatched(marked))).toEqual([]);
  });

  it('follows a long chain of kustomizations', () => {
    const files = new Map<string, Buffer>([['0/a.yaml', Buffer.from(POD)]]);
    for (let index = 1; index < 1_000; index += 1) {
      files.set(
        `${index}/kustomization.yaml`,
        Buffer.from(
          `resources: [../${
            index - 1
          }, ../0/a.yaml]\nimages:\n- {name: acme/x${index},\n   newTag: 1.0.0\n  }\n`,
        ),
      );
    }
    files.set(
      'kustomization.yaml',
      Buffer.from(
        'resources: ["999"]\nimages:\n- name: acme/web\n  newTag: 2.0.0\n',
      ),
    );
    const found = inTime(() => findUnwatched(files));
    expect(found[0]).toMatchObject({ reason: 'overridden' });
  });

  it('takes many documents that build on much, without a call too many', () => {
    const text = `resources:\n${fill('- a\n', 2 * SIZE)}images:\n${fill(
      '- name: a\n  newTag: 1.0.0\n',
    )}`;
    const files = new Map([['kustomization.yaml', Buffer.from(text)]]);
    expect(inTime(() => findUnwatched(files)).length).toBeGreaterThan(1_000);
  });

  it('proposes for a list of 200,000 tags', () => {
    const tags = Array.from({ length: 200_000 }, (_, index) => `1.${index}.0`);
    expect(inTime(() => proposeRule('1.2.0', tags))).toBeDefined();
    expect(inTime(() => proposeRule('7', tags))).toBeUndefined();
    expect(inTime(() => proposeRule('a'.repeat(SIZE), tags))).toBeUndefined();
    const runs = `1.2.3-${'r1-'.repeat(40)}`;
    expect(inTime(() => proposeRule(runs, tags))).toBeUndefined();
  });

  it('neither throws nor finds what cannot be marked, on random text', () => {
    let seed = 42;
    const random = (below: number) => {
      seed = (seed * 48271) % 2147483647;
      return Math.floor((seed / 2147483647) * below);
    };
    const parts = [
      ...'{}[]"\'#:-?&*!|>%@` \n\t,ax',
      ...['\r\n', '\n  ', ': ', ' #', '- ', '{{', '}}', '{{- x }}\n', '---\n'],
      ...['image: a:1\n', '\nimage: a:1', 'tag: 1.0\n', 'repository: b\n  '],
      ...['containers:\n', '\\', "''", '&a ', '*a', '? ', '...\n', '"a:1"'],
      ...[' # {"$imagescan": "x"}\n', 'imageScans:\n', '|\n', '>-\n', '\x02'],
    ];
    let taken = 0;
    const refusals = new Set<string>();
    for (let round = 0; round < 5_000; round += 1) {
      const length = 1 + random(40);
      const text = Array.from({ length }, () => parts[random(parts.length)]);
      const source = Buffer.from(text.join(''), 'latin1');
      const files = new Map([
        ['values.yaml', source],
        ['fleet.yaml', source],
      ]);
      const marks = findUnwatched(files).flatMap(
        ({ file, line, tagName, form }) =>
          tagName && form ? [{ file, line, tagName, form }] : [],
      );
      for (const mark of marks) {
        try {
          insertMarkers(files, [mark]);
          taken += 1;
        } catch (error) {
          refusals.add(`${error}`.replace(/.*because /, ''));
        }
      }
      moveImageScans(files);
    }
    expect(taken).toBeGreaterThan(100);
    // Only where the file is no YAML there.
    expect([...refusals]).toEqual([
      'with it the file would be read in another way; check that the file is valid YAML.',
    ]);
  });
});
