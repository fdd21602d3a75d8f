import { runAtOnce } from '../inTurns';
import type { PausingWork } from '../inTurns';
import type { Marker, MarkerProblem } from '../types';
import { locateMarkers } from './locateMarkers';
import type { MarkerOptions } from './locateMarkers';
import { readManifestText } from './manifestText';
import { ProblemLog } from './ProblemLog';

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
  return runAtOnce(findMarkersInTurns(source, options));
}

/** {@link findMarkers}, with pauses. @public */
export function* findMarkersInTurns(
  source: Buffer,
  options?: MarkerOptions,
): PausingWork<FoundMarkers> {
  const manifest = yield* readManifestText(source);
  if (manifest === undefined) {
    return { markers: [], problems: [] };
  }
  if ('code' in manifest) {
    return { markers: [], problems: [manifest] };
  }
  const problems = new ProblemLog();
  const located = yield* locateMarkers(manifest, problems, options);
  const markers = located.map(({ line, tagName, form, current }) => ({
    line,
    tagName,
    form,
    current,
  }));
  return { markers, problems: problems.toArray() };
}
