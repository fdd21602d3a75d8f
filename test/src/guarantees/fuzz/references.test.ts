import {
  explainMarkerReference,
  formatMarkerValue,
  type MarkerForm,
  parseMarkerReference,
  tagOfMarkerValue,
} from 'backstage-plugin-image-scan-common';
import {
  formatDuration,
  InvalidImageReferenceError,
  isValidDigest,
  isValidTag,
  parseDuration,
  parseImageReference,
} from 'backstage-plugin-image-scan-node';
import fc from 'fast-check';
import {
  anyText,
  damage,
  damages,
  fuzz,
  fuzzRuns,
  inLinearTime,
  pumped,
  soup,
} from './fuzz';

jest.setTimeout(120_000);

const imageParts = [
  ...['a', 'Z', '0', '.', '-', '_', '__', '/', '//', ':', '@', '[', ']', '::1'],
  ...['localhost', 'docker.io', 'index.docker.io', 'ghcr.io', 'library', '443'],
  ...['65535', '65536', 'latest', 'sha256:', 'a'.repeat(64), '%40', ' ', '\0'],
  ...['https://', 'user:password@', '127.0.0.1', 'é', '\u200b', '..', '\n'],
];

const hex = (length: number) =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const digest = fc.oneof(
  hex(64).map(text => `sha256:${text}`),
  hex(128).map(text => `sha512:${text}`),
);
const imageTag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/);
const component = fc.stringMatching(
  /^[a-z0-9]{1,5}(?:(?:\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}$/,
);
const repository = fc
  .array(component, { minLength: 1, maxLength: 3 })
  .map(parts => parts.join('/'));
const host = fc
  .tuple(
    fc.constantFrom(
      'localhost',
      'ghcr.io',
      'a.b',
      '127.0.0.1',
      'r-1.example.com',
      '[::1]',
    ),
    fc.option(fc.integer({ min: 1, max: 65_535 })),
  )
  .filter(([name, port]) => name !== '[::1]' || port !== null)
  .map(([name, port]) => (port === null ? name : `${name}:${port}`));

const image = fc.record({
  host: fc.option(host, { nil: undefined }),
  repository,
  tag: fc.option(imageTag, { nil: undefined }),
  digest: fc.option(digest, { nil: undefined }),
});

/** As a user writes it. */
function spell(parts: {
  host?: string;
  repository: string;
  tag?: string;
  digest?: string;
}): string {
  return [
    parts.host && `${parts.host}/`,
    parts.repository,
    parts.tag && `:${parts.tag}`,
    parts.digest && `@${parts.digest}`,
  ]
    .filter(Boolean)
    .join('');
}

function parseImage(text: string) {
  try {
    return parseImageReference(text);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidImageReferenceError);
    return undefined;
  }
}

const durationParts = [
  ...['0', '1', '5', '60', '999', '.', '.5', 'h', 'm', 's', 'ms', 'us', 'µs'],
  ...['μs', 'ns', 'd', 'w', 'y', '-', '+', ' ', 'H', '2562047h', '1e3', '١'],
];

function readDuration(text: string): number | undefined {
  try {
    return parseDuration(text);
  } catch (error) {
    expect(error).toMatchObject({ name: 'InputError' });
    return undefined;
  }
}

const unitMs = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

