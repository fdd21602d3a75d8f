import { posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ImagePolicy, ImageScan } from 'backstage-plugin-image-scan-common';
import { parseImageScans } from 'backstage-plugin-image-scan-node';

/** What a file of the workspace defines, or tries to. */
export interface LocalEntry {
  /** Folder of its file. */
  path: string;
  file: string;
  /** Absent where the whole file cannot be read. */
  tagName?: string;
  /** Absent where the entry cannot be used. */
  definition?: { image: string; policy: ImagePolicy };
}

/** Whether a file may define scans. */
export function isDefinitionFile(file: string): boolean {
  return ['fleet.yaml', 'imagescans.yaml'].includes(posix.basename(file));
}

/** Reads the entries of a `fleet.yaml` or `imagescans.yaml`. */
export function readLocalEntries(file: string, source: Buffer): LocalEntry[] {
  const path = posix.dirname(file);
  const { scans, errors } = parseImageScans(source, { file });
  return [
    ...scans.map(({ tagName, image, policy }) => ({
      path,
      file,
      tagName,
      definition: { image, policy },
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
    isDeepStrictEqual(scan.policy, definition.policy)
  );
}
