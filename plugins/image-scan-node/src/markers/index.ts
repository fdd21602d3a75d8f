export { findMarkers } from './findMarkers';
export { mayHoldMarkers } from './manifestText';
export { rewriteManifest } from './rewriteManifest';
export type { RewriteResult } from './rewriteManifest';
