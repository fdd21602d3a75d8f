import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import {
  type Decision,
  type DecisionList,
  type DecisionListOptions,
  type DecisionRelease,
  type DecisionRequest,
  type DecisionsRequest,
  type EntityLink,
  type GitRepoStatus,
  type ImageScan,
  type ImageScanApi,
  type ImageScanList,
  type ImageScanListOptions,
  type PolicyPreview,
  type PolicyPreviewRequest,
  SemverRange,
  type TagExplanation,
  type TagList,
  type TagListOptions,
  type UpdateList,
  type UpdateListOptions,
  type UpdateRecord,
  type UpdateRequest,
  type UpdateResult,
  explainTags,
  imageScanStates,
} from 'backstage-plugin-image-scan-common';
import {
  countStates,
  gitRepo,
  imageScan,
  minutesFromNow,
  tags,
  updateRecord,
  webChanges,
  webUpdate,
  WEB_DIFF,
} from './imageScans';

/** An image-scan backend in memory: it filters, sorts, pages and updates as the real one does. */
export class MockImageScanApi implements ImageScanApi {
  scans: ImageScan[];
  entity: EntityLink = {
    source: 'annotation',
    gitRepo: 'shop',
    paths: ['apps'],
  };
  gitRepos: GitRepoStatus[] = [gitRepo()];
  tags: TagExplanation[] = tags;
  updates: UpdateRecord[] = [updateRecord()];
  decisions: Decision[] = [];
  /** What an update would write, and the plan that stands for it. */
  pending: Pick<
    UpdateResult,
    'changes' | 'scans' | 'diff' | 'problems' | 'plan'
  > = {
    changes: webChanges,
    scans: [webUpdate],
    diff: WEB_DIFF,
    problems: [],
    plan: 'plan-1',
  };
  /** Every update request, in order. */
  readonly updateRequests: UpdateRequest[] = [];
  /** Everything that was decided, in order. */
  readonly decisionRequests: DecisionRequest[] = [];

  constructor(scans: ImageScan[] = [imageScan()]) {
    this.scans = scans;
  }

  async listGitRepos(): Promise<{ items: GitRepoStatus[] }> {
    return { items: this.gitRepos };
  }

  async getGitRepo(name: string): Promise<GitRepoStatus> {
    const found = this.gitRepos.find(status => status.name === name);
    if (!found) {
      throw new NotFoundError(`No git repo is named ${name}`);
    }
    return found;
  }

  async syncGitRepo(name: string): Promise<GitRepoStatus> {
    const status = await this.getGitRepo(name);
    status.lastSyncTime = minutesFromNow(0);
    return status;
  }

  async updateGitRepo(
    _name: string,
    request: UpdateRequest,
  ): Promise<UpdateResult> {
    this.updateRequests.push(request);
    const result = {
      branch: 'main',
      message: request.message ?? 'update image',
      ...this.pending,
      ...this.#written(request),
    };
    if (request.dryRun) {
      return result;
    }
    if (request.plan !== this.pending.plan) {
      throw new ConflictError('The plan does not hold any more');
    }
    const record = updateRecord({
      id: String(this.updates.length + 1),
      time: minutesFromNow(0),
      initiator: 'user:default/guest',
    });
    this.updates = [record, ...this.updates];
    this.scans = this.scans.map(scan =>
      scan.state === 'update-available'
        ? imageScan({ id: scan.id, lastUpdate: record })
        : scan,
    );
    return { ...result, commit: record.commit, commitUrl: record.commitUrl };
  }

