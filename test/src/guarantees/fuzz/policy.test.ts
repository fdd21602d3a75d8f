import {
  compareTags,
  compareVersions,
  explainTags,
  type ImagePolicy,
  InvalidRangeError,
  parseVersion,
  selectTag,
  SemverRange,
} from 'backstage-plugin-image-scan-common';
import fc from 'fast-check';
import {
  anyText,
  fuzz,
  fuzzRuns,
  inLinearTime,
  pumped,
  soup,
  thrownBy,
} from './fuzz';

jest.setTimeout(120_000);

const rangeParts = [
  ...['0', '1', '2', '10', '01', 'x', 'X', '*', '.', '-', '+', ',', ' ', '|'],
  ...['||', ' || ', ' - ', '=', '!=', '>', '<', '>=', '<=', '=>', '=<', '~'],
  ...['~>', '^', 'v', '1.2', '1.2.3', '1.2.3-rc.1', '-0', 'alpha', '^1', '>=1'],
  ...['18446744073709551615', '18446744073709551616', '9007199254740993', '\t'],
];

const number = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 3 }).map(String) },
  { weight: 2, arbitrary: fc.nat().map(String) },
  { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 64n }).map(String) },
  { weight: 1, arbitrary: fc.constantFrom('01', '007') },
);

const prerelease = fc.constantFrom(
  ...['0', '1', '2', '10', 'a', 'b', 'A', 'rc.1', 'rc.2', 'rc.10', 'rc', '1.a'],
  ...['alpine', 'alpha.1', '-', '--1', 'a-b', '9007199254740993'],
);

const numbers = fc
  .array(number, { minLength: 1, maxLength: 3 })
  .map(list => list.join('.'));

const versionText = fc
  .tuple(
    fc.constantFrom('', '', '', 'v'),
    numbers,
    fc.option(prerelease, { freq: 3 }),
    fc.option(fc.constantFrom('1', 'abc.d'), { freq: 8 }),
  )
  .map(([v, core, pre, meta]) =>
    [v, core, pre && `-${pre}`, meta && `+${meta}`].filter(Boolean).join(''),
  );

const tag = fc.oneof(
  { weight: 8, arbitrary: versionText },
  {
    weight: 2,
    arbitrary: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,12}$/),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'latest',
      `sha256-${'a'.repeat(64)}`,
      `sha256-${'b'.repeat(64)}.sig`,
      '1.2.3.sig',
      '1.2.3.att',
      '9.sbom',
    ),
  },
);

const atom = fc
  .tuple(
    fc.constantFrom('', '', '=', '!=', '>', '>=', '<', '<=', '~', '^', '=>'),
    fc.constantFrom('', '', ' '),
    fc.oneof(versionText, fc.constantFrom('*', '1.x', '1.2.x', '2.*', 'x')),
  )
  .map(list => list.join(''));

const group = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .array(atom, { minLength: 1, maxLength: 3 })
      .chain(list =>
        fc.constantFrom(' ', ', ', ',').map(separator => list.join(separator)),
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(versionText, versionText)
      .map(([from, to]) => `${from} - ${to}`),
  },
);

const range = fc
  .array(group, { minLength: 1, maxLength: 3 })
  .map(list => list.join(' || '));

function parse(text: string): SemverRange | undefined {
  try {
    return SemverRange.parse(text);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidRangeError);
    return undefined;
  }
}

const policy: fc.Arbitrary<ImagePolicy> = fc.oneof(
  {
    weight: 6,
    arbitrary: range
      .filter(text => parse(text) !== undefined)
      .map(text => ({ semver: { range: text } })),
  },
  { weight: 1, arbitrary: fc.constant<ImagePolicy>({}) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('asc' as const, 'desc' as const, undefined)
      .map(order => ({ alphabetical: { order } })),
  },
);

