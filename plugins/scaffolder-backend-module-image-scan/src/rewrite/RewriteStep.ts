import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import type { JsonObject } from '@backstage/types';
import type { CommitInput } from '../repository/commitOf';
import type { GitAccess } from '../repository/GitAccess';
import type { RepositoryInput } from '../repository/openClone';
import type { ImageSource } from './ImageSource';
import type { RewriteState } from './RewriteState';

/** A step of a task, which may have had an earlier life. */
export interface RewriteStep {
  input: {
    path?: string;
    gitRepo?: string;
    repository?: RepositoryInput;
    commit?: CommitInput;
    token?: string;
  };
  workspacePath: string;
  isDryRun: boolean;
  source: ImageSource;
  access: GitAccess;
  config: Config;
  logger: LoggerService;
  signal?: AbortSignal;
  /** Does something once, and answers the same in every later life of the task. */
  keep<T extends JsonObject>(name: string, work: () => Promise<T>): Promise<T>;
}

/** What a step did; plain JSON. */
export type Rewritten = {
  state: RewriteState;
  /** From the workspace. */
  changedFiles: string[];
  commit?: string;
  branch?: string;
  remoteUrl?: string;
};
