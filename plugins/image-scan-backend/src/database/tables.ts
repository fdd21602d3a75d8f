import type {
  DecisionEnd,
  DecisionKind,
  ImageScanState,
  MarkerForm,
} from 'backstage-plugin-image-scan-common';

/** A time or length in milliseconds; PostgreSQL gives a bigint as text. */
export type Milliseconds = number | string;

/** Columns shared by the tables whose rows are work that a replica leases. */
export interface LeaseColumns {
  lease_token: string | null;
  lease_until: Milliseconds | null;
}

export interface GitRepoRow extends LeaseColumns {
  key: string;
  definition_hash: string;
  branch: string | null;
  head_commit: string | null;
  problems: string;
  last_sync_at: Milliseconds | null;
  next_sync_at: Milliseconds;
  stale_at: Milliseconds | null;
  sync_error: string | null;
  sync_error_at: Milliseconds | null;
  sync_failures: number;
  last_update_at: Milliseconds | null;
  update_requested_at: Milliseconds | null;
  update_not_before: Milliseconds | null;
  update_error: string | null;
  update_error_at: Milliseconds | null;
  update_failures: number;
  memory_of: string | null;
  reader: number | null;
}

export interface ImageScanRow extends LeaseColumns {
  id: string;
  git_repo: string;
  path: string;
  tag_name: string;
  image: string;
  policy: string;
  filters: string | null;
  interval_ms: Milliseconds;
  minimum_age_ms: Milliseconds | null;
  platforms: string | null;
  suspend: boolean | number;
  secret_ref: string | null;
  file: string;
  line: number;
  warnings: string;
  problems: string;
  definition_hash: string;
  list_key: string;
  registry_host: string;
  latest_tag: string | null;
  latest_digest: string | null;
  choice: string;
  last_scan_at: Milliseconds | null;
  next_scan_at: Milliseconds | null;
  stale_at: Milliseconds | null;
  scan_error: string | null;
  scan_error_at: Milliseconds | null;
  scan_failures: number;
  state: ImageScanState;
  held: string | null;
  current_tag: string | null;
  change_kind: string | null;
  settled_tag: string | null;
  settled_definition_hash: string | null;
  last_update_id: string | null;
  choice_epoch: number;
}

export interface MarkerRow {
  git_repo: string;
  scan_id: string;
  file: string;
  line: number;
  form: MarkerForm;
  current: string;
  agreed: boolean | number;
  rolled_from: string | null;
}

export interface DecisionRow {
  id: string;
  kind: DecisionKind;
  remote: string | null;
  branch: string | null;
  path: string | null;
  tag_name: string | null;
  image: string | null;
  git_repo: string | null;
  scan_id: string | null;
  tag: string | null;
  reason: string | null;
  decided_by: string;
  decided_at: Milliseconds;
  until_at: Milliseconds | null;
  ended_by: string | null;
  ended_at: Milliseconds | null;
  ended_how: DecisionEnd | null;
  ended_reason: string | null;
  detail: string | null;
}

export interface ScanFolderRow {
  git_repo: string;
  folder: string;
  scan_id: string;
}

export interface TagListRow {
  key: string;
  tags: string;
  hash: string;
  changed_at: Milliseconds;
  seen_since: Milliseconds;
  seen_later: string;
}

export interface ImagePlatformsRow {
  digest: string;
  platforms: string;
  used_at: Milliseconds;
}

export interface UpdateRow {
  id: string;
  git_repo: string;
  branch: string;
  commit: string;
  message: string;
  initiator: string;
  changes: string;
  releases: string;
  chosen: string | null;
  status: 'announced' | 'done';
  created_at: Milliseconds;
}

export interface UpdateScanRow {
  update_id: string;
  scan_id: string;
}

export interface BranchLockRow {
  key: string;
  lease_token: string;
  lease_until: Milliseconds;
}

export interface ReplicaRow {
  id: string;
  started_at: Milliseconds;
  seen_at: Milliseconds;
  stopped: boolean | number;
  git_repos: string;
}

/** `null` of a nullable column as `undefined`. */
export function optional<T>(value: T | null): T | undefined {
  return value ?? undefined;
}

/** A column of milliseconds as a number. */
export function toMilliseconds(value: Milliseconds): number {
  return Number(value);
}

/** A nullable column of milliseconds as a number, where there is one. */
export function toOptionalMilliseconds(
  value: Milliseconds | null,
): number | undefined {
  return value === null ? undefined : Number(value);
}
