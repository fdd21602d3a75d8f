export { formatDuration, parseDuration } from './duration';
export { parseGitRepo } from './gitRepo';
export type { GitRepoDefinition } from './gitRepo';
export { parseImageScans } from './imageScans';
export type {
  DefinitionError,
  ImageScanDefinition,
  ImageScanDefinitions,
} from './imageScans';
