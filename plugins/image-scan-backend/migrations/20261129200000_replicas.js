// @ts-check

/**
 * Which replicas run and what they know, so that what only another one knows is
 * left alone.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('replicas', table => {
    table.comment(
      'Processes that share this database, and their configuration',
    );
    table.text('id').primary();
    table.bigInteger('started_at').notNullable();
    table.bigInteger('seen_at').notNullable().comment('Renewed while it runs');
    table.boolean('stopped').notNullable().defaultTo(false);
    table
      .text('git_repos')
      .notNullable()
      .comment('JSON: hashes of definitions by keys of git repos');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('replicas');
};
