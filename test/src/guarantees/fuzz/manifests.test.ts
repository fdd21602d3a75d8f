import type { ResolvedImage } from 'backstage-plugin-image-scan-node';
import fc from 'fast-check';
import { manifestSets, readManifests } from '../../integration/fixtures';
import {
  type Damage,
  damage,
  damages,
  fuzz,
  fuzzRuns,
  pumped,
  soup,
} from './fuzz';
import { type Images, outline, rewriteAndCheck } from './rewrite';
import { manifest, renderManifest } from './manifestModel';

jest.setTimeout(120_000);

/** What stands for something in YAML, in templates and in markers. */
const parts = [
  ...[' ', '  ', '\n', '\n  ', '\r\n', '\r', '\t', ':', ': ', '-', '- ', '#'],
  ...[
    ' # ',
    '"',
    "'",
    '[',
    ']',
    '{',
    '}',
    ',',
    '&a ',
    '*a',
    '!!str ',
    '!!int ',
  ],
  ...['!x ', '|\n', '>-\n', '? ', '---\n', '...\n', '%YAML 1.1\n', '\\', '\0'],
  ...['{{', '}}', '{{ .x }}', '{{- if .x }}', '{{/*', '*/}}', '@', '%', '`'],
  ...['\x02', '\x18', '\x1f', '\x85', '\xa0', '\u2028', '\ufeff', 'é', '😀'],
  ...[
    'a',
    'x: old',
    'image: old',
    '~',
    'null',
    "''",
    '"\\n"',
    '1.20',
    '<<: *a',
  ],
  ...[' # {"$imagescan": "app"}\n', '# {"$imagescan": "app"}', '$imagescan'],
  ...[' # {"$imagescan": "app:tag"}\n', ' # {"$imagescan":"db:digest"}\n'],
  ...[' # {"$imagescan": "none"}\n', ' # {"$imagescan": "app:x"}\n'],
];

/** Tags that YAML readers like to take for numbers, dates or words. */
const tag = fc.oneof(
  fc.stringMatching(/^[0-9_yYnNoOtT][0-9._eExXobaflsn-]{0,7}$/),
  fc.constantFrom(
    ...['1.20', '7', 'true', 'No', 'null', '1e3', '0x1F', '0o17', '0b1', '010'],
    ...['2024-01-31', '1_000', '1.', '1.e5', '0.1e-5', 'latest', 'y', '12e03'],
  ),
);

const image: fc.Arbitrary<ResolvedImage> = fc.record({
  image: fc.constantFrom('nginx', 'ghcr.io/org/app', 'h:5000/a/b', '1', '0x1'),
  tag,
  digest: fc.option(fc.constant(`sha256:${'a'.repeat(64)}`), {
    nil: undefined,
  }),
});

const images: fc.Arbitrary<Images> = fc
  .tuple(image, image)
  .map(([app, db]) => new Map(Object.entries({ app, db })));

const bytes = (text: string) => Buffer.from(text);

