import { stringifyError } from '@backstage/errors';
import type { Problem } from 'backstage-plugin-image-scan-common';
import {
  type DefinitionScope,
  filesUnder,
  findMarkersInTurns,
  mayHoldMarkers,
  runInTurns,
  sortDefinitionFiles,
} from 'backstage-plugin-image-scan-node';
import { groupBy } from './groupBy';
import { type LocalEntry, readLocalEntries } from './readLocalEntries';
import type { Manifest } from './types';
import type { Workspace } from './Workspace';

/** What a rewrite needs to know of the files. */
export interface WorkspaceContents {
  manifests: Manifest[];
  entries: LocalEntry[];
  /** Files that could not be read. */
  problems: Problem[];
  /** Passed over. */
  links: string[];
}

/**
 * Reads manifests and definitions.
 *
 * @param options - `scope` says which folders and definitions of the git repo count
 */
export async function readWorkspace(
  workspace: Workspace,
  options: { scope: DefinitionScope; signal?: AbortSignal },
): Promise<WorkspaceContents> {
  const { files, links } = await workspace.list();
  const isUnder = filesUnder(options.scope.paths);
  const counted = files.filter(isUnder);
  const definitions = groupBy(
    sortDefinitionFiles(counted, options.scope).read,
    ({ file }) => file,
  );
  const contents: WorkspaceContents = {
    manifests: [],
    entries: [],
    problems: [],
    links: links.filter(isUnder),
  };
  for (const file of counted) {
    options.signal?.throwIfAborted();
    try {
      const source = await workspace.read(file);
      if (mayHoldMarkers(source)) {
        const { markers } = await runInTurns(
          findMarkersInTurns(source, { careful: true }),
        );
        contents.manifests.push({ file, source, markers });
      }
      for (const { folder } of definitions.get(file) ?? []) {
        contents.entries.push(
          ...(await runInTurns(readLocalEntries(file, source, folder))),
        );
      }
    } catch (error) {
      const message = `not read: ${stringifyError(error)}`;
      contents.problems.push({ file, message });
    }
  }
  return contents;
}
