export { changeKind } from './changeKind';
export {
  describePolicy,
  policyWarnings,
  selectionWarnings,
} from './describePolicy';
export { explainTags } from './explainTags';
export { InvalidRangeError } from './InvalidRangeError';
export { compareTags, selectTag } from './selectTag';
export { SemverRange } from './SemverRange';
export { TagSelector } from './TagSelector';
export { compareVersions, parseVersion } from './version';
export type { Version, VersionNumber } from './version';
