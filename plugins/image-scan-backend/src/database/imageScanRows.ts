import type {
  ChangeKind,
  HeldChange,
  ImagePolicy,
  ImageScanState,
  Problem,
} from 'backstage-plugin-image-scan-common';
import type { StoredDecision } from '../model/decisions';
import { filtersOf, type TagFilters } from '../model/filtersOf';
import type {
  Assessment,
  ChoiceNotes,
  Failure,
  ScanDefinition,
  ScanMarker,
  StoredScan,
} from '../model/types';
import type { ListedScan } from './ImageScanStore';
import {
  type GitRepoRow,
  type ImageScanRow,
  type MarkerRow,
  type Milliseconds,
  optional,
  toMilliseconds,
  toOptionalMilliseconds,
} from './tables';

/** A scan joined with its git repo and with the update that wrote it last. */
export type ListedRow = ImageScanRow &
  Pick<
    GitRepoRow,
    'update_error' | 'update_error_at' | 'update_failures' | 'update_not_before'
  > & {
    state_now: ImageScanState;
    update_commit: string | null;
    update_created_at: Milliseconds | null;
  };

/** Columns of a definition, as one is stored and compared. */
export function definitionColumns(definition: ScanDefinition) {
  const filters = filtersOf(definition);
  return {
    git_repo: definition.gitRepo,
    path: definition.path,
    tag_name: definition.tagName,
    image: definition.image,
    policy: JSON.stringify(definition.policy),
    filters: filters ? JSON.stringify(filters) : null,
    interval_ms: definition.interval,
    minimum_age_ms: definition.minimumAge ?? null,
    platforms: definition.platforms
      ? JSON.stringify(definition.platforms)
      : null,
    suspend: definition.suspend,
    secret_ref: definition.secretRef ?? null,
    file: definition.file,
    line: definition.line,
    warnings: JSON.stringify(definition.warnings),
    definition_hash: definition.hash,
    list_key: definition.listKey,
    registry_host: definition.registryHost,
  };
}

/** Columns of what a result means for git. */
export function assessmentColumns(
  assessment: Assessment & { settled?: StoredScan['settled'] },
) {
  return {
    state: assessment.state,
    held: assessment.held ? JSON.stringify(assessment.held) : null,
    current_tag: assessment.currentTag ?? null,
    change_kind: assessment.change ?? null,
    settled_tag: assessment.settled?.tag ?? null,
    settled_definition_hash: assessment.settled?.definitionHash ?? null,
  };
}

export function toScanMarker(row: MarkerRow): ScanMarker {
  return {
    scanId: row.scan_id,
    file: row.file,
    line: row.line,
    form: row.form,
    current: row.current,
  };
}

function toDefinition(row: ImageScanRow): ScanDefinition {
  const policy: ImagePolicy = JSON.parse(row.policy);
  const filters: TagFilters | null = row.filters
    ? JSON.parse(row.filters)
    : null;
  const warnings: string[] = JSON.parse(row.warnings);
  const platforms: string[] | undefined = row.platforms
    ? JSON.parse(row.platforms)
    : undefined;
  return {
    ...filters,
    id: row.id,
    gitRepo: row.git_repo,
    path: row.path,
    tagName: row.tag_name,
    image: row.image,
    policy,
    interval: toMilliseconds(row.interval_ms),
    minimumAge: toOptionalMilliseconds(row.minimum_age_ms),
    platforms,
    suspend: Boolean(row.suspend),
    secretRef: optional(row.secret_ref),
    file: row.file,
    line: row.line,
    warnings,
    hash: row.definition_hash,
    listKey: row.list_key,
    registryHost: row.registry_host,
  };
}

export function toStoredScan(row: ImageScanRow): StoredScan {
  const held: HeldChange | null = row.held ? JSON.parse(row.held) : null;
  const problems: Problem[] = JSON.parse(row.problems);
  const choice: ChoiceNotes = JSON.parse(row.choice);
  return {
    definition: toDefinition(row),
    state: row.state,
    held: optional(held),
    currentTag: optional(row.current_tag),
    change: toChangeKind(row.change_kind),
    latest:
      row.latest_tag !== null && row.latest_digest !== null
        ? { tag: row.latest_tag, digest: row.latest_digest }
        : undefined,
    choice,
    lastScanAt: toOptionalMilliseconds(row.last_scan_at),
    nextScanAt: toOptionalMilliseconds(row.next_scan_at),
    staleAt: toOptionalMilliseconds(row.stale_at),
    failure: toFailure(row.scan_error, row.scan_error_at, row.scan_failures),
    settled:
      row.settled_tag !== null && row.settled_definition_hash !== null
        ? {
            tag: row.settled_tag,
            definitionHash: row.settled_definition_hash,
          }
        : undefined,
    lastUpdateId: optional(row.last_update_id),
    problems,
  };
}

export function toListedScan(
  row: ListedRow,
  markers: ScanMarker[],
  decisions: StoredDecision[],
): ListedScan {
  return {
    scan: { ...toStoredScan(row), state: row.state_now },
    markers,
    decisions,
    lastUpdate:
      row.update_commit !== null && row.update_created_at !== null
        ? {
            commit: row.update_commit,
            createdAt: toMilliseconds(row.update_created_at),
          }
        : undefined,
    updateFailure: toFailure(
      row.update_error,
      row.update_error_at,
      row.update_failures,
    ),
    updateNotBefore: toOptionalMilliseconds(row.update_not_before),
  };
}

function toFailure(
  message: string | null,
  at: Milliseconds | null,
  count: number,
): Failure | undefined {
  return message !== null && at !== null
    ? { message, at: toMilliseconds(at), count }
    : undefined;
}

const changeKinds: readonly ChangeKind[] = [
  'major',
  'minor',
  'patch',
  'digest',
  'other',
];

function toChangeKind(text: string | null): ChangeKind | undefined {
  return changeKinds.find(kind => kind === text);
}
