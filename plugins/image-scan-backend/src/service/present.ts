import {
  type GitRepoStatus,
  type ImageScan,
  type ImageScanCounts,
  kindOf,
  selectionWarnings,
  type StatusError,
  tagOfMarkerValue,
  type TagRule,
  type UpdateRecord,
} from 'backstage-plugin-image-scan-common';
import {
  type GitRepoDefinition,
  type UpdateWindow,
  windowAt,
} from 'backstage-plugin-image-scan-node';
import { desiredValue } from '../model/assessScan';
import type { ListedScan } from '../database/ImageScanStore';
import { describeOverlap, type Overlap } from '../model/overlaps';
import { filtersOf } from '../model/filtersOf';
import type {
  Failure,
  ScanMarker,
  StoredGitRepo,
  StoredScan,
  StoredUpdate,
} from '../model/types';
import { commitUrl } from './commitUrl';
import { presentDecision, type PresentationContext } from './presentDecision';

/** A scan as the API shows it. */
export function presentScan(
  listed: ListedScan,
  context: PresentationContext,
): ImageScan {
  const { scan, markers, lastUpdate } = listed;
  const { definition, latest } = scan;
  return {
    id: definition.id,
    gitRepo: context.directory.nameOf(definition.gitRepo),
    path: definition.path,
    tagName: definition.tagName,
    image: definition.image,
    policy: definition.policy,
    ...filtersOf(definition),
    interval: definition.interval,
    minimumAge: definition.minimumAge,
    platforms: definition.platforms && [...definition.platforms],
    suspend: definition.suspend,
    secretRef:
      definition.secretRef === undefined
        ? undefined
        : { name: definition.secretRef },
    latestImage: latest && `${definition.image}:${latest.tag}`,
    latestTag: latest?.tag,
    latestDigest: latest?.digest,
    lastScanTime: toIso(scan.lastScanAt),
    nextScanTime: toIso(scan.nextScanAt),
    state: scan.state,
    // Without a marker nothing is known of git, however fresh the result is.
    staleSince:
      scan.state === 'unknown' && markers.length > 0
        ? toIso(scan.lastScanAt)
        : undefined,
    currentTag: scan.currentTag,
    change: scan.change,
    held: scan.held,
    window:
      scan.state === 'update-available'
        ? closedWindow(context.directory.byKey.get(definition.gitRepo))
        : undefined,
    waiting: presentWaiting(scan),
    decisions: listed.decisions.map(decision =>
      presentDecision(decision, context),
    ),
    error: presentFailure(scan.failure, scan.nextScanAt),
    updateError: scan.change && updateError(listed),
    lastUpdate: lastUpdate && {
      commit: lastUpdate.commit,
      url: urlOf(definition.gitRepo, lastUpdate.commit, context),
      time: new Date(lastUpdate.createdAt).toISOString(),
    },
    markers: markers.map(marker => ({
      file: marker.file,
      line: marker.line,
      form: marker.form,
      current: marker.current,
      desired: latest && desiredValue(definition, latest, marker),
    })),
    problems: [
      ...scan.problems,
      ...(markers.length > 0
        ? []
        : [
            {
              file: definition.file,
              line: definition.line,
              tagName: definition.tagName,
              message: `no marker refers to this scan; write # {"$imagescan": "${definition.tagName}"} behind the value it should update`,
            },
          ]),
    ],
    warnings: [
      ...definition.warnings,
      ...(scan.choice.undecided ? [scan.choice.undecided] : []),
      ...choiceWarnings(definition, latest?.tag, markers),
    ],
  };
}

/**
 * What about the choice of a policy may not be meant, each once, however many places in
 * git have another tag.
 */
export function choiceWarnings(
  { policy, filterTags }: TagRule,
  selected: string | undefined,
  markers: readonly ScanMarker[],
): string[] {
  // What an extract makes of a tag says more than the tag does, and nothing of variants.
  if (
    selected === undefined ||
    filterTags?.extract ||
    kindOf(policy) !== 'semver'
  ) {
    return [];
  }
  const inGit = new Set(
    markers.flatMap(
      ({ form, current }) => tagOfMarkerValue(form, current) ?? [],
    ),
  );
  const warnings =
    inGit.size === 0
      ? selectionWarnings(selected)
      : [...inGit].flatMap(tag => selectionWarnings(selected, tag));
  return [...new Set(warnings)];
}

/** A git repo as the API shows it. */
export function presentGitRepo(
  definition: GitRepoDefinition,
  stored: StoredGitRepo | undefined,
  counts: ImageScanCounts,
  overlaps: readonly Overlap[],
  context: PresentationContext,
): GitRepoStatus {
  const head = stored?.headCommit;
  return {
    name: context.directory.nameOf(definition.key),
    namespace: definition.namespace,
    repo: definition.repo,
    branch: stored?.branch ?? definition.branch,
    paths: [...definition.paths],
    bundles: definition.bundles,
    paused: definition.paused,
    window: definition.window && presentWindow(definition.window),
    imageScanInterval: definition.imageScanInterval,
    head: head
      ? {
          commit: head,
          url: commitUrl(context.integrations, definition.repo, head),
        }
      : undefined,
    lastSyncTime: toIso(stored?.lastSyncAt),
    nextSyncTime: toIso(stored?.nextSyncAt),
    error: presentFailure(stored?.syncFailure, stored?.nextSyncAt),
    updateError: updateError(stored),
    problems: [
      // Whoever sees this git repo need not see the other.
      ...overlaps.map(({ path }) => ({
        file: path,
        message: describeOverlap(path),
      })),
      ...(stored?.problems ?? []),
    ],
    counts,
  };
}

function presentWindow(window: UpdateWindow): GitRepoStatus['window'] {
  const { isOpen, until } = windowAt(window, Date.now());
  return { ...window, isOpen, until: toIso(until) };
}

/** For whatever waits for it. */
function closedWindow(
  definition: GitRepoDefinition | undefined,
): ImageScan['window'] {
  const window = definition?.window && presentWindow(definition.window);
  return window && !window.isOpen ? { until: window.until } : undefined;
}

/** A commit as the API shows it. */
export function presentUpdate(
  update: StoredUpdate,
  context: PresentationContext,
): UpdateRecord {
  return {
    id: update.id,
    gitRepo: context.directory.nameOf(update.gitRepo),
    branch: update.branch,
    commit: update.commit,
    commitUrl: urlOf(update.gitRepo, update.commit, context),
    message: update.message,
    time: new Date(update.createdAt).toISOString(),
    initiator: update.initiator,
    changes: update.changes,
  };
}

function urlOf(
  gitRepo: string,
  commit: string,
  { directory, integrations }: PresentationContext,
): string | undefined {
  const repo = directory.byKey.get(gitRepo)?.repo;
  return repo && commitUrl(integrations, repo, commit);
}

function presentWaiting({ choice: { waiting } }: StoredScan) {
  return (
    waiting && {
      tag: waiting.tag,
      until: new Date(waiting.until).toISOString(),
    }
  );
}

function updateError(
  source: Pick<StoredGitRepo, 'updateFailure' | 'updateNotBefore'> | undefined,
): StatusError | undefined {
  return presentFailure(source?.updateFailure, source?.updateNotBefore);
}

function presentFailure(
  failure: Failure | undefined,
  retryAt: number | undefined,
): StatusError | undefined {
  return (
    failure && {
      message: failure.message,
      time: new Date(failure.at).toISOString(),
      retryTime: toIso(retryAt),
    }
  );
}

function toIso(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}
