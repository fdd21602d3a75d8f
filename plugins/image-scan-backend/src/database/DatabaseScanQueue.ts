import { randomUUID } from 'node:crypto';
import DataLoader from 'dataloader';
import type { Knex } from 'knex';
import type { FirstSeen } from '../model/FirstSeen';
import { completeScans } from './completeScans';
import { toStoredScan } from './imageScanRows';
import { readConditions } from './readConditions';
import { LEASE_DURATION_MS, renewLeases } from './leases';
import type {
  ClaimedScan,
  ScanClaim,
  ScanCompletion,
  ScanOutcome,
  ScanQueue,
} from './ScanQueue';
import type { ImageScanRow, TagListRow } from './tables';
import { TagLists } from './TagLists';

/** Scans due within this part of their interval come along with a due sibling. */
const SIBLING_WINDOW_DIVISOR = 20;

/**
 * How long results are gathered before they are stored together: a statement for
 * each would cost more than the scan.
 */
const GATHERING_MS = 20;

/** Results stored together at most. */
const MOST_COMPLETIONS = 100;

/** Tries to be faster than other replicas, before the next tick tries again. */
const CLAIM_ATTEMPTS = 10;

type DueOptions = Parameters<ScanQueue['claimDue']>[0];

/** Keeps the due scans in the `image_scans` table, leased row by row. */
export class DatabaseScanQueue implements ScanQueue {
  readonly #knex: Knex;
  readonly #lists: TagLists;
  readonly #completions: DataLoader<ScanCompletion, boolean>;

