// @ts-check

/**
 * When tags appeared: of all that a list had when it was first read whole, and of those
 * that appeared later. A list that is known already had its tags when it last changed.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('tag_lists', table => {
    table.bigInteger('seen_since').notNullable().defaultTo(0);
    table
      .text('seen_later')
      .notNullable()
      .defaultTo('[]')
      .comment('JSON: [[time, [tag, …]], …]');
  });
  await knex.raw('update tag_lists set seen_since = changed_at');
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  for (const column of ['seen_later', 'seen_since']) {
    await knex.raw('alter table tag_lists drop column ??', [column]);
  }
};
