import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { parseEntityRef } from '@backstage/catalog-model';
import {
  ConflictError,
  InputError,
  NotFoundError,
  toError,
} from '@backstage/errors';
import type {
  Decision,
  DecisionList,
  DecisionListOptions,
  DecisionRelease,
  DecisionRequest,
  DecisionsRequest,
  GitRepoStatus,
  ImageScan,
  ImageScanCounts,
  ImageScanList,
  ImageScanListOptions,
  PolicyPreview,
  PolicyPreviewRequest,
  TagExplanation,
  TagList,
  TagListOptions,
  TagVerdict,
  UpdateList,
  UpdateListOptions,
  UpdateRequest,
  UpdateResult,
} from 'backstage-plugin-image-scan-common';
import type { GitRepoDefinition } from 'backstage-plugin-image-scan-node';
import type { Stores } from '../database/createStores';
import type { DecisionStore } from '../database/DecisionStore';
import type { GitRepoStore } from '../database/GitRepoStore';
import type { ImageScanStore, ListedScan } from '../database/ImageScanStore';
import type { ScanQueue } from '../database/ScanQueue';
import type { UpdateStore } from '../database/UpdateStore';
import type { ScanWorker } from '../scanning/ScanWorker';
import { explainChoice } from '../scanning/explainChoice';
import type { TagResolver } from '../scanning/TagResolver';
import { commitUrl } from './commitUrl';
import type { GitRepoWorker } from '../updating/GitRepoWorker';
import type { EntityLinks, ResolvedLink } from '../entities/EntityLinks';
import type {
  CallOptions,
  ImageScanService,
  ListCallOptions,
} from './ImageScanService';
import { initiatorOf, personOf } from './initiatorOf';
import {
  choiceWarnings,
  presentGitRepo,
  presentScan,
  presentUpdate,
} from './present';
import { presentDecision, type PresentationContext } from './presentDecision';
import type { ChoiceConditions } from '../model/choice';
import { isOfOneTag, type StoredDecision } from '../model/decisions';
import { findOverlaps, type Overlap } from '../model/overlaps';
import type { StoredGitRepo, StoredUpdate } from '../model/types';
import type { ChosenTag } from '../updating/planScan';

const DEFAULT_LIMIT = 50;

/** Tags of one answer: a preview is looked at, not paged through. */
const PREVIEW_LIMIT = 500;

/** Answers from the database, and lets the workers do what is asked for now. */
export class DefaultImageScanService implements ImageScanService {
  readonly #context: PresentationContext;
  readonly #gitRepos: GitRepoStore;
  readonly #imageScans: ImageScanStore;
  readonly #queue: ScanQueue;
  readonly #updates: UpdateStore;
  readonly #decisions: DecisionStore;
  readonly #scanWorker: ScanWorker;
  readonly #tagResolver: TagResolver;
  readonly #gitRepoWorker: GitRepoWorker;
  readonly #links: EntityLinks;

  constructor(options: {
    context: PresentationContext;
    stores: Stores;
    scanWorker: ScanWorker;
    tagResolver: TagResolver;
    gitRepoWorker: GitRepoWorker;
    links: EntityLinks;
  }) {
    this.#context = options.context;
    this.#gitRepos = options.stores.gitRepos;
    this.#imageScans = options.stores.imageScans;
    this.#queue = options.stores.queue;
    this.#updates = options.stores.updates;
    this.#decisions = options.stores.decisions;
    this.#scanWorker = options.scanWorker;
    this.#tagResolver = options.tagResolver;
    this.#gitRepoWorker = options.gitRepoWorker;
    this.#links = options.links;
  }

  async listGitRepos({
    visible = this.#allKeys(),
  }: ListCallOptions): Promise<{ items: GitRepoStatus[] }> {
    const stored = await this.#gitRepos.list();
    const counts = await this.#imageScans.countByGitRepo(visible, Date.now());
    const overlaps = this.#overlaps(stored);
    const items = this.#context.directory.definitions
      .filter(({ key }) => visible.includes(key))
      .map(definition =>
        presentGitRepo(
          definition,
          stored.find(({ key }) => key === definition.key),
          counts.get(definition.key) ?? noCounts(),
          overlaps.get(definition.key) ?? [],
          this.#context,
        ),
      );
    return { items };
  }

  async getGitRepo(name: string): Promise<GitRepoStatus> {
    const definition = this.#context.directory.get(name);
    const { key } = definition;
    const counts = await this.#imageScans.countByGitRepo([key], Date.now());
    const stored = await this.#gitRepos.list();
    return presentGitRepo(
      definition,
      stored.find(each => each.key === key),
      counts.get(key) ?? noCounts(),
      this.#overlaps(stored).get(key) ?? [],
      this.#context,
    );
  }

