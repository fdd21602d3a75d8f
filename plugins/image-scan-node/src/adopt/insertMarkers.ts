import { InputError } from '@backstage/errors';
import { parseMarkerReference } from 'backstage-plugin-image-scan-common';
import { runAtOnce } from '../inTurns';
import type { PausingWork } from '../inTurns';
import { findMarkersInTurns } from '../markers';
import { readUnmarkedText } from '../markers/manifestText';
import type { ManifestText } from '../markers/manifestText';
import { maskTemplates } from '../markers/maskTemplates';
import { TokenReader } from '../markers/TokenReader';
import { explainReason } from './explainReason';
import { LightTree } from './LightTree';
import { blanksBefore, noteIn, obstacleAt } from './placeMarker';
import type { DocumentFacts, TreeReader, Value } from './tree';
import type { MarkerToInsert } from './types';
import { ValueReader } from './ValueReader';

/** Tokens between two pauses. */
const TOKENS_AT_ONCE = 500;

/** Configurations of yamllint, where it looks for them. */
const LINT_FILES = ['.yamllint', '.yamllint.yaml', '.yamllint.yml'];

interface Insertion {
  start: number;
  end: number;
  text: string;
}

/** Finds the value that ends last on each of some lines. */
class LineReader implements TreeReader {
  readonly keptKeys: ReadonlySet<string> = new Set();
  readonly #lines: { has(line: number): boolean };
  readonly #last = new Map<number, { value: Value; document: DocumentFacts }>();
  #open: Value[] = [];

  constructor(lines: { has(line: number): boolean }) {
    this.#lines = lines;
  }

  readKey(): void {}

  readValue(value: Value): void {
    if (this.#lines.has(value.line)) {
      this.#open.push(value);
    }
  }

  leaveLevel(): void {}

  endDocument(document: DocumentFacts): void {
    for (const value of this.#open) {
      this.#last.set(value.line, { value, document });
    }
    this.#open = [];
  }

  lastOn(line: number) {
    return this.#last.get(line);
  }
}

/**
 * Puts markers behind values, as comments on their lines.
 *
 * @remarks
 * Nothing else changes by a byte. A comment of a person that stands there already goes
 * into the marker as its `note`. Each marker is read back before it counts, and all that
 * is not a comment has to read as it did before.
 *
 * @param files - of the repository, those to be marked at least; a configuration of
 * yamllint at the root says how far a comment stands from its value
 * @param marks - at most one for each line
 * @returns the files that change
 * @throws InputError naming file, line and reason where a marker cannot stand there;
 * then nothing is to be written
 * @public
 */
export function insertMarkers(
  files: ReadonlyMap<string, Buffer>,
  marks: readonly MarkerToInsert[],
): Map<string, Buffer> {
  return runAtOnce(insertMarkersInTurns(files, marks));
}

/** {@link insertMarkers}, with pauses. @public */
export function* insertMarkersInTurns(
  files: ReadonlyMap<string, Buffer>,
  marks: readonly MarkerToInsert[],
): PausingWork<Map<string, Buffer>> {
  const byFile = new Map<string, Map<number, MarkerToInsert>>();
  for (const mark of marks) {
    checkMark(mark);
    const lines = byFile.get(mark.file) ?? new Map<number, MarkerToInsert>();
    byFile.set(mark.file, lines);
    if (lines.has(mark.line)) {
      throw refusal(mark, 'it is there twice, and a line has one marker');
    }
    lines.set(mark.line, mark);
  }
  const lint = LINT_FILES.map(name => files.get(name)).find(Boolean);
  const marked = new Map<string, Buffer>();
  for (const [file, lines] of byFile) {
    const source = files.get(file);
    if (!source) {
      throw new InputError(`${file}: there is no such file to put a marker in`);
    }
    marked.set(
      file,
      yield* markFile(file, source, lines, lint?.toString('latin1')),
    );
  }
  return marked;
}

function checkMark(mark: MarkerToInsert): void {
  const read = parseMarkerReference(referenceTo(mark));
  if (read?.tagName !== mark.tagName || read.form !== mark.form) {
    throw refusal(
      mark,
      `the tagName ${JSON.stringify(
        mark.tagName,
      )} cannot be used in a marker: it must not be empty nor hold a colon`,
    );
  }
}

