import { formatMarkerValue } from 'backstage-plugin-image-scan-common';
import { runAtOnce } from '../inTurns';
import type { PausingWork } from '../inTurns';
import type { MarkerChange, MarkerProblem, ResolvedImage } from '../types';
import { changesOnlyEdits } from './changesOnlyEdits';
import type { Edit } from './changesOnlyEdits';
import { locateMarkers } from './locateMarkers';
import type { LocatedMarker, MarkerOptions } from './locateMarkers';
import { readManifestText } from './manifestText';
import { quote } from './markerComment';
import { maskTemplates } from './maskTemplates';
import { ProblemLog } from './ProblemLog';
import { isWritable, writeScalar } from './scalarText';

/** Markers between two pauses. */
const MARKERS_AT_ONCE = 500;

/** What a rewrite made of a manifest. @public */
export interface RewriteResult {
  /** The very `source` where nothing changes. */
  output: Buffer;
  /** The values that were replaced, in the order of their lines. */
  changes: MarkerChange[];
  /** Markers that do nothing, in the order of their lines. */
  problems: MarkerProblem[];
}

/** What is written, and how carefully. @public */
export interface RewriteOptions extends MarkerOptions {
  /** What is written at single markers, by line, whatever the images say. */
  values?: ReadonlyMap<number, string>;
}

/**
 * Writes the chosen images at the markers of a manifest.
 *
 * @remarks
 * Only the bytes of marked values change; quotes, comments, indentation, line ends and
 * everything else stay. A plain value that a YAML 1.1 or 1.2 reader would not take for a
 * string, such as `1.20`, is written in double quotes. A value that is already right is
 * left alone, so a second run changes nothing. A marked `~` or `null` is a value like any
 * other; a key without a value is not. A value that is pinned to a digest, such as
 * `1.2.3@sha256:…`, stays pinned to that of the new tag.
 *
 * Never throws because of what the file holds.
 *
 * @param source - the bytes of a `.yaml` or `.yml` file
 * @param images - the choice of each image scan, by tagName
 * @public
 */
export function rewriteManifest(
  source: Buffer,
  images: ReadonlyMap<string, ResolvedImage>,
  options?: RewriteOptions,
): RewriteResult {
  return runAtOnce(rewriteManifestInTurns(source, images, options));
}

/** {@link rewriteManifest}, with pauses. @public */
export function* rewriteManifestInTurns(
  source: Buffer,
  images: ReadonlyMap<string, ResolvedImage>,
  options?: RewriteOptions,
): PausingWork<RewriteResult> {
  const manifest = yield* readManifestText(source);
  if (manifest === undefined) {
    return { output: source, changes: [], problems: [] };
  }
  if ('code' in manifest) {
    return { output: source, changes: [], problems: [manifest] };
  }
  const problems = new ProblemLog();
  const changes: MarkerChange[] = [];
  const edits: Edit[] = [];
  const { markers } = yield* locateMarkers(manifest, problems, options);
  for (let index = 0; index < markers.length; index += 1) {
    if (index % MARKERS_AT_ONCE === 0) {
      yield;
    }
    const marker = markers[index];
    const given = options?.values?.get(marker.line);
    const to =
      given === undefined
        ? valueFor(marker, images, problems)
        : checkValue(marker, given, problems);
    if (to !== undefined && to !== marker.current) {
      const { line, tagName, form, current, start, end, style } = marker;
      changes.push({ line, tagName, form, from: current, to });
      edits.push({ start, end, text: writeScalar(to, style) });
    }
  }
  if (edits.length === 0) {
    return { output: source, changes: [], problems: problems.toArray() };
  }
  const written = yield* splice(manifest.raw, edits);
  yield;
  const { masked } = yield* maskTemplates(written);
  if (!(yield* changesOnlyEdits(manifest.masked, masked, edits))) {
    problems.add({
      code: 'unreadable-file',
      line: changes[0].line,
      message:
        'With the new values the rest of this file would be read in another way, so none of them was written. Check that the file is valid YAML.',
    });
    return { output: source, changes: [], problems: problems.toArray() };
  }
  const output = Buffer.concat([
    source.subarray(0, manifest.bomLength),
    Buffer.from(written, 'latin1'),
  ]);
  return { output, changes, problems: problems.toArray() };
}

function valueFor(
  { tagName, form, line, current }: LocatedMarker,
  images: ReadonlyMap<string, ResolvedImage>,
  problems: ProblemLog,
): string | undefined {
  const image = images.get(tagName);
  if (!image) {
    problems.add({
      code: 'unknown-name',
      line,
      tagName,
      message: `No image scan with a result has the tagName ${quote(
        tagName,
      )}. Check the name in the marker, its case included, and in imageScans.`,
    });
    return undefined;
  }
  const value = formatMarkerValue(form, image, current);
  if (value === undefined) {
    problems.add({
      code: 'no-digest',
      line,
      tagName,
      message: `The marker, or the value that it stands behind, asks for the digest of the image scan ${quote(
        tagName,
      )}, but the registry has not given one for its tag. Scan it again, or write a value and a form without a digest.`,
    });
    return undefined;
  }
  return checkValue({ line, tagName }, value, problems);
}

function checkValue(
  { line, tagName }: Pick<LocatedMarker, 'line' | 'tagName'>,
  value: string,
  problems: ProblemLog,
): string | undefined {
  if (isWritable(value)) {
    return value;
  }
  problems.add({
    code: 'not-a-value',
    line,
    tagName,
    message: `The text ${quote(
      value,
    )} is not an image reference and was not written. Check the image of the image scan.`,
  });
  return undefined;
}

function* splice(text: string, edits: readonly Edit[]): PausingWork<string> {
  const pieces: string[] = [];
  let offset = 0;
  for (let start = 0; start < edits.length; start += MARKERS_AT_ONCE) {
    const parts: string[] = [];
    for (const edit of edits.slice(start, start + MARKERS_AT_ONCE)) {
      parts.push(text.slice(offset, edit.start), edit.text);
      offset = edit.end;
    }
    pieces.push(parts.join(''));
    yield;
  }
  pieces.push(text.slice(offset));
  return pieces.join('');
}
