export { mayDefineScans, sortDefinitionFiles } from './definitionFiles';
export type {
  DefinitionFile,
  DefinitionFiles,
  DefinitionScope,
  FileMessage,
} from './definitionFiles';
export { formatDuration, parseDuration } from './duration';
export { parseGitRepo } from './gitRepo';
export type { BundlePath, GitRepoDefinition } from './gitRepo';
export { mentionsScans } from './imageScans';
export type { MeasuredDefinitions } from './imageScans';
export type {
  DefinitionError,
  ImageScanDefinition,
  ImageScanDefinitions,
} from './ImageScanDefinition';
export { filesUnder, folderMayHold } from './repoPaths';
export { windowAt } from './updateWindow';
export type { UpdateWindow, WindowState } from './updateWindow';
