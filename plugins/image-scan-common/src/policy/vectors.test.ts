import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidRangeError } from './InvalidRangeError';
import { SemverRange } from './SemverRange';
import { selectTag } from './selectTag';
import { parseVersion } from './version';

interface Vectors {
  constraintErrors: string[];
  match: [range: string, version: string, matches: boolean][];
  parse: [text: string, parts: string[] | null][];
  latest: { range: string; tags: string[]; selected: string | null }[];
}

const vectors: Vectors = JSON.parse(
  readFileSync(join(__dirname, '__fixtures__/semver-ranges.json'), 'utf8'),
);

const ranges = [...new Set(vectors.match.map(([range]) => range))];

describe('vectors of Masterminds/semver', () => {
  it(`has ${vectors.match.length} verdicts, ${vectors.parse.length} versions, ${vectors.constraintErrors.length} errors and ${vectors.latest.length} choices`, () => {
    expect(vectors.match.length).toBeGreaterThanOrEqual(570);
    expect(vectors.parse.length).toBeGreaterThanOrEqual(75);
    expect(vectors.constraintErrors.length).toBeGreaterThanOrEqual(40);
    expect(vectors.latest.length).toBeGreaterThanOrEqual(8);
  });

  for (const range of ranges) {
    const verdicts = vectors.match.filter(([text]) => text === range);
    it(`judges ${verdicts.length} versions by ${JSON.stringify(range)}`, () => {
      const parsed = SemverRange.parse(range);
      expect(
        verdicts.map(([text, version]) => [
          text,
          version,
          parsed.includes(version),
        ]),
      ).toEqual(verdicts);
    });
  }

  for (const range of vectors.constraintErrors) {
    it(`refuses the range ${JSON.stringify(range)}`, () => {
      expect(() => SemverRange.parse(range)).toThrow(InvalidRangeError);
    });
  }

  for (const [text, parts] of vectors.parse) {
    it(`reads ${JSON.stringify(text)} as ${JSON.stringify(parts)}`, () => {
      const version = parseVersion(text);
      expect(
        version
          ? [
              String(version.major),
              String(version.minor),
              String(version.patch),
              version.prerelease,
            ]
          : null,
      ).toEqual(parts);
    });
  }

  for (const { range, tags, selected } of vectors.latest) {
    it(`chooses ${selected} by ${JSON.stringify(range)}`, () => {
      const policy = { semver: { range } };
      const expected = selected === null ? {} : { selected };
      expect(selectTag(policy, tags)).toEqual(expected);
      expect(selectTag(policy, [...tags].reverse())).toEqual(expected);
    });
  }
});
