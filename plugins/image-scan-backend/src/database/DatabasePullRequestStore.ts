import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type {
  ProposedValue,
  PullRequestMemory,
} from '../model/pullRequestLife';
import type {
  AnnouncedPush,
  PullRequestStore,
  StoredPullRequest,
} from './PullRequestStore';
import {
  type Milliseconds,
  toMilliseconds,
  toOptionalMilliseconds,
} from './tables';

interface PullRequestRow {
  id: string;
  git_repo: string;
  branch: string;
  base: string;
  state: PullRequestMemory['state'];
  commit: string;
  /** A bigint, which PostgreSQL gives as text. */
  number: Milliseconds | null;
  url: string | null;
  title: string;
  body: string;
  changes: string;
  detail: string;
  closed_by: string | null;
  merge_commit: string | null;
  created_at: Milliseconds;
  ended_at: Milliseconds | null;
}

/** What is in `detail`. */
interface Detail {
  blobs: [string, string][];
  before?: BeforePush;
  isClosing?: boolean;
  isAutoMerged?: boolean;
  told?: readonly ProposedValue[];
}

/** What counts where an announced push has not arrived. */
type BeforePush = Pick<
  PullRequestRow,
  'state' | 'base' | 'commit' | 'title' | 'body' | 'changes' | 'detail'
>;

/** Keeps the pull requests in the database. */
export class DatabasePullRequestStore implements PullRequestStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async current(
    gitRepo: string,
    branch: string,
  ): Promise<StoredPullRequest | undefined> {
    const row = await newest(this.#knex, gitRepo, branch);
    return row && toPullRequest(row);
  }

  async announce(push: AnnouncedPush, now: number): Promise<StoredPullRequest> {
    return this.#knex.transaction(async trx => {
      const { gitRepo, branch } = push;
      const row = await newest(trx, gitRepo, branch);
      const isOpen = row !== undefined && row.ended_at === null;
      const before = isOpen ? beforeOf(row) : undefined;
      const columns = {
        base: push.base,
        state: 'announced' as const,
        commit: push.commit,
        title: push.title,
        body: push.body,
        changes: JSON.stringify(push.values),
        detail: JSON.stringify({ blobs: [...push.blobs], before }),
      };
      if (isOpen) {
        const changed = { ...row, ...columns };
        await trx<PullRequestRow>('pull_requests')
          .where({ id: row.id })
          .update(columns);
        return toPullRequest(changed);
      }
      const made: PullRequestRow = {
        ...columns,
        id: randomUUID(),
        git_repo: gitRepo,
        branch,
        number: null,
        url: null,
        closed_by: null,
        merge_commit: null,
        // Later than the one before it, whatever the clock says.
        created_at: Math.max(now, toMilliseconds(row?.created_at ?? 0) + 1),
        ended_at: null,
      };
      await trx<PullRequestRow>('pull_requests').insert(made);
      return toPullRequest(made);
    });
  }

  async withdraw(id: string): Promise<void> {
    await this.#change(id, ({ state, detail }) => {
      if (state !== 'announced') {
        return {};
      }
      return readDetail(detail).before ?? 'delete';
    });
  }

  async confirmPush(id: string): Promise<void> {
    await this.#change(id, row => {
      const { before, ...detail } = readDetail(row.detail);
      const told = before && readDetail(before.detail);
      return {
        state: row.number === null ? 'pushed' : 'open',
        // The branch is ours as before, and what was told is in it now.
        detail: JSON.stringify({
          ...detail,
          isAutoMerged: told?.isAutoMerged,
        }),
      };
    });
  }

  async confirmOpen(
    id: string,
    {
      number,
      url,
      title,
      body,
      isAutoMerged,
    }: Parameters<PullRequestStore['confirmOpen']>[1],
  ): Promise<void> {
    await this.#change(id, ({ detail }) => ({
      state: 'open',
      ...{ number, url, title, body },
      detail: JSON.stringify({ ...readDetail(detail), isAutoMerged }),
    }));
  }

  async noteClosing(id: string): Promise<void> {
    await this.#change(id, ({ detail }) => ({
      detail: JSON.stringify({ ...readDetail(detail), isClosing: true }),
    }));
  }

  async noteTold(id: string, values: readonly ProposedValue[]): Promise<void> {
    await this.#change(id, row => {
      const detail = readDetail(row.detail);
      const told = [...(detail.told ?? []), ...values];
      return { detail: JSON.stringify({ ...detail, told }) };
    });
  }

  async end(
    id: string,
    { state, closedBy, mergeCommit }: Parameters<PullRequestStore['end']>[1],
    now: number,
  ): Promise<void> {
    await this.#change(id, () => ({
      state,
      closed_by: closedBy ?? null,
      merge_commit: mergeCommit ?? null,
      ended_at: now,
    }));
  }

  async reopen(id: string): Promise<void> {
    await this.#change(id, () => ({
      state: 'open',
      closed_by: null,
      ended_at: null,
    }));
  }

  async #change(
    id: string,
    change: (row: PullRequestRow) => Partial<PullRequestRow> | 'delete',
  ): Promise<void> {
    await this.#knex.transaction(async trx => {
      const row = await trx<PullRequestRow>('pull_requests')
        .where({ id })
        .forUpdate()
        .first();
      const changed = row ? change(row) : {};
      if (changed === 'delete') {
        await trx('pull_requests').where({ id }).delete();
      } else if (Object.keys(changed).length > 0) {
        await trx('pull_requests').where({ id }).update(changed);
      }
    });
  }
}

async function newest(
  knex: Knex,
  gitRepo: string,
  branch: string,
): Promise<PullRequestRow | undefined> {
  return knex<PullRequestRow>('pull_requests')
    .where({ git_repo: gitRepo, branch })
    .orderBy('created_at', 'desc')
    .first();
}

/** What a push over this row replaces; an announced one may not have arrived itself. */
function beforeOf(row: PullRequestRow): BeforePush | undefined {
  if (row.state === 'announced') {
    return readDetail(row.detail).before;
  }
  const { state, base, commit, title, body, changes, detail } = row;
  return { state, base, commit, title, body, changes, detail };
}

function readDetail(text: string): Detail {
  return JSON.parse(text);
}

function toPullRequest(row: PullRequestRow): StoredPullRequest {
  const endedAt = toOptionalMilliseconds(row.ended_at);
  return {
    ...toMemory(row, row),
    id: row.id,
    gitRepo: row.git_repo,
    branch: row.branch,
    url: row.url ?? undefined,
    createdAt: toMilliseconds(row.created_at),
    endedAt,
    closedBy: row.closed_by ?? undefined,
    mergeCommit: row.merge_commit ?? undefined,
  };
}

function toMemory(
  columns: BeforePush,
  row: Pick<PullRequestRow, 'number'>,
): PullRequestMemory {
  const { blobs, before, ...detail } = readDetail(columns.detail);
  return {
    ...detail,
    state: columns.state,
    commit: columns.commit,
    base: columns.base,
    title: columns.title,
    body: columns.body,
    values: JSON.parse(columns.changes),
    blobs: new Map(blobs),
    number: toOptionalMilliseconds(row.number),
    before: before && toMemory(before, row),
  };
}
