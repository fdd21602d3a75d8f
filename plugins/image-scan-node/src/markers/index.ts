export { diffManifest, diffManifestInTurns } from './diffManifest';
export { findMarkers, findMarkersInTurns } from './findMarkers';
export type { FoundMarkers, MeasuredMarkers } from './findMarkers';
export type { LocateOptions, MarkerOptions } from './locateMarkers';
export { mayHoldMarkers } from './manifestText';
export { MarkerScope } from './MarkerScope';
export type { MarkerTarget, ScopedScan, ScopeObstacle } from './MarkerScope';
export { rewriteManifest, rewriteManifestInTurns } from './rewriteManifest';
export type { RewriteOptions, RewriteResult } from './rewriteManifest';
