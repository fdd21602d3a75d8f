import { pick } from './random';

const ATOMS = [
  'a',
  'b',
  '1',
  '-',
  '.',
  '\\.',
  '\\d',
  '\\w',
  '\\pL',
  '[a-f0-9]',
  '[^-]',
  '[[:alpha:]]',
  '[]a]',
  '^',
  '$',
  '\\b',
];
const REPEATS = [
  '',
  '',
  '',
  '*',
  '+',
  '?',
  '*?',
  '{2}',
  '{0,3}',
  '{2,}',
  '{7}',
];
const GROUPS = ['(', '(?:', '(?i:'];

/** A pattern of a few parts, most of them an expression of RE2. */
export function randomPattern(random: () => number, depth = 3): string {
  const atom = () =>
    depth > 0 && random() < 0.3
      ? `${pick(random, GROUPS)}${randomPattern(random, depth - 1)})`
      : pick(random, ATOMS);
  const sequence = () =>
    Array.from(
      { length: pick(random, [1, 2, 3, 4]) },
      () => atom() + pick(random, REPEATS),
    ).join('');
  return Array.from({ length: pick(random, [1, 1, 1, 2, 3]) }, sequence).join(
    '|',
  );
}
