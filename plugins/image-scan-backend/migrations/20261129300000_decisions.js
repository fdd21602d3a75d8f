// @ts-check

/**
 * What people have decided, and what is remembered of the values in git, by which
 * somebody's way back is noticed.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('decisions', table => {
    table.comment('What was decided about a place, until it ends');
    table.text('id').primary();
    table.text('kind').notNullable();
    table.text('remote').nullable().comment('The place; all null: everything');
    table.text('branch').nullable();
    table.text('path').nullable();
    table.text('tag_name').nullable();
    table.text('image').nullable();
    table.text('git_repo').nullable().comment('Where the place is now');
    table.text('scan_id').nullable();
    table.text('tag').nullable();
    table.text('reason').nullable();
    table.text('decided_by').notNullable();
    table.bigInteger('decided_at').notNullable();
    table.bigInteger('until_at').nullable();
    table.text('ended_by').nullable();
    table.bigInteger('ended_at').nullable();
    table.text('ended_how').nullable();
    table.text('ended_reason').nullable();
    table.text('detail').nullable().comment('JSON');
    table.index(['git_repo', 'ended_at'], 'decisions_git_repo_idx');
    table.index(['scan_id'], 'decisions_scan_idx');
    table.index(['decided_at'], 'decisions_decided_idx');
  });
  // Two who notice the same at once leave one row, and so do two who hold the same.
  await knex.raw(
    `create unique index decisions_single_idx on decisions (kind, coalesce(git_repo, ''), coalesce(scan_id, '')) where ended_at is null and kind in ('hold', 'rollback')`,
  );
  await knex.schema.alterTable('git_repos', table => {
    table.text('memory_of').nullable().comment('Remote and branch of markers');
    table.integer('reader').nullable().comment('How markers were read');
  });
  await knex.schema.alterTable('markers', table => {
    table
      .boolean('agreed')
      .notNullable()
      .defaultTo(false)
      .comment('Said what a result wanted');
    table
      .text('rolled_from')
      .nullable()
      .comment('What somebody went back from');
  });
  await knex.schema.alterTable('updates', table => {
    table
      .text('releases')
      .notNullable()
      .defaultTo('[]')
      .comment('JSON: ids of decisions that end with it');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  // Not by knex, which makes tables of SQLite anew and loses partial indexes.
  for (const [table, column] of [
    ['updates', 'releases'],
    ['markers', 'rolled_from'],
    ['markers', 'agreed'],
    ['git_repos', 'reader'],
    ['git_repos', 'memory_of'],
  ]) {
    await knex.raw('alter table ?? drop column ??', [table, column]);
  }
  await knex.schema.dropTable('decisions');
};
