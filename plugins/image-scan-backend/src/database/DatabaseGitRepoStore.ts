import { createHash, randomUUID } from 'node:crypto';
import type { Problem } from 'backstage-plugin-image-scan-common';
import type { Knex } from 'knex';
import type { StoredDecision } from '../model/decisions';
import type { StoredGitRepo } from '../model/types';
import { foreseeDecisions } from './compareContents';
import type {
  GitRepoClaim,
  GitRepoOutcome,
  GitRepoStore,
  RepositoryContents,
} from './GitRepoStore';
import { type KnownGitRepo, KnownGitRepos } from './KnownGitRepos';
import { LEASE_DURATION_MS, releaseLease, renewLeases } from './leases';
import { replaceContents } from './replaceContents';
import { askForTakeOver } from './takeOverDecisions';
import { requestUpdate } from './requestUpdate';
import {
  type BranchLockRow,
  type GitRepoRow,
  optional,
  toMilliseconds,
  toOptionalMilliseconds,
} from './tables';

/** Keeps git repos in the database, leased row by row. */
export class DatabaseGitRepoStore implements GitRepoStore {
  readonly #knex: Knex;
  readonly #known: KnownGitRepos;

  constructor(knex: Knex) {
    this.#knex = knex;
    this.#known = new KnownGitRepos(knex);
  }

  async configure(
    gitRepos: readonly KnownGitRepo[],
    now: number,
  ): Promise<void> {
    await this.#known.configure(gitRepos, now);
    // Whoever restarts after mending something wants to see it tried.
    const keys = gitRepos.map(({ key }) => key);
    const ofThese = () =>
      this.#knex<GitRepoRow>('git_repos')
        .whereIn('key', keys)
        .orderBy('key')
        .forUpdate()
        .select('key');
    await this.#knex<GitRepoRow>('git_repos')
      .whereIn('key', ofThese().whereNotNull('sync_error'))
      .update({ next_sync_at: now });
    await this.#knex<GitRepoRow>('git_repos')
      .whereIn('key', ofThese().whereNotNull('update_error'))
      .update({ update_not_before: now });
  }

  async keepUp(now: number): Promise<string[]> {
    const foreign = await this.#known.keepUp(now);
    await askForTakeOver(this.#knex, now);
    return foreign;
  }

  leave(): Promise<void> {
    return this.#known.leave();
  }

  async list(): Promise<StoredGitRepo[]> {
    const rows = await this.#knex<GitRepoRow>('git_repos').orderBy('key');
    return rows.map(toGitRepo);
  }

  async get(key: string): Promise<StoredGitRepo | undefined> {
    const row = await this.#knex<GitRepoRow>('git_repos')
      .where({ key })
      .first();
    return row && toGitRepo(row);
  }

  async claimDue(options: {
    now: number;
    limit: number;
    mayClaim?: (key: string) => boolean;
  }): Promise<GitRepoClaim[]> {
    const { now, limit, mayClaim = () => true } = options;
    const due = await this.#knex<GitRepoRow>('git_repos')
      .select('key', 'definition_hash')
      .where(free(now))
      .where(query => {
        query.where('next_sync_at', '<=', now).orWhere(requested => {
          requested
            // One that could not be read is tried again by its schedule only.
            .whereNull('sync_error')
            .where('update_requested_at', '<=', now)
            .where(allowed =>
              allowed
                .whereNull('update_not_before')
                .orWhere('update_not_before', '<=', now),
            );
        });
      })
      .orderBy('next_sync_at');
    const claims: GitRepoClaim[] = [];
    for (const row of due) {
      if (claims.length === limit) {
        break;
      }
      if (this.#known.has(row) && mayClaim(row.key)) {
        const claim = await this.claim(row.key, now);
        if (claim) {
          claims.push(claim);
        }
      }
    }
    return claims;
  }

  async claim(key: string, now: number): Promise<GitRepoClaim | undefined> {
    const condition = this.#known.conditionOn(key);
    if (!condition) {
      return undefined;
    }
    const token = randomUUID();
    await this.#knex<GitRepoRow>('git_repos')
      .where(condition)
      .where(free(now))
      .update({ lease_token: token, lease_until: now + LEASE_DURATION_MS });
    const row = await this.#knex<GitRepoRow>('git_repos')
      .where({ key, lease_token: token })
      .first();
    return row && { token, gitRepo: toGitRepo(row) };
  }

  async storeContents(
    claim: GitRepoClaim,
    contents: RepositoryContents,
    now: number,
    options: { served?: boolean; provisional?: boolean } = {},
  ): Promise<StoredDecision[]> {
    const { served, provisional } = options;
    return replaceContents(this.#knex, claim, contents, now, async trx => {
      const { key } = claim.gitRepo;
      if (provisional) {
        await trx<GitRepoRow>('git_repos')
          .where({ key })
          .update({ head_commit: null });
      } else if (!served) {
        await requestUpdate(trx, key, now);
      }
    });
  }

  async dropMemory({ gitRepo: { key }, token }: GitRepoClaim): Promise<void> {
    await this.#knex<GitRepoRow>('git_repos')
      .where({ key, lease_token: token })
      .update({ memory_of: null, head_commit: null });
  }

