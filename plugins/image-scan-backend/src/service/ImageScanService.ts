import { BackstageCredentials } from '@backstage/backend-plugin-api';
import {
  GitRepoStatus,
  ImageScan,
  ImageScanList,
  ImageScanListOptions,
  PolicyPreview,
  PolicyPreviewRequest,
  TagList,
  TagListOptions,
  UpdateList,
  UpdateListOptions,
  UpdateRequest,
  UpdateResult,
} from 'backstage-plugin-image-scan-common';
import { Request } from 'express';

/** Who calls. */
export interface CallOptions {
  credentials: BackstageCredentials;
  /** The request that the call came with, for the auditor; an action has none. */
  request?: Request;
}

/** Who calls, and which git repos a list may show. */
export interface ListCallOptions extends CallOptions {
  /** Keys of git repos; undefined for all. */
  visible?: readonly string[];
}

/** What the REST API and the registered actions offer, whoever asks; git repos go by the names people use. */
export interface ImageScanService {
  listGitRepos(options: ListCallOptions): Promise<{ items: GitRepoStatus[] }>;
  getGitRepo(name: string, options: CallOptions): Promise<GitRepoStatus>;
  syncGitRepo(name: string, options: CallOptions): Promise<GitRepoStatus>;
  updateGitRepo(
    name: string,
    request: UpdateRequest,
    options: CallOptions,
  ): Promise<UpdateResult>;
  listImageScans(
    query: ImageScanListOptions,
    options: ListCallOptions,
  ): Promise<ImageScanList>;
  getImageScan(id: string, options: CallOptions): Promise<ImageScan>;
  scanImage(id: string, options: CallOptions): Promise<ImageScan>;
  listTags(
    id: string,
    query: TagListOptions,
    options: CallOptions,
  ): Promise<TagList>;
  previewPolicy(
    request: PolicyPreviewRequest,
    options: CallOptions,
  ): Promise<PolicyPreview>;
  listUpdates(
    query: UpdateListOptions,
    options: ListCallOptions,
  ): Promise<UpdateList>;
}
