import { SemverRange } from 'backstage-plugin-image-scan-common';
import {
  type ImageScanDefinitions,
  parseImageScans,
} from 'backstage-plugin-image-scan-node';
import fc from 'fast-check';
import { parseAllDocuments, stringify, type ToStringOptions } from 'yaml';
import {
  damage,
  damages,
  fuzz,
  fuzzRuns,
  inLinearTime,
  pumped,
  soup,
} from './fuzz';
import { anything } from './anything';

jest.setTimeout(120_000);

/** What stands for something in YAML, and in a block of image scans. */
const yamlParts = [
  ...[' ', '  ', '\n', '\r\n', '\t', ':', ': ', '- ', '#', ' # ', '"', "'"],
  ...['[', ']', '{', '}', ',', '&a ', '*a', '<<: *a', '!!str ', '!x ', '|\n'],
  ...['>-\n', '? ', '---\n', '...\n', '%YAML 1.1\n', '\0', '\ufeff', '\\', '~'],
  ...['imageScans', 'imageScans:\n', 'imagescans:', '- tagName: a\n', 'null'],
  ...['  image: b\n', 'policy: ', 'semver: ', 'range: "*"', 'suspend: true'],
  ...['interval: 5m\n', 'secretRef: {name: s}\n', '__proto__: 1\n', '{{ x }}'],
];

const name = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,8}$/);

/** An entry that can be used, and what it means. */
const entry = fc
  .record({
    image: fc.constantFrom('nginx', 'ghcr.io/org/app', 'localhost:5000/a/b'),
    suffix: fc.constantFrom('', ':1.2', `@sha256:${'a'.repeat(64)}`, ':x'),
    policy: fc.option(
      fc.oneof(
        fc
          .constantFrom('*', '^1.2', '>=1, <2', '1.20', '1 || 2', '7')
          .map(range => ({ semver: { range } })),
        fc
          .constantFrom('asc' as const, 'desc' as const)
          .map(order => ({ alphabetical: { order } })),
      ),
      { nil: undefined },
    ),
    interval: fc.constantFrom<{ text?: string; time: number }>(
      { text: '0', time: 900_000 },
      { text: '5m', time: 300_000 },
      { text: '1h30m', time: 5_400_000 },
      { text: '1s', time: 5_000 },
      { time: 900_000 },
    ),
    suspend: fc.option(fc.boolean(), { nil: undefined }),
    secretRef: fc.option(
      name.map(secret => ({ name: secret })),
      {
        nil: undefined,
      },
    ),
  })
  .map(({ image, suffix, policy, interval, ...rest }) => ({
    written: {
      image: `${image}${suffix}`,
      policy,
      interval: interval.text,
      ...rest,
    },
    meant: {
      image,
      policy: policy ?? {},
      interval: interval.time,
      suspend: rest.suspend ?? false,
      secretRef: rest.secretRef,
    },
  }));

const block = fc
  .tuple(
    fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
    fc.array(entry, { minLength: 4, maxLength: 4 }),
  )
  .map(([tagNames, entries]) => ({
    written: tagNames.map((tagName, index) => ({
      tagName,
      ...entries[index].written,
    })),
    meant: tagNames.map((tagName, index) => ({
      tagName,
      ...entries[index].meant,
    })),
  }));

const style: fc.Arbitrary<ToStringOptions> = fc.record({
  collectionStyle: fc.constantFrom(
    'any' as const,
    'block' as const,
    'flow' as const,
  ),
  defaultStringType: fc.constantFrom(
    'PLAIN' as const,
    'QUOTE_DOUBLE' as const,
    'QUOTE_SINGLE' as const,
  ),
  indent: fc.integer({ min: 1, max: 4 }),
  indentSeq: fc.boolean(),
  lineWidth: fc.constantFrom(0, 40, 80),
});

function write(scans: unknown, options: ToStringOptions, feed = '\n'): string {
  const text = stringify(
    { namespace: 'web', imageScans: scans },
    { ...options, singleQuote: options.defaultStringType === 'QUOTE_SINGLE' },
  );
  return text.replace(/\n/g, feed);
}

