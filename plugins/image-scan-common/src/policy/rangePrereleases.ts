import type { RangeAtom } from './rangeSyntax';

/** Whether a comparison names a prerelease, which opens its alternative to all. */
export function admitsPrereleases(atoms: readonly RangeAtom[]): boolean {
  return atoms.some(atom => atom.base.prerelease !== '');
}

/**
 * The text of an alternative of a range with `-0` wherever that lets prereleases
 * in and changes nothing for releases.
 */
export function openedText(atoms: readonly RangeAtom[]): string {
  const texts = atoms.map(atom => atom.text);
  if (admitsPrereleases(atoms) || atoms.every(isExact)) {
    return texts.join(' ');
  }
  const opened = atoms.map(openedAtom);
  // Where no comparison can take a prerelease without changing its meaning, one
  // that always holds opens the group.
  return opened.some((text, i) => text !== texts[i])
    ? opened.join(' ')
    : [...texts, '>=0-0'].join(' ');
}

function openedAtom(atom: RangeAtom): string {
  const { operator, wild, base, text } = atom;
  if (wild === 3) {
    return ['=', '~', '>='].includes(operator) ? '>=0-0' : text;
  }
  // These would take in or leave out a release with `-0`.
  const keeps =
    isExact(atom) ||
    operator === '!=' ||
    (wild === 0 && (operator === '>' || operator === '<='));
  if (keeps) {
    return text;
  }
  const numbers = [base.major, base.minor, base.patch].slice(0, 3 - wild);
  return `${operator === '=' ? '' : operator}${numbers.join('.')}-0`;
}

function isExact({ operator, wild }: RangeAtom): boolean {
  return operator === '=' && wild === 0;
}
