import type { Knex } from 'knex';
import type { PlatformStore } from './PlatformStore';
import { type ImagePlatformsRow, toMilliseconds } from './tables';

/** Images whose platforms are kept: a few megabytes. */
const MOST_IMAGES = 50_000;

/** Images removed with one statement. */
const REMOVAL_CHUNK = 1_000;

/** How exactly is known when an entry was used last: a write for each use would cost more. */
const USE_PRECISION_MS = 24 * 60 * 60 * 1_000;

/** Remembers the platforms of images in the database. */
export class DatabasePlatformStore implements PlatformStore {
  readonly #knex: Knex;
  readonly #most: number;

  /** @param most - images that are kept */
  constructor(knex: Knex, most: number = MOST_IMAGES) {
    this.#knex = knex;
    this.#most = most;
  }

  async get(digest: string, now: number): Promise<string[] | undefined> {
    const row = await this.#knex<ImagePlatformsRow>('image_platforms')
      .where({ digest })
      .first();
    if (!row) {
      return undefined;
    }
    if (toMilliseconds(row.used_at) <= now - USE_PRECISION_MS) {
      await this.#knex<ImagePlatformsRow>('image_platforms')
        .where({ digest })
        .update({ used_at: now });
    }
    return JSON.parse(row.platforms);
  }

  async set(
    digest: string,
    platforms: readonly string[],
    now: number,
  ): Promise<void> {
    await this.#knex<ImagePlatformsRow>('image_platforms')
      .insert({ digest, platforms: JSON.stringify(platforms), used_at: now })
      .onConflict('digest')
      .merge(['used_at']);
  }

  async removeUnused(): Promise<void> {
    let removed: number;
    do {
      const tooMany = this.#knex<ImagePlatformsRow>('image_platforms')
        .orderBy([{ column: 'used_at', order: 'desc' }, 'digest'])
        .offset(this.#most)
        .limit(REMOVAL_CHUNK)
        .select('digest');
      removed = await this.#knex('image_platforms')
        .whereIn('digest', tooMany)
        .delete();
    } while (removed === REMOVAL_CHUNK);
  }
}
