import type { DecisionEnd, Rollback } from 'backstage-plugin-image-scan-common';
import type { Knex } from 'knex';
import { isOfOneTag, type StoredDecision } from '../model/decisions';
import { renewChoices } from './renewChoices';
import {
  type DecisionRow,
  type MarkerRow,
  optional,
  toMilliseconds,
  toOptionalMilliseconds,
} from './tables';

/** How a decision ends, and by whom. */
export interface EndOfDecision {
  how: DecisionEnd;
  by: string;
  at: number;
  reason?: string;
}

export function toDecision(row: DecisionRow): StoredDecision {
  const rollback: Rollback | null = row.detail ? JSON.parse(row.detail) : null;
  return {
    id: row.id,
    kind: row.kind,
    place: {
      remote: optional(row.remote),
      branch: optional(row.branch),
      path: optional(row.path),
      tagName: optional(row.tag_name),
      image: optional(row.image),
    },
    gitRepo: optional(row.git_repo),
    scanId: optional(row.scan_id),
    tag: optional(row.tag),
    reason: optional(row.reason),
    by: row.decided_by,
    at: toMilliseconds(row.decided_at),
    until: toOptionalMilliseconds(row.until_at),
    ended:
      row.ended_by !== null && row.ended_at !== null && row.ended_how !== null
        ? {
            by: row.ended_by,
            at: toMilliseconds(row.ended_at),
            how: row.ended_how,
            reason: optional(row.ended_reason),
          }
        : undefined,
    rollback: optional(rollback),
  };
}

export function decisionColumns(decision: StoredDecision): DecisionRow {
  const { place, ended } = decision;
  return {
    id: decision.id,
    kind: decision.kind,
    remote: place.remote ?? null,
    branch: place.branch ?? null,
    path: place.path ?? null,
    tag_name: place.tagName ?? null,
    image: place.image ?? null,
    git_repo: decision.gitRepo ?? null,
    scan_id: decision.scanId ?? null,
    tag: decision.tag ?? null,
    reason: decision.reason ?? null,
    decided_by: decision.by,
    decided_at: decision.at,
    until_at: decision.until ?? null,
    ended_by: ended?.by ?? null,
    ended_at: ended?.at ?? null,
    ended_how: ended?.how ?? null,
    ended_reason: ended?.reason ?? null,
    detail: decision.rollback ? JSON.stringify(decision.rollback) : null,
  };
}

/** What binds a git repo and its scans: what is its own, and what is about everything. */
export async function readBinding(
  knex: Knex,
  gitRepo: string,
  now: number,
): Promise<StoredDecision[]> {
  const rows = await knex<DecisionRow>('decisions')
    .whereNull('ended_at')
    .where(any => any.whereNull('until_at').orWhere('until_at', '>', now))
    .where(any => any.where({ git_repo: gitRepo }).orWhereNull('git_repo'))
    .orderBy('decided_at')
    .orderBy('id');
  return rows.map(toDecision);
}

/**
 * Ends decisions. With a rollback goes what is remembered of it, or a later look would
 * take what is there for undone; a tag that was passed over competes again.
 *
 * @returns those that had not ended before
 */
export async function endDecisions(
  trx: Knex.Transaction,
  ids: readonly string[],
  { how, by, at, reason }: EndOfDecision,
): Promise<StoredDecision[]> {
  const rows: DecisionRow[] = await trx<DecisionRow>('decisions')
    .whereIn('id', [...ids])
    .whereNull('ended_at')
    .update({
      ended_how: how,
      ended_by: by,
      ended_at: at,
      ended_reason: reason ?? null,
    })
    .returning('*');
  const rolledBack = rows.flatMap(({ kind, scan_id: scanId }) =>
    kind === 'rollback' && scanId !== null ? [scanId] : [],
  );
  if (rolledBack.length > 0) {
    await trx<MarkerRow>('markers')
      .whereIn('scan_id', rolledBack)
      .update({ rolled_from: null });
  }
  const ended = rows.map(toDecision);
  await renewChoices(trx, scansPassingOver(ended), at);
  return ended;
}

/** The scans that pass over something else once decisions are made, or have ended. */
export function scansPassingOver(
  decisions: readonly StoredDecision[],
): string[] {
  return decisions.flatMap(({ kind, scanId }) =>
    isOfOneTag(kind) && scanId !== undefined ? [scanId] : [],
  );
}

/** Remote and branch as one text, by which a git repo knows where its memory is from. */
export function formatMemoryOf(remote: string, branch: string): string {
  return JSON.stringify([remote, branch]);
}

export function readMemoryOf(text: string): { remote: string; branch: string } {
  const [remote, branch]: [string, string] = JSON.parse(text);
  return { remote, branch };
}
