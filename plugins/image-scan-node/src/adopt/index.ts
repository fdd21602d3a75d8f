export { explainReason } from './explainReason';
export { findUnwatched, findUnwatchedInTurns } from './findUnwatched';
export { insertMarkers, insertMarkersInTurns } from './insertMarkers';
export { proposeRule, proposeRuleInTurns } from './proposeRule';
export type {
  MarkerToInsert,
  UnwatchedImage,
  UnwatchedReason,
  UnwatchedShape,
} from './types';
export { moveImageScans, moveImageScansInTurns } from './moveImageScans';
export type { MovedImageScans, MoveRefusal } from './moveImageScans';
export { planAdoption, planAdoptionInTurns } from './planAdoption';
export type { ImageToTake } from './planAdoption';
