/**
 * Policies, types and the client of Image Scan for Backstage.
 *
 * @packageDocumentation
 */
export * from './annotations';
export * from './decisions';
export * from './ImageScanApi';
export * from './ImageScanClient';
export * from './markerForm';
export * from './markerReference';
export { explainMarkerValue } from './markerValue';
export * from './permissions';
export * from './policy';
export * from './types';
export * from './updates';
