import { inOnePiece, mapEach, sortEach } from './inPieces';

describe('sortEach', () => {
  it.each([0, 1, 499, 500, 501, 1_000, 1_001, 5_432])(
    'sorts %d items as the language does',
    count => {
      let state = count + 1;
      const items = Array.from({ length: count }, (_, index) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return { key: state % 100, index };
      });
      const compare = (a: { key: number }, b: { key: number }) => a.key - b.key;
      const before = [...items];
      expect(inOnePiece(sortEach(items, compare))).toEqual(
        [...items].sort(compare),
      );
      expect(items).toEqual(before);
    },
  );

  it('pauses often', () => {
    const work = sortEach(
      Array.from({ length: 10_000 }, (_, index) => -index),
      (a, b) => a - b,
    );
    let pauses = 0;
    while (!work.next().done) {
      pauses += 1;
    }
    expect(pauses).toBeGreaterThan(100);
  });
});

describe('mapEach', () => {
  it('maps in order', () => {
    expect(
      inOnePiece(mapEach(new Set(['a', 'b']), text => text + text)),
    ).toEqual(['aa', 'bb']);
  });
});
