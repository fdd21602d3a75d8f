import { formatBytes, formatLimit, REPOSITORY_LIMITS } from '../limits';
import type { RepositoryLimits } from '../limits';
import { pause } from '../turns';
import type {
  GitFile,
  GitFoundFile,
  GitLeftOutFile,
  GitSearch,
} from './GitRemote';
import type {
  FoundFolder,
  RepositoryMemory,
  SoughtFile,
} from './RepositoryMemory';
import type { SnapshotObjects } from './SnapshotObjects';
import { byPath, FolderReader, pathIn, TreeCounter } from './tree';

/** A directory on the way of a search. */
interface Folder {
  path: string;
  tree: string;
  /** What an earlier search has found in it and below; its parts are then not looked at. */
  known?: FoundFolder;
  files: GitFile[];
  folders: Folder[];
}

/** What stands for the content of a file that tells nothing. */
const EMPTY = Buffer.alloc(0);

/** What a search wants, by path. */
export interface SearchResult {
  found: GitFoundFile[];
  leftOut: GitLeftOutFile[];
}

/** How a search reads, beside what is sought. */
interface SearchContext {
  search: GitSearch;
  objects: SnapshotObjects;
  memory: RepositoryMemory;
  limits: Readonly<RepositoryLimits>;
  /** Contents that were not read this time, and may be the next. */
  passing: Map<string, string>;
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
  limits: Readonly<RepositoryLimits> = REPOSITORY_LIMITS,
): Promise<SearchResult> {
  const context = { search, objects, memory, limits, passing: new Map() };
  memory.searchFor(search);
  const folders = await walk(root, context);
  await readUnknown(folders, context);
  // Parts come after what they are in.
  for (const folder of folders.reverse()) {
    if (!folder.known) {
      folder.known = collect(folder, context);
      await pause();
      if (context.passing.size === 0) {
        memory.remember(folder.path, folder.tree, folder.known);
      }
    }
  }
  memory.settle();
  return withinLimits(folders[folders.length - 1].known, context);
}

/** The directories to look into, from the root down. */
async function walk(
  root: string,
  { search, objects, memory, limits }: SearchContext,
): Promise<Folder[]> {
  const counter = new TreeCounter(limits);
  const reader = new FolderReader(oid => objects.tree(oid), counter);
  const walked = [newFolder('', root, memory)];
  // Grows while it is gone through.
  for (const folder of walked) {
    if (folder.known) {
      continue;
    }
    const { files, folders } = await reader.read(folder.tree);
    for (const { name, oid, executable } of files) {
      const path = pathIn(folder.path, name, counter);
      if (path !== undefined && search.includes(path)) {
        counter.addPlaces(1);
        folder.files.push({ path, oid, executable });
      }
    }
    for (const { name, oid } of folders) {
      const path = pathIn(folder.path, name, counter);
      if (path !== undefined && (search.enters?.(path) ?? true)) {
        counter.addPlaces(1);
        const below = newFolder(path, oid, memory);
        folder.folders.push(below);
        walked.push(below);
      }
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
  { search, objects, memory, limits, passing }: SearchContext,
): Promise<void> {
  const always = new Set<string>();
  const unknown = new Set<string>();
  for (const { files } of folders) {
    for (const { path, oid } of files) {
      const isAlways = search.always(path);
      if (isAlways) {
        always.add(oid);
      }
      const isKnown =
        memory.content(oid) !== undefined ||
        memory.reasonToLeaveOut(oid) !== undefined ||
        (memory.isBlank(oid) && memory.isPassed(oid));
      if (!isKnown && (isAlways || !memory.isPassed(oid))) {
        unknown.add(oid);
      }
    }
    await pause();
  }
  for await (const [oid, content] of objects.blobs(unknown)) {
    if (!Buffer.isBuffer(content)) {
      if (content.isCertain) {
        memory.leaveOut(oid, content.reason);
      } else {
        passing.set(oid, content.reason);
      }
    } else {
      const isWanted = search.matches(content);
      if (!isWanted) {
        memory.pass(oid);
      }
      const isBlank = always.has(oid) && !(search.tells?.(content) ?? true);
      if (isBlank) {
        memory.noteBlank(oid);
      }
      if (isWanted || (always.has(oid) && !isBlank)) {
        keep(oid, content);
      }
    }
    await pause();
  }

  function keep(oid: string, content: Buffer): void {
    if (content.length > limits.fileBytes) {
      memory.leaveOut(
        oid,
        `has ${formatBytes(content.length)}, and at most ${formatLimit(
          'fileBytes',
          limits,
        )} are read of a file (limit fileBytes); divide it`,
      );
    } else if (!memory.keepContent(oid, content)) {
      passing.set(oid, tooManyBytes('contentBytes', limits));
    }
  }
}

function collect(
  folder: Folder,
  { search, memory, passing }: SearchContext,
): FoundFolder {
  const files: SoughtFile[] = [];
  for (const file of folder.files) {
    const content = memory.content(file.oid);
    const reason = memory.reasonToLeaveOut(file.oid) ?? passing.get(file.oid);
    // The same content may be kept for a file that is wanted by its path.
    if (search.always(file.path) || !memory.isPassed(file.oid)) {
      if (content) {
        files.push({ ...file, content });
      } else if (reason !== undefined) {
        files.push({ ...file, reason });
      } else if (memory.isBlank(file.oid)) {
        files.push({ ...file, content: EMPTY });
      }
    }
  }
  const folders: FoundFolder[] = [];
  for (const { known } of folder.folders) {
    if (known && known.files.length + known.folders.length > 0) {
      folders.push(known);
    }
  }
  return { files, folders };
}

/**
 * The files as a list, as many as their contents have room: definitions by
 * themselves, so that no manifest can take their place.
 */
async function withinLimits(
  root: FoundFolder | undefined,
  { search, memory, limits }: SearchContext,
): Promise<SearchResult> {
  const all: SoughtFile[] = [];
  const pending = root ? [root] : [];
  for (let folder = pending.pop(); folder; folder = pending.pop()) {
    for (const file of folder.files) {
      all.push(file);
    }
    for (const below of folder.folders) {
      pending.push(below);
    }
    await pause();
  }
  all.sort(byPath);

  const found: GitFoundFile[] = [];
  const leftOut: GitLeftOutFile[] = [];
  const bytes = { contentBytes: 0, definitionBytes: 0 };
  const counted = new Set<Buffer>();
  for (const file of all) {
    if (file.content === undefined) {
      leftOut.push(file);
      continue;
    }
    const { path, oid, executable, content } = file;
    const limit =
      search.always(path) && !memory.isBlank(oid)
        ? 'definitionBytes'
        : 'contentBytes';
    const more = counted.has(content) ? 0 : content.length;
    if (bytes[limit] + more > limits[limit]) {
      const reason = tooManyBytes(limit, limits);
      leftOut.push({ path, oid, executable, reason });
    } else {
      bytes[limit] += more;
      counted.add(content);
      found.push(file);
    }
  }
  return { found, leftOut };
}

function tooManyBytes(
  limit: 'contentBytes' | 'definitionBytes',
  limits: Readonly<RepositoryLimits>,
): string {
  return `is one too many: at most ${formatLimit(
    limit,
    limits,
  )} are read of all files with ${
    limit === 'contentBytes' ? 'markers' : 'definitions'
  } (limit ${limit}); narrow spec.paths`;
}
