import { createTwoFilesPatch, formatPatch } from 'diff';
import { runAtOnce } from '../inTurns';
import type { PausingWork } from '../inTurns';

const CONTEXT_LINES = 3;

/** Lines between two pauses. */
const LINES_AT_ONCE = 2_000;

/** Lines that were replaced, from 0; each side has at least one. */
interface Replacement {
  oldStart: number;
  oldEnd: number;
  newStart: number;
  newEnd: number;
}

/** Unified diff of a manifest, as git prints it. @public */
export function diffManifest(
  file: string,
  before: Buffer,
  after: Buffer,
): string {
  return runAtOnce(diffManifestInTurns(file, before, after));
}

/**
 * {@link diffManifest}, with pauses.
 *
 * @remarks
 * What a rewrite made is compared line by line, in linear time: it only replaces values,
 * so a changed line stands for the lines of the old value. Texts that differ in another
 * way are left to a general comparison, which has no pauses.
 *
 * @public
 */
export function* diffManifestInTurns(
  file: string,
  before: Buffer,
  after: Buffer,
): PausingWork<string> {
  const oldLines = yield* splitLines(before.toString('utf8'));
  yield;
  const newLines = yield* splitLines(after.toString('utf8'));
  yield;
  const replaced = yield* findReplacements(oldLines, newLines);
  yield;
  const patch = replaced
    ? formatPatch({
        oldFileName: `a/${file}`,
        newFileName: `b/${file}`,
        oldHeader: undefined,
        newHeader: undefined,
        hunks: yield* makeHunks(replaced, oldLines, newLines),
      })
    : createTwoFilesPatch(
        `a/${file}`,
        `b/${file}`,
        before.toString('utf8'),
        after.toString('utf8'),
        undefined,
        undefined,
        { context: CONTEXT_LINES },
      );
  // The library puts a ruler above each file where git has its own header.
  return `diff --git a/${file} b/${file}\n${patch.replace(/^=+\n/, '')}`;
}

/** Each with its line feed, if it has one. */
function* splitLines(text: string): PausingWork<string[]> {
  const lines: string[] = [];
  let start = 0;
  while (start < text.length) {
    const feed = text.indexOf('\n', start);
    const end = feed === -1 ? text.length : feed + 1;
    lines.push(text.slice(start, end));
    start = end;
    if (lines.length % LINES_AT_ONCE === 0) {
      yield;
    }
  }
  return lines;
}

/** What was replaced, undefined where that is not clear from the lines in their order. */
function* findReplacements(
  oldLines: readonly string[],
  newLines: readonly string[],
): PausingWork<Replacement[] | undefined> {
  const sameCount = oldLines.length === newLines.length;
  const replaced: Replacement[] = [];
  let at = 0;
  for (let index = 0; index < newLines.length; index += 1) {
    if (index % LINES_AT_ONCE === 0) {
      yield;
    }
    const line = newLines[index];
    if (oldLines[at] !== line) {
      const start = at;
      // A value over several lines becomes one; what stands behind it stays.
      const rest = sameCount ? '' : restOf(line);
      while (at < oldLines.length && !oldLines[at].endsWith(rest)) {
        at += 1;
        if (at % LINES_AT_ONCE === 0) {
          yield;
        }
      }
      if (at === oldLines.length) {
        return undefined;
      }
      const last = replaced[replaced.length - 1];
      if (last?.newEnd === index) {
        last.oldEnd = at + 1;
        last.newEnd = index + 1;
      } else {
        replaced.push({
          oldStart: start,
          oldEnd: at + 1,
          newStart: index,
          newEnd: index + 1,
        });
      }
    }
    at += 1;
  }
  return at === oldLines.length ? replaced : undefined;
}

/** The comment of a marked line and its line feed. */
function restOf(line: string): string {
  return line.slice(Math.max(0, line.lastIndexOf('#')));
}

function* makeHunks(
  replaced: readonly Replacement[],
  oldLines: readonly string[],
  newLines: readonly string[],
) {
  const hunks = [];
  let first = 0;
  while (first < replaced.length) {
    yield;
    let last = first;
    while (
      last + 1 < replaced.length &&
      replaced[last + 1].oldStart - replaced[last].oldEnd <= 2 * CONTEXT_LINES
    ) {
      last += 1;
    }
    const oldStart = Math.max(0, replaced[first].oldStart - CONTEXT_LINES);
    const oldEnd = Math.min(
      oldLines.length,
      replaced[last].oldEnd + CONTEXT_LINES,
    );
    const newStart =
      replaced[first].newStart - (replaced[first].oldStart - oldStart);
    const lines: string[] = [];
    let at = oldStart;
    for (const part of replaced.slice(first, last + 1)) {
      pushLines(lines, ' ', oldLines, at, part.oldStart);
      pushLines(lines, '-', oldLines, part.oldStart, part.oldEnd);
      pushLines(lines, '+', newLines, part.newStart, part.newEnd);
      at = part.oldEnd;
      if (lines.length % LINES_AT_ONCE < 20) {
        yield;
      }
    }
    pushLines(lines, ' ', oldLines, at, oldEnd);
    hunks.push({
      oldStart: oldStart + 1,
      oldLines: oldEnd - oldStart,
      newStart: newStart + 1,
      newLines:
        oldEnd - replaced[last].oldEnd + replaced[last].newEnd - newStart,
      lines,
    });
    first = last + 1;
  }
  return hunks;
}

function pushLines(
  hunk: string[],
  sign: string,
  lines: readonly string[],
  start: number,
  end: number,
): void {
  for (let index = start; index < end; index += 1) {
    const line = lines[index];
    if (line.endsWith('\n')) {
      hunk.push(sign + line.slice(0, -1));
    } else {
      hunk.push(sign + line, '\\ No newline at end of file');
    }
  }
}
