/**
 * The backend of Image Scan for Backstage.
 *
 * @packageDocumentation
 */
export { imageScanPlugin as default } from './plugin';
export {
  createGitRepoConditionalDecision,
  gitRepoConditions,
} from './permissions/conditions';
