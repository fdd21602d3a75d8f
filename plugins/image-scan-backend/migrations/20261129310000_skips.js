// @ts-check

/**
 * How often something changed that a scan has to pass over, so that one that was under
 * way meanwhile does not count.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('image_scans', table => {
    table.integer('choice_epoch').notNullable().defaultTo(0);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  // Not by knex, which makes tables of SQLite anew and loses partial indexes.
  await knex.raw('alter table image_scans drop column choice_epoch');
};
