import { formatBytes, formatLimit, REPOSITORY_LIMITS } from '../limits';
import type { RepositoryLimits } from '../limits';
import { UnsupportedRepositoryError } from './errors';
import type { GitFile, GitSearch } from './GitRemote';
import type { ObjectContent } from './PackedObjects';

/** A commit whose directories are all known. */
export interface KnownCommit {
  oid: string;
  content: Buffer;
  /** Name of its root directory. */
  tree: string;
}

/** A file that a search wants: its content, or why that is not read. */
export type SoughtFile = GitFile &
  ({ content: Buffer } | { content?: undefined; reason: string });

/**
 * What a search found in a directory, and in those below it that hold something: each
 * is listed once, however deep it lies.
 */
export interface FoundFolder {
  files: readonly SoughtFile[];
  folders: readonly FoundFolder[];
}

/** What was found, as long as the directory stays the same. */
interface SearchedFolder {
  tree: string;
  found: FoundFolder;
}

// What the engine needs for an entry beside its content; measured roughly.
const ENTRY_BYTES = 150;
// Rests of former commits that are not worth a new start.
const TOLERATED_BYTES = 4 * 1024 * 1024;

/**
 * What is known of a repository from earlier looks at it, so that the next one
 * only fetches and reads what changed since.
 *
 * Objects go by their names, which their content gives them, so nothing in here
 * can be outdated; but what no commit holds any more stays, until there is more
 * of it than of the rest.
 */
export class RepositoryMemory {
  #commit?: KnownCommit;
  #trees = new Map<string, Buffer>();
  #folders = new Map<string, SearchedFolder>();
  #contents = new Map<string, Buffer>();
  #passed = new Set<string>();
  #blank = new Set<string>();
  #leftOut = new Map<string, string>();
  #treeBytes = 0;
  #contentBytes = 0;
  #search?: GitSearch;
  #bytes = 0;
  #bytesInUse = 0;

  readonly #limits: Readonly<RepositoryLimits>;

  constructor(limits: Readonly<RepositoryLimits> = REPOSITORY_LIMITS) {
    this.#limits = limits;
  }

  /** Fetches leave out what this one has. */
  get commit(): KnownCommit | undefined {
    return this.#commit;
  }

  set commit(commit: KnownCommit | undefined) {
    this.#bytes += commit?.content.length ?? 0;
    this.#commit = commit;
  }

  /** About what it needs. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether most of it belongs to commits that are gone. */
  get isOutgrown(): boolean {
    return this.#bytes > 2 * this.#bytesInUse + TOLERATED_BYTES;
  }

  tree(oid: string): Buffer | undefined {
    return this.#trees.get(oid);
  }

  /** What a fetch may take to be here. */
  object(oid: string): ObjectContent | undefined {
    if (this.commit?.oid === oid) {
      return { type: 'commit', content: this.commit.content };
    }
    const content = this.#trees.get(oid);
    return content && { type: 'tree', content };
  }

  /** @throws UnsupportedRepositoryError - more than is kept of a repository */
  addTree(oid: string, content: Buffer): void {
    if (!this.#trees.has(oid)) {
      this.#treeBytes += content.length;
      // Those of former commits are among them, at most as many again.
      if (this.#treeBytes > 2 * this.#limits.treeBytes) {
        throw new UnsupportedRepositoryError(
          `The directories of the repository need ${formatBytes(
            this.#treeBytes,
          )}, and at most ${formatLimit(
            'treeBytes',
            this.#limits,
          )} are kept (limit treeBytes); divide the repository`,
        );
      }
      this.#trees.set(oid, content);
      this.#bytes += content.length + ENTRY_BYTES;
    }
  }

  /** Says what is looked for; what another search has learned is forgotten. */
  searchFor(search: GitSearch): void {
    if (this.#search !== search) {
      this.#search = search;
      this.#folders.clear();
      this.#contents.clear();
      this.#passed.clear();
      this.#blank.clear();
      this.#leftOut.clear();
      this.#contentBytes = 0;
    }
  }

  /** What the search found in a directory, if it was in that state before. */
  found(path: string, tree: string): FoundFolder | undefined {
    const folder = this.#folders.get(path);
    return folder?.tree === tree ? folder.found : undefined;
  }

  remember(path: string, tree: string, found: FoundFolder): void {
    this.#folders.set(path, { tree, found });
    this.#bytes += path.length + ENTRY_BYTES;
  }

  /** The content of a file that was kept. */
  content(oid: string): Buffer | undefined {
    return this.#contents.get(oid);
  }

  /** Answers whether there is room for it. */
  keepContent(oid: string, content: Buffer): boolean {
    if (!this.#contents.has(oid)) {
      // Those of former commits are among them, at most as many again.
      const { contentBytes, definitionBytes } = this.#limits;
      const bytes = this.#contentBytes + content.length;
      if (bytes > 2 * (contentBytes + definitionBytes)) {
        return false;
      }
      this.#contentBytes = bytes;
      this.#contents.set(oid, content);
      this.#bytes += content.length + ENTRY_BYTES;
    }
    return true;
  }

  /** Why a content is never read. */
  reasonToLeaveOut(oid: string): string | undefined {
    return this.#leftOut.get(oid);
  }

  leaveOut(oid: string, reason: string): void {
    if (!this.#leftOut.has(oid)) {
      this.#leftOut.set(oid, reason);
      this.#bytes += ENTRY_BYTES;
    }
  }

  /** Whether a content was read before and is not what the search wants. */
  isPassed(oid: string): boolean {
    return this.#passed.has(oid);
  }

  pass(oid: string): void {
    if (!this.#passed.has(oid)) {
      this.#passed.add(oid);
      this.#bytes += ENTRY_BYTES;
    }
  }

  /** Whether a content was read before and tells nothing under any path. */
  isBlank(oid: string): boolean {
    return this.#blank.has(oid);
  }

  noteBlank(oid: string): void {
    if (!this.#blank.has(oid)) {
      this.#blank.add(oid);
      this.#bytes += ENTRY_BYTES;
    }
  }

  /** Called once everything in it belongs to the commit. */
  settle(): void {
    this.#bytesInUse ||= this.#bytes;
  }
}
