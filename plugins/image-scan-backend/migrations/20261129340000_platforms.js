// @ts-check

/**
 * Which platforms an image must have, and those that images have: by digest, so for ever.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('image_scans', table => {
    table.text('platforms').nullable().comment('JSON');
  });
  await knex.schema.createTable('image_platforms', table => {
    table.comment(
      'What images are made for; the least recently used are removed',
    );
    table.text('digest').primary();
    table.text('platforms').notNullable().comment('JSON');
    table.bigInteger('used_at').notNullable();
    table.index(['used_at'], 'image_platforms_used_idx');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('image_platforms');
  // Not by knex, which makes tables of SQLite anew and loses partial indexes.
  await knex.raw('alter table image_scans drop column platforms');
};
