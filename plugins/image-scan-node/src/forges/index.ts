export { createForge, forgeApiBaseUrl } from './createForge';
export type { ForgeOptions } from './createForge';
export { explainUnsupported, forgeCapabilities } from './capabilities';
export type { PullRequestWishes } from './capabilities';
export type {
  AutoMergeMethod,
  FindPullRequests,
  Forge,
  ForgeCapabilities,
  ForgePullRequest,
  ForgeRequestOptions,
  ForgeType,
  NewPullRequest,
  PullRequestText,
} from './Forge';
export { ForgeError } from './ForgeError';
export type { ForgeErrorCategory } from './ForgeError';
export type { ForgeConnection } from './ForgeHttp';
export { ForgePauses } from './ForgePauses';
export { renderNewerValues, renderPullRequest } from './pullRequestText';
export type { PullRequestContext } from './pullRequestText';
