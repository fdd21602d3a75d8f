/**
 * Scaffolder actions that rewrite image markers and commit on demand.
 *
 * @packageDocumentation
 */
export { scaffolderModuleImageScan as default } from './module';
