import { createHash, randomUUID } from 'node:crypto';
import { Knex } from 'knex';
import { assessScan } from '../assessScan';
import { ScanDefinition } from '../types';
import {
  assessmentColumns,
  toDefinition,
  toScanMarker,
  toStoredScan,
} from './imageScanRows';
import { LEASE_DURATION_MS, releaseLease, renewLeases } from './leases';
import { ScanClaim, ScanOutcome, ScanQueue } from './ScanQueue';
import { requestUpdate } from './requestUpdate';
import { GitRepoRow, ImageScanRow, MarkerRow, TagListRow } from './tables';

/** Scans due within this part of their interval come along with a due sibling. */
const SIBLING_WINDOW_DIVISOR = 20;

/** Keeps the due scans in the `image_scans` table, leased row by row. */
export class DatabaseScanQueue implements ScanQueue {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async claimDue(options: {
    now: number;
    limit: number;
    placesOf: (host: string) => number;
    busyHosts: readonly string[];
  }): Promise<ScanClaim[]> {
    const { now, limit, placesOf, busyHosts } = options;
    const due = await this.#knex<ImageScanRow>('image_scans')
      .select('list_key', 'registry_host')
      .where('next_scan_at', '<=', now)
      .whereNotIn('registry_host', [...busyHosts])
      .where(free(now))
      .orderBy('next_scan_at')
      // Siblings share a list, so some of these rows fall together.
      .limit(limit * 4);
    const hostOf = new Map(due.map(row => [row.list_key, row.registry_host]));
    const taken = new Map<string, number>();

    const claims: ScanClaim[] = [];
    for (const [listKey, host] of hostOf) {
      const ofHost = taken.get(host) ?? 0;
      if (claims.length >= limit) {
        break;
      }
      if (ofHost < placesOf(host)) {
        const claim = await this.#claimList(listKey, now);
        if (claim) {
          claims.push(claim);
          taken.set(host, ofHost + 1);
        }
      }
    }
    return claims;
  }

  async claimScan(scanId: string, now: number): Promise<ScanClaim | undefined> {
    const row = await this.#knex<ImageScanRow>('image_scans')
      .where({ id: scanId, suspend: false })
      .first('list_key');
    if (!row) {
      return undefined;
    }
    await this.#knex<ImageScanRow>('image_scans')
      .where({ id: scanId })
      .andWhere('next_scan_at', '>', now)
      .where(free(now))
      .update({ next_scan_at: now });
    return this.#claimList(row.list_key, now);
  }

  async wasScanned(scanId: string, since: number): Promise<boolean> {
    const row = await this.#knex<ImageScanRow>('image_scans')
      .where({ id: scanId })
      .where(query => {
        query
          .where('last_scan_at', '>=', since)
          .orWhere('scan_error_at', '>=', since);
      })
      .first('id');
    return row !== undefined;
  }

