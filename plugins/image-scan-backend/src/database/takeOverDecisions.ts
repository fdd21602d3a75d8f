import { remoteKey } from 'backstage-plugin-image-scan-node';
import type { Knex } from 'knex';
import type { StoredDecision } from '../model/decisions';
import { endDecisions, readMemoryOf, toDecision } from './decisionRows';
import type { GitRepoClaim, RepositoryContents } from './GitRepoStore';
import { runningKeys } from './KnownGitRepos';
import type { DecisionRow, GitRepoRow, ImageScanRow } from './tables';

/** Who ends what two git repos decided about the same. */
const BY_CONFIGURATION = 'schedule';

/**
 * Gives a git repo the active decisions about its remote and branch that belong to a git
 * repo which no running replica knows, as after it was renamed in the configuration:
 * those about scans by folder and tagName, and those about all of it where the git repo
 * is new or has scans of the other.
 */
export async function takeOverDecisions(
  knex: Knex,
  { gitRepo: { key }, token }: GitRepoClaim,
  contents: RepositoryContents,
  { isNew, now }: { isNew: boolean; now: number },
): Promise<void> {
  if (isNew) {
    // Made before anybody knew where it is.
    await knex<DecisionRow>('decisions')
      .where({ git_repo: key })
      .whereNull('remote')
      .whereNull('ended_at')
      .update({ remote: contents.remote, branch: contents.branch });
  }
  const place = remoteKey(contents.remote, contents.branch);
  if ((await findLost(knex, now, { place, except: key })).length === 0) {
    return;
  }
  const ids = new Map(
    contents.definitions.map(({ id, path, tagName }) => [
      scanKey(path, tagName),
      id,
    ]),
  );
  await knex.transaction(async trx => {
    const held = await trx<GitRepoRow>('git_repos')
      .where({ key, lease_token: token })
      .forUpdate()
      .first('key');
    if (!held) {
      return;
    }
    for (const decision of await findLost(trx, now, { place, except: key })) {
      if ((isNew && !decision.scanId) || (await isWithin(trx, decision, ids))) {
        const { path, tagName } = decision.place;
        const scanId = ids.get(scanKey(path, tagName));
        await moveDecision(trx, decision, key, scanId, now);
      }
    }
  });
}

/** Unless the git repo has its own of the kind, which takes its place. */
async function moveDecision(
  trx: Knex.Transaction,
  { id, kind, tag }: StoredDecision,
  key: string,
  scanId: string | undefined,
  now: number,
): Promise<void> {
  const about = { git_repo: key, scan_id: scanId ?? null };
  const own = await trx<DecisionRow>('decisions')
    .where({ kind, tag: tag ?? null, ...about })
    .whereNull('ended_at')
    .first('id');
  if (own) {
    const how = 'replaced';
    await endDecisions(trx, [id], { how, by: BY_CONFIGURATION, at: now });
  } else {
    await trx<DecisionRow>('decisions').where({ id }).update(about);
  }
}

/** Lets git repos that can take over decisions be read at once. */
export async function askForTakeOver(knex: Knex, now: number): Promise<void> {
  const lost = await findLost(knex, now);
  if (lost.length === 0) {
    return;
  }
  const known = await runningKeys(knex, now);
  const rows = await knex<GitRepoRow>('git_repos')
    .whereNotNull('memory_of')
    .whereNotNull('head_commit')
    .select('key', 'memory_of');
  for (const { key, memory_of: memoryOf } of rows) {
    const { remote, branch } = readMemoryOf(memoryOf ?? '');
    const place = remoteKey(remote, branch);
    const ofPlace = lost.filter(each => placeOf(each) === place);
    if (!known.has(key) || ofPlace.length === 0) {
      continue;
    }
    const scans = await knex<ImageScanRow>('image_scans')
      .where({ git_repo: key })
      .select('id', 'path', 'tag_name');
    const ids = new Map(
      scans.map(row => [scanKey(row.path, row.tag_name), row.id]),
    );
    for (const decision of ofPlace) {
      if (await isWithin(knex, decision, ids)) {
        await knex<GitRepoRow>('git_repos')
          .where({ key })
          .update({ head_commit: null, next_sync_at: now });
        break;
      }
    }
  }
}

/** Active decisions of git repos that no running replica knows. */
async function findLost(
  knex: Knex,
  now: number,
  of?: { place: string; except: string },
): Promise<StoredDecision[]> {
  const rows = await knex<DecisionRow>('decisions')
    .whereNull('ended_at')
    .whereNotNull('git_repo')
    .whereNotNull('remote')
    .whereNotNull('branch')
    .orderBy('decided_at')
    .orderBy('id');
  const others = rows
    .map(toDecision)
    .filter(
      each => !of || (each.gitRepo !== of.except && placeOf(each) === of.place),
    );
  if (others.length === 0) {
    return [];
  }
  const known = await runningKeys(knex, now);
  return others.filter(({ gitRepo = '' }) => !known.has(gitRepo));
}

/** Whether what a decision is about is among the scans of another git repo by now. */
async function isWithin(
  knex: Knex,
  { gitRepo = '', scanId, place }: StoredDecision,
  ids: ReadonlyMap<string, string>,
): Promise<boolean> {
  if (scanId !== undefined) {
    return ids.has(scanKey(place.path, place.tagName));
  }
  const before = await knex<ImageScanRow>('image_scans')
    .where({ git_repo: gitRepo })
    .select('path', 'tag_name');
  return before.some(row => ids.has(scanKey(row.path, row.tag_name)));
}

function placeOf({ place: { remote = '', branch = '' } }: StoredDecision) {
  return remoteKey(remote, branch);
}

function scanKey(path = '', tagName = ''): string {
  return JSON.stringify([path, tagName]);
}
