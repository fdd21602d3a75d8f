// @ts-check

/**
 * Which tags of a scan compete, as JSON; null where all of them do.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('image_scans', table => {
    table.text('filters');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('image_scans', table => {
    table.dropColumn('filters');
  });
};
