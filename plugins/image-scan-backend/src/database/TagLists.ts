import { createHash } from 'node:crypto';
import { runInTurns } from 'backstage-plugin-image-scan-node';
import type { Knex } from 'knex';
import { FirstSeen, LONGEST_AGE } from '../model/FirstSeen';
import { type ImageScanRow, type TagListRow, toMilliseconds } from './tables';

/** Lists removed with one statement: each may be a megabyte. */
const REMOVAL_CHUNK = 20;

/** Tries to store a list that another replica stores too, as its lease was lost. */
const ATTEMPTS = 5;

/** Keeps the last whole list of each key, and since when its tags are known. */
export class TagLists {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async getTags(key: string): Promise<string[] | undefined> {
    const row = await this.#knex<TagListRow>('tag_lists')
      .where({ key })
      .first('tags');
    return row && JSON.parse(row.tags);
  }

  async getFirstSeen(key: string): Promise<FirstSeen | undefined> {
    const row = await this.#knex<TagListRow>('tag_lists')
      .where({ key })
      .first('seen_since', 'seen_later');
    return row && readFirstSeen(row);
  }

  /**
   * Keeps a whole list, where it differs from the one before.
   *
   * @param known - hash stands for the list that was kept last, where one was
   */
  async keep(
    key: string,
    tags: readonly string[],
    known: { hash?: string; now: number },
  ): Promise<void> {
    const text = JSON.stringify(tags);
    const hash = createHash('sha256').update(text).digest('hex');
    if (hash === known.hash) {
      return;
    }
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (await this.#store({ key, tags: text, hash }, tags, known.now)) {
        return;
      }
    }
    throw new Error(`The list of tags ${key} changes all the time`);
  }

  async removeLeftovers(): Promise<void> {
    let removed: number;
    do {
      const unused = this.#knex('tag_lists')
        .whereNotExists(
          this.#knex('image_scans')
            .whereRaw('image_scans.list_key = tag_lists.key')
            .select('id'),
        )
        // In the order of their keys, as everything locks several rows.
        .orderBy('key')
        .limit(REMOVAL_CHUNK)
        .forUpdate()
        .select('key');
      removed = await this.#knex('tag_lists').whereIn('key', unused).delete();
    } while (removed === REMOVAL_CHUNK);
  }

  /** Answers whether it did, as nobody stored another list meanwhile. */
  async #store(
    list: Pick<TagListRow, 'key' | 'tags' | 'hash'>,
    tags: readonly string[],
    now: number,
  ): Promise<boolean> {
    const { key, hash } = list;
    const row = await this.#knex<TagListRow>('tag_lists')
      .where({ key })
      .first();
    if (row?.hash === hash) {
      return true;
    }
    const firstSeen = row
      ? await this.#observe(row, tags, now)
      : FirstSeen.start(now);
    const columns: TagListRow = {
      ...list,
      changed_at: now,
      seen_since: firstSeen.since,
      seen_later: await runInTurns(firstSeen.formatLater()),
    };
    const stored: Pick<TagListRow, 'key'>[] = row
      ? await this.#knex<TagListRow>('tag_lists')
          .where({ key, hash: row.hash })
          .update(columns)
          .returning('key')
      : await this.#knex<TagListRow>('tag_lists')
          .insert(columns)
          .onConflict('key')
          .ignore()
          .returning('key');
    return stored.length > 0;
  }

  async #observe(
    row: TagListRow,
    tags: readonly string[],
    now: number,
  ): Promise<FirstSeen> {
    const firstSeen = await readFirstSeen(row);
    const before: string[] = JSON.parse(row.tags);
    const oldest = now - LONGEST_AGE;
    const keepsAll =
      firstSeen.hasOlderThan(oldest) && (await this.#isOrderedByTime(row.key));
    return runInTurns(
      firstSeen.observe(before, tags, now, keepsAll ? 0 : oldest),
    );
  }

  /** Whether a scan chooses what appeared last, however long that is ago. */
  async #isOrderedByTime(key: string): Promise<boolean> {
    const row = await this.#knex<ImageScanRow>('image_scans')
      .where({ list_key: key })
      .where('policy', 'like', '%"newest"%')
      .first('id');
    return row !== undefined;
  }
}

function readFirstSeen(
  row: Pick<TagListRow, 'seen_since' | 'seen_later'>,
): Promise<FirstSeen> {
  return runInTurns(
    FirstSeen.parse(toMilliseconds(row.seen_since), row.seen_later),
  );
}