  /** What a request names, with what it lifts. */
  #written({
    imageScanIds,
    allowDowngrade,
    release = [],
  }: UpdateRequest): Pick<UpdateResult, 'scans' | 'changes'> {
    const scans = this.pending.scans
      .filter(({ imageScanId }) => imageScanIds?.includes(imageScanId) ?? true)
      .map(scan => {
        const { notWritten, ...written } = scan;
        const isLifted =
          notWritten?.decision === undefined
            ? notWritten?.cause === 'downgrade' && allowDowngrade
            : release.includes(notWritten.decision.id);
        return isLifted ? { ...written, values: 1 } : scan;
      });
    const ids = scans.flatMap(({ imageScanId, notWritten }) =>
      notWritten ? [] : [imageScanId],
    );
    return {
      scans,
      changes: this.pending.changes.filter(({ imageScanId }) =>
        ids.includes(imageScanId),
      ),
    };
  }

  async listImageScans(
    options: ImageScanListOptions = {},
  ): Promise<ImageScanList> {
    const { search = '', state, limit = 50, offset = 0, orderBy } = options;
    const found = this.scans.filter(
      scan =>
        (!options.gitRepo || scan.gitRepo === options.gitRepo) &&
        `${scan.image} ${scan.tagName} ${scan.path}`.includes(search),
    );
    const items = found.filter(scan => !state || scan.state === state);
    if (orderBy) {
      const key = (scan: ImageScan) =>
        orderBy.field === 'state'
          ? String(imageScanStates.indexOf(scan.state))
          : scan[orderBy.field] ?? '';
      const sign = orderBy.order === 'asc' ? 1 : -1;
      items.sort((a, b) => sign * key(a).localeCompare(key(b)));
    }
    return {
      items: items.slice(offset, offset + limit),
      totalItems: items.length,
      counts: countStates(found),
      entity: options.entityRef ? this.entity : undefined,
    };
  }

  async getImageScan(id: string): Promise<ImageScan> {
    const found = this.scans.find(scan => scan.id === id);
    if (!found) {
      throw new NotFoundError(`No image scan has the id ${id}`);
    }
    return found;
  }

  async scanImage(id: string): Promise<ImageScan> {
    const scan = {
      ...(await this.getImageScan(id)),
      lastScanTime: minutesFromNow(0),
      nextScanTime: minutesFromNow(5),
    };
    this.scans = this.scans.map(old => (old.id === id ? scan : old));
    return scan;
  }

  async listTags(_id: string, options: TagListOptions = {}): Promise<TagList> {
    const { search = '', verdict, limit = 50, offset = 0 } = options;
    const items = this.tags.filter(
      tag => tag.tag.includes(search) && (!verdict || tag.verdict === verdict),
    );
    return {
      items: items.slice(offset, offset + limit),
      totalItems: items.length,
      counts: countVerdicts(this.tags),
      time: minutesFromNow(-3),
    };
  }

  async previewPolicy(request: PolicyPreviewRequest): Promise<PolicyPreview> {
    if (request.policy.semver) {
      try {
        SemverRange.parse(request.policy.semver.range);
      } catch (error) {
        throw new InputError(String(error));
      }
    }
    const items = explainTags(
      request.policy,
      this.tags.map(({ tag }) => tag),
    );
    return {
      selected: items.find(({ verdict }) => verdict === 'selected')?.tag,
      items,
      totalItems: items.length,
      counts: countVerdicts(items),
    };
  }

  async listDecisions(
    options: DecisionListOptions = {},
  ): Promise<DecisionList> {
    const { imageScanId, active, limit = 50, offset = 0 } = options;
    const found = this.decisions.filter(
      decision =>
        (!options.gitRepo ||
          [undefined, options.gitRepo].includes(decision.gitRepo)) &&
        (!imageScanId || decision.imageScanId === imageScanId) &&
        (active === undefined || active === !decision.ended),
    );
    return {
      items: found.slice(offset, offset + limit),
      totalItems: found.length,
    };
  }

  async getDecision(id: string): Promise<Decision> {
    const decision = this.decisions.find(each => each.id === id);
    if (!decision) {
      throw new NotFoundError(`There is no decision ${id}`);
    }
    return decision;
  }

  async decide(request: DecisionRequest): Promise<Decision> {
    this.decisionRequests.push(request);
    const { release = [], ...made } = request;
    for (const id of release) {
      await this.releaseDecision(id, {});
    }
    const scan = this.scans.find(({ id }) => id === request.imageScanId);
    const decision: Decision = {
      ...made,
      gitRepo: scan?.gitRepo ?? request.gitRepo,
      image: scan?.image,
      tagName: scan?.tagName,
      path: scan?.path,
      id: `decision-${this.decisions.length + 1}`,
      by: 'user:default/guest',
      time: new Date().toISOString(),
    };
    this.decisions = [decision, ...this.decisions];
    return decision;
  }

  async decideOnScans({
    imageScanIds,
    ...request
  }: DecisionsRequest): Promise<DecisionList> {
    const items: Decision[] = [];
    for (const imageScanId of imageScanIds) {
      items.push(await this.decide({ ...request, imageScanId }));
    }
    return { items, totalItems: items.length };
  }

  async releaseDecision(
    id: string,
    { reason }: DecisionRelease,
  ): Promise<Decision> {
    const decision = await this.getDecision(id);
    const by = 'user:default/guest';
    const time = new Date().toISOString();
    const ended = {
      ...decision,
      ended: { by, time, how: 'released', reason } as const,
    };
    this.decisions = this.decisions.map(each =>
      each.id === id ? ended : each,
    );
    return ended;
  }

  async listUpdates(options: UpdateListOptions = {}): Promise<UpdateList> {
    const { limit = 50, offset = 0 } = options;
    return {
      items: this.updates.slice(offset, offset + limit),
      totalItems: this.updates.length,
    };
  }
}

function countVerdicts(items: TagExplanation[]): TagList['counts'] {
  const counts: TagList['counts'] = {};
  for (const { verdict } of items) {
    counts[verdict] = (counts[verdict] ?? 0) + 1;
  }
  return counts;
}