function* markFile(
  file: string,
  source: Buffer,
  marks: ReadonlyMap<number, MarkerToInsert>,
  lint: string | undefined,
): PausingWork<Buffer> {
  const manifest = yield* readUnmarkedText(source);
  if ('code' in manifest) {
    throw new InputError(
      `${file}: no marker was put in, because the file cannot be read: ${manifest.message}`,
    );
  }
  const reader = new LineReader(marks);
  const values = new ValueReader(manifest);
  const tree = new LightTree(manifest, reader);
  yield* tree.read();
  const blanks = blanksBefore(tree.comments, lint);
  const insertions: Insertion[] = [];
  const expected: (MarkerToInsert & { current?: string })[] = [];
  for (const mark of marks.values()) {
    const found = reader.lastOn(mark.line);
    if (!found) {
      throw refusal(mark, 'no value ends on this line');
    }
    const { value, document } = found;
    insertions.push(insertionFor(mark, manifest, document, value, blanks));
    expected.push({ ...mark, current: values.textOf(value) });
  }
  insertions.sort((a, b) => a.start - b.start);
  yield;
  const text = splice(manifest.raw, insertions);
  const output = Buffer.concat([
    source.subarray(0, manifest.bomLength),
    Buffer.from(text, 'latin1'),
  ]);
  const { masked } = yield* maskTemplates(text);
  const isSame = yield* differOnlyInComments(manifest.masked, masked);
  const { markers } = yield* findMarkersInTurns(output);
  const byLine = new Map(markers.map(marker => [marker.line, marker]));
  for (const mark of expected) {
    const marker = byLine.get(mark.line);
    if (
      !isSame ||
      marker?.tagName !== mark.tagName ||
      marker.form !== mark.form ||
      marker.current !== mark.current
    ) {
      throw refusal(
        mark,
        'with it the file would be read in another way; check that the file is valid YAML',
      );
    }
  }
  return output;
}

function insertionFor(
  mark: MarkerToInsert,
  manifest: ManifestText,
  document: DocumentFacts,
  value: Value,
  blanks: string,
): Insertion {
  const obstacle = obstacleAt(manifest, document, value);
  const note = noteIn(manifest, value);
  const object = { $imagescan: referenceTo(mark) };
  if (
    obstacle === 'comment-in-the-way' &&
    note !== undefined &&
    value.comment
  ) {
    // The note is in bytes, and so is the text around it.
    const comment = `# ${objectText({ ...object, ...(note && { note }) })}`;
    return { ...value.comment, text: comment };
  }
  if (obstacle) {
    throw refusal(mark, explainReason(obstacle));
  }
  const { insertAt } = value;
  const text = `${blanks}# ${objectText(object)}`;
  return { start: insertAt, end: insertAt, text };
}

function objectText(object: Record<string, string>): string {
  const fields = Object.entries(object).map(
    ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  return `{${fields.join(', ')}}`;
}

function referenceTo({ tagName, form }: MarkerToInsert): string {
  return form === 'image' ? tagName : `${tagName}:${form}`;
}

function splice(text: string, insertions: readonly Insertion[]): string {
  const pieces: string[] = [];
  let from = 0;
  for (const { start, end, text: inserted } of insertions) {
    pieces.push(text.slice(from, start), inserted);
    from = end;
  }
  return [...pieces, text.slice(from)].join('');
}

/** Whether two texts read alike, comments and blanks left out. */
function* differOnlyInComments(
  before: string,
  after: string,
): PausingWork<boolean> {
  const [old, now] = [new TokenReader(before), new TokenReader(after)];
  for (let seen = 1; ; seen += 1) {
    if (seen % TOKENS_AT_ONCE === 0) {
      yield;
    }
    const [hasOld, hasNow] = [nextThatCounts(old), nextThatCounts(now)];
    if (!hasOld || !hasNow) {
      return hasOld === hasNow;
    }
    if (
      old.kind !== now.kind ||
      old.end - old.start !== now.end - now.start ||
      before.slice(old.start, old.end) !== after.slice(now.start, now.end)
    ) {
      return false;
    }
  }
}

function nextThatCounts(token: TokenReader): boolean {
  while (token.next()) {
    if (token.kind !== 'comment' && token.kind !== 'space') {
      return true;
    }
  }
  return false;
}

function refusal(
  { file, line }: Pick<MarkerToInsert, 'file' | 'line'>,
  reason: string,
): InputError {
  return new InputError(
    `${file}:${line}: no marker can be put there, because ${reason}.`,
  );
}