  async syncGitRepo(name: string): Promise<GitRepoStatus> {
    await this.#gitRepoWorker.sync(this.#context.directory.get(name));
    return this.getGitRepo(name);
  }

  async updateGitRepo(
    name: string,
    request: UpdateRequest,
    { credentials }: CallOptions,
  ): Promise<UpdateResult> {
    const definition = this.#context.directory.get(name);
    const { dryRun, tags, revert, until, ...rest } = request;
    const write = {
      ...rest,
      chosen: tags && (await this.#choose(tags, definition)),
      revert:
        revert === undefined
          ? undefined
          : await this.#updateOf(definition, revert),
      until: until === undefined ? undefined : readUntil(until),
      initiator: initiatorOf(credentials),
      person: personOf(credentials),
    };
    const result = dryRun
      ? await this.#gitRepoWorker.preview(definition, write)
      : await this.#gitRepoWorker.update(definition, write);
    const commit = result.update?.commit;
    return {
      branch: result.head.branch,
      commit,
      commitUrl:
        commit &&
        commitUrl(this.#context.integrations, definition.repo, commit),
      message: result.message,
      changes: result.plan.changes,
      scans: result.plan.scans,
      problems: result.plan.problems,
      diff: result.diff,
      plan: result.planHash,
    };
  }

  async listImageScans(
    query: ImageScanListOptions,
    options: ListCallOptions,
  ): Promise<ImageScanList> {
    const { state, search } = query;
    const where = await this.#where(query, options);
    const { items, counts } = await this.#imageScans.list(
      { gitRepos: where.gitRepos, folders: where.folders, state, search },
      {
        now: Date.now(),
        orderBy: query.orderBy ?? { field: 'state', order: 'asc' },
        limit: query.limit ?? DEFAULT_LIMIT,
        offset: query.offset ?? 0,
      },
    );
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    return {
      items: items.map(item => presentScan(item, this.#context)),
      totalItems: state === undefined ? total : counts[state],
      counts,
      entity: where.link?.link,
    };
  }

  async getImageScan(id: string): Promise<ImageScan> {
    return presentScan(await this.#getScan(id), this.#context);
  }

  async scanImage(id: string): Promise<ImageScan> {
    const { scan } = await this.#getScan(id);
    const { suspend, tagName, file } = scan.definition;
    if (suspend) {
      throw new ConflictError(
        `The scan ${tagName} is suspended; set suspend: false in ${file}`,
      );
    }
    await this.#scanWorker.scanNow(id);
    return this.getImageScan(id);
  }

  async listTags(id: string, query: TagListOptions): Promise<TagList> {
    const listed = await this.#getScan(id);
    const { scan } = listed;
    const tags = await this.#queue.getTags(scan.definition.listKey);
    const explained = await explainChoice(
      scan.definition,
      tags ?? [],
      await this.#conditionsOf(listed),
    );
    const search = query.search?.toLocaleLowerCase('en-US') ?? '';
    const found = explained.filter(({ tag }) =>
      tag.toLocaleLowerCase('en-US').includes(search),
    );
    const shown = query.verdict
      ? found.filter(({ verdict }) => verdict === query.verdict)
      : found;
    const offset = query.offset ?? 0;
    const limit = query.limit ?? DEFAULT_LIMIT;
    return {
      items: shown.slice(offset, offset + limit),
      totalItems: shown.length,
      counts: countVerdicts(found),
      time:
        scan.lastScanAt === undefined
          ? undefined
          : new Date(scan.lastScanAt).toISOString(),
    };
  }

  async previewPolicy(request: PolicyPreviewRequest): Promise<PolicyPreview> {
    const { tags, conditions } = await this.#tagsFor(request);
    const items = await explainChoice(request, tags, conditions);
    const selected = items.find(({ verdict }) => verdict === 'selected')?.tag;
    return {
      selected,
      items: items.slice(0, PREVIEW_LIMIT),
      totalItems: items.length,
      counts: countVerdicts(items),
      warnings: choiceWarnings(request, selected, conditions?.markers ?? []),
    };
  }

  async listUpdates(
    query: UpdateListOptions,
    options: ListCallOptions,
  ): Promise<UpdateList> {
    const where = await this.#where(query, options);
    const { items, totalItems } = await this.#updates.list(
      { ...where, imageScanId: query.imageScanId },
      { limit: query.limit ?? DEFAULT_LIMIT, offset: query.offset ?? 0 },
    );
    return {
      items: items.map(update => presentUpdate(update, this.#context)),
      totalItems,
    };
  }

  async listDecisions(
    query: DecisionListOptions,
    options: ListCallOptions,
  ): Promise<DecisionList> {
    const { gitRepos, folders } = await this.#where(query, options);
    if (gitRepos.length === 0) {
      return { items: [], totalItems: 0 };
    }
    const all = this.#allKeys();
    // Nobody can be told who may see them, so whoever sees everything does.
    const seesGone =
      gitRepos.length === all.length && query.entityRef === undefined;
    const { items, totalItems } = await this.#decisions.list(
      {
        gitRepos,
        andBeside: seesGone ? all : undefined,
        folders,
        scanId: query.imageScanId,
        active: query.active,
      },
      {
        now: Date.now(),
        limit: query.limit ?? DEFAULT_LIMIT,
        offset: query.offset ?? 0,
      },
    );
    return {
      items: items.map(decision => presentDecision(decision, this.#context)),
      totalItems,
    };
  }

  async getDecision(id: string): Promise<Decision> {
    const decision = await this.#decisions.get(id);
    if (!decision) {
      throw new NotFoundError(`There is no decision ${id}`);
    }
    return presentDecision(decision, this.#context);
  }

  async decide(
    request: DecisionRequest,
    options: CallOptions,
  ): Promise<Decision> {
    const { gitRepo, imageScanId, ...decision } = request;
    const about = {
      gitRepo:
        gitRepo === undefined
          ? undefined
          : this.#context.directory.get(gitRepo).key,
      scanId: imageScanId,
    };
    const [made] = await this.#decide(decision, [about], options);
    return made;
  }

  async decideOnScans(
    { imageScanIds, ...decision }: DecisionsRequest,
    options: CallOptions,
  ): Promise<DecisionList> {
    const ids = [...new Set(imageScanIds)];
    const items = await this.#decide(
      decision,
      ids.map(scanId => ({ scanId })),
      options,
    );
    return { items, totalItems: items.length };
  }

  async releaseDecision(
    id: string,
    { reason }: DecisionRelease,
    { credentials }: CallOptions,
  ): Promise<Decision> {
    const by = initiatorOf(credentials);
    const decision = await this.#decisions.release(
      id,
      { by, reason },
      Date.now(),
    );
    return presentDecision(decision, this.#context);
  }

  #overlaps(stored: readonly StoredGitRepo[]): Map<string, Overlap[]> {
    const branches = new Map(stored.map(({ key, branch }) => [key, branch]));
    return findOverlaps(
      this.#context.directory.definitions,
      ({ key, branch }) => branches.get(key) ?? branch,
    );
  }

  async #decide(
    {
      kind,
      tag,
      release,
      reason,
      ...request
    }: Omit<DecisionRequest, 'gitRepo' | 'imageScanId'>,
    abouts: readonly { gitRepo?: string; scanId?: string }[],
    { credentials }: CallOptions,
  ): Promise<Decision[]> {
    const now = Date.now();
    const until =
      request.until === undefined ? undefined : readUntil(request.until);
    const by = initiatorOf(credentials);
    const decisions = await this.#decisions.decide(
      abouts.map(about => ({
        kind,
        about,
        tag,
        release,
        reason,
        until,
        by,
      })),
      now,
    );
    const announced = await this.#announcedTo(decisions);
    return decisions.map(decision => {
      const underway = announced.flatMap(update =>
        isAboutUpdate(decision, update) ? [update.commit] : [],
      );
      return {
        ...presentDecision(decision, this.#context),
        ...(underway.length > 0 && { underway }),
      };
    });
  }

  async #announcedTo(
    decisions: readonly StoredDecision[],
  ): Promise<StoredUpdate[]> {
    const isWide = decisions.some(({ gitRepo }) => gitRepo === undefined);
    const keys = isWide
      ? this.#allKeys()
      : decisions.flatMap(({ gitRepo }) => gitRepo ?? []);
    const announced = await Promise.all(
      [...new Set(keys)].map(key => this.#updates.announced(key)),
    );
    return announced.flat();
  }

  /** Finds the tags that a person names for scans of a git repo. */
  async #choose(
    tags: Readonly<Record<string, string>>,
    { key, name }: GitRepoDefinition,
  ): Promise<Map<string, ChosenTag>> {
    const chosen = new Map<string, ChosenTag>();
    for (const [id, tag] of Object.entries(tags)) {
      const item = await this.#imageScans.get(id, Date.now());
      if (item?.scan.definition.gitRepo !== key) {
        throw new InputError(
          `tags: git repo ${name} has no scan with the id ${id}`,
        );
      }
      const { scan, markers } = item;
      const { listKey } = scan.definition;
      const found = await this.#tagResolver.resolve(scan, markers, tag);
      chosen.set(id, { ...found, listKey });
    }
    return chosen;
  }

  async #updateOf(
    { key, name }: GitRepoDefinition,
    id: string,
  ): Promise<StoredUpdate> {
    const update = await this.#updates.get(id);
    if (update?.gitRepo !== key) {
      throw new InputError(`revert: git repo ${name} has no update ${id}`);
    }
    return update;
  }

  async #tagsFor(request: PolicyPreviewRequest): Promise<{
    tags: readonly string[];
    /** Those of the scan, where it is one whose tags are used. */
    conditions?: ChoiceConditions;
  }> {
    if (request.tags) {
      return { tags: request.tags };
    }
    if (request.imageScanId === undefined) {
      throw new InputError('Give tags, or the imageScanId whose tags to use');
    }
    const listed = await this.#getScan(request.imageScanId);
    const tags = await this.#queue.getTags(listed.scan.definition.listKey);
    return { tags: tags ?? [], conditions: await this.#conditionsOf(listed) };
  }

  async #conditionsOf({
    scan: { definition, choice },
    markers,
  }: ListedScan): Promise<ChoiceConditions> {
    const now = Date.now();
    const decisions = await this.#decisions.binding(definition.gitRepo, now);
    return {
      now,
      firstSeen: await this.#queue.getFirstSeen(definition.listKey),
      markers,
      wrongPlatforms: choice.wrongPlatforms,
      skips: decisions.filter(
        ({ kind, scanId }) => isOfOneTag(kind) && scanId === definition.id,
      ),
    };
  }

