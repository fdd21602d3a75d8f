import type { ActionOptions } from './ActionOptions';
import { createHoldUpdatesAction } from './createHoldUpdatesAction';
import { createExplainTagsAction } from './createExplainTagsAction';
import { createGetImageScanAction } from './createGetImageScanAction';
import { createListDecisionsAction } from './createListDecisionsAction';
import { createListImageScansAction } from './createListImageScansAction';
import { createReleaseDecisionAction } from './createReleaseDecisionAction';
import { createScanImageAction } from './createScanImageAction';
import { createSkipTagAction } from './createSkipTagAction';
import { createUpdateGitRepoAction } from './createUpdateGitRepoAction';

/**
 * Registers the actions of the plugin, for assistants and whatever else calls
 * actions. They go the way of the REST API, with the caller's permissions.
 */
export function createImageScanActions(options: ActionOptions): void {
  createListImageScansAction(options);
  createGetImageScanAction(options);
  createExplainTagsAction(options);
  createScanImageAction(options);
  createUpdateGitRepoAction(options);
  createListDecisionsAction(options);
  createHoldUpdatesAction(options);
  createSkipTagAction(options);
  createReleaseDecisionAction(options);
}
