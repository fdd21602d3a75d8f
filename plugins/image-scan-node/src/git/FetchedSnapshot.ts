import { InputError } from '@backstage/errors';
import type { GitHttp } from './GitHttp';
import type {
  GitCommit,
  GitCommitRequest,
  GitFile,
  GitHead,
  GitSnapshot,
} from './GitRemote';
import type { ObjectStore } from './ObjectStore';
import { parseCommit, toCommit } from './objects';
import type { GitObject } from './objects';
import { pushCommit } from './receivePack';
import { editTree, listFiles } from './tree';

/** What a snapshot is made of. */
export interface FetchedSnapshotOptions {
  head: GitHead;
  store: ObjectStore;
  /** Resolves credentials anew, which may have expired since the fetch. */
  connect: () => Promise<GitHttp>;
}

/** A snapshot over the objects of one fetched commit. */
export class FetchedSnapshot implements GitSnapshot {
  readonly head: GitHead;
  // What a push has to send, by the commit's name.
  private readonly newObjects = new Map<string, GitObject[]>();
  private fileList?: Promise<readonly GitFile[]>;

  private constructor(
    private readonly options: FetchedSnapshotOptions,
    private readonly tree: string,
  ) {
    this.head = options.head;
  }

  static async open(options: FetchedSnapshotOptions): Promise<FetchedSnapshot> {
    const { head, store } = options;
    const commit = await store.read(head.commit, 'commit');
    return new FetchedSnapshot(options, parseCommit(commit).tree);
  }

  files(): Promise<readonly GitFile[]> {
    this.fileList ??= listFiles(this.tree, oid => this.readTree(oid));
    return this.fileList;
  }

  read(file: GitFile): Promise<Buffer> {
    return this.options.store.read(file.oid, 'blob');
  }

  async commit(request: GitCommitRequest): Promise<GitCommit> {
    const edited = await editTree(this.tree, request.files, oid =>
      this.readTree(oid),
    );
    if (edited.changedPaths.length === 0) {
      throw new InputError('The commit would change nothing');
    }
    const parent = this.head.commit;
    const commit = toCommit(request, edited.oid, parent);
    // Two files may get the same content, which a pack holds once.
    const unique = new Map(
      [commit, ...edited.objects].map(object => [object.oid, object]),
    );
    this.newObjects.set(commit.oid, [...unique.values()]);
    return {
      oid: commit.oid,
      parent,
      branch: this.head.branch,
      changedPaths: edited.changedPaths,
    };
  }

  async push(commit: GitCommit): Promise<void> {
    const objects = this.newObjects.get(commit.oid);
    if (!objects) {
      throw new InputError(
        `The commit ${commit.oid} was not made from this snapshot`,
      );
    }
    await pushCommit(await this.options.connect(), commit, objects);
  }

  async close(): Promise<void> {
    this.options.store.close();
    this.newObjects.clear();
  }

  private readTree(oid: string): Promise<Buffer> {
    return this.options.store.read(oid, 'tree');
  }
}