describe('fuzzing policies', () => {
  afterAll(() => console.info(`policies: ${fuzzRuns()} runs`));

  it('a text is a range or an InvalidRangeError, at once', () => {
    fuzz(
      [fc.oneof(soup(rangeParts), range, anyText()), tag],
      (text, version) => {
        const read = inLinearTime(text.length, () => parse(text));
        expect(read?.toString() ?? text).toBe(text);
        const isIn = read?.includes(version) ?? false;
        expect(isIn && parseVersion(version) === undefined).toBe(false);
      },
    );
  });

  it('long texts take no longer than they are', () => {
    fuzz([pumped(rangeParts, 100_000)], text => {
      inLinearTime(text.length, () => parse(text));
      inLinearTime(text.length, () => parse(text.slice(0, 512)));
      inLinearTime(text.length, () => parseVersion(text));
      inLinearTime(text.length, () => parseVersion(text.slice(0, 256)));
    });
  });

  it('|| is or', () => {
    fuzz([group, group, versionText], (a, b, version) => {
      const [left, right, both] = [a, b, `${a} || ${b}`].map(parse);
      const expected = left?.includes(version) || right?.includes(version);
      expect(!left || !right || both?.includes(version) === expected).toBe(
        true,
      );
    });
  });

  it('a range that is opened to pre-releases holds the same releases, and no less', () => {
    fuzz([range, versionText], (text, version) => {
      const closed = parse(text);
      const opened = closed?.withPrereleases();
      const parsed = parseVersion(version);
      if (!closed || !opened || !parsed) {
        return;
      }
      expect(parse(opened.toString())?.includes(version)).toBe(
        opened.includes(version),
      );
      const isPrerelease = parsed.prerelease !== '';
      const isIn = opened.includes(version);
      expect(closed.includes(version) || (isPrerelease && isIn)).toBe(isIn);
    });
  });

  it('bounds are those of the order', () => {
    fuzz([versionText, versionText], (bound, version) => {
      const [a, b] = [parseVersion(version), parseVersion(bound)];
      if (!a || !b || b.numericParts < 3 || bound.startsWith('v')) {
        return;
      }
      const order = compareVersions(a, b);
      expect(compareVersions(b, a)).toBe(order === 0 ? 0 : -order);
      // Without a pre-release in the range, pre-releases are outside.
      const competes = a.prerelease === '' || b.prerelease !== '';
      const includes = (operator: string) =>
        parse(`${operator}${bound}`)?.includes(a);
      expect(includes('>=')).toBe(competes && order >= 0);
      expect(includes('<=')).toBe(competes && order <= 0);
      expect(includes('>')).toBe(competes && order > 0);
      expect(includes('<')).toBe(competes && order < 0);
    });
  });

  it('versions are in one order', () => {
    fuzz([versionText, versionText, versionText], (...texts) => {
      const sorted = texts
        .flatMap(text => parseVersion(text) ?? [])
        .sort(compareVersions);
      for (let i = 0; i < sorted.length; i++) {
        for (let j = i; j < sorted.length; j++) {
          expect(compareVersions(sorted[i], sorted[j])).toBeLessThanOrEqual(0);
        }
      }
    });
  });

  it('choice and explanation agree, whatever the order of the tags', () => {
    fuzz(
      [
        policy,
        fc
          .array(tag, { maxLength: 30 })
          .chain(tags =>
            fc.tuple(
              fc.constant(tags),
              fc.shuffledSubarray(tags, { minLength: tags.length }),
            ),
          ),
      ],
      (chosenBy, [tags, shuffled]) => {
        const { selected } = selectTag(chosenBy, tags);
        const explained = explainTags(chosenBy, tags);
        expect(selectTag(chosenBy, shuffled)).toEqual({ selected });
        expect(explainTags(chosenBy, shuffled)).toEqual(explained);

        expect(explained.map(each => each.tag).sort()).toEqual(
          [...new Set(tags)].sort(),
        );
        const winners = explained.filter(each => each.verdict === 'selected');
        expect(winners.map(each => each.tag)).toEqual(
          selected === undefined ? [] : [selected],
        );
        expect(explained.filter(({ reason }) => reason === '')).toEqual([]);
        const older = explained.filter(each => each.verdict === 'older');
        for (const { tag: other } of older) {
          expect(
            compareTags(chosenBy, selected ?? '', other),
          ).toBeGreaterThanOrEqual(0);
        }
        // The choice does not hang on those who lose.
        expect(
          selectTag(chosenBy, selected === undefined ? [] : [selected]),
        ).toEqual({ selected });
        const losers = tags.filter(each => each !== selected);
        const next = selectTag(chosenBy, losers).selected;
        const verdict = explained.find(each => each.tag === next)?.verdict;
        expect(verdict === undefined || verdict === 'older').toBe(true);
      },
    );
  });

  it('a policy with any text for a range throws nothing but InvalidRangeError', () => {
    fuzz([soup(rangeParts), fc.array(anyText())], (text, tags) => {
      const by: ImagePolicy = { semver: { range: text } };
      for (const work of [selectTag, explainTags]) {
        const thrown = thrownBy(() => work(by, tags));
        expect(
          thrown === undefined || thrown instanceof InvalidRangeError,
        ).toBe(true);
      }
    });
  });
});
