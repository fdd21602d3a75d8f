import { InputError } from '@backstage/errors';
import { runInTurns } from '../inTurns';
import type { PausingWork } from '../inTurns';
import { formatLimit, REPOSITORY_LIMITS } from '../limits';
import type { RepositoryLimits } from '../limits';
import { pause } from '../turns';
import { UnsupportedRepositoryError } from './errors';
import type { GitFile } from './GitRemote';
import {
  isExecutable,
  isRegularFile,
  isTree,
  toObject,
  treeEntries,
} from './objects';
import type { GitObject, TreeEntry } from './objects';

/** Reads the content of a tree. */
export type ReadTree = (oid: string) => Promise<Buffer>;

const MAX_PATH_BYTES = 4096;
// Entries between two pauses: about a millisecond.
const ENTRIES_AT_ONCE = 2_000;

// Entries of folders that are kept in a row.
const KNOWN_ENTRIES = 20_000;
const NOT_ASCII = /[\u0080-\uffff]/;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Counts what is gone through, so that it comes to an end: a few small trees that hold
 * each other many times over can stand for billions of paths.
 */
export class TreeCounter {
  #entries = 0;
  #pathBytes = 0;
  #places = 0;

  readonly #limits: Readonly<RepositoryLimits>;

  constructor(limits: Readonly<RepositoryLimits> = REPOSITORY_LIMITS) {
    this.#limits = limits;
  }

  /** Counts entries before they are looked at. */
  addEntries(count: number): void {
    this.#entries += count;
    this.#check('entries', this.#entries, 'files and folders');
  }

  addPath(bytes: number): void {
    this.#pathBytes += bytes;
    this.#check('pathBytes', this.#pathBytes, 'of paths');
  }

  /** Counts what is held while files are sought. */
  addPlaces(count: number): void {
    this.#places += count;
    this.#check('places', this.#places, 'folders and files to look into');
  }

  /** @throws UnsupportedRepositoryError - more than any repository has */
  #check(
    name: 'entries' | 'pathBytes' | 'places',
    value: number,
    what: string,
  ): void {
    if (value > this.#limits[name]) {
      throw new UnsupportedRepositoryError(
        `The repository has more than ${formatLimit(
          name,
          this.#limits,
        )} ${what}, the most that is gone through (limit ${name}); narrow spec.paths or divide the repository`,
      );
    }
  }
}

/** What a tree holds, by names. */
export interface Folder {
  files: { name: string; oid: string; executable: boolean }[];
  folders: { name: string; oid: string }[];
  /** Of all its entries. */
  entries: number;
}

/**
 * The regular files and the directories in a directory, without what no work tree
 * could hold safely.
 */
function* readFolder(tree: Buffer, counter: TreeCounter): PausingWork<Folder> {
  const files: Folder['files'] = [];
  const folders: Folder['folders'] = [];
  let entries = 0;
  for (const entry of treeEntries(tree)) {
    entries += 1;
    if (entries % ENTRIES_AT_ONCE === 0) {
      counter.addEntries(ENTRIES_AT_ONCE);
      yield;
    }
    const name = safeName(entry.name);
    if (name === undefined) {
      continue;
    }
    const { oid } = entry;
    if (isTree(entry)) {
      folders.push({ name, oid });
    } else if (isRegularFile(entry)) {
      files.push({ name, oid, executable: isExecutable(entry) });
    }
  }
  counter.addEntries(entries % ENTRIES_AT_ONCE);
  return { files, folders, entries };
}

/**
 * Reads folders, those that were just read not again: a tree that is held many times
 * over comes up many times in a row.
 */
export class FolderReader {
  readonly #known = new Map<string, Folder>();
  #knownEntries = 0;

  readonly #readTree: ReadTree;
  readonly #counter: TreeCounter;

  constructor(readTree: ReadTree, counter: TreeCounter) {
    this.#readTree = readTree;
    this.#counter = counter;
  }

  async read(oid: string): Promise<Folder> {
    const known = this.#known.get(oid);
    if (known) {
      this.#counter.addEntries(known.entries);
      await pause();
      return known;
    }
    const folder = await runInTurns(
      readFolder(await this.#readTree(oid), this.#counter),
    );
    this.#knownEntries += folder.entries + 1;
    if (this.#knownEntries > KNOWN_ENTRIES) {
      this.#known.clear();
      this.#knownEntries = folder.entries + 1;
    }
    this.#known.set(oid, folder);
    return folder;
  }
}

/** The path of what lies in a folder; undefined where it is too long. */
export function pathIn(
  folder: string,
  name: string,
  counter: TreeCounter,
): string | undefined {
  // Joined, and not put together by `+`: such a text is a chain of all its parts,
  // which each look at a path would follow to the root.
  const path = folder ? [folder, name].join('/') : name;
  const bytes =
    path.length * 3 <= MAX_PATH_BYTES ? path.length : Buffer.byteLength(path);
  counter.addPath(bytes);
  return bytes > MAX_PATH_BYTES ? undefined : path;
}

/** The regular files under a tree, sorted by path. */
export async function listFiles(
  root: string,
  readTree: ReadTree,
  limits?: Readonly<RepositoryLimits>,
): Promise<GitFile[]> {
  const counter = new TreeCounter(limits);
  const reader = new FolderReader(readTree, counter);
  const files: GitFile[] = [];
  const pending = [{ oid: root, path: '' }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const folder = await reader.read(next.oid);
    counter.addPlaces(folder.files.length + folder.folders.length);
    for (const { name, oid, executable } of folder.files) {
      const path = pathIn(next.path, name, counter);
      if (path !== undefined) {
        files.push({ path, oid, executable });
      }
    }
    for (const { name, oid } of folder.folders) {
      const path = pathIn(next.path, name, counter);
      if (path !== undefined) {
        pending.push({ oid, path });
      }
    }
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
  let name = latin1;
  try {
    if (NOT_ASCII.test(latin1)) {
      name = utf8.decode(Buffer.from(latin1, 'latin1'));
    }
  } catch {
    // Not UTF-8: there is no text that stands for this path and no other.
    return undefined;
  }
  const unsafe =
    name === '' ||
    name === '.' ||
    name === '..' ||
    name.includes('/') ||
    (name.length === 4 && name.toLowerCase() === '.git');
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
  const entries = await runInTurns(entriesByName(old));
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
    await pause();
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

function* entriesByName(tree: Buffer): PausingWork<Map<string, TreeEntry>> {
  const entries = new Map<string, TreeEntry>();
  for (const entry of treeEntries(tree)) {
    entries.set(entry.name, entry);
    if (entries.size % ENTRIES_AT_ONCE === 0) {
      yield;
    }
  }
  return entries;
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