describe('fuzzing references and durations', () => {
  afterAll(() => console.info(`references: ${fuzzRuns()} runs`));

  it('an image is taken apart as it was put together', () => {
    fuzz([image], parts => {
      const read = parseImage(spell(parts));
      const first = parts.repository.split('/', 1)[0];
      const isHost =
        parts.host === undefined &&
        parts.repository.includes('/') &&
        (first.includes('.') || first === 'localhost');
      if (isHost) {
        return;
      }
      expect([read?.name, read?.tag, read?.digest]).toEqual([
        spell({ host: parts.host, repository: parts.repository }),
        parts.tag,
        parts.digest,
      ]);
      expect(read?.repository.replace(/^library\//, '')).toBe(
        parts.repository.replace(/^library\//, ''),
      );
    });
  });

  it('a text is an image or an InvalidImageReferenceError without a password', () => {
    fuzz(
      [
        fc.oneof(
          soup(imageParts),
          fc
            .tuple(image, damages(imageParts))
            .map(([parts, list]) => damage(spell(parts), list)),
        ),
      ],
      text => {
        const read = inLinearTime(text.length, () => parseImage(text));
        if (!read) {
          return;
        }
        const { name, tag, digest: wanted, canonicalName } = read;
        expect(spell({ repository: name, tag, digest: wanted })).toBe(text);
        expect(tag === undefined || isValidTag(tag)).toBe(true);
        expect(wanted === undefined || isValidDigest(wanted)).toBe(true);
        expect(
          URL.canParse(`https://${read.apiHost}/v2/${read.repository}`),
        ).toBe(true);
        expect(
          new URL(`https://${read.apiHost}/v2/${read.repository}`).pathname,
        ).toBe(`/v2/${read.repository}`);
        const again = parseImage(canonicalName);
        expect(again).toMatchObject({
          registry: read.registry,
          repository: read.repository,
          canonicalName,
        });
      },
      [['sha256:443/a']],
    );
  });

  it('what is wrong with an image is said without its password', () => {
    fuzz(
      [image, fc.stringMatching(/^[a-z0-9]{12}$/), damages(imageParts, 1)],
      (parts, password, list) => {
        const text = damage(`robot:${password}@${spell(parts)}`, list);
        if (!text.includes(`${password}@`)) {
          return;
        }
        let message = '';
        try {
          parseImageReference(text);
        } catch (error) {
          message = String(error);
        }
        expect(message).not.toContain(password);
      },
    );
  });

  it('long texts take no longer than they are', () => {
    fuzz([pumped([...imageParts, ...durationParts], 100_000)], text => {
      inLinearTime(text.length, () => parseImage(text));
      inLinearTime(text.length, () => parseImage(text.slice(0, 255)));
      inLinearTime(text.length, () => readDuration(text));
      inLinearTime(text.length, () => readDuration(text.slice(0, 32)));
      inLinearTime(text.length, () => parseMarkerReference(text));
      inLinearTime(text.length, () => explainMarkerReference(text));
      inLinearTime(text.length, () => tagOfMarkerValue('image', text));
    });
  });

  it('a text is a duration or an InputError', () => {
    fuzz([fc.oneof(soup(durationParts, 8), anyText())], text => {
      const read = inLinearTime(text.length, () => readDuration(text));
      expect(read === undefined || Number.isSafeInteger(read)).toBe(true);
      expect(read ?? 0).toBeGreaterThanOrEqual(0);
      expect(read === 0).toBe(read !== undefined && !/[1-9]/.test(text));
    });
  });

  it('a duration is the sum of its parts', () => {
    fuzz(
      [
        fc.array(
          fc.tuple(
            fc.nat({ max: 5000 }),
            fc.constantFrom(...(['h', 'm', 's', 'ms'] as const)),
          ),
          { minLength: 1, maxLength: 4 },
        ),
      ],
      parts => {
        const text = parts.map(list => list.join('')).join('');
        const sum = parts.reduce(
          (total, [count, unit]) => total + count * unitMs[unit],
          0,
        );
        expect(parseDuration(text)).toBe(sum);
      },
    );
  });

  it('a duration is read as it is written', () => {
    fuzz([fc.integer({ min: 0, max: 2_562_047 * 3_600_000 })], time => {
      expect(parseDuration(formatDuration(time))).toBe(time);
    });
  });

  it('a marker reference is read or explained', () => {
    fuzz(
      [
        soup(
          [
            'app',
            ':',
            'name',
            'tag',
            'digest',
            ' ',
            'Tag',
            '__proto__',
            'constructor',
          ],
          5,
        ),
      ],
      text => {
        const read = parseMarkerReference(text);
        const reason = explainMarkerReference(text);
        expect(read === undefined).toBe(reason !== undefined);
        const { tagName, form } = read ?? { tagName: text, form: 'image' };
        expect(form === 'image' ? tagName : `${tagName}:${form}`).toBe(text);
        expect(read?.tagName).not.toBe('');
      },
    );
  });

  it('the tag that a marker writes is the tag that is read there', () => {
    fuzz(
      [
        fc.constantFrom<MarkerForm>('image', 'name', 'tag', 'digest'),
        image,
        imageTag,
        fc.option(digest, { nil: undefined }),
      ],
      (form, parts, tag, digestOfTag) => {
        const name = spell({ host: parts.host, repository: parts.repository });
        const chosen = { image: name, tag, digest: digestOfTag };
        const value = formatMarkerValue(form, chosen);
        const isWritten = form !== 'digest' || digestOfTag !== undefined;
        expect(value !== undefined).toBe(isWritten);
        expect(tagOfMarkerValue(form, value ?? '')).toBe(
          form === 'name' || !isWritten ? undefined : tag,
        );
      },
    );
  });

  it('any value has a tag or none', () => {
    fuzz(
      [
        fc.constantFrom<MarkerForm>('image', 'name', 'tag', 'digest'),
        fc.oneof(soup(imageParts), anyText()),
      ],
      (form, value) => {
        const tag = tagOfMarkerValue(form, value);
        expect(tag === undefined || (tag !== '' && value.includes(tag))).toBe(
          true,
        );
      },
    );
  });
});
