// @ts-check

/**
 * How old a tag must be, and what the last choice found beside its result.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('image_scans', table => {
    table.bigInteger('minimum_age_ms').nullable();
    table.text('choice').notNullable().defaultTo('{}').comment('JSON');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  // Not by knex, which makes tables of SQLite anew and loses partial indexes.
  for (const column of ['choice', 'minimum_age_ms']) {
    await knex.raw('alter table image_scans drop column ??', [column]);
  }
};
