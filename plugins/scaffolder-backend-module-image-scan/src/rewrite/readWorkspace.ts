import { stringifyError } from '@backstage/errors';
import { Problem } from 'backstage-plugin-image-scan-common';
import { findMarkers, mayHoldMarkers } from 'backstage-plugin-image-scan-node';
import {
  isDefinitionFile,
  LocalEntry,
  readLocalEntries,
} from './readLocalEntries';
import { Manifest } from './types';
import { Workspace } from './Workspace';

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
 * @param options - `paths` are the folders of the git repo that count
 */
export async function readWorkspace(
  workspace: Workspace,
  options: { paths: readonly string[]; signal?: AbortSignal },
): Promise<WorkspaceContents> {
  const { files, links } = await workspace.list();
  const contents: WorkspaceContents = {
    manifests: [],
    entries: [],
    problems: [],
    links: links.filter(link => isUnder(link, options.paths)),
  };
  for (const file of files.filter(each => isUnder(each, options.paths))) {
    options.signal?.throwIfAborted();
    try {
      const source = await workspace.read(file);
      if (mayHoldMarkers(source)) {
        const { markers } = findMarkers(source);
        contents.manifests.push({ file, source, markers });
      }
      if (isDefinitionFile(file)) {
        contents.entries.push(...readLocalEntries(file, source));
      }
    } catch (error) {
      const message = `not read: ${stringifyError(error)}`;
      contents.problems.push({ file, message });
    }
  }
  return contents;
}

function isUnder(file: string, folders: readonly string[]): boolean {
  return folders.some(
    folder =>
      folder === '.' || file === folder || file.startsWith(`${folder}/`),
  );
}
