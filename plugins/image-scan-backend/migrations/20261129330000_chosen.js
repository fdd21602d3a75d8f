// @ts-check

/**
 * What a person writes by hand holds afterwards, from its announcement on.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('updates', table => {
    table
      .text('chosen')
      .nullable()
      .comment('JSON: ids of decisions that it makes and replaces');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  // Not by knex, which makes tables of SQLite anew and loses partial indexes.
  await knex.raw('alter table ?? drop column ??', ['updates', 'chosen']);
};
