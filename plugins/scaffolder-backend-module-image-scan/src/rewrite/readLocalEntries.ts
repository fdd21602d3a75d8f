import { posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ImageScan, TagRule } from 'backstage-plugin-image-scan-common';
import {
  parseImageScansInTurns,
  type PausingWork,
} from 'backstage-plugin-image-scan-node';

/** What a file of the workspace defines, or tries to. */
export interface LocalEntry {
  /** The folder that it belongs to. */
  path: string;
  file: string;
  /** Absent where the whole file cannot be read. */
  tagName?: string;
  /** Absent where the entry cannot be used. */
  definition?: TagRule & { image: string };
}

/**
 * Reads the entries of a file that defines scans.
 *
 * @param path - the folder that they belong to, where it is not that of the file
 */
export function* readLocalEntries(
  file: string,
  source: Buffer,
  path: string = posix.dirname(file),
): PausingWork<LocalEntry[]> {
  const { scans, errors } = yield* parseImageScansInTurns(source, { file });
  return [
    ...scans.map(({ tagName, image, ...rule }) => ({
      path,
      file,
      tagName,
      definition: { image, ...ruleOf(rule) },
    })),
    ...errors
      // An entry without a name can be nobody's target.
      .filter(({ entry, tagName }) => entry === undefined || tagName)
      .map(({ tagName }) => ({ path, file, tagName })),
  ];
}

/** Whether the backend's result was chosen by this very entry. */
export function isSameScan(
  { path, tagName, definition }: LocalEntry,
  scan: ImageScan,
): boolean {
  return (
    definition !== undefined &&
    scan.path === path &&
    scan.tagName === tagName &&
    scan.image === definition.image &&
    isDeepStrictEqual(ruleOf(scan), ruleOf(definition))
  );
}

/** What the choice of a tag depends on. */
function ruleOf({ policy, filterTags, exclusionList }: TagRule): TagRule {
  return {
    policy,
    ...(filterTags && { filterTags }),
    ...(exclusionList && { exclusionList }),
  };
}
