// @ts-check

/**
 * The pull requests of the branches that are ours.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('pull_requests', table => {
    table.comment('One row for a pull request, the newest of a branch counts');
    table.text('id').primary();
    table.text('git_repo').notNullable();
    table.text('branch').notNullable().comment('Ours');
    table.text('base').notNullable().comment('What it is to be merged into');
    table.text('state').notNullable();
    table.text('commit').notNullable().comment('What was pushed to the branch');
    table.bigInteger('number').nullable().comment('On the forge');
    table.text('url').nullable();
    table.text('title').notNullable().comment('As it was written last');
    table.text('body').notNullable();
    table.text('changes').notNullable().comment('JSON: the values it writes');
    table.text('detail').notNullable().comment('JSON: what is remembered');
    table.text('closed_by').nullable();
    table.text('merge_commit').nullable();
    table.bigInteger('created_at').notNullable();
    table.bigInteger('ended_at').nullable();
    table.index(['git_repo', 'branch', 'created_at'], 'pull_requests_idx');
  });
  // Two replicas that begin one at once leave one.
  await knex.raw(
    `create unique index pull_requests_single_idx on pull_requests (git_repo, branch) where ended_at is null`,
  );
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('pull_requests');
};
