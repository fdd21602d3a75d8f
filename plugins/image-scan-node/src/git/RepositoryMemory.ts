import type { GitFoundFile, GitSearch } from './GitRemote';
import type { ObjectContent } from './PackedObjects';

/** A commit whose directories are all known. */
export interface KnownCommit {
  oid: string;
  content: Buffer;
  /** Name of its root directory. */
  tree: string;
}

/** What a search found in a directory and below, as long as it stays the same. */
interface SearchedFolder {
  tree: string;
  found: readonly GitFoundFile[];
}

// What the engine needs for an entry beside its content; measured roughly.
const entryBytes = 150;
// Rests of former commits that are not worth a new start.
const toleratedBytes = 4 * 1024 * 1024;

/**
 * What is known of a repository from earlier looks at it, so that the next one
 * only fetches and reads what changed since.
 *
 * Objects go by their names, which their content gives them, so nothing in here
 * can be outdated; but what no commit holds any more stays, until there is more
 * of it than of the rest.
 */
export class RepositoryMemory {
  /** Fetches leave out what this one has. */
  commit?: KnownCommit;
  #trees = new Map<string, Buffer>();
  #folders = new Map<string, SearchedFolder>();
  #contents = new Map<string, Buffer>();
  #passed = new Set<string>();
  #search?: GitSearch;
  #bytes = 0;
  #bytesInUse = 0;

  /** About what it needs. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether most of it belongs to commits that are gone. */
  get isOutgrown(): boolean {
    return this.#bytes > 2 * this.#bytesInUse + toleratedBytes;
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

  addTree(oid: string, content: Buffer): void {
    if (!this.#trees.has(oid)) {
      this.#trees.set(oid, content);
      this.#bytes += content.length + entryBytes;
    }
  }

  /** Says what is looked for; what another search has learned is forgotten. */
  searchFor(search: GitSearch): void {
    if (this.#search !== search) {
      this.#search = search;
      this.#folders.clear();
      this.#contents.clear();
      this.#passed.clear();
    }
  }

  /** What the search found in a directory, if it was in that state before. */
  found(path: string, tree: string): readonly GitFoundFile[] | undefined {
    const folder = this.#folders.get(path);
    return folder?.tree === tree ? folder.found : undefined;
  }

  remember(path: string, tree: string, found: readonly GitFoundFile[]): void {
    this.#folders.set(path, { tree, found });
    this.#bytes += path.length + entryBytes;
  }

  /** The content of a file that was kept. */
  content(oid: string): Buffer | undefined {
    return this.#contents.get(oid);
  }

  keepContent(oid: string, content: Buffer): void {
    if (!this.#contents.has(oid)) {
      this.#contents.set(oid, content);
      this.#bytes += content.length + entryBytes;
    }
  }

  /** Whether a content was read before and is not what the search wants. */
  isPassed(oid: string): boolean {
    return this.#passed.has(oid);
  }

  pass(oid: string): void {
    if (!this.#passed.has(oid)) {
      this.#passed.add(oid);
      this.#bytes += entryBytes;
    }
  }

  /** Called once everything in it belongs to the commit. */
  settle(): void {
    this.#bytesInUse ||= this.#bytes;
  }
}
