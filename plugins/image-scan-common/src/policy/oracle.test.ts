import compare from 'semver/functions/compare';
import valid from 'semver/functions/valid';
import { pick, seededRandom } from './__testUtils__/random';
import { compareVersions, parseVersion } from './version';

const PAIRS = 200_000;

const NUMBERS = [0, 1, 2, 9, 10, 11, 99, 100, 2024, Number.MAX_SAFE_INTEGER];
const WORDS = ['a', 'b', 'rc', 'rc9', 'rc10', 'alpha', 'Z', '-', '0a', 'x-y'];

/**
 * A version as SemVer 2.0.0 writes it. Identifiers of digits stay below 2^53: the
 * library compares them as floating-point numbers, which are no longer exact there.
 */
function strictVersion(random: () => number): string {
  const number = () => pick(random, NUMBERS);
  const identifier = () => `${random() < 0.5 ? number() : pick(random, WORDS)}`;
  const identifiers = () =>
    Array.from({ length: 1 + Math.floor(random() * 3) }, identifier).join('.');
  return [
    random() < 0.2 ? 'v' : '',
    [number(), number(), number()].join('.'),
    random() < 0.7 ? `-${identifiers()}` : '',
    random() < 0.2 ? `+${identifiers()}` : '',
  ].join('');
}

/** Often the same but for one character, as random pairs seldom are. */
function neighbour(random: () => number, version: string): string {
  const at = Math.floor(random() * version.length);
  const changed = `${version.slice(0, at)}${pick(random, [
    ...'019aZ-.',
    '',
  ])}${version.slice(at + 1)}`;
  return valid(changed) === null ? version : changed;
}

describe('the order of versions', () => {
  it(`is that of npm's semver for ${PAIRS} pairs of strict versions`, () => {
    const random = seededRandom(20261129);
    const wrong: string[] = [];
    const counts = new Map<number, number>();
    for (let i = 0; i < PAIRS; i++) {
      const a = strictVersion(random);
      const b = random() < 0.7 ? neighbour(random, a) : strictVersion(random);
      const left = parseVersion(a);
      const right = parseVersion(b);
      const expected = compare(a, b);
      const found = left && right && compareVersions(left, right);
      counts.set(expected, (counts.get(expected) ?? 0) + 1);
      if (found !== expected) {
        wrong.push(`${a} and ${b}: ${found}, not ${expected}`);
      }
    }
    expect(wrong).toEqual([]);
    // Each outcome, equal versions included, was tried often.
    expect(
      Math.min(...[-1, 0, 1].map(each => counts.get(each) ?? 0)),
    ).toBeGreaterThan(PAIRS / 20);
  });

  it('is exact above 2^53, where the library rounds', () => {
    const [a, b] = ['1.0.0-9007199254740993', '1.0.0-9007199254740992'];
    const [left, right] = [parseVersion(a), parseVersion(b)];
    expect(compare(a, b)).toBe(0);
    expect(left && right && compareVersions(left, right)).toBe(1);
  });
});