  async #claimList(
    listKey: string,
    now: number,
  ): Promise<ScanClaim | undefined> {
    const token = randomUUID();
    const held = this.#knex('image_scans')
      .where({ list_key: listKey })
      .andWhere('lease_until', '>=', now)
      .select('id');
    await this.#knex<ImageScanRow>('image_scans')
      .where({ list_key: listKey })
      .andWhereRaw('next_scan_at <= ? + interval_ms / ?', [
        now,
        SIBLING_WINDOW_DIVISOR,
      ])
      .where(free(now))
      .whereNotExists(held)
      .update({ lease_token: token, lease_until: now + LEASE_DURATION_MS });
    const rows = await this.#knex<ImageScanRow>('image_scans').where({
      lease_token: token,
    });
    if (rows.length === 0) {
      return undefined;
    }
    return {
      token,
      listKey,
      registryHost: rows[0].registry_host,
      scans: rows.map(row => ({
        definition: toDefinition(row),
        failures: row.scan_failures,
      })),
    };
  }

  async complete(
    claim: ScanClaim,
    outcomes: readonly ScanOutcome[],
    now: number,
  ): Promise<void> {
    for (const outcome of outcomes) {
      const claimed = claim.scans.find(
        ({ definition }) => definition.id === outcome.scanId,
      );
      if (claimed) {
        await this.#knex.transaction(trx =>
          completeScan(trx, claim.token, claimed.definition, outcome, now),
        );
      }
    }
    await this.release(claim);
  }

  async release(claim: ScanClaim): Promise<void> {
    await releaseLease(this.#knex, 'image_scans', claim.token);
  }

  async renew(claims: readonly ScanClaim[], now: number): Promise<void> {
    const tokens = claims.map(claim => claim.token);
    await renewLeases(this.#knex, 'image_scans', tokens, now);
  }

  async getTags(listKey: string): Promise<string[] | undefined> {
    const row = await this.#knex<TagListRow>('tag_lists')
      .where({ key: listKey })
      .first('tags');
    return row && JSON.parse(row.tags);
  }

  async setTags(
    listKey: string,
    tags: readonly string[],
    now: number,
  ): Promise<void> {
    const text = JSON.stringify(tags);
    const hash = createHash('sha256').update(text).digest('hex');
    const known = await this.#knex<TagListRow>('tag_lists')
      .where({ key: listKey })
      .first('hash');
    if (known?.hash === hash) {
      return;
    }
    await this.#knex<TagListRow>('tag_lists')
      .insert({ key: listKey, tags: text, hash, changed_at: now })
      .onConflict('key')
      .merge();
  }
}

function free(now: number) {
  return (query: Knex.QueryBuilder) => {
    query.whereNull('lease_until').orWhere('lease_until', '<', now);
  };
}

async function completeScan(
  trx: Knex.Transaction,
  token: string,
  claimed: ScanDefinition,
  outcome: ScanOutcome,
  now: number,
): Promise<void> {
  // The git repo is locked first, as a sync does it. So markers read next are
  // those that a sync has left or will find this result beside, neither waits
  // for the other in a circle, and of two last first results one sees both.
  await trx<GitRepoRow>('git_repos')
    .where({ key: claimed.gitRepo })
    .forUpdate()
    .first('key');
  const row = await trx<ImageScanRow>('image_scans')
    .where({ id: outcome.scanId, lease_token: token })
    .forUpdate()
    .first();
  if (!row || !isOfDefinition(row, claimed)) {
    return;
  }
  const markers = await trx<MarkerRow>('markers').where({
    scan_id: outcome.scanId,
  });
  const stored = toStoredScan(row);
  const succeeded = 'result' in outcome;
  const assessment = assessScan({
    definition: stored.definition,
    latest: succeeded ? outcome.result : stored.latest,
    failed: !succeeded,
    markers: markers.map(toScanMarker),
    settled: stored.settled,
  });
  const result = succeeded
    ? {
        latest_tag: outcome.result.tag,
        latest_digest: outcome.result.digest,
        last_scan_at: now,
        stale_at: outcome.staleAt,
        scan_error: null,
        scan_error_at: null,
        scan_failures: 0,
      }
    : {
        scan_error: outcome.error,
        scan_error_at: now,
        scan_failures: row.scan_failures + 1,
      };
  await trx<ImageScanRow>('image_scans')
    .where({ id: outcome.scanId })
    .update({
      ...result,
      ...assessmentColumns(assessment),
      next_scan_at: nextScanAt(outcome, claimed, stored.definition, now),
      lease_token: null,
      lease_until: null,
    });
  const isFirst = stored.lastScanAt === undefined && !stored.failure;
  const isNew =
    succeeded &&
    (outcome.result.tag !== stored.latest?.tag ||
      outcome.result.digest !== stored.latest.digest);
  if (isFirst || isNew) {
    await requestUpdate(trx, stored.definition.gitRepo, now);
  }
}

/**
 * Whether a row still has the definition that was claimed: one that changed
 * during the scan is due again, and this result says nothing about it.
 */
function isOfDefinition(row: ImageScanRow, claimed: ScanDefinition): boolean {
  return (
    claimed.hash === row.definition_hash && claimed.listKey === row.list_key
  );
}

/** Suspension and a shorter interval that came while the scan ran count at once. */
function nextScanAt(
  outcome: ScanOutcome,
  claimed: ScanDefinition,
  current: ScanDefinition,
  now: number,
): number | null {
  if (current.suspend) {
    return null;
  }
  return current.interval < claimed.interval
    ? Math.min(outcome.nextScanAt, now + current.interval)
    : outcome.nextScanAt;
}
