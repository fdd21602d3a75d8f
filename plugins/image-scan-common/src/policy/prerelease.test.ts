import { pick, seededRandom } from './__testUtils__/random';
import { comparePrereleases } from './prerelease';

const LARGEST = 2n ** 64n - 1n;

/** The rule as it is written down: identifier by identifier. */
function compareSimply(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  if (a === '' || b === '') {
    return a === '' ? 1 : -1;
  }
  const left = a.split('.');
  const right = b.split('.');
  const at = left.findIndex((identifier, i) => identifier !== right[i]);
  if (at === -1 || right[at] === undefined) {
    return left.length < right.length ? -1 : 1;
  }
  const [x, y] = [numberOf(left[at]), numberOf(right[at])];
  if (x !== undefined && y !== undefined) {
    return x < y ? -1 : 1;
  }
  if (x === undefined && y === undefined) {
    return left[at] < right[at] ? -1 : 1;
  }
  return x === undefined ? 1 : -1;
}

function numberOf(identifier: string): bigint | undefined {
  const value = /^\d+$/.test(identifier) ? BigInt(identifier) : undefined;
  return value !== undefined && value <= LARGEST ? value : undefined;
}

describe('comparePrereleases', () => {
  const random = seededRandom(7);
  const identifiers = [
    ...[
      '0',
      '1',
      '9',
      '10',
      '11',
      '100',
      'a',
      'A',
      'ab',
      'a-',
      '-',
      '-1',
      '1a',
    ],
    ...['1-', 'rc', 'rc1', 'rc10', `${LARGEST}`, `${LARGEST + 1n}`],
    ...['9999999999999999999', '99999999999999999999', '1'.repeat(30)],
  ];
  const prereleases = Array.from({ length: 300 }, () =>
    Array.from({ length: Math.floor(random() * 4) }, () =>
      pick(random, identifiers),
    ).join('.'),
  );

  it('orders every pair as the rule says', () => {
    const wrong = prereleases.flatMap(a =>
      prereleases
        .filter(b => comparePrereleases(a, b) !== compareSimply(a, b))
        .map(b => [a, b]),
    );
    expect(wrong).toEqual([]);
  });
});
