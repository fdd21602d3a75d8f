// @ts-check

// Indexes that keep what is asked all the time from looking at every scan.

const DUE = 'image_scans_due_idx';
const UNSCANNED = 'image_scans_unscanned_idx';
const PENDING = 'image_scans_pending_idx';

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  // Rows of hosts that have no place are passed over without being read.
  await knex.schema.alterTable('image_scans', table => {
    table.dropIndex([], 'image_scans_next_scan_idx');
    table.index(['next_scan_at', 'registry_host', 'list_key'], DUE);
  });
  // Whether a git repo has something to write is asked after each first or new
  // result; these hold the few rows that decide it.
  await knex.raw(
    `create index ${UNSCANNED} on image_scans (git_repo, suspend) where last_scan_at is null and scan_error_at is null`,
  );
  await knex.raw(
    `create index ${PENDING} on image_scans (git_repo, suspend) where change_kind is not null and held is null`,
  );
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('image_scans', table => {
    table.dropIndex([], UNSCANNED);
    table.dropIndex([], PENDING);
    table.dropIndex([], DUE);
    table.index(['next_scan_at'], 'image_scans_next_scan_idx');
  });
};
