import { InputError } from '@backstage/errors';
import type { BranchMove } from './branchMove';
import { UnsupportedRepositoryError } from './errors';
import { toCommit } from './commitObject';
import type {
  GitCommit,
  GitCommitRequest,
  GitFile,
  GitFoundFile,
  GitHead,
  GitLeftOutFile,
  GitPushTarget,
  GitSearch,
  GitSnapshot,
} from './GitRemote';
import type { GitObject } from './objects';
import type { KnownCommit, RepositoryMemory } from './RepositoryMemory';
import { searchFiles } from './searchFiles';
import type { CommitSigner } from './signing/CommitSigner';
import type { SnapshotObjects } from './SnapshotObjects';
import { editTree, listFiles } from './tree';

/** What a snapshot is made of. */
export interface FetchedSnapshotOptions {
  head: GitHead;
  commit: KnownCommit;
  objects: SnapshotObjects;
  memory: RepositoryMemory;
  /** Signs the commits that are made. */
  signer?: CommitSigner;
  /** Called when the memory has grown. */
  onLearned: () => void;
  push: (commit: GitCommit, objects: readonly GitObject[]) => Promise<void>;
  move: (branchMove: BranchMove) => Promise<void>;
}

/** A commit that was built, and what a push of it has to send. */
interface BuiltCommit {
  tree: string;
  /** The commit is the first one. */
  objects: readonly GitObject[];
}

/** A snapshot over the objects of one fetched commit. */
export class FetchedSnapshot implements GitSnapshot {
  readonly head: GitHead;
  readonly #built = new Map<string, BuiltCommit>();
  #options?: FetchedSnapshotOptions;
  #fileList?: Promise<readonly GitFile[]>;
  #search?: GitSearch;

  constructor(options: FetchedSnapshotOptions) {
    this.#options = options;
    this.head = options.head;
  }

  files(): Promise<readonly GitFile[]> {
    const { commit, objects } = this.#open();
    this.#fileList ??= listFiles(commit.tree, oid => objects.tree(oid));
    return this.#fileList;
  }

  async read({ oid }: GitFile): Promise<Buffer> {
    const { memory, objects } = this.#open();
    return memory.content(oid) ?? objects.blob(oid);
  }

  async find(
    search: GitSearch,
    onLeftOut?: (file: GitLeftOutFile) => void,
  ): Promise<readonly GitFoundFile[]> {
    const { commit, objects, memory, onLearned } = this.#open();
    this.#search = search;
    const { found, leftOut } = await searchFiles(
      commit.tree,
      search,
      objects,
      memory,
    );
    onLearned();
    for (const file of leftOut) {
      if (!onLeftOut) {
        throw new UnsupportedRepositoryError(`${file.path} ${file.reason}`);
      }
      onLeftOut(file);
    }
    return found;
  }

  async commit(request: GitCommitRequest): Promise<GitCommit> {
    const { commit: parent, objects, signer } = this.#open();
    const edited = await editTree(parent.tree, request.files, oid =>
      objects.tree(oid),
    );
    if (edited.changedPaths.length === 0) {
      throw new InputError('The commit would change nothing');
    }
    const commit = await toCommit(request, edited.oid, parent.oid, signer);
    // Two files may get the same content, which a pack holds once.
    const unique = new Map(
      [commit, ...edited.objects].map(object => [object.oid, object]),
    );
    this.#built.set(commit.oid, {
      tree: edited.oid,
      objects: [...unique.values()],
    });
    return {
      oid: commit.oid,
      parent: parent.oid,
      branch: this.head.branch,
      changedPaths: edited.changedPaths,
    };
  }

  async push(commit: GitCommit): Promise<void> {
    const built = this.#builtCommit(commit);
    await this.#open().push(commit, built.objects);
    this.#remember(commit.oid, built);
  }

  async pushTo(commit: GitCommit, target: GitPushTarget): Promise<void> {
    const { objects } = this.#builtCommit(commit);
    await this.#open().move({ ...target, commit: commit.oid, objects });
  }

  async close(): Promise<void> {
    this.#options = undefined;
    this.#fileList = undefined;
    this.#built.clear();
  }

  #builtCommit({ oid }: GitCommit): BuiltCommit {
    const built = this.#built.get(oid);
    if (!built) {
      throw new InputError(`The commit ${oid} was not made from this snapshot`);
    }
    return built;
  }

  /** What was pushed need not be fetched. */
  #remember(oid: string, { tree, objects }: BuiltCommit): void {
    const { memory, onLearned } = this.#open();
    for (const { oid: name, type, content } of objects) {
      if (type === 'tree') {
        memory.addTree(name, content);
      } else if (type === 'blob' && this.#search?.matches(content)) {
        memory.keepContent(name, content);
      }
    }
    memory.commit = { oid, tree, content: objects[0].content };
    onLearned();
  }

  #open(): FetchedSnapshotOptions {
    if (!this.#options) {
      throw new Error('The git snapshot has been closed');
    }
    return this.#options;
  }
}
