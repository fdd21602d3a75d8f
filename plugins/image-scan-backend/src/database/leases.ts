import type { Knex } from 'knex';

/**
 * How long a replica may hold work without a sign of life. A crashed replica's
 * work is taken over after this time.
 */
export const LEASE_DURATION_MS = 30_000;

/** How often held work is renewed: often enough to miss two and keep it. */
export const LEASE_RENEWAL_MS = 9_000;

/** The tables whose rows can be leased. */
export type LeasedTable = 'git_repos' | 'image_scans' | 'branch_locks';

const keyColumns: Record<LeasedTable, string> = {
  git_repos: 'key',
  image_scans: 'id',
  branch_locks: 'key',
};

/**
 * Renews whatever the tokens still hold.
 *
 * @returns those that hold something
 */
export async function renewLeases(
  knex: Knex,
  table: LeasedTable,
  tokens: readonly string[],
  now: number,
): Promise<ReadonlySet<string>> {
  const rows: { lease_token: string }[] = await heldRows(knex, table, tokens)
    .update({ lease_until: now + LEASE_DURATION_MS })
    .returning('lease_token');
  return new Set(rows.map(row => row.lease_token));
}

/** Gives back what a token holds without changing anything else. */
export async function releaseLease(
  knex: Knex,
  table: 'git_repos' | 'image_scans',
  token: string,
): Promise<void> {
  await heldRows(knex, table, [token]).update({
    lease_token: null,
    lease_until: null,
  });
}

/**
 * The rows that the tokens hold, to be changed. They are locked in the order of
 * their keys, as everything that locks several rows does it: in orders of their
 * own, two replicas would sooner or later wait for each other in a circle.
 */
function heldRows(knex: Knex, table: LeasedTable, tokens: readonly string[]) {
  const key = keyColumns[table];
  const held = knex(table)
    .whereIn('lease_token', [...tokens])
    .orderBy(key)
    .forUpdate()
    .select(key);
  return knex(table).whereIn(key, held);
}
