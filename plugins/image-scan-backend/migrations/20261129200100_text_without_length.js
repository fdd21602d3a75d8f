// @ts-check

/** Columns that were made with a length, which PostgreSQL checks and SQLite does not. */
const COLUMNS = {
  git_repos: ['key', 'definition_hash', 'head_commit', 'lease_token'],
  image_scans: [
    'id',
    'git_repo',
    'definition_hash',
    'list_key',
    'registry_host',
    'latest_tag',
    'latest_digest',
    'state',
    'change_kind',
    'settled_tag',
    'settled_definition_hash',
    'last_update_id',
    'lease_token',
  ],
  markers: ['git_repo', 'scan_id', 'form'],
  scan_folders: ['git_repo', 'scan_id'],
  tag_lists: ['key', 'hash'],
  updates: ['id', 'git_repo', 'commit', 'status'],
  update_scans: ['update_id', 'scan_id'],
  branch_locks: ['key', 'lease_token'],
};

/**
 * What people and strangers write decides how long these texts are, and a
 * statement that fails for the length of one takes all that it holds with it.
 * Limits belong where a text is read, with a word for who wrote it. On PostgreSQL
 * this changes no row.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  if (String(knex.client.config.client).includes('sqlite')) {
    return;
  }
  for (const [table, columns] of Object.entries(COLUMNS)) {
    await knex.raw(
      `alter table ?? ${columns
        .map(() => 'alter column ?? type text')
        .join(', ')}`,
      [table, ...columns],
    );
  }
};

/**
 * What is stored by now may be longer than before, and the columns do as they are.
 */
exports.down = async function down() {};
