export type {
  GitBetween,
  GitCommit,
  GitCommitNote,
  GitCommitRequest,
  GitContainsOptions,
  GitFile,
  GitFoundFile,
  GitHead,
  GitLeftOutFile,
  GitOpenOptions,
  GitPushTarget,
  GitRemote,
  GitRequestOptions,
  GitSearch,
  GitSnapshot,
} from './GitRemote';
export { askRefusedAgain } from './askRefusedAgain';
export { GitMemory } from './GitMemory';
export { HttpGitRemote } from './HttpGitRemote';
export type { HttpGitRemoteOptions } from './HttpGitRemote';
export { GitWorkTree } from './workTree/GitWorkTree';
export type {
  WorkTreeCommit,
  WorkTreeCommitRequest,
} from './workTree/GitWorkTree';
export { hasArrived } from './workTree/WorkTreeRemote';
export type { WorkTreeRemote } from './workTree/WorkTreeRemote';
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
export type { CommitSigner } from './signing/CommitSigner';
export { readSshSigner } from './signing/sshSigner';
