import { InputError } from '@backstage/errors';
import { UnsupportedRepositoryError } from './errors';
import type { GitFile } from './GitRemote';
import {
  isExecutable,
  isRegularFile,
  isTree,
  parseTree,
  toObject,
} from './objects';
import type { GitObject } from './objects';

/** Reads the content of a tree. */
export type ReadTree = (oid: string) => Promise<Buffer>;

// A few small trees that hold each other many times over can stand for billions
// of paths; real repositories stay far below these.
const maxEntries = 2_000_000;
const maxPathBytes = 4096;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Counts what is gone through, so that it comes to an end. */
export class TreeCounter {
  #entries = 0;

  /** @throws UnsupportedRepositoryError - more than any repository has */
  add(entries: number): void {
    this.#entries += entries;
    if (this.#entries > maxEntries) {
      throw new UnsupportedRepositoryError(
        `The repository has more than ${maxEntries} files and directories`,
      );
    }
  }
}

/**
 * The regular files and the directories in a directory.
 *
 * @param path - of the directory; empty for the root
 */
export function readFolder(
  tree: Buffer,
  path: string,
  counter: TreeCounter,
): { files: GitFile[]; folders: { path: string; oid: string }[] } {
  const entries = parseTree(tree);
  counter.add(entries.length);
  const files: GitFile[] = [];
  const folders: { path: string; oid: string }[] = [];
  for (const entry of entries) {
    const name = safeName(entry.name);
    const entryPath = path ? `${path}/${name}` : name;
    if (
      name === undefined ||
      entryPath === undefined ||
      Buffer.byteLength(entryPath) > maxPathBytes
    ) {
      continue;
    }
    const { oid } = entry;
    if (isTree(entry)) {
      folders.push({ path: entryPath, oid });
    } else if (isRegularFile(entry)) {
      const executable = isExecutable(entry);
      files.push({ path: entryPath, oid, executable });
    }
  }
  return { files, folders };
}

/** The regular files under a tree, sorted by path. */
export async function listFiles(
  root: string,
  readTree: ReadTree,
): Promise<GitFile[]> {
  const counter = new TreeCounter();
  const files: GitFile[] = [];
  const pending = [{ oid: root, path: '' }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const tree = await readTree(next.oid);
    const folder = readFolder(tree, next.path, counter);
    // One by one: there may be more than a call takes arguments.
    for (const file of folder.files) {
      files.push(file);
    }
    pending.push(...folder.folders);
  }
  return files.sort(byPath);
}

/** Orders files by path. */
export function byPath(a: { path: string }, b: { path: string }): number {
  if (a.path === b.path) {
    return 0;
  }
  return a.path < b.path ? -1 : 1;
}

/** The name in UTF-8, unless a work tree could not hold it safely. */
function safeName(latin1: string): string | undefined {
  let name: string;
  try {
    name = utf8.decode(Buffer.from(latin1, 'latin1'));
  } catch {
    // Not UTF-8: there is no text that stands for this path and no other.
    return undefined;
  }
  const unsafe =
    name === '' ||
    name === '.' ||
    name === '..' ||
    name.includes('/') ||
    name.toLowerCase() === '.git';
  return unsafe ? undefined : name;
}

/** A tree with other files in it, and the objects that are new because of it. */
export interface EditedTree {
  oid: string;
  objects: GitObject[];
  /** Sorted. */
  changedPaths: string[];
}

/**
 * Puts new content into files of a tree. Only the object names inside the old
 * trees are overwritten, so that modes, names and their order cannot change.
 *
 * @param files - by path; a path that is no regular file is an `InputError`
 */
export async function editTree(
  root: string,
  files: ReadonlyMap<string, Buffer>,
  readTree: ReadTree,
): Promise<EditedTree> {
  const paths = [...files].map(([path, content]) => ({
    path,
    parts: path.split('/').map(part => Buffer.from(part).toString('latin1')),
    content,
  }));
  const edited = await editLevel(root, paths, 0, readTree);
  return { ...edited, changedPaths: edited.changedPaths.sort() };
}

interface PathEdit {
  path: string;
  parts: string[];
  content: Buffer;
}

async function editLevel(
  oid: string,
  edits: readonly PathEdit[],
  depth: number,
  readTree: ReadTree,
): Promise<EditedTree> {
  const old = await readTree(oid);
  const entries = new Map(parseTree(old).map(entry => [entry.name, entry]));
  const patched = Buffer.from(old);
  const objects: GitObject[] = [];
  const changedPaths: string[] = [];

  for (const [name, group] of groupByPart(edits, depth)) {
    const entry = entries.get(name);
    const file = group.find(edit => edit.parts.length === depth + 1);
    const below = group.find(edit => edit.parts.length > depth + 1);
    if (
      !entry ||
      (file && !isRegularFile(entry)) ||
      (below && !isTree(entry))
    ) {
      throw noFile(group[0].path);
    }
    if (file) {
      const blob = toObject('blob', file.content);
      if (blob.oid !== entry.oid) {
        objects.push(blob);
        changedPaths.push(file.path);
        patched.write(blob.oid, entry.oidOffset, 'hex');
      }
    } else {
      const child = await editLevel(entry.oid, group, depth + 1, readTree);
      objects.push(...child.objects);
      changedPaths.push(...child.changedPaths);
      patched.write(child.oid, entry.oidOffset, 'hex');
    }
  }

  if (changedPaths.length === 0) {
    return { oid, objects, changedPaths };
  }
  const tree = toObject('tree', patched);
  return { oid: tree.oid, objects: [...objects, tree], changedPaths };
}

function groupByPart(
  edits: readonly PathEdit[],
  depth: number,
): Map<string, PathEdit[]> {
  const groups = new Map<string, PathEdit[]>();
  for (const edit of edits) {
    const part = edit.parts[depth];
    const group = groups.get(part);
    if (group) {
      group.push(edit);
    } else {
      groups.set(part, [edit]);
    }
  }
  return groups;
}

function noFile(path: string): InputError {
  return new InputError(
    `${JSON.stringify(path)} is not a regular file of the repository`,
  );
}
