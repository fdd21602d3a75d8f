import { setImmediate } from 'node:timers/promises';
import { GitUnreachableError, UnsupportedRepositoryError } from './errors';
import { parseCommit } from './objects';
import type { PackedObjects } from './PackedObjects';
import type { FetchObjects } from './SnapshotObjects';

/** Generations that are fetched, in one request each until it is enough. */
const depths = [50, 500, 5_000] as const;
const maxDepth = Math.max(...depths);
/**
 * How many of the oldest generations must all be too old for the search to end:
 * the dates of commits are what their makers say, and what was rebased or
 * imported with its own dates may stand on something newer.
 */
const OLD_GENERATIONS = 10;
/** As far as a clock is wrong that is set to local time instead of UTC. */
const CLOCK_SKEW_MS = 14 * 3_600_000;

/** What came of a walk through a history. */
type Walk =
  | { found: true }
  | {
      found: false;
      /** Whether there is more than was fetched. */
      goesOn: boolean;
      /** When the youngest commit of the oldest generations was made, in milliseconds. */
      lastTime: number;
    };

/**
 * Looks for a commit behind the head of a branch, merged branches included. Of
 * history so much is fetched as the answer needs: more only while all before it
 * may be younger than the commit, and never more than 5,000 generations.
 *
 * @returns undefined when the remote does not give the head away
 */
export async function searchHistory(
  commit: string,
  options: {
    head: string;
    /** When the commit was made, or somewhat before; default: long ago. */
    since?: Date;
    fetch: FetchObjects;
    /** Finds out in another way where more would be fetched than is read. */
    ask: () => Promise<boolean | undefined>;
  },
): Promise<boolean | undefined> {
  const { head, since, fetch, ask } = options;
  const oldest = since ? since.getTime() - CLOCK_SKEW_MS : -Infinity;
  const fetchTo = historyFetcher(head, fetch);
  for (const depth of depths) {
    let history: PackedObjects | undefined;
    try {
      history = await fetchTo(depth);
    } catch (error) {
      if (!(error instanceof UnsupportedRepositoryError)) {
        throw error;
      }
      // What is more than is read is as far away as what lies beyond the last depth.
      return (await ask()) ?? searchParents(commit, head, fetchTo, depth);
    }
    if (!history) {
      return undefined;
    }
    const walked = await walk(commit, { head, history, depth });
    if (walked.found) {
      return true;
    }
    if (!walked.goesOn || walked.lastTime < oldest) {
      return false;
    }
  }
  return false;
}

/**
 * Looks among the parents of the head alone, which takes no more than to open it.
 *
 * @param depth - how far it was too much to look; what lies before that was seen
 */
async function searchParents(
  commit: string,
  head: string,
  fetchTo: (depth: number) => Promise<PackedObjects | undefined>,
  depth: number,
): Promise<boolean | undefined> {
  if (depth > depths[0]) {
    return false;
  }
  const newest = await fetchTo(1);
  return (
    newest &&
    parseCommit(await newest.read(head, 'commit')).parents.includes(commit)
  );
}

/** Fetches the newest commits, with as little else as the remote can leave out. */
export function historyFetcher(
  head: string,
  fetch: FetchObjects,
): (depth: number) => Promise<PackedObjects | undefined> {
  let filter: 'tree:0' | 'blob:none' = 'tree:0';
  return async depth => {
    const request = { wants: [head], depth };
    if (filter === 'tree:0') {
      try {
        return await fetch({ ...request, filter });
      } catch (error) {
        // Some servers allow only the filter of contents.
        if (!(error instanceof GitUnreachableError)) {
          throw error;
        }
        filter = 'blob:none';
      }
    }
    return fetch({ ...request, filter });
  };
}

/**
 * Goes from the head to its parents, one generation at a time, through all that
 * was fetched: from some remotes that is more than was asked for.
 */
async function walk(
  commit: string,
  fetched: { head: string; history: PackedObjects; depth: number },
): Promise<Walk> {
  const { head, history, depth } = fetched;
  const seen = new Set([head]);
  const times: number[] = [];
  let generation = [head];
  let missing = 0;
  while (generation.length > 0 && times.length < maxDepth) {
    const next: string[] = [];
    let youngest = -Infinity;
    for (const oid of generation) {
      const content = await history.read(oid, 'commit');
      const { parents, time = Infinity } = parseCommit(content);
      youngest = Math.max(youngest, time);
      for (const parent of parents) {
        if (parent === commit) {
          return { found: true };
        }
        if (!seen.has(parent)) {
          seen.add(parent);
          next.push(parent);
        }
      }
    }
    times.push(youngest);
    // The oldest commits that were fetched name parents that were not.
    generation = next.filter(oid => history.has(oid));
    missing = next.length - generation.length;
    await setImmediate(); // room for other work
  }
  return {
    found: false,
    goesOn: times.length === depth && missing > 0,
    lastTime: Math.max(...times.slice(-OLD_GENERATIONS)),
  };
}
