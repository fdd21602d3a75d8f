import { draw, randomNumbers } from './draw';
import { applyMutation, listMutations } from './mutations';

const mutantsOf = (text: string) =>
  listMutations('a.ts', text).map(mutation => applyMutation(text, mutation));

describe('listMutations', () => {
  it.each([
    ['const a = b < c;', ['const a = b <= c;']],
    ['const a = b === c;', ['const a = b !== c;']],
    ['const a = b ?? c;', ['const a = (c);']],
    ['if (a) { b = c; }', ['if (!(a)) { b = c; }', 'if (a) { ; }']],
    ['const a = b ? c : d;', ['const a = !(b) ? c : d;']],
    ['const a = !b;', ['const a = b;']],
    ['const MOST = 5;', ['const MOST = (5 + 1);']],
    ['const a = b.filter(Boolean);', ['const a = b;']],
    ['await save(a);', [';']],
    [
      'const a = { ...b, c: d, e };',
      [
        'const a = { ...{}, c: d, e };',
        'const a = { ...b, ...{}, e };',
        'const a = { ...b, c: d, ...{} };',
      ],
    ],
  ])('changes %s', (text, expected) => {
    expect(mutantsOf(text)).toEqual(expected);
  });

  it.each([
    "import { a } from 'b';",
    'interface A { b: 1 | true }',
    'type A = B extends true ? 1 : 2;',
    'const { a, b: c } = d;',
    "throw new Error('a' + b);",
    'this.#logger.warn(a);',
    'super(a);',
  ])('leaves %s alone', text => {
    expect(mutantsOf(text)).toEqual([]);
  });

  it('names the line', () => {
    expect(listMutations('a.ts', 'a;\n\nconst b = true;')).toEqual([
      expect.objectContaining({ line: 3, description: 'true → false' }),
    ]);
  });
});

describe('draw', () => {
  const items = Array.from({ length: 100 }, (_, index) => index);

  it('draws the same for the same seed, and each at most once', () => {
    const drawn = draw(items, 40, randomNumbers(1));
    expect(new Set(drawn).size).toBe(40);
    expect(draw(items, 40, randomNumbers(1))).toEqual(drawn);
    expect(draw(items, 40, randomNumbers(2))).not.toEqual(drawn);
  });

  it('draws all where there are too few', () => {
    expect(draw(items, 200, randomNumbers(3)).sort((a, b) => a - b)).toEqual(
      items,
    );
  });
});
