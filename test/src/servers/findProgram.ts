import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Path of the first of these programs that is on the PATH. */
export function findProgram(...names: string[]): string | undefined {
  const folders = pathFolders();
  return names
    .flatMap(name => folders.map(folder => join(folder, name)))
    .find(isExecutable);
}

/** The folders of the PATH. */
export function pathFolders(): string[] {
  return (process.env.PATH ?? '').split(delimiter).filter(Boolean);
}

/** Whether this user may run the file. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
