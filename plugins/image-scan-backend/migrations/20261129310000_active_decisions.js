// @ts-check

/**
 * Lists of scans look up what is active on each.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(
    'create index decisions_active_idx on decisions (scan_id) where ended_at is null',
  );
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw('drop index decisions_active_idx');
};
