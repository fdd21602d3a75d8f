import { posix } from 'node:path';

// What HFS+ leaves out when it compares names.
const IGNORED_BY_MAC = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/**
 * Whether a name may stand in a work tree: on no system may it lead elsewhere or stand
 * for `.git`.
 */
export function isSafeName(name: string): boolean {
  const plain = name.replace(IGNORED_BY_MAC, '').toLowerCase();
  return (
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    !/[/\\\0]/.test(name) &&
    // Windows drops dots and blanks at an end and what follows a colon, and gives short names.
    !/^(?:\.git|git~\d+)[. ]*(?::.*)?$/.test(plain)
  );
}

/**
 * Whether a symbolic link could lead out of the work tree, or into `.git`.
 *
 * @remarks
 * Steps up are only taken at the beginning, where the folders are plain ones. One after a
 * name could begin anywhere, for the name may be a link itself.
 *
 * @param path - of the link, from the root, with `/`
 */
export function linkLeadsOut(path: string, target: string): boolean {
  if (target === '' || posix.isAbsolute(target) || /[\\\0]/.test(target)) {
    return true;
  }
  const parts = target.split('/').filter(part => part !== '' && part !== '.');
  const steps = parts.findIndex(part => part !== '..');
  const up = steps < 0 ? parts.length : steps;
  const names = parts.slice(up);
  const depth = path.split('/').length - 1;
  return up > depth || names.some(name => !isSafeName(name));
}
