import { runAtOnce } from 'backstage-plugin-image-scan-node';
import { FirstSeen, LONGEST_AGE } from './FirstSeen';

/** The same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const parse = (since: number, later: string) =>
  runAtOnce(FirstSeen.parse(since, later));

describe('FirstSeen', () => {
  /** What is known after whole lists, each with its time. */
  const after = (
    lists: readonly (readonly [number, readonly string[]])[],
    oldest = 0,
  ) => {
    const [[start, first], ...others] = lists;
    let seen = FirstSeen.start(start);
    let before = first;
    for (const [now, tags] of others) {
      seen = runAtOnce(seen.observe(before, tags, now, oldest));
      before = tags;
    }
    return seen;
  };

  it.each([
    ['what the first list had is as old as that', [[1, 'a b']], 'a', 1],
    [
      'what appears is as old as that list',
      [
        [1, 'a'],
        [5, 'a b'],
      ],
      'b',
      5,
    ],
    [
      'what stays keeps its time',
      [
        [1, 'a'],
        [5, 'a b'],
        [9, 'b c'],
      ],
      'b',
      5,
    ],
    [
      'what comes back starts anew',
      [
        [1, 'a b'],
        [5, 'a'],
        [9, 'a b'],
      ],
      'b',
      9,
    ],
    [
      'an empty list is a whole one',
      [
        [1, ''],
        [5, 'a'],
      ],
      'a',
      5,
    ],
  ] as const)('%s', (_, lists, tag, time) => {
    const seen = after(
      lists.map(([now, tags]) => [now, tags.split(' ').filter(Boolean)]),
    );
    expect(seen.timeOf(tag)).toBe(time);
    expect(seen.since).toBe(1);
  });

  it('drops what is older than asked for, which is then as old as the first list', () => {
    const seen = after(
      [
        [1, ['a']],
        [5, ['a', 'b']],
        [9, ['a', 'b', 'c']],
      ],
      6,
    );
    expect([...seen.later]).toEqual([['c', 9]]);
    expect(seen.timeOf('b')).toBe(1);
    expect(seen.hasOlderThan(9)).toBe(false);
    expect(seen.hasOlderThan(10)).toBe(true);
  });

  it('is the same once it was written and read', () => {
    const seen = after([
      [1, ['a']],
      [5, ['a', 'b', 'constructor', '__proto__']],
      [9, ['a', 'b', '__proto__', 'c']],
    ]);
    const text = runAtOnce(seen.formatLater());
    expect(text).toBe('[[5,["b","__proto__"]],[9,["c"]]]');
    expect(parse(1, text)).toEqual(seen);
  });

  it('says of any tag when its present stay in the list began', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = randomOf(seed);
      const names = Array.from({ length: 6 }, (_, index) => `t${index}`);
      const lists = Array.from({ length: 8 }, (_, index) => {
        const tags = names.filter(() => random() < 0.6);
        return [100 + index * 10, tags] as const;
      });
      const seen = after(lists);
      const [, present] = lists[lists.length - 1];
      for (const tag of present) {
        const gone = lists
          .map(([, tags]) => tags.includes(tag))
          .lastIndexOf(false);
        expect([seed, tag, seen.timeOf(tag)]).toEqual([
          seed,
          tag,
          lists[gone + 1][0],
        ]);
      }
      expect([...seen.later.keys()].every(tag => present.includes(tag))).toBe(
        true,
      );
    }
  });

  it('pauses often, however many tags there are', () => {
    const tags = Array.from({ length: 100_000 }, (_, index) => `v1.0.${index}`);
    const longestOf = <T>(work: Generator<void, T, void>): [number, T] => {
      let most = 0;
      for (;;) {
        const { user } = process.cpuUsage();
        const step = work.next();
        most = Math.max(most, process.cpuUsage().user - user);
        if (step.done) {
          return [most / 1_000, step.value];
        }
      }
    };
    // The least of some: threads that collect garbage are counted as well.
    const longest = <T>(start: () => Generator<void, T, void>): [number, T] =>
      [1, 2, 3]
        .map(() => longestOf(start()))
        .reduce((least, each) => (each[0] < least[0] ? each : least));
    const [observing, seen] = longest(() =>
      FirstSeen.start(1).observe([], tags, 5, 0),
    );
    const [formatting, text] = longest(() => seen.formatLater());
    const [parsing] = longest(() => FirstSeen.parse(1, text));
    expect(seen.later.size).toBe(100_000);
    expect(observing).toBeLessThan(50);
    expect(formatting).toBeLessThan(50);
    expect(parsing).toBeLessThan(50);
    expect(LONGEST_AGE).toBe(7_776_000_000);
  });
});
