/**
 * The engine of Image Scan for Backstage: reads imageScans blocks and GitRepo
 * manifests, asks registries, rewrites markers and writes to git. Knows no
 * Backstage plugin and no database.
 *
 * @packageDocumentation
 */
export { checkMessageTemplate, renderCommitMessage } from './commitMessage';
export type { CommitMessageContext } from './commitMessage';
export { commitUrl, compareUrl } from './commitUrl';
export * from './adopt';
export * from './fleet';
export * from './forges';
export * from './git';
export {
  canonicalGitHost,
  gitTimeoutOf,
  isOnHost,
  parseGitHost,
  parseTimeout,
} from './gitHosts';
export type { GitHostSettings } from './gitHosts';
export * from './http';
export { runAtOnce, runInTurns } from './inTurns';
export type { PausingWork } from './inTurns';
export { IntegrationCredentials } from './IntegrationCredentials';
export { formatBytes, formatLimit, REPOSITORY_LIMITS } from './limits';
export type { RepositoryLimits } from './limits';
export * from './markers';
export { parseImageScans, parseImageScansInTurns } from './parseImageScans';
export * from './policy';
export * from './registry';
export { cleanRemoteText } from './remoteText';
export { TokenBudget } from './TokenBudget';
export { pause } from './turns';
export * from './types';
