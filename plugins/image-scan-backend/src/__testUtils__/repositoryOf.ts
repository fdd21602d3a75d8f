import type { MarkerForm } from 'backstage-plugin-image-scan-common';
import { findMarkers, MarkerScope } from 'backstage-plugin-image-scan-node';
import type { ScanDefinition, SettledTag, StoredScan } from '../model/types';
import type { Repository } from '../updating/readRepository';
import { contentsOf } from './builders';
import { DIGEST } from './stores';

/** A repository of these files, read as it would be. */
export function repositoryOf(
  definitions: readonly ScanDefinition[],
  files: Readonly<Record<string, string>>,
): Repository {
  const scope = new MarkerScope(definitions, []);
  const manifests = Object.entries(files).map(([file, text]) => ({
    file,
    source: Buffer.from(text, 'latin1'),
  }));
  const markers = manifests.flatMap(({ file, source }) =>
    findMarkers(source).markers.flatMap(({ tagName, ...marker }) => {
      const target = scope.resolve(tagName, file);
      return 'scan' in target
        ? [{ ...marker, file, scanId: target.scan.id }]
        : [];
    }),
  );
  return {
    manifests,
    scope,
    entryProblems: [],
    contents: contentsOf(definitions, { markers }),
  };
}

/** A scan with its last result. */
export function storedScan(
  definition: ScanDefinition,
  tag: string | undefined,
  settled?: SettledTag,
): StoredScan {
  return {
    definition,
    state: 'unknown',
    choice: {},
    latest: tag === undefined ? undefined : { tag, digest: DIGEST },
    settled,
    problems: [],
  };
}

/** A line with a marker. */
export function marked(value: string, name: string, form?: MarkerForm): string {
  const suffix = form && form !== 'image' ? `:${form}` : '';
  return `image: ${value} # {"$imagescan": "${name}${suffix}"}\n`;
}

/** What is written, by file. */
export function textOf(
  outputs: ReadonlyMap<string, Buffer>,
): Record<string, string> {
  return Object.fromEntries(
    [...outputs].map(([file, output]) => [file, output.toString('latin1')]),
  );
}
