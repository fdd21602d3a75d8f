import type { GitService } from '../GitHttp';

/** A shallow clone, into a folder that is there and empty. */
export interface CloneTask {
  kind: 'clone';
  folder: string;
  url: string;
  /** Default: the one that HEAD names. */
  branch?: string;
}

/** Where a clone stands. */
export interface LookTask {
  kind: 'look';
  folder: string;
}

/** A commit of files of the work tree on top of HEAD, and its push. */
export interface CommitTask {
  kind: 'commit';
  folder: string;
  /** Below the folder, with `/`; the contents are what the work tree has. */
  files: string[];
  message: string;
  author: { name: string; email: string };
  /** In milliseconds. */
  time: number;
}

/** The push of a commit that is in the clone. */
export interface PushTask {
  kind: 'push';
  folder: string;
  url: string;
  commit: string;
  branch: string;
}

/** Makes a branch stand at a commit, and be the one that is checked out. */
export interface MoveTask {
  kind: 'move';
  folder: string;
  commit: string;
  branch: string;
  /** Those in which the commit differs from HEAD. */
  files: string[];
}

/** Whether a commit is in the clone. */
export interface HoldsTask {
  kind: 'holds';
  folder: string;
  commit: string;
}

export type GitTask =
  | CloneTask
  | LookTask
  | CommitTask
  | HoldsTask
  | PushTask
  | MoveTask;

/** What became of a clone, or is found in one. */
export interface Look {
  /** Object name of HEAD. */
  commit: string;
  /** Absent where HEAD is no branch. */
  branch?: string;
  /** The URL of `origin`. */
  origin?: string;
  /** Symbolic links that lead out of the work tree and were not written. */
  omittedLinks: string[];
}

export interface CommitResult {
  /** Absent where the files are as HEAD has them. */
  commit?: string;
  /** What HEAD was. */
  parent: string;
  changedPaths: string[];
}

/** A push that wrote nothing: by the look at the server, or by what it answered. */
export type PushResult =
  | { outcome: 'pushed' }
  | { outcome: 'no-descendant' }
  | {
      outcome: 'refused';
      reason: string;
      words: string;
      /** Where the branch was; absent where it was not there. */
      expected?: string;
    };

export interface GitTaskResults {
  clone: Look;
  look: Look;
  commit: CommitResult;
  holds: boolean;
  push: PushResult;
  move: null;
}

/** How an error of the worker is told again on the other side. */
export interface TaskFailure {
  /**
   * `remote` is what the transport failed with, which the other side still has; `unusable`
   * an answer that isomorphic-git fails with, which is told by the name of its error alone.
   */
  kind:
    | 'remote'
    | 'input'
    | 'not-found'
    | 'refused-path'
    | 'unsupported'
    | 'unreachable'
    | 'unusable'
    | 'other';
  message: string;
}

export type FromWorker =
  | { type: 'request'; id: number; service: GitService; body?: Uint8Array }
  /** Asks for the next piece of an answer, which bounds what is under way. */
  | { type: 'pull'; id: number }
  | { type: 'done'; result: GitTaskResults[keyof GitTaskResults] }
  | { type: 'failed'; failure: TaskFailure };

export type ToWorker =
  | { type: 'piece'; id: number; piece: Uint8Array }
  | { type: 'end'; id: number }
  | { type: 'broken'; id: number; message: string };
