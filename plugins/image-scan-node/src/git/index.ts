export type {
  GitCommit,
  GitCommitRequest,
  GitFile,
  GitHead,
  GitOpenOptions,
  GitRemote,
  GitRequestOptions,
  GitSnapshot,
} from './GitRemote';
export { HttpGitRemote } from './HttpGitRemote';
export type { HttpGitRemoteOptions } from './HttpGitRemote';
export { checkGitUrl, remoteKey } from '../gitUrl';
export {
  BranchMovedError,
  BranchNotFoundError,
  EmptyRepositoryError,
  GitAuthError,
  GitTimeoutError,
  GitUnreachableError,
  PushRefusedError,
  RepositoryNotFoundError,
  UnsupportedRepositoryError,
} from './errors';
