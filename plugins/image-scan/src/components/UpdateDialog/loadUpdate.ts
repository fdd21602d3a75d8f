import type {
  Decision,
  ImageScanApi,
  UpdateRequest,
  UpdateResult,
} from 'backstage-plugin-image-scan-common';
import { type UpdateRow, isAsProposed, requestOf, toRows } from './updateRows';
import { type UpdateScope, scopeRequest } from './updateScope';

/** The most that one answer holds. */
const MOST_DECISIONS = 500;

/** What an update would write, and what it asks the backend for. */
export interface UpdateView {
  request: UpdateRequest;
  preview: UpdateResult;
  rows: UpdateRow[];
}

/** What the user changed in the dialog. */
export interface UpdateChoice {
  /** Ticked or not, by the ids of scans. */
  ticks: ReadonlyMap<string, boolean>;
  /** In place of the message that the backend proposes. */
  message?: string;
}

/** The preview of nothing: no scan is left to ask the backend about. */
const NOTHING: UpdateResult = {
  branch: '',
  message: '',
  changes: [],
  scans: [],
  problems: [],
  diff: '',
  plan: '',
};

/** Asks the backend what it would write, first as it proposes and then as chosen. */
export async function loadUpdate(
  api: ImageScanApi,
  scope: UpdateScope,
  { ticks, message }: UpdateChoice,
): Promise<UpdateView> {
  const base = {
    ...(await scopeRequest(api, scope)),
    ...(message && { message }),
  };
  const proposed = await previewOf(api, scope, base, NOTHING);
  const isFixed = scope.tags !== undefined || scope.revert !== undefined;
  const decisions = await decisionsOn(api, scope, proposed);
  const rows = toRows(proposed.scans, decisions, ticks, isFixed);
  if (isAsProposed(rows)) {
    return { request: base, preview: proposed, rows };
  }
  const request = requestOf(base, rows);
  const nothing = { ...proposed, changes: [], problems: [], diff: '' };
  return {
    request,
    preview: await previewOf(api, scope, request, nothing),
    rows,
  };
}

async function previewOf(
  api: ImageScanApi,
  { gitRepo }: UpdateScope,
  request: UpdateRequest,
  nothing: UpdateResult,
): Promise<UpdateResult> {
  return request.imageScanIds?.length === 0
    ? nothing
    : api.updateGitRepo(gitRepo, { ...request, dryRun: true });
}

async function decisionsOn(
  api: ImageScanApi,
  { gitRepo, imageScanId }: UpdateScope,
  { scans }: UpdateResult,
): Promise<Decision[]> {
  if (!scans.some(({ notWritten }) => notWritten?.decision)) {
    return [];
  }
  if (imageScanId !== undefined) {
    return (await api.getImageScan(imageScanId)).decisions;
  }
  const { items } = await api.listDecisions({
    gitRepo,
    active: true,
    limit: MOST_DECISIONS,
  });
  return items;
}
