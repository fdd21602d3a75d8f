// @ts-check

const DUE = 'image_scans_due_idx';

/**
 * Scans that became due together, as all of a file that was just read, come in
 * the order of their lists: these are hashes, so hosts mix. In the order of hosts
 * the first would hide the others from whoever looks for work.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('image_scans', table => {
    table.dropIndex([], DUE);
    table.index(['next_scan_at', 'list_key', 'registry_host'], DUE);
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('image_scans', table => {
    table.dropIndex([], DUE);
    table.index(['next_scan_at', 'registry_host', 'list_key'], DUE);
  });
};
