import { isPattern, matchesName, readNamePattern } from './pathPattern';
import type { NamePattern } from './pathPattern';

/**
 * Brings a folder of a git repository, or a pattern for folders, into one form: `.` is
 * the root, no slash at either end, no empty or `.` part.
 *
 * @returns why it cannot be used, where it cannot
 */
export function normalisePath(
  path: string,
): { path: string } | { reason: string } {
  if (/\p{Cc}/u.test(path)) {
    return { reason: 'control characters are not allowed' };
  }
  const parts = partsOf(path);
  if (parts.includes('..')) {
    return { reason: '.. is not allowed; name a folder from the root' };
  }
  for (const part of parts) {
    const read = readNamePattern(part);
    if ('reason' in read) {
      return { reason: `it is no pattern: ${read.reason}` };
    }
  }
  return { path: parts.join('/') || '.' };
}

/**
 * Joins a folder and a path that is relative to it, as Go's `filepath.Join` does.
 *
 * @returns undefined where it leaves the repository
 */
export function joinPath(folder: string, path: string): string | undefined {
  const parts: string[] = [];
  for (const part of [...partsOf(folder), ...partsOf(path)]) {
    if (part !== '..') {
      parts.push(part);
    } else if (parts.pop() === undefined) {
      return undefined;
    }
  }
  return parts.join('/') || '.';
}

/**
 * Says which files lie under the paths of a GitRepo.
 *
 * @remarks
 * A path with `*`, `?` or `[…]` stands for every folder that it matches, name by name,
 * as in Fleet: `apps/*` holds what is in the folders of `apps`, at any depth, and not
 * what is in `apps` itself. A path without them may also name one file.
 *
 * @param paths - as {@link parseGitRepo} gives them
 * @public
 */
export function filesUnder(
  paths: readonly string[],
): (file: string) => boolean {
  const folders = paths.filter(path => !isPattern(path));
  const patterns = paths.filter(isPattern).map(path =>
    partsOf(path).map((part): NamePattern => {
      const read = readNamePattern(part);
      return 'pattern' in read ? read.pattern : [];
    }),
  );
  return file =>
    folders.some(
      folder =>
        folder === '.' || file === folder || file.startsWith(`${folder}/`),
    ) || patterns.some(pattern => liesUnder(file, pattern));
}

/**
 * Says in which folders files can lie that {@link filesUnder} takes: those at, above
 * and below the paths.
 *
 * @public
 */
export function folderMayHold(
  paths: readonly string[],
): (folder: string) => boolean {
  const wanted = paths.map(path =>
    partsOf(path).map((part): NamePattern | string => {
      const read = isPattern(part) ? readNamePattern(part) : part;
      if (typeof read === 'string') {
        return read;
      }
      return 'pattern' in read ? read.pattern : [];
    }),
  );
  return folder =>
    wanted.some(parts => {
      const names = folder.split('/', parts.length);
      return names.every((name, index) => {
        const part = parts[index];
        return typeof part === 'string'
          ? part === name
          : matchesName(part, name);
      });
    });
}

function liesUnder(file: string, pattern: readonly NamePattern[]): boolean {
  const names = file.split('/', pattern.length + 1);
  return (
    names.length > pattern.length &&
    pattern.every((each, index) => matchesName(each, names[index]))
  );
}

function partsOf(path: string): string[] {
  return path.split('/').filter(part => part !== '' && part !== '.');
}
