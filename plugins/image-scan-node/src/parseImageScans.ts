import type { ImageScanDefinitions } from './fleet';
import { readImageScansInTurns } from './fleet/imageScans';
import type { MeasuredDefinitions } from './fleet/imageScans';
import { runAtOnce } from './inTurns';
import type { PausingWork } from './inTurns';
import { type PatternBudget, TagValues } from './policy';

/**
 * Reads the `imageScans` block of a `fleet.yaml`, an options file or `imagescans.yaml`.
 *
 * @remarks
 * Every entry that cannot be used becomes errors of its own, and the others go on; two
 * entries of one tagName are both errors. Whatever else the file holds is left to Fleet,
 * and a file that does not mention image scans is not even parsed. Fleet's keys `name`
 * and `gitrepoName` in an entry are accepted and ignored. Numbers count as they are
 * written, so the range `1.20` keeps its zero. Never throws because of what the file
 * holds.
 *
 * @param source - at most 1 MiB, UTF-8
 * @param options - `file` is named in errors
 * @public
 */
export function parseImageScans(
  source: Buffer | string,
  options: { file?: string } = {},
): ImageScanDefinitions {
  const { scans, errors, warnings } = runAtOnce(
    parseImageScansInTurns(
      typeof source === 'string' ? Buffer.from(source) : source,
      options,
    ),
  );
  return { scans, errors, warnings };
}

/**
 * {@link parseImageScans}, with pauses.
 *
 * @param options - `maxOtherTokens`: tokens of YAML that the file may have beside its
 * entries; default about a megabyte of ordinary lines. `patternBudget`: shared by the
 * files of a repository; default none
 * @public
 */
export function parseImageScansInTurns(
  source: Buffer,
  options: {
    file?: string;
    maxOtherTokens?: number;
    patternBudget?: PatternBudget;
  } = {},
): PausingWork<MeasuredDefinitions> {
  const { patternBudget, ...others } = options;
  return readImageScansInTurns(source, {
    ...others,
    checkFilters: filters => {
      patternBudget?.spend(filters);
      // Compiled to see whether they can be.
      return new TagValues(filters);
    },
  });
}
