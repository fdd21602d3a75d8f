/**
 * Image status on entity pages, in a tab and across the catalog.
 *
 * @packageDocumentation
 */
export { imageScanApiRef } from './api';
export { default } from './plugin';
export { imageScanTranslationRef } from './translation';
