export { changeKind } from './changeKind';
export { compareDecimals, parseDecimal } from './decimal';
export type { Decimal } from './decimal';
export {
  describePolicy,
  explainUnfiltered,
  policyWarnings,
} from './describePolicy';
export {
  explainArtefactsInTurns,
  explainTags,
  explainTagsInTurns,
} from './explainTags';
export { explainValuesInTurns } from './explainValues';
export { mapEach, sortEach } from './inPieces';
export type { Pieces } from './inPieces';
export { InvalidRangeError } from './InvalidRangeError';
export { selectionWarnings } from './selectionWarnings';
export { compareTags, selectTag } from './selectTag';
export { SemverRange } from './SemverRange';
export { explainStepBack } from './stepBack';
export { isArtefactTag, kindOf } from './tagOrder';
export type { PolicyKind } from './tagOrder';
export { TagSelector } from './TagSelector';
export type { SelectionOptions } from './TagSelector';
export type { ValuedTag } from './valuedTag';
export { compareVersions, parseVersion } from './version';
export type { Version, VersionNumber } from './version';
