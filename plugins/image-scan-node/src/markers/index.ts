export { diffManifest } from './diffManifest';
export { findMarkers } from './findMarkers';
export { mayHoldMarkers } from './manifestText';
export { MarkerScope } from './MarkerScope';
export type { MarkerTarget, ScopedScan, ScopeObstacle } from './MarkerScope';
export { rewriteManifest } from './rewriteManifest';
export type { RewriteResult } from './rewriteManifest';
