import type { PausingWork } from 'backstage-plugin-image-scan-node';

/** Tags between two pauses: well below a millisecond. */
const TAGS_AT_ONCE = 1_000;

/** Milliseconds; no minimum age that helps anybody is longer. */
export const LONGEST_AGE = 90 * 24 * 60 * 60 * 1_000;

/**
 * When the tags of a list appeared, by the clock of who watches it: what a publisher says
 * of the age of an image plays no part.
 *
 * @remarks
 * Only whole lists count. What the first one had is as old as that, whatever it was
 * before. A tag that leaves the list and comes back starts anew.
 */
export class FirstSeen {
  /** When the first whole list was read. */
  readonly since: number;
  readonly #later: ReadonlyMap<string, number>;

  private constructor(since: number, later: ReadonlyMap<string, number>) {
    this.since = since;
    this.#later = later;
  }

  /** Of a list that is read for the first time. */
  static start(now: number): FirstSeen {
    return new FirstSeen(now, new Map());
  }

  /** @param later - as {@link FirstSeen.formatLater} writes it */
  static *parse(since: number, later: string): PausingWork<FirstSeen> {
    const groups: [number, string[]][] = JSON.parse(later);
    const times = new Map<string, number>();
    for (const [time, tags] of groups) {
      for (const tag of tags) {
        times.set(tag, time);
        if (times.size % TAGS_AT_ONCE === 0) {
          yield;
        }
      }
    }
    return new FirstSeen(since, times);
  }

  /** Of tags that appeared after the first list; {@link timeOf} has all. */
  get later(): ReadonlyMap<string, number> {
    return this.#later;
  }

  /** Since when a tag of the list is known. */
  timeOf(tag: string): number {
    return this.#later.get(tag) ?? this.since;
  }

  /**
   * What is known once another whole list was read.
   *
   * @param before - the list that was read last
   * @param oldest - entries from before that time are dropped, so that their tags are as
   * old as the first list
   */
  *observe(
    before: readonly string[],
    tags: readonly string[],
    now: number,
    oldest: number,
  ): PausingWork<FirstSeen> {
    const known = new Set<string>();
    for (const tag of before) {
      known.add(tag);
      if (known.size % TAGS_AT_ONCE === 0) {
        yield;
      }
    }
    const later = new Map<string, number>();
    for (let index = 0; index < tags.length; index += 1) {
      const tag = tags[index];
      const time = known.has(tag) ? this.#later.get(tag) : now;
      if (time !== undefined && time >= oldest) {
        later.set(tag, time);
      }
      if (index % TAGS_AT_ONCE === 0) {
        yield;
      }
    }
    return new FirstSeen(this.since, later);
  }

  /** Whether entries are from before a time. */
  hasOlderThan(time: number): boolean {
    for (const each of this.#later.values()) {
      if (each < time) {
        return true;
      }
    }
    return false;
  }

  /** As a text: those that appeared together with their time, which is told once. */
  *formatLater(): PausingWork<string> {
    const groups = new Map<number, string[]>();
    let done = 0;
    for (const [tag, time] of this.#later) {
      const group = groups.get(time);
      if (group) {
        group.push(tag);
      } else {
        groups.set(time, [tag]);
      }
      done += 1;
      if (done % TAGS_AT_ONCE === 0) {
        yield;
      }
    }
    return JSON.stringify([...groups]);
  }
}
