import type { GitFile, GitFoundFile, GitSearch } from './GitRemote';
import type { RepositoryMemory } from './RepositoryMemory';
import type { SnapshotObjects } from './SnapshotObjects';
import { byPath, readFolder, TreeCounter } from './tree';

/** A directory on the way of a search. */
interface Folder {
  path: string;
  tree: string;
  /** What an earlier search has found in it and below; its parts are then not looked at. */
  known?: readonly GitFoundFile[];
  files: GitFile[];
  folders: Folder[];
}

/**
 * Finds the files of a commit that a search wants, by path. What is in the same
 * state as in an earlier search is neither walked nor fetched nor read again.
 */
export async function searchFiles(
  root: string,
  search: GitSearch,
  objects: SnapshotObjects,
  memory: RepositoryMemory,
): Promise<readonly GitFoundFile[]> {
  memory.searchFor(search);
  const folders = await walk(root, search, objects, memory);
  await readUnknown(folders, search, objects, memory);
  // Parts come after what they are in.
  for (const folder of folders.reverse()) {
    if (!folder.known) {
      folder.known = collect(folder, search, memory);
      memory.remember(folder.path, folder.tree, folder.known);
    }
  }
  memory.settle();
  const found = folders[folders.length - 1].known ?? [];
  return [...found].sort(byPath);
}

/** The directories to look into, from the root down. */
async function walk(
  root: string,
  search: GitSearch,
  objects: SnapshotObjects,
  memory: RepositoryMemory,
): Promise<Folder[]> {
  const counter = new TreeCounter();
  const walked = [newFolder('', root, memory)];
  // Grows while it is gone through.
  for (const folder of walked) {
    if (!folder.known) {
      const content = await objects.tree(folder.tree);
      const { files, folders } = readFolder(content, folder.path, counter);
      folder.files = files.filter(({ path }) => search.includes(path));
      folder.folders = folders.map(({ path, oid }) =>
        newFolder(path, oid, memory),
      );
      walked.push(...folder.folders);
    }
  }
  return walked;
}

function newFolder(
  path: string,
  tree: string,
  memory: RepositoryMemory,
): Folder {
  const known = memory.found(path, tree);
  return { path, tree, known, files: [], folders: [] };
}

async function readUnknown(
  folders: readonly Folder[],
  search: GitSearch,
  objects: SnapshotObjects,
  memory: RepositoryMemory,
): Promise<void> {
  const always = new Set<string>();
  const unknown = new Set<string>();
  for (const { files } of folders) {
    for (const { path, oid } of files) {
      const isAlways = search.always(path);
      if (isAlways) {
        always.add(oid);
      }
      if (!memory.content(oid) && (isAlways || !memory.isPassed(oid))) {
        unknown.add(oid);
      }
    }
  }
  for await (const [oid, content] of objects.blobs(unknown)) {
    const isWanted = search.matches(content);
    if (!isWanted) {
      memory.pass(oid);
    }
    if (isWanted || always.has(oid)) {
      memory.keepContent(oid, content);
    }
  }
}

function collect(
  folder: Folder,
  search: GitSearch,
  memory: RepositoryMemory,
): GitFoundFile[] {
  const found: GitFoundFile[] = [];
  for (const file of folder.files) {
    const content = memory.content(file.oid);
    // The same content may be kept for a file that is wanted by its path.
    if (content && (search.always(file.path) || !memory.isPassed(file.oid))) {
      found.push({ ...file, content });
    }
  }
  for (const { known = [] } of folder.folders) {
    found.push(...known);
  }
  return found;
}
