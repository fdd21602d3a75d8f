import { NotAllowedError, NotFoundError } from '@backstage/errors';
import {
  type Decision,
  type DecisionList,
  type DecisionListOptions,
  type DecisionRelease,
  type DecisionRequest,
  type DecisionsRequest,
  type GitRepoStatus,
  gitRepoReadPermission,
  gitRepoScanPermission,
  gitRepoUpdatePermission,
  type ImageScan,
  type ImageScanList,
  type ImageScanListOptions,
  type PolicyPreview,
  type PolicyPreviewRequest,
  type TagList,
  type TagListOptions,
  type UpdateList,
  type UpdateListOptions,
  type UpdateRequest,
  type UpdateResult,
} from 'backstage-plugin-image-scan-common';
import type {
  GitRepoAuthorizer,
  GitRepoPermission,
} from '../permissions/GitRepoAuthorizer';
import type {
  CallOptions,
  ImageScanService,
  ListCallOptions,
} from './ImageScanService';

/**
 * Lets a caller see and do only what the permissions say. What may not be seen
 * is as if it did not exist.
 */
export class AuthorizedImageScanService implements ImageScanService {
  readonly #service: ImageScanService;
  readonly #authorizer: GitRepoAuthorizer;

  constructor(options: {
    service: ImageScanService;
    authorizer: GitRepoAuthorizer;
  }) {
    this.#service = options.service;
    this.#authorizer = options.authorizer;
  }

  async listGitRepos(
    options: ListCallOptions,
  ): Promise<{ items: GitRepoStatus[] }> {
    return this.#service.listGitRepos(await this.#visible(options));
  }

  async getGitRepo(name: string, options: CallOptions): Promise<GitRepoStatus> {
    await this.#demand(gitRepoReadPermission, name, options);
    return this.#service.getGitRepo(name, options);
  }

  async syncGitRepo(
    name: string,
    options: CallOptions,
  ): Promise<GitRepoStatus> {
    await this.#demand(gitRepoScanPermission, name, options);
    return this.#service.syncGitRepo(name, options);
  }

  /** A dry run shows parts of manifests, so it needs the same permission. */
  async updateGitRepo(
    name: string,
    request: UpdateRequest,
    options: CallOptions,
  ): Promise<UpdateResult> {
    await this.#demand(gitRepoUpdatePermission, name, options);
    return this.#service.updateGitRepo(name, request, options);
  }

  async listImageScans(
    query: ImageScanListOptions,
    options: ListCallOptions,
  ): Promise<ImageScanList> {
    return this.#service.listImageScans(query, await this.#visible(options));
  }

  getImageScan(id: string, options: CallOptions): Promise<ImageScan> {
    return this.#demandScan(gitRepoReadPermission, id, options);
  }

  async scanImage(id: string, options: CallOptions): Promise<ImageScan> {
    await this.#demandScan(gitRepoScanPermission, id, options);
    return this.#service.scanImage(id, options);
  }

  async listTags(
    id: string,
    query: TagListOptions,
    options: CallOptions,
  ): Promise<TagList> {
    await this.#demandScan(gitRepoReadPermission, id, options);
    return this.#service.listTags(id, query, options);
  }

