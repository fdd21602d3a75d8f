import { compareVersions, parseVersion, type Version } from './version';

function version(text: string): Version {
  const parsed = parseVersion(text);
  if (!parsed) {
    throw new Error(`${text} is not a version`);
  }
  return parsed;
}

describe('parseVersion', () => {
  it('reads numbers, prerelease, spelling', () => {
    expect(parseVersion('v1.02-rc.1+build.7')).toEqual({
      text: 'v1.02-rc.1+build.7',
      major: 1,
      minor: 2,
      patch: 0,
      prerelease: 'rc.1',
      numericParts: 2,
      hasV: true,
    });
    expect(parseVersion('7')).toMatchObject({ numericParts: 1, hasV: false });
    expect(parseVersion('1.2.3')).toMatchObject({ numericParts: 3 });
  });

  it('keeps numbers exact up to 2^64 - 1, and no further', () => {
    expect(version('9007199254740991').major).toBe(Number.MAX_SAFE_INTEGER);
    expect(version('9007199254740992').major).toBe(9007199254740992n);
    expect(version('1.18446744073709551615').minor).toBe(2n ** 64n - 1n);
    expect(parseVersion('18446744073709551616')).toBeUndefined();
    expect(parseVersion('1.18446744073709551616')).toBeUndefined();
    expect(parseVersion('1.2.18446744073709551616')).toBeUndefined();
    expect(version(`${'0'.repeat(40)}5`).major).toBe(5);
  });

  it.each([
    ' 1.2.3',
    '1.2.3\n',
    '1.2.3 ',
    'V1.2.3',
    '=1.2.3',
    'vv1',
    'v',
    '1.2.3.4',
    '1.2.3_4',
    '1.2.3-',
    '1.2.3-.a',
    '1.2.3-a.',
    '1.2.3-01',
    '1.2.3-a.00.b',
    '1.2.3+',
    '1.2.3+a_b',
    '１.2.3',
    '',
  ])('refuses %j', text => {
    expect(parseVersion(text)).toBeUndefined();
  });

  it('refuses more than 256 characters', () => {
    expect(parseVersion(`1.2.3-${'a'.repeat(250)}`)).toBeDefined();
    expect(parseVersion(`1.2.3-${'a'.repeat(251)}`)).toBeUndefined();
  });
});

describe('compareVersions', () => {
  // Each is newer than the one before.
  const ordered = [
    '0.0.0-0',
    '0.0.0',
    '0.0.1',
    '1.0.0-0',
    '1.0.0-2',
    '1.0.0-10',
    '1.0.0-20240131123456788',
    '1.0.0-20240131123456789',
    '1.0.0-18446744073709551615',
    // Above 2^64 - 1 identifiers are text: 1… sorts before 9…, both after numbers.
    '1.0.0-100000000000000000000',
    '1.0.0-1a',
    '1.0.0-99999999999999999999',
    '1.0.0-RC1',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-debian-11-r15',
    '1.0.0-debian-11-r9',
    '1.0.0-rc10',
    '1.0.0-rc2',
    '1.0',
    'v1.0.1',
    '1.9',
    '1.10',
    '9007199254740991',
    '9007199254740992',
    '9007199254740993',
    '18446744073709551615',
  ];

  it('orders every pair', () => {
    for (let i = 0; i < ordered.length; i++) {
      for (let j = 0; j < ordered.length; j++) {
        expect([
          ordered[i],
          ordered[j],
          compareVersions(version(ordered[i]), version(ordered[j])),
        ]).toEqual([ordered[i], ordered[j], Math.sign(i - j)]);
      }
    }
  });

  it.each([
    ['1', '1.0'],
    ['1.0.0', 'v1.0.0'],
    ['01.02', '1.2.0'],
    ['1.2.3+a', '1.2.3+b'],
    ['1.2.3-rc.1+a', '1.2.3-rc.1'],
  ])('takes %s and %s for equal', (a, b) => {
    expect(compareVersions(version(a), version(b))).toBe(0);
    expect(compareVersions(version(b), version(a))).toBe(0);
  });
});