/** Reads a block and checks what holds for every answer. */
function read(text: string): ImageScanDefinitions {
  const source = Buffer.from(text);
  const result = inLinearTime(source.length, () =>
    parseImageScans(source, { file: 'fleet.yaml' }),
  );
  const lines = text.split('\n').length;
  const tagNames = result.scans.map(({ tagName }) => tagName);
  expect(new Set(tagNames).size).toBe(tagNames.length);
  for (const scan of result.scans) {
    expect(scan.tagName).toMatch(/^[^:\p{Cc}]{1,253}$/u);
    expect(scan.image).toMatch(/^\P{Cc}+$/u);
    expect(scan.interval).toBeGreaterThanOrEqual(5_000);
    expect(scan.line).toBeLessThanOrEqual(lines);
    SemverRange.parse(scan.policy.semver?.range ?? '*');
  }
  for (const error of result.errors) {
    expect(error.message).toMatch(/^fleet\.yaml: ?\P{Cc}+$/u);
    expect(error.message.length).toBeLessThan(2_000);
    expect(error.line ?? 1).toBeLessThanOrEqual(lines);
  }
  return result;
}

/** Entries of a file that any YAML reader agrees on; undefined for others. */
function countEntries(text: string): number | undefined {
  const documents = parseAllDocuments(text, { logLevel: 'silent' });
  if (!Array.isArray(documents) || documents.length !== 1) {
    return undefined;
  }
  const [document] = documents;
  if (document.errors.length > 0 || document.warnings.length > 0) {
    return undefined;
  }
  let value: unknown;
  try {
    value = document.toJS();
  } catch {
    // An alias without an anchor, which is found here only.
    return undefined;
  }
  const scans =
    typeof value === 'object' && value !== null && 'imageScans' in value
      ? value.imageScans
      : undefined;
  return Array.isArray(scans) ? scans.length : undefined;
}

/** Every entry is used, or an error says why it is not. */
function checkNoneIsSilent(text: string, result: ImageScanDefinitions): void {
  const count = countEntries(text) ?? 0;
  const known = new Set(
    [...result.scans, ...result.errors].map(each => each.entry),
  );
  const isWhole = result.errors.some(error => error.entry === undefined);
  for (let index = 0; index < count && !isWhole; index++) {
    expect([...known]).toContain(index);
  }
}

describe('fuzzing definitions', () => {
  afterAll(() => console.info(`definitions: ${fuzzRuns()} runs`));

  it('a good block means what it says, however it is written', () => {
    fuzz(
      [block, style, fc.constantFrom('\n', '\r\n')],
      ({ written, meant }, options, feed) => {
        const { scans, errors } = read(write(written, options, feed));
        expect(errors).toEqual([]);
        expect(
          scans.map(
            ({ tagName, image, policy, interval, suspend, secretRef }) => ({
              tagName,
              image,
              policy,
              interval,
              suspend,
              secretRef,
            }),
          ),
        ).toEqual(meant);
      },
    );
  });

  it('an entry that is anything at all leaves the others alone', () => {
    fuzz([block, anything, style], ({ written, meant }, other, options) => {
      const text = write([...written, other], options);
      const result = read(text);
      checkNoneIsSilent(text, result);
      const isWhole = result.errors.some(error => error.entry === undefined);
      const taken =
        typeof other === 'object' &&
        other !== null &&
        'tagName' in other &&
        typeof other.tagName !== 'object'
          ? String(other.tagName).trim()
          : undefined;
      for (const { tagName } of meant) {
        const known = result.scans.some(scan => scan.tagName === tagName);
        expect(known || isWhole || tagName === taken).toBe(true);
      }
    });
  });

  it('a file of any value throws nothing', () => {
    fuzz([anything, style], (value, options) => {
      for (const text of [
        write(value, options),
        stringify(value, options) ?? '',
      ]) {
        checkNoneIsSilent(text, read(text));
      }
    });
  });

  it('a damaged block throws nothing and hides nothing', () => {
    fuzz([block, style, damages(yamlParts)], ({ written }, options, list) => {
      const text = damage(write(written, options), list);
      checkNoneIsSilent(text, read(text));
    });
  });

  it('damaged bytes throw nothing', () => {
    fuzz(
      [block, style, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })))],
      ({ written }, options, list) => {
        const source = Buffer.from(write(written, options));
        for (const [at, byte] of list) {
          source[at % source.length] = byte;
        }
        inLinearTime(source.length, () => parseImageScans(source));
      },
    );
  });

  it('a file of anything throws nothing', () => {
    fuzz([soup(yamlParts, 40)], text => {
      checkNoneIsSilent(text, read(text));
    });
  });

  it('a large file takes no longer than it is', () => {
    fuzz(
      [pumped(yamlParts, 60_000)],
      text => {
        read(`${text}\nimageScans:\n- tagName: a\n  image: b\n`);
      },
      [
        [`imageScans${'!!str - tagName: a\n'.repeat(3_000)}`],
        ['"x"<<: \n'.repeat(7_000)],
        [`<<: *a${'"'.repeat(60_000)}`],
      ],
    );
  });
});
