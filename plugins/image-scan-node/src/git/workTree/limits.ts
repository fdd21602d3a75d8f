import { UnsupportedRepositoryError } from '../errors';

const MEBIBYTE = 1024 * 1024;

/**
 * What a clone may bring. isomorphic-git holds a whole pack and the files it reads of it in
 * memory, several times over, so these keep one clone below 256 MiB more than before it.
 */
export const MAX_PACK_BYTES = 40 * MEBIBYTE;
/** A file that is read, such as the pack of a clone that another step made. */
export const MAX_READ_BYTES = 64 * MEBIBYTE;
/** One object, unpacked; above a file of this size no clone is made. */
export const MAX_OBJECT_BYTES = 24 * MEBIBYTE;
/** All objects of a pack, unpacked. */
export const MAX_UNPACKED_BYTES = 512 * MEBIBYTE;
/** All files as they are written, and a content that many files share counts for each. */
export const MAX_CHECKOUT_BYTES = 256 * MEBIBYTE;
/** Files and folders. */
export const MAX_ENTRIES = 100_000;
/** The paths of all of them together. */
export const MAX_PATH_BYTES = 16 * MEBIBYTE;
export const MAX_DEPTH = 100;
/** A commit to push, packed. */
export const MAX_PUSH_BYTES = 64 * MEBIBYTE;
/** What a server says before and after a transfer. */
export const MAX_WORDS_BYTES = 16 * MEBIBYTE;

/** Files that are in memory at the same time while they are written. */
const FILES_AT_ONCE = 4;
/** What these may have together; each is there several times over. */
const FILE_BYTES_AT_ONCE = 16 * MEBIBYTE;
/** Threads at the same time, of all tasks of this process. */
export const THREADS_AT_ONCE = 2;
/** The JavaScript heap of a thread, in MiB. */
export const MAX_HEAP_MIB = 512;
/** One clone, or one commit with its push. */
export const DEADLINE_MS = 10 * 60_000;

/** How many files are written at the same time, by the size of the largest. */
export function filesAtOnce(largestFile: number): number {
  const fitting = Math.floor(FILE_BYTES_AT_ONCE / Math.max(largestFile, 1));
  return Math.min(Math.max(fitting, 1), FILES_AT_ONCE);
}

/** A limit that a repository is over, with the figure and what to do. */
export function tooLarge(
  what: string,
  limit: number,
  unit: 'bytes' | 'files and folders' | 'folders deep',
): UnsupportedRepositoryError {
  const figure =
    unit === 'bytes'
      ? `${limit / MEBIBYTE} MiB`
      : `${limit.toLocaleString('en')} ${unit}`;
  return new UnsupportedRepositoryError(
    `${what} more than ${figure}, the most that a clone into a workspace may have; use a smaller repository, or configure it as a git repo, which is not cloned`,
  );
}
