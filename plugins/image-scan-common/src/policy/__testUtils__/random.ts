/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) % 2 ** 32;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of a few values. */
export function pick<T>(random: () => number, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)];
}

/** A list in another order. */
export function shuffle<T>(random: () => number, values: readonly T[]): T[] {
  return values
    .map(value => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

const NUMBERS = ['0', '0', '1', '1', '2', '3', '10', '02'];
const PRERELEASES = ['', '', '', '-0', '-alpha', '-rc.1', '-rc.2', '-beta.11'];

/** A version without `v`: few values, so that versions meet and tie. */
export function randomVersion(random: () => number): string {
  const parts = Array.from({ length: pick(random, [1, 2, 3, 3]) }, () =>
    pick(random, NUMBERS),
  );
  return parts.join('.') + pick(random, PRERELEASES);
}

/** A tag: mostly versions, some with `v`, some that are none. */
export function randomTag(random: () => number): string {
  const version = randomVersion(random);
  return pick(random, [
    version,
    version,
    version,
    `v${version}`,
    `v${version}`,
    `${version}_x`,
    `release-${version}`,
    `${version}.sig`,
    'latest',
  ]);
}

const OPERATORS = [
  '',
  '=',
  '!=',
  '>',
  '<',
  '>=',
  '=>',
  '<=',
  '=<',
  '~',
  '~>',
  '^',
];

/** A valid range without blanks but between its comparisons. */
export function randomRange(random: () => number): string {
  const comparison = () =>
    pick(random, OPERATORS) +
    pick(random, [
      randomVersion(random),
      randomVersion(random),
      randomVersion(random),
      '*',
      '1.x',
      '0.2.x',
    ]);
  const group = () =>
    Array.from({ length: pick(random, [1, 1, 2, 3]) }, comparison).join(
      pick(random, [' ', ',', ', ']),
    );
  return Array.from({ length: pick(random, [1, 1, 1, 2]) }, group).join(' || ');
}

/**
 * The shortest time that the processor spent of up to twenty runs, in milliseconds;
 * one that is short enough is the last. Some collect the garbage of others.
 */
export function bestTime(enough: number, work: () => void): number {
  let best = Infinity;
  for (let run = 0; run < 20 && best >= enough; run++) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}
