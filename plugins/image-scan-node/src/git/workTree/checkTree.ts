import { UnsupportedRepositoryError } from '../errors';
import { isTree, parseTree } from '../objects';
import type { ReadTree } from '../tree';
import { MAX_DEPTH, MAX_ENTRIES, MAX_PATH_BYTES, tooLarge } from './limits';
import { isSafeName } from './paths';

export interface CheckTreeOptions {
  readTree: ReadTree;
  /** Whether the disk takes `A` and `a` for one name. */
  ignoresCase: boolean;
}

/**
 * Goes through all paths of a commit before a file of it is written: a few small trees
 * that hold each other many times over can stand for more than any disk has.
 *
 * @throws UnsupportedRepositoryError
 */
export async function checkTree(
  root: string,
  { readTree, ignoresCase }: CheckTreeOptions,
): Promise<void> {
  const pending = [{ oid: root, path: '', depth: 0 }];
  // A tree that stands in many places is read once.
  const trees = new Map<string, ReturnType<typeof readEntries>>();
  let entries = 0;
  let pathBytes = 0;
  for (let at = pending.pop(); at; at = pending.pop()) {
    if (at.depth > MAX_DEPTH) {
      throw tooLarge('It has folders', MAX_DEPTH, 'folders deep');
    }
    const known = trees.get(at.oid);
    const here = known ?? readEntries(await readTree(at.oid), at.path);
    trees.set(at.oid, here);
    if (ignoresCase) {
      checkCase(here, at.path);
    }
    entries += here.length;
    pathBytes += here.length * (Buffer.byteLength(at.path) + 1);
    for (const { name, oid, folder } of here) {
      pathBytes += Buffer.byteLength(name);
      if (folder) {
        const path = at.path ? `${at.path}/${name}` : name;
        pending.push({ oid, path, depth: at.depth + 1 });
      }
    }
    if (entries > MAX_ENTRIES) {
      throw tooLarge('It has', MAX_ENTRIES, 'files and folders');
    }
    if (pathBytes > MAX_PATH_BYTES) {
      throw tooLarge('The paths of its files have', MAX_PATH_BYTES, 'bytes');
    }
  }
}

function readEntries(
  tree: Buffer,
  path: string,
): { name: string; oid: string; folder: boolean }[] {
  return parseTree(tree).map(entry => {
    const name = Buffer.from(entry.name, 'latin1').toString();
    if (!isSafeName(name)) {
      throw new UnsupportedRepositoryError(
        `The folder ${quote(path || '/')} holds the name ${quote(
          name,
        )}, which a work tree cannot hold safely`,
      );
    }
    return { name, oid: entry.oid, folder: isTree(entry) };
  });
}

function checkCase(entries: readonly { name: string }[], path: string): void {
  const names = new Map<string, string>();
  for (const { name } of entries) {
    const plain = name.normalize('NFC').toLowerCase();
    const other = names.get(plain);
    if (other !== undefined) {
      throw new UnsupportedRepositoryError(
        `The folder ${quote(path || '/')} holds ${quote(other)} and ${quote(
          name,
        )}, which are one file on this disk`,
      );
    }
    names.set(plain, name);
  }
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