  foresee(
    gitRepo: string,
    contents: RepositoryContents,
    now: number,
  ): Promise<StoredDecision[]> {
    return foreseeDecisions(this.#knex, gitRepo, contents, now);
  }

  async complete(claim: GitRepoClaim, outcome: GitRepoOutcome): Promise<void> {
    const { key } = claim.gitRepo;
    const held = () =>
      this.#knex<GitRepoRow>('git_repos').where({
        key,
        lease_token: claim.token,
      });
    const served = claim.gitRepo.updateRequestedAt;
    const answered =
      outcome.update?.result === 'written' ||
      outcome.update?.result === 'nothing';
    if (served !== undefined && answered) {
      await held()
        .where({ update_requested_at: served })
        .update({ update_requested_at: null });
    }
    await held().update({
      next_sync_at: outcome.nextSyncAt,
      ...syncColumns(outcome, claim.gitRepo),
      ...updateColumns(outcome, claim.gitRepo),
      lease_token: null,
      lease_until: null,
    });
  }

  async release(claim: GitRepoClaim): Promise<void> {
    await releaseLease(this.#knex, 'git_repos', claim.token);
  }

  async renew(
    claims: readonly GitRepoClaim[],
    now: number,
  ): Promise<GitRepoClaim[]> {
    const tokens = claims.map(claim => claim.token);
    const held = await renewLeases(this.#knex, 'git_repos', tokens, now);
    return claims.filter(({ token }) => !held.has(token));
  }

  async lockBranch(branch: string, now: number): Promise<string | undefined> {
    const token = randomUUID();
    // Short, as an index wants it, however long URL and branch are.
    const key = createHash('sha256').update(branch).digest('hex');
    const lease = {
      lease_token: token,
      lease_until: now + LEASE_DURATION_MS,
    };
    await this.#knex<BranchLockRow>('branch_locks')
      .insert({ key, ...lease })
      .onConflict('key')
      .ignore();
    await this.#knex<BranchLockRow>('branch_locks')
      .where({ key })
      .where('lease_until', '<', now)
      .update(lease);
    const row = await this.#knex<BranchLockRow>('branch_locks')
      .where({ key, lease_token: token })
      .first('key');
    return row && token;
  }

  async renewBranch(token: string, now: number): Promise<boolean> {
    const held = await renewLeases(this.#knex, 'branch_locks', [token], now);
    return held.has(token);
  }

  async unlockBranch(token: string): Promise<void> {
    await this.#knex<BranchLockRow>('branch_locks')
      .where({ lease_token: token })
      .delete();
  }

  async removeLeftoverLocks(now: number): Promise<void> {
    await this.#knex<BranchLockRow>('branch_locks')
      .where('lease_until', '<', now - LEASE_DURATION_MS)
      .delete();
  }
}

function free(now: number) {
  return (query: Knex.QueryBuilder) => {
    query.whereNull('lease_until').orWhere('lease_until', '<', now);
  };
}

function syncColumns(
  { synced, syncError }: GitRepoOutcome,
  before: StoredGitRepo,
): Partial<GitRepoRow> {
  if (syncError) {
    return {
      sync_error: syncError.message,
      sync_error_at: syncError.at,
      sync_failures: (before.syncFailure?.count ?? 0) + 1,
    };
  }
  return synced
    ? {
        last_sync_at: synced.at,
        stale_at: synced.staleAt,
        sync_error: null,
        sync_error_at: null,
        sync_failures: 0,
      }
    : {};
}

function updateColumns(
  { update }: GitRepoOutcome,
  before: StoredGitRepo,
): Partial<GitRepoRow> {
  const success = {
    update_error: null,
    update_error_at: null,
    update_failures: 0,
  };
  switch (update?.result) {
    case 'written':
      return {
        ...success,
        last_update_at: update.at,
        update_not_before: update.notBefore,
      };
    case 'nothing':
      return success;
    case 'waits':
      return { update_not_before: update.notBefore };
    case 'failed':
      return {
        update_error: update.message,
        update_error_at: update.at,
        update_failures: (before.updateFailure?.count ?? 0) + 1,
        update_not_before: update.notBefore,
      };
    default:
      return {};
  }
}

function toGitRepo(row: GitRepoRow): StoredGitRepo {
  const problems: Problem[] = JSON.parse(row.problems);
  return {
    key: row.key,
    branch: optional(row.branch),
    headCommit: optional(row.head_commit),
    problems,
    lastSyncAt: toOptionalMilliseconds(row.last_sync_at),
    nextSyncAt: toMilliseconds(row.next_sync_at),
    syncFailure: toFailure(
      row.sync_error,
      row.sync_error_at,
      row.sync_failures,
    ),
    lastUpdateAt: toOptionalMilliseconds(row.last_update_at),
    updateRequestedAt: toOptionalMilliseconds(row.update_requested_at),
    updateNotBefore: toOptionalMilliseconds(row.update_not_before),
    updateFailure: toFailure(
      row.update_error,
      row.update_error_at,
      row.update_failures,
    ),
  };
}

function toFailure(
  message: string | null,
  at: GitRepoRow['sync_error_at'],
  count: number,
) {
  return message !== null && at !== null
    ? { message, at: toMilliseconds(at), count }
    : undefined;
}
