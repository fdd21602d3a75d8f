import { InvalidRangeError } from './InvalidRangeError';
import { SemverRange } from './SemverRange';
import {
  bestTime,
  randomRange,
  randomVersion,
  seededRandom,
} from './__testUtils__/random';

function messageOf(range: string): string {
  try {
    SemverRange.parse(range);
  } catch (error) {
    if (error instanceof InvalidRangeError) {
      return error.message;
    }
    throw error;
  }
  throw new Error(`${range} is a range`);
}

function parseOrRefuse(range: string): void {
  try {
    SemverRange.parse(range);
  } catch (error) {
    if (!(error instanceof InvalidRangeError)) {
      throw error;
    }
  }
}

describe('SemverRange', () => {
  // What npm's semver judges otherwise or refuses, and quirks of Masterminds.
  it.each<[range: string, inside: string[], outside: string[]]>([
    ['>=1.0.0, <2.0.0', ['1.5.0'], ['2.0.0', '0.9.0']],
    ['!=1.2.3', ['1.2.4'], ['1.2.3', 'v1.2.3+x']],
    ['!=1.x', ['2.0.0', '0.1'], ['1.0.0', '1.9']],
    ['!=1.2', ['1.3.0'], ['1.2.0', '1.2.9', '1.3.0-a']],
    ['!=1.2-beta', ['1.2.0', '1.2.0-alpha', '1.3'], ['1.2.7-beta']],
    ['=>1.2.3', ['1.2.3'], ['1.2.2']],
    ['=< 1.2', ['1.2.9'], ['1.3.0']],
    ['>=1.0.0-0', ['1.5.0-beta', '1.0.0-0'], ['0.9.0']],
    ['^1.2.3-0', ['1.5.0-beta'], ['2.0.0-alpha', '2.0.0']],
    ['~1.2.3-0', ['1.2.4-beta'], ['1.3.0-0']],
    ['>=1.0.0 <2.0.0-0', ['1.2.3-alpha'], ['1.0.0-alpha', '2.0.0-0']],
    ['>=1.0.0-0 <2.0.0', ['2.0.0-alpha'], ['2.0.0']],
    ['^1-0', ['1.0.0-alpha'], ['2.0.0-alpha']],
    ['*-0', ['0.0.0-0', '9.9.9-z'], []],
    ['1.2-beta', ['1.2.0-beta', '1.2.9-alpha', '1.2.0'], ['1.2.0-alpha']],
    ['1.x.3', ['1.0.0', '1.9.9'], ['2.0.0']],
    ['X.1', ['5.0.0'], ['1.0.0-a']],
    ['*.**', ['5.0.0'], []],
    ['^*', ['0.0.0'], ['0.0.1', '1.0.0']],
    ['>*', ['0.0.1', '1.0.0'], ['0.0.0']],
    ['<=*', ['0.0.0', '0.0.9'], ['0.1.0', '1.0.0']],
    ['<*', [], ['0.0.0', '1.0.0']],
    ['!=*', ['0.0.1', '1.0.0'], ['0.0.0']],
    ['~0.0.0', ['9.9.9'], ['9.9.9-a']],
    ['~>0.0.0-0', ['9.9.9', '9.9.9-a'], []],
    ['~0.0.1', ['0.0.9'], ['0.1.0', '0.0.0']],
    ['^0.2.3', ['0.2.9'], ['0.3.0', '0.2.2']],
    ['^0.0.3', ['0.0.3'], ['0.0.4']],
    ['^0.0', ['0.0.9'], ['0.1.0']],
    ['^0', ['0.9.0'], ['1.0.0']],
    ['>11', ['12'], ['11.9.9']],
    ['>11.1', ['11.2', '12'], ['11.1.9', '10.9']],
    ['01.02.03', ['1.2.3'], ['1.2.4']],
    ['>=20240131123456789', ['20240131123456790'], ['20240131123456788']],
    ['^18446744073709551615', ['18446744073709551615.1'], ['1']],
    ['1 - 2, !=1.5.0', ['1.4.0', '2.9'], ['1.5.0', '3']],
    ['1 - 2 !=1.5.0', ['1.4.0'], ['1.5.0']],
    ['!=1.5.0, 1 - 2', ['1.4.0'], ['1.5.0', '3']],
    ['1 - 2 || 4 - 5', ['1.4.0', '5.9'], ['3.0.0']],
    ['1 - *', [], ['1.0.0', '2.0.0', '0.0.1']],
    ['1.0.0 - 2.0.0-beta', ['1.5.0-beta'], ['2.0.0']],
    ['1-2', ['1.0.0', '1.9.9', '1.0.0-2'], ['1.0.0-1', '2.0.0']],
    ['1.2+build', ['1.2.3'], ['1.3.0']],
    ['1.0.0-0 || >=1.2.0', ['1.2.0'], ['1.3.0-alpha']],
    ['\t>=1\r\n\f <2 ', ['1.5.0'], ['2']],
  ])('%j', (text, inside, outside) => {
    const range = SemverRange.parse(text);
    expect(inside.filter(version => !range.includes(version))).toEqual([]);
    expect(outside.filter(version => range.includes(version))).toEqual([]);
  });

  it('holds no text that is not a version', () => {
    expect(SemverRange.parse('*').includes('latest')).toBe(false);
    expect(SemverRange.parse('*-0').includes('')).toBe(false);
  });

  it('prints as it was written', () => {
    expect(`${SemverRange.parse(' >=1,  <2')}`).toBe(' >=1,  <2');
  });

  describe('errors', () => {
    it.each([
      ['', 'it is empty; write "*" for any version'],
      [' \t', 'it is empty'],
      ['1 || ', 'nothing on one side of "||"'],
      ['>=1.0.0,', 'nothing follows the last comma'],
      ['>=1,,<2', 'cannot read ",<2"'],
      ['latest', 'cannot read "latest"'],
      ['>=1 and <2', 'cannot read "and <2"'],
      ['~=1.2.3', 'cannot read "~=1.2.3"'],
      ['> =1.2.3', 'cannot read "> =1.2.3"'],
      ['1.2.3\u00a0', 'cannot read'],
      ['1.2.3\u000b', 'cannot read'],
      ['1.2.x3', '"1.2.x3" is not a version'],
      ['1.2.3-01', '"1.2.3-01" is not a version'],
      ['18446744073709551616', 'is not a version'],
      ['1 - 2||4 - 5', '" - " needs a comma or " || "'],
      ['!=1.5.0 1 - 2', '" - " needs a comma or " || "'],
      ['constructor', 'cannot read'],
    ])('%j: %s', (range, problem) => {
      const message = messageOf(range);
      expect(message).toContain(problem);
      expect(message).toContain(
        `Invalid semver range ${JSON.stringify(range)}`,
      );
      expect(message).toContain('Allowed are, for example, "*", "^1.4"');
    });

    it('are input errors', () => {
      expect(() => SemverRange.parse('x1')).toThrow(
        expect.objectContaining({ name: 'InputError' }),
      );
    });

    it('do not repeat a huge range', () => {
      expect(messageOf('a'.repeat(1_000_000)).length).toBeLessThan(400);
    });
  });

  describe('limits of v3.5.0', () => {
    it('takes 512 characters and 32 groups, no more', () => {
      const long = `>=1.2.3${' '.repeat(505)}`;
      expect(SemverRange.parse(long).includes('1.2.3')).toBe(true);
      expect(messageOf(`${long} `)).toContain('longer than 512');
      expect(messageOf('é'.repeat(300))).toContain('cannot read');
      const groups = Array.from({ length: 32 }, (_, i) => `${i}`);
      expect(SemverRange.parse(groups.join('||')).includes('31.0')).toBe(true);
      expect(messageOf([...groups, '32'].join('||'))).toContain(
        'more than 32 alternatives',
      );
    });

    it('takes versions of 256 characters, no more', () => {
      expect(() =>
        SemverRange.parse(`>=1.2.3-${'a'.repeat(250)}`),
      ).not.toThrow();
      expect(messageOf(`>=1.2.3-${'a'.repeat(251)}`)).toContain(
        'is not a version',
      );
    });
  });

  it('has no text that takes long', () => {
    const fill = (piece: string) =>
      piece.repeat(Math.ceil(512 / piece.length)).slice(0, 512);
    const pieces = [
      ' ',
      '\t',
      '1',
      'x',
      'v',
      '|',
      '||',
      '-',
      '.',
      '*',
      '+',
      '>',
      '=',
      '!',
      '^',
      '1 ',
      '1  ',
      '1, ',
      '1 , ',
      '1.',
      '1-',
      '1-a.',
      '1+',
      'a-',
      '- ',
      ' -',
      ' - ',
      '1 - ',
      '1 -',
      '1- ',
      '1-1 - ',
      '1-a - ',
      '>=',
      '> ',
      '~>',
      '0',
      'x-',
      '1||',
      '1|| ',
      '|.',
      '| - ',
      '1 - 2 ',
      '1 - 2, ',
      '1 - 2 || ',
      '1|2 - ',
    ];
    for (const piece of pieces) {
      for (const text of [
        fill(piece),
        `${fill(piece).slice(0, 511)}!`,
        `1${fill(piece).slice(0, 511)}`,
        `1 - ${fill(piece).slice(0, 508)}`,
      ]) {
        const ms = bestTime(25, () => parseOrRefuse(text));
        expect([piece, ms < 25]).toEqual([piece, true]);
      }
    }
  });

  describe('withPrereleases', () => {
    it.each([
      ['*', '>=0-0'],
      ['>=3.18', '>=3.18-0'],
      ['^1.2', '^1.2-0'],
      ['~1.2.3', '~1.2.3-0'],
      ['1.x', '1-0'],
      ['=v1.2', '1.2-0'],
      ['>=1.2, <2', '>=1.2-0 <2-0'],
      ['>= 1.0.0 <= 2.0.0', '>=1.0.0-0 <=2.0.0'],
      ['<=2', '<=2-0'],
      ['<=2.0.0', '<=2.0.0 >=0-0'],
      ['>1.2.3', '>1.2.3 >=0-0'],
      ['>1.2', '>1.2-0'],
      ['!=1.5', '!=1.5 >=0-0'],
      ['^*', '^* >=0-0'],
      ['1.0 - 1.9', '>=1.0-0 <=1.9-0'],
      ['^1 || ^2.0-rc.1', '^1-0 || ^2.0-rc.1'],
      ['1.2.3', '1.2.3'],
    ])('opens %j to %j', (text, opened) => {
      const range = SemverRange.parse(text).withPrereleases();
      expect(String(range)).toBe(opened);
      expect(SemverRange.parse(opened).includes('1.2.3')).toBe(
        SemverRange.parse(text).includes('1.2.3'),
      );
    });

    it('knows whether a range is open', () => {
      expect(SemverRange.parse('>=1').admitsPrereleases).toBe(false);
      expect(SemverRange.parse('>=1 || 2-0').admitsPrereleases).toBe(true);
    });

    it('suggests nothing that is too long', () => {
      const range = SemverRange.parse(Array(170).fill('1').join(', '));
      expect(range.withPrereleases()).toBeUndefined();
    });
  });

  describe('properties', () => {
    const random = seededRandom(1);
    const samples = Array.from({ length: 1500 }, () => ({
      range: randomRange(random),
      versions: Array.from({ length: 12 }, () => randomVersion(random)),
    }));

    it('spacing does not matter', () => {
      for (const { range, versions } of samples) {
        const spaced = SemverRange.parse(
          ` ${range
            .replace(/ ?, ?/g, ' \t,\n')
            .replace(/(?<=[=<>~^])(?=[0-9*xv])/g, '  ')} `,
        );
        const plain = SemverRange.parse(range);
        for (const version of versions) {
          expect([range, version, spaced.includes(version)]).toEqual([
            range,
            version,
            plain.includes(version),
          ]);
        }
      }
    });

    it('a v does not matter, in a range or in a version', () => {
      for (const { range, versions } of samples) {
        const withV = SemverRange.parse(
          range.replace(/(?<=^|[ ,=<>~^])(?=[0-9])/g, 'v'),
        );
        const plain = SemverRange.parse(range);
        for (const version of versions) {
          expect([range, version, withV.includes(`v${version}`)]).toEqual([
            range,
            version,
            plain.includes(version),
          ]);
        }
      }
    });

    it('opening changes no release and loses no prerelease that was inside', () => {
      for (const { range, versions } of samples) {
        const plain = SemverRange.parse(range);
        const opened = plain.withPrereleases();
        for (const version of versions) {
          const inside = plain.includes(version);
          const expected =
            version.includes('-') && !inside
              ? opened?.includes(version)
              : inside;
          expect([range, version, opened?.includes(version)]).toEqual([
            range,
            version,
            expected,
          ]);
        }
      }
    });
  });
});
