// @ts-check

// What is known about git repos and their image scans, the work that is due on
// them, and the history of what was written. Times are milliseconds since the
// epoch, because SQLite and PostgreSQL give dates back in different shapes.
// Nothing here is secret: credentials are named, never stored.

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('git_repos', table => {
    table.comment('The GitRepos of the configuration and the work due on them');
    table.string('key').primary().comment('namespace/name, or name');
    table.string('definition_hash').notNullable();
    table.text('branch').nullable();
    table.string('head_commit').nullable();
    table.text('problems').notNullable().defaultTo('[]').comment('JSON');
    table.bigInteger('last_sync_at').nullable();
    table.bigInteger('next_sync_at').notNullable();
    table.bigInteger('stale_at').nullable();
    table.text('sync_error').nullable();
    table.bigInteger('sync_error_at').nullable();
    table.integer('sync_failures').notNullable().defaultTo(0);
    table.bigInteger('last_update_at').nullable().comment('Last commit pushed');
    table
      .bigInteger('update_requested_at')
      .nullable()
      .comment('Set while there is something to write');
    table.bigInteger('update_not_before').nullable();
    table.text('update_error').nullable();
    table.bigInteger('update_error_at').nullable();
    table.integer('update_failures').notNullable().defaultTo(0);
    table.string('lease_token').nullable();
    table.bigInteger('lease_until').nullable();
    table.index(['next_sync_at'], 'git_repos_next_sync_idx');
    table.index(['update_requested_at'], 'git_repos_update_requested_idx');
  });

  await knex.schema.createTable('image_scans', table => {
    table.comment('Entries of imageScans blocks, their results and due times');
    table.string('id').primary();
    table.string('git_repo').notNullable();
    table.text('path').notNullable().comment('Folder of the definition');
    table.text('tag_name').notNullable();
    table.text('image').notNullable().comment('As spelled, without tag');
    table.text('policy').notNullable().comment('JSON');
    table.bigInteger('interval_ms').notNullable();
    table.boolean('suspend').notNullable();
    table.text('secret_ref').nullable();
    table.text('file').notNullable();
    table.integer('line').notNullable();
    table.text('warnings').notNullable().comment('JSON');
    table.text('problems').notNullable().comment('JSON');
    table.string('definition_hash').notNullable().comment('Image and policy');
    table.string('list_key').notNullable().comment('Image and credential');
    table.string('registry_host').notNullable();
    table.string('latest_tag').nullable();
    table.string('latest_digest').nullable();
    table.bigInteger('last_scan_at').nullable();
    table.bigInteger('next_scan_at').nullable();
    table.bigInteger('stale_at').nullable();
    table.text('scan_error').nullable();
    table.bigInteger('scan_error_at').nullable();
    table.integer('scan_failures').notNullable().defaultTo(0);
    table.string('state').notNullable();
    table.text('held').nullable().comment('JSON');
    table.text('current_tag').nullable();
    table.string('change_kind').nullable();
    table.string('settled_tag').nullable().comment('Last tag git agreed with');
    table.string('settled_definition_hash').nullable();
    table.string('last_update_id').nullable();
    table.string('lease_token').nullable();
    table.bigInteger('lease_until').nullable();
    table.index(['git_repo'], 'image_scans_git_repo_idx');
    table.index(['next_scan_at'], 'image_scans_next_scan_idx');
    table.index(['list_key'], 'image_scans_list_key_idx');
  });

  await knex.schema.createTable('markers', table => {
    table.comment('Markers that belong to a scan, as read at the head');
    table.string('git_repo').notNullable();
    table.string('scan_id').notNullable();
    table.text('file').notNullable();
    table.integer('line').notNullable();
    table.string('form').notNullable();
    table.text('current').notNullable();
    table.index(['git_repo'], 'markers_git_repo_idx');
    table.index(['scan_id'], 'markers_scan_idx');
  });

  await knex.schema.createTable('scan_folders', table => {
    table.comment(
      'Every folder at or above a definition or marker of a scan, so that the scans under a folder are found by equality',
    );
    table.string('git_repo').notNullable();
    table.text('folder').notNullable();
    table.string('scan_id').notNullable();
    table.primary(['git_repo', 'folder', 'scan_id']);
    table.index(['scan_id'], 'scan_folders_scan_idx');
  });

  await knex.schema.createTable('tag_lists', table => {
    table.comment('The last whole list of tags, one per image and credential');
    table.string('key').primary();
    table.text('tags').notNullable().comment('JSON');
    table.string('hash').notNullable();
    table.bigInteger('changed_at').notNullable();
  });

  await knex.schema.createTable('updates', table => {
    table.comment('Commits: announced before the push, done after it');
    table.string('id').primary();
    table.string('git_repo').notNullable();
    table.text('branch').notNullable();
    table.string('commit').notNullable();
    table.text('message').notNullable();
    table.text('initiator').notNullable();
    table.text('changes').notNullable().comment('JSON');
    table.string('status').notNullable().comment('announced or done');
    table.bigInteger('created_at').notNullable();
    table.index(['git_repo', 'created_at'], 'updates_git_repo_idx');
    table.index(['created_at'], 'updates_created_idx');
  });

  await knex.schema.createTable('update_scans', table => {
    table.comment('Which scans an update wrote');
    table.string('update_id').notNullable();
    table.string('scan_id').notNullable();
    table.primary(['scan_id', 'update_id']);
  });

  await knex.schema.createTable('branch_locks', table => {
    table.comment('Who writes to a branch of a remote now');
    table.string('key').primary();
    table.string('lease_token').notNullable();
    table.bigInteger('lease_until').notNullable();
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  for (const table of [
    'branch_locks',
    'update_scans',
    'updates',
    'tag_lists',
    'scan_folders',
    'markers',
    'image_scans',
    'git_repos',
  ]) {
    await knex.schema.dropTable(table);
  }
};
