import type { ResolvedImage } from '../types';
import { cpuTimeSince } from '../__testUtils__/cpuTime';
import { findMarkers } from './findMarkers';
import { mayHoldMarkers } from './manifestText';
import { rewriteManifest } from './rewriteManifest';

const images = new Map<string, ResolvedImage>([
  ['app', { image: 'ghcr.io/acme/app', tag: '2.0.0' }],
]);
const MARKED = 'image: old # {"$imagescan": "app"}\n';
const MB = 1024 * 1024;
/** Size of most texts here. */
const SIZE = MB / 8;

/** Text of about so many bytes, from a part that is repeated. */
function fill(part: string, bytes: number): string {
  return part.repeat(Math.ceil(bytes / part.length));
}

/** Does work that must be linear in its input. */
function inTime<T>(work: () => T): T {
  const started = process.cpuUsage();
  const result = work();
  expect(cpuTimeSince(started)).toBeLessThan(15_000);
  return result;
}

// Each is linear when it takes a second or so here; a quadratic one takes minutes.
const linear: Record<string, string> = {
  'blanks in front of a comment': `image: old${' '.repeat(
    200_000,
  )}# {"$imagescan": "app"}\n`,
  'blanks inside a marker': `image: old # {${' '.repeat(
    200_000,
  )}"$imagescan": "app"}\n`,
  'blanks in a value': `a: x${' '.repeat(200_000)}y\n${MARKED}`,
  'a very long line': `a: ${'x'.repeat(2 * MB)}\n${MARKED}`,
  '2 MB of ordinary lines': `${fill(
    'key: value # comment\n',
    2 * MB,
  )}${MARKED}`,
  'open brackets': `${MARKED}a: ${'['.repeat(SIZE)}`,
  'open braces': `${MARKED}a: ${'{'.repeat(SIZE)}\n`,
  'open template actions': `${MARKED}a: ${'{{ '.repeat(SIZE)}\n`,
  'open template comments': `${MARKED}${'{{/* '.repeat(SIZE)}*/ \n`,
  'template actions on one line': `${MARKED}a: ${'{{ x }}'.repeat(SIZE / 4)}\n`,
  'template comments': `${MARKED}${'{{/* x */}}\n'.repeat(SIZE / 8)}`,
  'open single quotes': `${MARKED}${fill("a: 'x\n", SIZE)}`,
  'open double quotes': `${MARKED}${fill('a: "x\\"\n', SIZE)}`,
  'runs of backslashes': `${MARKED}a: "${'\\'.repeat(SIZE)}"\n`,
  'keys inside keys': `${MARKED}${'? '.repeat(SIZE)}\n`,
  'dashes inside dashes': `${MARKED}${'- '.repeat(SIZE)}\n`,
  'anchors and tags': `${MARKED}a: ${'&a !b '.repeat(SIZE / 4)}c\n`,
  'blank lines in a plain value': `${MARKED}a: b\n${'\n'.repeat(SIZE)}  c\n`,
  'an unfinished JSON marker': `a: b # {"$imagescan": ${'['.repeat(
    MB,
  )}\n${MARKED}`,
  'typographic quotes': `a: b # ${'“'.repeat(SIZE / 4)}$imagescan\n${MARKED}`,
  'carriage returns': `${fill('a: b\r\n', SIZE)}${MARKED}`,
};

describe('hostile manifests', () => {
  it.each(Object.keys(linear))('takes linear time on %s', name => {
    const source = Buffer.from(linear[name]);
    const { output, changes } = inTime(() => rewriteManifest(source, images));
    expect(changes).toHaveLength(1);
    expect(output.toString().replace('ghcr.io/acme/app:2.0.0', 'old')).toBe(
      linear[name],
    );
  });

  it('writes 100,000 markers', () => {
    const { output, changes } = inTime(() =>
      rewriteManifest(Buffer.from(MARKED.repeat(100_000)), images),
    );
    expect(changes).toHaveLength(100_000);
    expect(output.toString()).toBe(
      MARKED.replace('old', 'ghcr.io/acme/app:2.0.0').repeat(100_000),
    );
  });

  it('lists a thousand problems and says how many more there are', () => {
    const { markers, problems } = findMarkers(
      Buffer.from('# $imagescan\n'.repeat(100_000)),
    );
    expect(markers).toEqual([]);
    expect(problems).toHaveLength(1001);
    expect(problems[1000].message).toMatch(/^99000 more markers/);
  });

  it('finds many keys on one line in linear time', () => {
    const { problems } = inTime(() =>
      findMarkers(Buffer.from(`a: [${'"$imagescan",'.repeat(200_000)}]\n`)),
    );
    expect(problems).toHaveLength(1001);
  });

  it('reports a line above 4 MiB and reads no marker of its file', () => {
    const source = Buffer.from(`${MARKED}\n# ${'x'.repeat(4 * MB)}\n`);
    expect(findMarkers(source)).toEqual({
      markers: [],
      problems: [
        expect.objectContaining({
          code: 'unreadable-file',
          line: 3,
          message: expect.stringContaining('longer than 4 MiB'),
        }),
      ],
    });
    const just = Buffer.from(`${MARKED}# ${'x'.repeat(4 * MB - 2)}\n`);
    expect(findMarkers(just).markers).toHaveLength(1);
  });

  it('reports a file above 10 MB and does not read it', () => {
    const source = Buffer.from(`${'#'.repeat(10 * MB)}\n${MARKED}`);
    const { output, changes, problems } = rewriteManifest(source, images);
    expect(output).toBe(source);
    expect(changes).toEqual([]);
    expect(problems).toEqual([
      expect.objectContaining({ code: 'unreadable-file', line: 1 }),
    ]);
    expect(mayHoldMarkers(Buffer.alloc(11 * MB))).toBe(false);
    expect(findMarkers(Buffer.alloc(11 * MB)).problems).toEqual([]);
  });

  it('neither throws nor changes anything else on random text', () => {
    // A small linear congruential generator: the same texts on every run.
    let seed = 42;
    const random = (below: number) => {
      seed = (seed * 48271) % 2147483647;
      return Math.floor((seed / 2147483647) * below);
    };
    const parts = [
      ...'{}[]"\'#:-?&*!|>%@` \n\t,ax',
      ...[
        '\r\n',
        '\n  ',
        ': ',
        ' #',
        '- ',
        '{{',
        '}}',
        '{{/*',
        '*/}}',
        '---\n',
      ],
      ...['\x02', '\x18', '\x1f', '\\', "''", '\xa0', '...\n', 'image: old'],
      ...[
        ' # {"$imagescan": "app"}\n',
        '# {"$imagescan": "app"}',
        '$imagescan',
      ],
    ];
    for (let round = 0; round < 5_000; round++) {
      const length = 1 + random(40);
      const text = Array.from({ length }, () => parts[random(parts.length)]);
      const source = Buffer.from(text.join(''), 'latin1');
      const { output, changes, problems } = rewriteManifest(source, images);
      const { markers } = findMarkers(source);
      expect(markers.length + problems.length > 0).toBe(mayHoldMarkers(source));
      expect(rewriteManifest(output, images).changes).toEqual([]);
      expect(output === source).toBe(changes.length === 0);
    }
  });
});
