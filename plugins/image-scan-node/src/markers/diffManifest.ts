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
  const oldLines = yield* findLines(before.toString('utf8'));
  yield;
  const newLines = yield* findLines(after.toString('utf8'));
  yield;
  const replaced = yield* findReplacements(oldLines, newLines);
  const names = [`a/${file}`, `b/${file}`] as const;
  const patch = replaced
    ? formatHeader(names) + (yield* formatHunks(replaced, oldLines, newLines))
    : createTwoFilesPatch(
        ...names,
        oldLines.text,
        newLines.text,
        undefined,
        undefined,
        { context: CONTEXT_LINES },
      );
  // The library puts a ruler above each file where git has its own header.
  return `diff --git ${names.join(' ')}\n${patch.replace(/^=+\n/, '')}`;
}

/** The two lines with the names, quoted where they need it. */
function formatHeader([oldFileName, newFileName]: readonly [string, string]) {
  return formatPatch({
    oldFileName,
    newFileName,
    oldHeader: undefined,
    newHeader: undefined,
    hunks: [],
  });
}

/** A text and where its lines begin. Their texts are made when they are asked for. */
class Lines {
  readonly text: string;
  readonly #starts: readonly number[];

  constructor(text: string, starts: readonly number[]) {
    this.text = text;
    this.#starts = starts;
  }

  get length(): number {
    return this.#starts.length;
  }

  /** With its line feed, if it has one. */
  at(index: number): string {
    return this.text.slice(this.#starts[index], this.#starts[index + 1]);
  }
}

function* findLines(text: string): PausingWork<Lines> {
  const starts: number[] = [];
  let start = 0;
  while (start < text.length) {
    starts.push(start);
    const feed = text.indexOf('\n', start);
    start = feed === -1 ? text.length : feed + 1;
    if (starts.length % LINES_AT_ONCE === 0) {
      yield;
    }
  }
  return new Lines(text, starts);
}

/** What was replaced, undefined where that is not clear from the lines in their order. */
function* findReplacements(
  oldLines: Lines,
  newLines: Lines,
): PausingWork<Replacement[] | undefined> {
  const sameCount = oldLines.length === newLines.length;
  const replaced: Replacement[] = [];
  let at = 0;
  for (let index = 0; index < newLines.length; index += 1) {
    if (index % LINES_AT_ONCE === 0) {
      yield;
    }
    const line = newLines.at(index);
    if (at >= oldLines.length || oldLines.at(at) !== line) {
      const start = at;
      // A value over several lines becomes one; what stands behind it stays.
      const rest = sameCount ? '' : restOf(line);
      while (at < oldLines.length && !oldLines.at(at).endsWith(rest)) {
        at += 1;
        if (at % LINES_AT_ONCE === 0) {
          yield;
        }
      }
      if (at >= oldLines.length) {
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

/** A long text that is put together piece by piece. */
class PatchText {
  readonly #pieces: string[] = [];
  #lines: string[] = [];

  push(line: string): void {
    this.#lines.push(line);
  }

  *pushLines(
    sign: string,
    lines: Lines,
    start: number,
    end: number,
  ): PausingWork<void> {
    for (let index = start; index < end; index += 1) {
      const line = lines.at(index);
      this.push(
        line.endsWith('\n')
          ? sign + line
          : `${sign}${line}\n\\ No newline at end of file\n`,
      );
      if (this.#lines.length >= LINES_AT_ONCE) {
        this.#pieces.push(this.#lines.join(''));
        this.#lines = [];
        yield;
      }
    }
  }

  toString(): string {
    return this.#pieces.join('') + this.#lines.join('');
  }
}

function* formatHunks(
  replaced: readonly Replacement[],
  oldLines: Lines,
  newLines: Lines,
): PausingWork<string> {
  const out = new PatchText();
  let first = 0;
  while (first < replaced.length) {
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
    const newEnd = oldEnd - replaced[last].oldEnd + replaced[last].newEnd;
    const place = (start: number, end: number) => `${start + 1},${end - start}`;
    out.push(`@@ -${place(oldStart, oldEnd)} +${place(newStart, newEnd)} @@\n`);
    let at = oldStart;
    for (let index = first; index <= last; index += 1) {
      const part = replaced[index];
      yield* out.pushLines(' ', oldLines, at, part.oldStart);
      yield* out.pushLines('-', oldLines, part.oldStart, part.oldEnd);
      yield* out.pushLines('+', newLines, part.newStart, part.newEnd);
      at = part.oldEnd;
    }
    yield* out.pushLines(' ', oldLines, at, oldEnd);
    first = last + 1;
  }
  yield;
  return out.toString();
}
