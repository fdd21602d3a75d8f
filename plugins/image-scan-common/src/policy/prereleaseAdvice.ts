import { eachOf, type Pieces } from './inPieces';
import { compareVersionsAsRead } from './naturalOrder';
import type { SemverRange } from './SemverRange';
import type { Version } from './version';

/** More exceptions than this would be no advice. */
const MAX_EXCEPTIONS = 5;

/** Which of some prereleases an opened range should choose. */
export interface OpeningAdvice {
  /** What reads as the newest. */
  newest: Version;
  /** Chooses it; absent where only other tags would help. */
  range?: SemverRange;
}

/**
 * The prerelease that reads as the newest, and a range that would choose it.
 *
 * @remarks
 * Dates with hyphens are prereleases whose parts compare as text: of `2026-1-30` and
 * `2026-09-01` an opened range takes January. So what reads as older and would win is
 * left out of the range.
 *
 * @param opened - the range as it was written, open to prereleases
 * @param prereleases - in it, newest first
 */
export function* adviseOpening(
  opened: SemverRange,
  prereleases: readonly Version[],
): Pieces<OpeningAdvice> {
  let at = 0;
  let index = 0;
  yield* eachOf(prereleases, version => {
    if (compareVersionsAsRead(version, prereleases[at]) === 1) {
      at = index;
    }
    index += 1;
  });
  const newest = prereleases[at];
  const above = prereleases.slice(0, at);
  let isClear = true;
  yield* eachOf(above, each => {
    isClear &&= compareVersionsAsRead(each, newest) === -1;
  });
  if (!isClear) {
    // Between these two nobody reads an order of his own.
    return { newest: prereleases[0], range: opened };
  }
  return {
    newest,
    range: above.length > MAX_EXCEPTIONS ? undefined : opened.without(above),
  };
}