  async #where(
    query: { gitRepo?: string; entityRef?: string },
    { credentials, visible = this.#allKeys() }: ListCallOptions,
  ): Promise<{ gitRepos: string[]; folders?: string[]; link?: ResolvedLink }> {
    const link =
      query.entityRef === undefined
        ? undefined
        : await this.#linkOf(query.entityRef, credentials);
    const wanted =
      query.gitRepo === undefined
        ? undefined
        : this.#context.directory.find(query.gitRepo)?.key;
    const gitRepos = visible.filter(
      key =>
        (query.gitRepo === undefined || key === wanted) &&
        (!link || key === link.definition?.key),
    );
    return {
      gitRepos,
      folders: link?.link.paths,
      link: link && linkShownTo(visible, link),
    };
  }

  async #linkOf(
    entityRef: string,
    credentials: BackstageCredentials,
  ): Promise<ResolvedLink> {
    checkEntityRef(entityRef);
    const link = await this.#links.linkOf(entityRef, credentials);
    if (!link) {
      throw new NotFoundError(`There is no entity ${entityRef}`);
    }
    return link;
  }

  async #getScan(id: string): Promise<ListedScan> {
    const item = await this.#imageScans.get(id, Date.now());
    if (!item) {
      throw new NotFoundError(`There is no image scan ${id}`);
    }
    return item;
  }

  #allKeys(): string[] {
    return this.#context.directory.definitions.map(({ key }) => key);
  }
}