describe('fuzzing manifests', () => {
  afterAll(() => console.info(`manifests: ${fuzzRuns()} runs`));

  it('every marked value of a good manifest is written, and nothing else', () => {
    fuzz([manifest, images], (model, chosen) => {
      const source = renderManifest(model, ({ text }) => text);
      expect(outline(source)).toBeDefined();
      const { output, changes } = rewriteAndCheck(bytes(source), chosen);
      // What reads as text may still get quotes: other readers take more for numbers.
      const [plain, quoted] = [false, true].map(isQuoted =>
        renderManifest(model, (slot, isPlain) => {
          const value = slot.valueOf(chosen);
          if (value === undefined || value === slot.current) {
            return slot.text;
          }
          const quote = isPlain ? '"' : slot.text[0];
          return isPlain && !isQuoted && readsAsText(value)
            ? value
            : quote + value + quote;
        }).split(model.feed),
      );
      output
        .toString()
        .split(model.feed)
        .forEach((line, index) => {
          expect([plain[index], quoted[index]]).toContain(line);
        });
      expect(output.toString().split(model.feed)).toHaveLength(plain.length);
      expect(changes.length > 0).toBe(plain.join(model.feed) !== source);
    });
  });

  it('what is written is read as the text that it is', () => {
    fuzz(
      [images, fc.constantFrom('app', 'app:name', 'app:tag')],
      (chosen, name) => {
        const marked = `a: old # {"$imagescan": "${name}"}\n`;
        const { output, changes } = rewriteAndCheck(bytes(marked), chosen);
        for (const version of ['1.1', '1.2'] as const) {
          const nodes = outline(output.toString(), version) ?? [];
          expect(nodes.map(({ value }) => value)).toContain(changes[0]?.to);
        }
      },
    );
  });

  it('a damaged manifest loses nothing but marked values', () => {
    fuzz([manifest, images, damages(parts)], (model, chosen, list) => {
      const source = renderManifest(model, ({ text }) => text);
      rewriteAndCheck(bytes(damage(source, list)), chosen);
    });
  });

  it('damaged bytes lose nothing but marked values', () => {
    fuzz(
      [manifest, images, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })))],
      (model, chosen, list) => {
        const source = bytes(renderManifest(model, ({ text }) => text));
        for (const [at, byte] of list) {
          source[at % source.length] = byte;
        }
        rewriteAndCheck(source, chosen);
      },
    );
  });

  it('a file of anything loses nothing but marked values', () => {
    fuzz([soup(parts, 40), images], (text, chosen) => {
      rewriteAndCheck(bytes(text), chosen);
      rewriteAndCheck(Buffer.from(text, 'latin1'), chosen);
    });
  });

  it('a large file takes no longer than it is', () => {
    fuzz([pumped(parts, 60_000), images], (text, chosen) => {
      const marked = `x: old # {"$imagescan": "app"}\n${text}`;
      rewriteAndCheck(bytes(marked), chosen);
    });
  });
});

/** Whether YAML 1.1 and 1.2 take the text, written plain, for itself. */
function readsAsText(text: string): boolean {
  return (['1.1', '1.2'] as const).every(version => {
    const nodes = outline(`a: ${text}\n`, version) ?? [];
    return nodes[nodes.length - 1]?.value === text;
  });
}

/** The manifests of a set, each with a marker behind every image and tag. */
function readMarked(set: (typeof manifestSets)[number]): string[] {
  return Object.entries(readManifests(set))
    .filter(([path]) => /\.ya?ml$/.test(path))
    .map(([, source]) =>
      source
        .toString('utf8')
        .replace(
          /^([ \t]*(?:- )?(image|tag): +[^\s#|>{[&*!][^\s#]*)(?=[ \t]*\r?$)/gm,
          (line, _, key) =>
            `${line} # {"$imagescan": "${key === 'tag' ? 'db:tag' : 'app'}"}`,
        ),
    )
    .filter(text => text.includes('$imagescan'));
}

/** The oracle once saw nothing of what stands behind such a key. */
const BEHIND_EXPLICIT_KEY: [string, Images, Damage[]] = [
  '? list:\n- tag: 0.0 # {"$imagescan": "db:tag"}\n',
  new Map([['db', { image: 'nginx', tag: '1.20' }]]),
  [],
];

describe('fuzzing manifests as people write them', () => {
  it.each(manifestSets)(
    'damaged, they lose nothing but marked values: %s',
    set => {
      const files = readMarked(set);
      expect(files.length).toBeGreaterThan(15);
      fuzz(
        [fc.constantFrom(...files), images, damages(parts, 6)],
        (text, chosen, list) => {
          rewriteAndCheck(bytes(damage(text, list)), chosen);
        },
        [BEHIND_EXPLICIT_KEY],
      );
    },
  );
});