  async previewPolicy(
    request: PolicyPreviewRequest,
    options: CallOptions,
  ): Promise<PolicyPreview> {
    if (request.imageScanId !== undefined) {
      await this.#demandScan(
        gitRepoReadPermission,
        request.imageScanId,
        options,
      );
    }
    return this.#service.previewPolicy(request, options);
  }

  async listUpdates(
    query: UpdateListOptions,
    options: ListCallOptions,
  ): Promise<UpdateList> {
    return this.#service.listUpdates(query, await this.#visible(options));
  }

  async listDecisions(
    query: DecisionListOptions,
    options: ListCallOptions,
  ): Promise<DecisionList> {
    return this.#service.listDecisions(query, await this.#visible(options));
  }

  getDecision(id: string, options: CallOptions): Promise<Decision> {
    return this.#demandDecision(gitRepoReadPermission, id, options);
  }

  async decide(
    request: DecisionRequest,
    options: CallOptions,
  ): Promise<Decision> {
    if (request.imageScanId !== undefined) {
      const { imageScanId } = request;
      await this.#demandScan(gitRepoUpdatePermission, imageScanId, options);
    } else {
      await this.#demandOn(request.gitRepo, gitRepoUpdatePermission, options);
    }
    return this.#service.decide(request, options);
  }

  async decideOnScans(
    request: DecisionsRequest,
    options: CallOptions,
  ): Promise<DecisionList> {
    const demanded = new Set<string>();
    for (const id of request.imageScanIds) {
      const { gitRepo } = await this.#service.getImageScan(id, options);
      if (!demanded.has(gitRepo)) {
        await this.#demandScan(gitRepoUpdatePermission, id, options);
        demanded.add(gitRepo);
      }
    }
    return this.#service.decideOnScans(request, options);
  }

  async releaseDecision(
    id: string,
    release: DecisionRelease,
    options: CallOptions,
  ): Promise<Decision> {
    await this.#demandDecision(gitRepoUpdatePermission, id, options);
    return this.#service.releaseDecision(id, release, options);
  }

  async #visible(options: ListCallOptions): Promise<ListCallOptions> {
    const visible = await this.#authorizer.allowed(
      gitRepoReadPermission,
      options.credentials,
    );
    return { ...options, visible };
  }

  #demand(
    permission: GitRepoPermission,
    name: string,
    { credentials }: CallOptions,
  ): Promise<void> {
    return this.#authorizer.demand(permission, name, credentials);
  }

  /** Without a name, on all git repos. */
  #demandOn(
    name: string | undefined,
    permission: GitRepoPermission,
    options: CallOptions,
  ): Promise<void> {
    return name === undefined
      ? this.#authorizer.demandAll(permission, options.credentials)
      : this.#demand(permission, name, options);
  }

  /** Whoever sees a git repo sees what holds everything. */
  async #demandSight(id: string, options: CallOptions): Promise<void> {
    const { visible = [] } = await this.#visible(options);
    if (visible.length === 0) {
      throw new NotFoundError(`There is no decision ${id}`);
    }
  }

  async #demandAllSight(id: string, options: CallOptions): Promise<void> {
    try {
      await this.#demandOn(undefined, gitRepoReadPermission, options);
    } catch (error) {
      throw error instanceof NotAllowedError
        ? new NotFoundError(`There is no decision ${id}`)
        : error;
    }
  }

  /** A decision on a git repo that may not be seen is as unknown as its id. */
  async #demandDecision(
    permission: GitRepoPermission,
    id: string,
    options: CallOptions,
  ): Promise<Decision> {
    const decision = await this.#service.getDecision(id, options);
    const { gitRepo } = decision;
    try {
      if (gitRepo === undefined && permission === gitRepoReadPermission) {
        await this.#demandSight(id, options);
      } else if (gitRepo !== undefined && !this.#authorizer.knows(gitRepo)) {
        // As it is gone, nothing less than all can say who may see it.
        await this.#demandAllSight(id, options);
        await this.#demandOn(undefined, permission, options);
      } else {
        await this.#demandOn(gitRepo, permission, options);
      }
    } catch (error) {
      if (error instanceof NotFoundError) {
        throw new NotFoundError(`There is no decision ${id}`);
      }
      throw error;
    }
    return decision;
  }

  /** A scan of a git repo that may not be seen is as unknown as its id. */
  async #demandScan(
    permission: GitRepoPermission,
    id: string,
    options: CallOptions,
  ): Promise<ImageScan> {
    const scan = await this.#service.getImageScan(id, options);
    try {
      await this.#demand(permission, scan.gitRepo, options);
    } catch (error) {
      if (error instanceof NotFoundError) {
        throw new NotFoundError(`There is no image scan ${id}`);
      }
      throw error;
    }
    return scan;
  }
}
