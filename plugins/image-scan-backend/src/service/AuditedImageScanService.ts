import type { AuditorService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type {
  Decision,
  DecisionList,
  DecisionListOptions,
  DecisionRelease,
  DecisionRequest,
  DecisionsRequest,
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
import type {
  CallOptions,
  ImageScanService,
  ListCallOptions,
} from './ImageScanService';
import { initiatorOf } from './initiatorOf';

/**
 * Tells the auditor of everything that writes or costs work, whichever way it
 * was asked for and whether or not it was allowed. Goes around the
 * authorization, so that refusals are on record too.
 */
export class AuditedImageScanService implements ImageScanService {
  readonly #service: ImageScanService;
  readonly #auditor: AuditorService;

  constructor(options: { service: ImageScanService; auditor: AuditorService }) {
    this.#service = options.service;
    this.#auditor = options.auditor;
  }

  syncGitRepo(name: string, options: CallOptions): Promise<GitRepoStatus> {
    return this.#audited(
      { eventId: 'git-repo-sync', meta: { gitRepo: name } },
      options,
      () => this.#service.syncGitRepo(name, options),
      ({ head }) => ({ head: head?.commit }),
    );
  }

  updateGitRepo(
    name: string,
    request: UpdateRequest,
    options: CallOptions,
  ): Promise<UpdateResult> {
    return this.#audited(
      {
        eventId: 'git-repo-update',
        meta: {
          gitRepo: name,
          actionType: request.dryRun ? 'dry-run' : 'write',
          allowDowngrade: request.allowDowngrade,
          imageScanIds: request.imageScanIds?.join(' '),
          release: request.release?.join(' '),
          tags: request.tags && JSON.stringify(request.tags),
          revert: request.revert,
          reason: request.reason,
          until: request.until,
        },
      },
      options,
      () => this.#service.updateGitRepo(name, request, options),
      ({ commit, changes }) => ({ commit, changes: changes.length }),
    );
  }

  scanImage(id: string, options: CallOptions): Promise<ImageScan> {
    return this.#audited(
      { eventId: 'image-scan', meta: { imageScanId: id } },
      options,
      () => this.#service.scanImage(id, options),
      ({ gitRepo, tagName, state }) => ({ gitRepo, tagName, state }),
    );
  }

  decide(request: DecisionRequest, options: CallOptions): Promise<Decision> {
    const { release, ...rest } = request;
    return this.#audited(
      {
        eventId: 'decision-make',
        meta: { ...rest, releases: release?.join(' ') },
      },
      options,
      () => this.#service.decide(request, options),
      ({ id }) => ({ decisionId: id }),
    );
  }

  decideOnScans(
    request: DecisionsRequest,
    options: CallOptions,
  ): Promise<DecisionList> {
    const { imageScanIds, ...rest } = request;
    return this.#audited(
      {
        eventId: 'decision-make',
        meta: { ...rest, imageScanIds: imageScanIds.join(' ') },
      },
      options,
      () => this.#service.decideOnScans(request, options),
      ({ items }) => ({ decisionIds: items.map(({ id }) => id).join(' ') }),
    );
  }

  releaseDecision(
    id: string,
    release: DecisionRelease,
    options: CallOptions,
  ): Promise<Decision> {
    return this.#audited(
      {
        eventId: 'decision-release',
        meta: { decisionId: id, reason: release.reason },
      },
      options,
      () => this.#service.releaseDecision(id, release, options),
      ({ kind, gitRepo, imageScanId }) => ({ kind, gitRepo, imageScanId }),
    );
  }

  listGitRepos(options: ListCallOptions): Promise<{ items: GitRepoStatus[] }> {
    return this.#service.listGitRepos(options);
  }

  getGitRepo(name: string, options: CallOptions): Promise<GitRepoStatus> {
    return this.#service.getGitRepo(name, options);
  }

  listImageScans(
    query: ImageScanListOptions,
    options: ListCallOptions,
  ): Promise<ImageScanList> {
    return this.#service.listImageScans(query, options);
  }

  getImageScan(id: string, options: CallOptions): Promise<ImageScan> {
    return this.#service.getImageScan(id, options);
  }

  listTags(
    id: string,
    query: TagListOptions,
    options: CallOptions,
  ): Promise<TagList> {
    return this.#service.listTags(id, query, options);
  }

  previewPolicy(
    request: PolicyPreviewRequest,
    options: CallOptions,
  ): Promise<PolicyPreview> {
    return this.#service.previewPolicy(request, options);
  }

  listUpdates(
    query: UpdateListOptions,
    options: ListCallOptions,
  ): Promise<UpdateList> {
    return this.#service.listUpdates(query, options);
  }

  listDecisions(
    query: DecisionListOptions,
    options: ListCallOptions,
  ): Promise<DecisionList> {
    return this.#service.listDecisions(query, options);
  }

  getDecision(id: string, options: CallOptions): Promise<Decision> {
    return this.#service.getDecision(id, options);
  }

  async #audited<T>(
    event: { eventId: string; meta: Meta },
    { request, credentials }: CallOptions,
    work: () => Promise<T>,
    describe: (result: T) => Meta,
  ): Promise<T> {
    const audit = await this.#auditor.createEvent({
      eventId: event.eventId,
      severityLevel: 'medium',
      request,
      // Without a request the auditor takes the plugin itself for the actor.
      meta: request
        ? event.meta
        : { ...event.meta, initiator: initiatorOf(credentials) },
    });
    try {
      const result = await work();
      await audit.success({ meta: describe(result) });
      return result;
    } catch (error) {
      await audit.fail({ error: toError(error) });
      throw error;
    }
  }
}

type Meta = { [key: string]: string | number | boolean | undefined };
