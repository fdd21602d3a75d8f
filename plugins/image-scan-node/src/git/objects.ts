import { createHash } from 'node:crypto';
import type { PausingWork } from '../inTurns';
import { UnsupportedRepositoryError } from './errors';

/** Of a commit; 20,000 parents. */
const MAX_HEADER_BYTES = 1024 * 1024;

/** About two milliseconds. */
const HASHED_AT_ONCE = 1024 * 1024;

export type GitObjectType = 'commit' | 'tree' | 'blob';

/** A git object under its name. */
export interface GitObject {
  oid: string;
  type: GitObjectType;
  content: Buffer;
}

/** How git names some content: 40 hexadecimal digits. */
export function objectName(
  type: GitObjectType | 'tag',
  content: Buffer,
): string {
  return createHash('sha1')
    .update(`${type} ${content.length}\0`)
    .update(content)
    .digest('hex');
}

/** {@link objectName} for content of any length, with pauses. */
export function* objectNameInTurns(
  type: GitObjectType | 'tag',
  content: Buffer,
): PausingWork<string> {
  const hash = createHash('sha1').update(`${type} ${content.length}\0`);
  for (let start = 0; start < content.length; start += HASHED_AT_ONCE) {
    hash.update(content.subarray(start, start + HASHED_AT_ONCE));
    yield;
  }
  return hash.digest('hex');
}

/** The object of some content under its name. */
export function toObject(type: GitObjectType, content: Buffer): GitObject {
  return { oid: objectName(type, content), type, content };
}

/** One line of a tree. */
export interface TreeEntry {
  /** In octal digits, as git wrote it. */
  mode: string;
  /** The bytes of the name as latin1, so that no two names read alike. */
  name: string;
  oid: string;
  /** Where the 20 bytes of the oid begin in the tree. */
  oidOffset: number;
}

/** Takes a tree apart; throws `UnsupportedRepositoryError` for bytes that are none. */
export function parseTree(tree: Buffer): TreeEntry[] {
  return [...treeEntries(tree)];
}

/** {@link parseTree}, one entry at a time. */
export function* treeEntries(tree: Buffer): Generator<TreeEntry, void, void> {
  let offset = 0;
  while (offset < tree.length) {
    const space = tree.indexOf(0x20, offset);
    const nul = tree.indexOf(0, space);
    const oidOffset = nul + 1;
    if (space < 0 || nul < 0 || oidOffset + 20 > tree.length) {
      throw new UnsupportedRepositoryError(
        'The repository holds a damaged tree',
      );
    }
    yield {
      mode: tree.toString('latin1', offset, space),
      name: tree.toString('latin1', space + 1, nul),
      oid: tree.toString('hex', oidOffset, oidOffset + 20),
      oidOffset,
    };
    offset = oidOffset + 20;
  }
}

export function isTree({ mode }: TreeEntry): boolean {
  return mode === '40000' || mode === '040000';
}

/** Neither a tree, a symbolic link (120000) nor a submodule (160000). */
export function isRegularFile({ mode }: TreeEntry): boolean {
  return /^100[0-7]{3}$/.test(mode);
}

export function isExecutable({ mode }: TreeEntry): boolean {
  return (parseInt(mode, 8) & 0o100) !== 0;
}

/** What a commit says of itself. */
export interface CommitHeader {
  /** Object names, as those of the parents. */
  tree: string;
  parents: string[];
  /** When it was made, in milliseconds; undefined where that is unreadable. */
  time?: number;
}

/** Throws `UnsupportedRepositoryError` for bytes that are no commit. */
export function parseCommit(commit: Buffer): CommitHeader {
  // Message and signatures may be as long as their author likes.
  const start = commit.subarray(0, MAX_HEADER_BYTES);
  const end = start.indexOf('\n\n');
  const head = start.toString('latin1', 0, end < 0 ? start.length : end);
  const tree = /^tree ([0-9a-f]{40})(\n|$)/.exec(head)?.[1];
  if (!tree) {
    throw new UnsupportedRepositoryError(
      'The repository holds a damaged commit',
    );
  }
  const parents = head
    .split('\n')
    .filter(line => line.startsWith('parent '))
    .map(line => line.slice('parent '.length));
  const seconds = /^committer .*> (\d{1,12}) /m.exec(head)?.[1];
  return {
    tree,
    parents,
    ...(seconds === undefined ? {} : { time: Number(seconds) * 1000 }),
  };
}
