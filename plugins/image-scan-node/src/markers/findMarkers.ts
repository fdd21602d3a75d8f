import { runAtOnce } from '../inTurns';
import type { PausingWork } from '../inTurns';
import type { Marker, MarkerProblem } from '../types';
import { locateMarkers } from './locateMarkers';
import type { LocateOptions, MarkerOptions } from './locateMarkers';
import { readManifestText } from './manifestText';
import { ProblemLog } from './ProblemLog';

/** Line feeds between two pauses. */
const LINES_AT_ONCE = 20_000;

/** Markers between two pauses. */
const MARKERS_AT_ONCE = 5_000;

/** The markers of a manifest, and what does nothing in it. @public */
export interface FoundMarkers {
  markers: Marker[];
  problems: MarkerProblem[];
}

/**
 * Finds the markers of a manifest.
 *
 * @remarks
 * A marker is the whole same-line comment of a scalar value: a JSON object of strings with
 * `$imagescan`, such as `image: nginx:1.27 # {"$imagescan": "nginx"}`. Everything else that
 * holds `$imagescan` is a problem, so that no marker does nothing in silence. At most 1,000
 * problems are listed for a file; one more then says how many there are beyond.
 *
 * Never throws because of what the file holds.
 *
 * @param source - the bytes of a `.yaml` or `.yml` file
 * @public
 */
export function findMarkers(
  source: Buffer,
  options?: MarkerOptions,
): FoundMarkers {
  const { markers, problems } = runAtOnce(findMarkersInTurns(source, options));
  return { markers, problems };
}

/** Markers, and what it took to find them. @public */
export interface MeasuredMarkers extends FoundMarkers {
  /** Tokens of YAML that were looked at. */
  tokens: number;
  /** Whether there are more than may be; then there are no markers. */
  hasTooMany: boolean;
}

/** {@link findMarkers}, with pauses. @public */
export function* findMarkersInTurns(
  source: Buffer,
  options: LocateOptions = {},
): PausingWork<MeasuredMarkers> {
  const manifest = yield* readManifestText(source);
  if (manifest === undefined) {
    return nothingFound(0);
  }
  if ('code' in manifest) {
    return { ...nothingFound(0), problems: [manifest] };
  }
  const { maxTokens = Infinity } = options;
  // Each line has two at least, unless it goes on with a value that is as long.
  if (yield* hasLines(manifest.masked, maxTokens / 2)) {
    return { ...nothingFound(0), hasTooMany: true };
  }
  const problems = new ProblemLog();
  const located = yield* locateMarkers(manifest, problems, options);
  if (located.hasMore) {
    return { ...nothingFound(maxTokens), hasTooMany: true };
  }
  const markers: Marker[] = [];
  for (const { line, tagName, form, current } of located.markers) {
    markers.push({ line, tagName, form, current });
    if (markers.length % MARKERS_AT_ONCE === 0) {
      yield;
    }
  }
  const { tokens } = located;
  return {
    markers,
    problems: problems.toArray(),
    tokens,
    hasTooMany: false,
  };
}

function nothingFound(tokens: number): MeasuredMarkers {
  return { markers: [], problems: [], tokens, hasTooMany: false };
}

/** Whether a text has more lines. */
function* hasLines(text: string, lines: number): PausingWork<boolean> {
  let seen = 0;
  let feed = text.indexOf('\n');
  while (feed !== -1 && seen <= lines) {
    seen += 1;
    if (seen % LINES_AT_ONCE === 0) {
      yield;
    }
    feed = text.indexOf('\n', feed + 1);
  }
  return seen > lines;
}