function isAboutUpdate(
  { gitRepo, scanId }: StoredDecision,
  update: StoredUpdate,
): boolean {
  return scanId === undefined
    ? gitRepo === undefined || gitRepo === update.gitRepo
    : update.changes.some(({ imageScanId }) => imageScanId === scanId);
}

/** @throws InputError unless it lies in the future */
function readUntil(text: string): number {
  const until = Date.parse(text);
  if (until <= Date.now()) {
    throw new InputError('until: must lie in the future');
  }
  return until;
}

function checkEntityRef(entityRef: string): void {
  try {
    parseEntityRef(entityRef);
  } catch (error) {
    throw new InputError(`entityRef: ${toError(error).message}`);
  }
}

/**
 * A git repo that may not be seen is as one that is not configured: of it only
 * what the entity itself says is shown.
 */
function linkShownTo(
  visible: readonly string[],
  link: ResolvedLink,
): ResolvedLink {
  if (link.definition && visible.includes(link.definition.key)) {
    return link;
  }
  const { source, gitRepo, paths } = link.link;
  return source === 'source-location'
    ? { link: { source: 'none', paths: [] } }
    : { link: { source: 'none', gitRepo, paths } };
}

function countVerdicts(
  items: readonly TagExplanation[],
): Partial<Record<TagVerdict, number>> {
  const counts: Partial<Record<TagVerdict, number>> = {};
  for (const { verdict } of items) {
    counts[verdict] = (counts[verdict] ?? 0) + 1;
  }
  return counts;
}

function noCounts(): ImageScanCounts {
  return {
    error: 0,
    held: 0,
    'update-available': 0,
    unknown: 0,
    suspended: 0,
    'up-to-date': 0,
  };
}
