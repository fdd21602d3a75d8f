import type {
  Decision,
  DecisionList,
  DecisionListOptions,
  DecisionRelease,
  DecisionRequest,
  DecisionsRequest,
} from './decisions';
import type {
  GitRepoStatus,
  ImageScan,
  ImageScanList,
  ImageScanListOptions,
  PolicyPreview,
  PolicyPreviewRequest,
  TagList,
  TagListOptions,
} from './types';
import type {
  UpdateList,
  UpdateListOptions,
  UpdateRequest,
  UpdateResult,
} from './updates';

/**
 * What the backend offers under `/api/image-scan`.
 *
 * @remarks
 * Git repos are named as the backend names them: `name`, or `namespace:name`
 * where the name alone is not unique.
 *
 * @public
 */
export interface ImageScanApi {
  listGitRepos(): Promise<{ items: GitRepoStatus[] }>;
  getGitRepo(name: string): Promise<GitRepoStatus>;
  /** Reads definitions and markers again now. */
  syncGitRepo(name: string): Promise<GitRepoStatus>;
  /** Rewrites, commits and pushes, or shows what would be. */
  updateGitRepo(name: string, request: UpdateRequest): Promise<UpdateResult>;
  listImageScans(options?: ImageScanListOptions): Promise<ImageScanList>;
  getImageScan(id: string): Promise<ImageScan>;
  /** Asks the registry now and answers with the new status. */
  scanImage(id: string): Promise<ImageScan>;
  /** The tags of the last good list, newest verdicts first, and why each was or was not chosen. */
  listTags(id: string, options?: TagListOptions): Promise<TagList>;
  previewPolicy(request: PolicyPreviewRequest): Promise<PolicyPreview>;
  listUpdates(options?: UpdateListOptions): Promise<UpdateList>;
  /** What people decided, the newest first. */
  listDecisions(options?: DecisionListOptions): Promise<DecisionList>;
  getDecision(id: string): Promise<Decision>;
  /**
   * Holds a scan, a git repo or everything, or passes over a tag there, in place of an
   * earlier decision of the same kind about the same.
   */
  decide(request: DecisionRequest): Promise<Decision>;
  /** The same of several scans at once, in the order of their ids. */
  decideOnScans(request: DecisionsRequest): Promise<DecisionList>;
  /** Ends a decision, so that what it held is written again. */
  releaseDecision(id: string, release: DecisionRelease): Promise<Decision>;
}
