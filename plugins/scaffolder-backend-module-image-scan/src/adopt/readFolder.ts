import { posix } from 'node:path';
import { InputError } from '@backstage/errors';
import {
  formatBytes,
  REPOSITORY_LIMITS,
} from 'backstage-plugin-image-scan-node';
import type { Workspace } from '../rewrite/Workspace';

/** As many as a clone in a workspace may have. */
const MAX_FILES = 100_000;

/** Bytes of all manifests, which are held at once: what an image is, others of them say. */
const MAX_BYTES = 64 * 1024 * 1024;

/** What has to be read; of other files the names alone matter. */
const READ = /\.ya?ml$|^kustomization$|^\.yamllint$/i;

/** A folder of the workspace as the root of a repository. */
export interface FolderContents {
  /** By their names from the folder; those that are not read are empty. */
  files: Map<string, Buffer>;
  /** Manifests that are too large to be searched. */
  tooLarge: Set<string>;
  /** Passed over. */
  links: string[];
}

/** @throws InputError where there is more than is searched at once */
export async function readFolder(
  workspace: Workspace,
  signal?: AbortSignal,
): Promise<FolderContents> {
  const { files: names, links } = await workspace.listAll();
  if (names.length > MAX_FILES) {
    throw new InputError(
      `path: the folder has ${names.length} files; at most ${MAX_FILES} are searched at once, so name a folder in it`,
    );
  }
  const files = new Map<string, Buffer>();
  const tooLarge = new Set<string>();
  let bytes = 0;
  for (const name of names) {
    signal?.throwIfAborted();
    let source: Buffer = Buffer.alloc(0);
    if (READ.test(posix.basename(name))) {
      const size = await workspace.sizeOf(name);
      if (size > REPOSITORY_LIMITS.fileBytes) {
        tooLarge.add(name);
      } else {
        source = await workspace.read(name);
      }
    }
    bytes += source.length;
    if (bytes > MAX_BYTES) {
      throw new InputError(
        `path: the folder has more than ${formatBytes(
          MAX_BYTES,
        )} of manifests, which is not searched at once, so name a folder in it`,
      );
    }
    files.set(name, source);
  }
  return { files, tooLarge, links };
}
