import { pause } from '../turns';
import type { FetchFeatures } from './fetchServer';
import type { GitBetween, GitCommitNote } from './GitRemote';
import { parseCommit } from './objects';
import type { PackedObjects } from './PackedObjects';
import { historyFetcher } from './searchHistory';
import type { FetchObjects } from './SnapshotObjects';

/** Generations that are fetched where only commits come. */
const DEPTH = 500;

/** As many as bring hardly more contents than the newest one, from who sends all. */
const DEPTH_WITH_CONTENTS = 5;

/** Some remotes send more than they were asked for. */
const MAX_COMMITS = 5_000;

/** What is read of a commit to learn of its message, in bytes. */
const MAX_READ_BYTES = 64 * 1024;

/** What is kept of a name and of the first line of a message, in characters. */
const LONGEST_AUTHOR = 100;
const LONGEST_SUBJECT = 200;

/** Commits that one may say it reverts. */
const MAX_REVERTED = 20;

/** A commit, and where to go on from it. */
interface Step {
  note: GitCommitNote;
  parents: readonly string[];
}

/** Commits that were fetched, each read once. */
class History {
  readonly #packed: PackedObjects;
  readonly #clean: (text: string) => string;
  readonly #steps = new Map<string, Step>();

  constructor(packed: PackedObjects, clean: (text: string) => string) {
    this.#packed = packed;
    this.#clean = clean;
  }

  /**
   * Goes from a commit to its parents, one generation at a time.
   *
   * @param wanted - a commit that is noticed, and not gone beyond
   */
  async walk(from: string, wanted?: string) {
    const seen: GitCommitNote[] = [];
    const oids = new Set([from]);
    let found = false;
    let isCutOff = false;
    for (const oid of oids) {
      if (oid === wanted) {
        found = true;
      } else if (seen.length < MAX_COMMITS && this.#packed.has(oid)) {
        const { note, parents } = await this.#read(oid);
        seen.push(note);
        parents.forEach(parent => oids.add(parent));
        await pause();
      } else {
        isCutOff = true;
      }
    }
    return { seen, oids, found, isCutOff };
  }

  async #read(oid: string): Promise<Step> {
    const known = this.#steps.get(oid);
    if (known) {
      return known;
    }
    const content = await this.#packed.read(oid, 'commit');
    const step = {
      note: describeCommit(oid, content, this.#clean),
      parents: parseCommit(content).parents,
    };
    this.#steps.set(oid, step);
    return step;
  }
}

/**
 * Finds what one commit has in its history beyond another, by one fetch of commits.
 *
 * @param clean - makes one line that can be shown of what strangers wrote
 * @returns undefined when the remote does not give the newer commit away
 */
export async function commitsBetween(
  before: string,
  after: string,
  options: {
    features: FetchFeatures;
    fetch: FetchObjects;
    clean: (text: string) => string;
  },
): Promise<GitBetween | undefined> {
  const { features, fetch, clean } = options;
  const depth = features.filter ? DEPTH : DEPTH_WITH_CONTENTS;
  const packed = await historyFetcher(after, fetch)(depth);
  if (!packed) {
    return undefined;
  }
  const history = new History(packed, clean);
  const newer = await history.walk(after, before);
  if (!newer.found) {
    return { isBehind: newer.isCutOff ? undefined : false, commits: [] };
  }
  const older = await history.walk(before);
  const commits = newer.seen.filter(({ oid }) => !older.oids.has(oid));
  return { isBehind: true, commits };
}

function describeCommit(
  oid: string,
  commit: Buffer,
  clean: (text: string) => string,
): GitCommitNote {
  const text = commit.toString('utf8', 0, MAX_READ_BYTES);
  const end = text.indexOf('\n\n');
  const header = end < 0 ? text : text.slice(0, end);
  const message = end < 0 ? '' : text.slice(end).trimStart();
  const author = header.split('\n').find(line => line.startsWith('author '));
  const [subject] = message.split('\n', 1);
  const reverts = message.matchAll(/\bThis reverts commit ([0-9a-f]{40})\b/g);
  return {
    oid,
    author: cap(clean(nameOf(author)), LONGEST_AUTHOR),
    subject: cap(clean(subject), LONGEST_SUBJECT),
    reverts: Array.from(reverts, ([, reverted]) => reverted).slice(
      0,
      MAX_REVERTED,
    ),
  };
}

/** Of a line such as `author Ada <ada@example.com> 1700000000 +0000`. */
function nameOf(line = ''): string {
  const end = line.indexOf('<');
  return line.slice('author '.length, end < 0 ? line.length : end);
}

function cap(line: string, longest: number): string {
  const characters = [...line];
  return characters.length <= longest
    ? line
    : `${characters.slice(0, longest - 1).join('')}…`;
}
