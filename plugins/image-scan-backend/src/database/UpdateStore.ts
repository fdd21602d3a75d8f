import { describeDecision, type StoredDecision } from '../model/decisions';
import type { StoredUpdate } from '../model/types';

/** A decision that was made after an update was planned forbids it. */
export class DecidedMeanwhileError extends Error {
  readonly decision: StoredDecision;

  constructor(decision: StoredDecision) {
    super(`Not written: ${describeDecision(decision)}`);
    this.decision = decision;
  }
}

/** The history of commits. */
export interface UpdateStore {
  /**
   * Notes a commit before it is pushed, so that a crash between the push and
   * `confirm` loses nothing: the next run finds the note and asks the remote.
   *
   * @param made - what holds from now on, because a person chose it with the update
   * @throws DecidedMeanwhileError, with nothing noted, where a decision forbids one of
   *   the values that is not released with it: plan again.
   */
  announce(
    update: StoredUpdate,
    made?: readonly StoredDecision[],
  ): Promise<void>;

  /** The push went through. */
  confirm(update: StoredUpdate): Promise<void>;

  /** The push did not happen, and neither did what a person chose with it. */
  withdraw(id: string): Promise<void>;

  /** What was announced and neither confirmed nor withdrawn. */
  announced(gitRepo: string): Promise<StoredUpdate[]>;

  /** Which of some commits are updates of a git repo. */
  ofCommits(gitRepo: string, commits: readonly string[]): Promise<string[]>;

  /** A confirmed update. */
  get(id: string): Promise<StoredUpdate | undefined>;

  /** Confirmed updates, the newest first. */
  list(
    filter: {
      gitRepos: readonly string[];
      imageScanId?: string;
      /** Only updates of scans at or below one of these folders. */
      folders?: readonly string[];
    },
    page: { limit: number; offset: number },
  ): Promise<{ items: StoredUpdate[]; totalItems: number }>;
}