  constructor(knex: Knex) {
    this.#knex = knex;
    this.#lists = new TagLists(knex);
    this.#completions = new DataLoader(
      completions => completeScans(knex, completions),
      {
        cache: false,
        maxBatchSize: MOST_COMPLETIONS,
        batchScheduleFn: store => setTimeout(store, GATHERING_MS),
      },
    );
  }

  async claimDue(options: DueOptions): Promise<ScanClaim[]> {
    for (let attempt = 0; attempt < CLAIM_ATTEMPTS; attempt += 1) {
      const listKeys = await this.#findDue(options);
      if (listKeys.length === 0) {
        break;
      }
      const claims = await this.#claimLists(
        listKeys,
        options.now,
        options.exceptGitRepos,
      );
      if (claims.length > 0) {
        return claims;
      }
      // Another replica was faster with all of them, and leaves others.
    }
    return [];
  }

  /**
   * Lists that have due scans and that nobody holds. Where those of one host hide
   * the others, it looks again without that host.
   */
  async #findDue({
    limit,
    placesOf,
    busyHosts,
    ...options
  }: DueOptions): Promise<string[]> {
    const full = new Set(busyHosts);
    const found = new Map<string, string>();
    // Siblings share a list, so some of the rows fall together.
    const mostRows = limit * 4;
    for (;;) {
      const rows = await this.#dueRows({ ...options, full, mostRows });
      const fullBefore = full.size;
      const taken = countBy(found.values());
      for (const { list_key: listKey, registry_host: host } of rows) {
        const ofHost = taken.get(host) ?? 0;
        if (ofHost >= placesOf(host)) {
          full.add(host);
        } else if (found.size < limit && !found.has(listKey)) {
          found.set(listKey, host);
          taken.set(host, ofHost + 1);
        }
      }
      const mayHideOthers = rows.length === mostRows && full.size > fullBefore;
      if (found.size >= limit || !mayHideOthers) {
        return [...found.keys()];
      }
    }
  }

  #dueRows(options: {
    now: number;
    onlyHosts?: readonly string[];
    exceptGitRepos?: readonly string[];
    /** Hosts whose rows are passed over. */
    full: ReadonlySet<string>;
    mostRows: number;
  }): Promise<Pick<ImageScanRow, 'list_key' | 'registry_host'>[]> {
    const { now, onlyHosts, exceptGitRepos = [], full, mostRows } = options;
    const query = this.#knex<ImageScanRow>('image_scans');
    if (onlyHosts) {
      query.whereIn('registry_host', [...onlyHosts]);
    }
    if (exceptGitRepos.length > 0) {
      query.whereNotIn('git_repo', [...exceptGitRepos]);
    }
    return (
      query
        .select('list_key', 'registry_host')
        .where('next_scan_at', '<=', now)
        .whereNotIn('registry_host', [...full])
        // A list that is held takes no siblings; they must not hide other lists.
        .whereNotExists(
          this.#knex('image_scans as held')
            .whereRaw('held.list_key = image_scans.list_key')
            .andWhere('held.lease_until', '>=', now)
            .select('held.id'),
        )
        .orderBy(['next_scan_at', 'list_key'])
        .limit(mostRows)
    );
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
    const [claim] = await this.#claimLists([row.list_key], now);
    return claim;
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

  /** One statement for all of them, since each is a round trip that scans wait for. */
  async #claimLists(
    listKeys: readonly string[],
    now: number,
    exceptGitRepos: readonly string[] = [],
  ): Promise<ScanClaim[]> {
    // Every row of the lists is locked, due or not. So the second of two replicas
    // waits, and then sees that a list is held, also by rows that were not due
    // for it. In the order of their ids, as everything locks several rows.
    const ofLists = this.#knex('image_scans')
      .whereIn('list_key', [...listKeys])
      .orderBy('id')
      .forUpdate()
      .select(
        'id',
        'git_repo',
        'list_key',
        'next_scan_at',
        'interval_ms',
        'lease_until',
      );
    const due = this.#knex('of_lists')
      .whereRaw('next_scan_at <= ? + interval_ms / ?', [
        now,
        SIBLING_WINDOW_DIVISOR,
      ])
      .whereNotIn('git_repo', [...exceptGitRepos])
      .select('id');
    const held = this.#knex('of_lists')
      .where('lease_until', '>=', now)
      .select('list_key');
    const rows: ImageScanRow[] = await this.#knex('image_scans')
      .with('of_lists', ofLists)
      .whereIn('id', due)
      .whereNotIn('list_key', held)
      .update({
        lease_token: this.#knex.raw('cast(? as text) || list_key', [
          `${randomUUID()}:`,
        ]),
        lease_until: now + LEASE_DURATION_MS,
      })
      .returning('*');
    if (rows.length === 0) {
      return [];
    }
    const kept = await this.#knex<TagListRow>('tag_lists')
      .whereIn('key', [...new Set(rows.map(row => row.list_key))])
      .select('key', 'hash');
    const hashOf = new Map(kept.map(({ key, hash }) => [key, hash]));
    const scans = rows.map(toStoredScan);
    const conditions = await readConditions(
      this.#knex,
      scans.map(({ definition }) => definition),
      now,
    );
    const claimed = rows.map((row, index): ClaimedScan => {
      const { definition, latest, choice, settled } = scans[index];
      const { markers = [], skips = [] } = conditions.get(row.id) ?? {};
      return {
        definition,
        failures: row.scan_failures,
        epoch: row.choice_epoch,
        markers,
        skips,
        before: { result: latest, notes: choice, settledTag: settled?.tag },
      };
    });
    return listKeys.flatMap(listKey => {
      const row = rows.find(each => each.list_key === listKey);
      return row?.lease_token
        ? [
            {
              token: row.lease_token,
              listKey,
              registryHost: row.registry_host,
              tagsHash: hashOf.get(listKey),
              scans: claimed.filter(
                ({ definition }) => definition.listKey === listKey,
              ),
            },
          ]
        : [];
    });
  }

  async complete(
    claim: ScanClaim,
    outcomes: readonly ScanOutcome[],
    now: number,
  ): Promise<void> {
    const completions = outcomes.flatMap(outcome => {
      const claimed = claim.scans.find(
        ({ definition }) => definition.id === outcome.scanId,
      );
      const { token } = claim;
      return claimed ? [{ ...claimed, token, outcome, now }] : [];
    });
    const settled = await Promise.all(
      completions.map(completion => this.#completions.load(completion)),
    );
    if (settled.filter(Boolean).length < claim.scans.length) {
      await this.release(claim);
    }
  }

  async release({ scans, token }: ScanClaim): Promise<void> {
    // By id, which is found without a look at every row.
    const ids = scans.map(({ definition }) => definition.id);
    await this.#knex<ImageScanRow>('image_scans')
      .whereIn(
        'id',
        this.#knex<ImageScanRow>('image_scans')
          .whereIn('id', ids)
          .where({ lease_token: token })
          .orderBy('id')
          .forUpdate()
          .select('id'),
      )
      .update({ lease_token: null, lease_until: null });
  }

  async renew(claims: readonly ScanClaim[], now: number): Promise<ScanClaim[]> {
    const tokens = claims.map(claim => claim.token);
    const held = await renewLeases(this.#knex, 'image_scans', tokens, now);
    return claims.filter(({ token }) => !held.has(token));
  }

  getTags(listKey: string): Promise<string[] | undefined> {
    return this.#lists.getTags(listKey);
  }

  getFirstSeen(listKey: string): Promise<FirstSeen | undefined> {
    return this.#lists.getFirstSeen(listKey);
  }

  async setTags(
    { listKey, tagsHash }: Pick<ScanClaim, 'listKey' | 'tagsHash'>,
    tags: readonly string[],
    now: number,
  ): Promise<void> {
    await this.#lists.keep(listKey, tags, { hash: tagsHash, now });
  }

  removeLeftoverTags(): Promise<void> {
    return this.#lists.removeLeftovers();
  }
}

function countBy(keys: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function free(now: number) {
  return (query: Knex.QueryBuilder) => {
    query.whereNull('lease_until').orWhere('lease_until', '<', now);
  };
}
