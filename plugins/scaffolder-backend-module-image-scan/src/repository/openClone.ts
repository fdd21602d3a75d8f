import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveSafeChildPath } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import {
  GitWorkTree,
  remoteKey,
  type WorkTreeRemote,
} from 'backstage-plugin-image-scan-node';

/** The input `repository` of the action. */
export interface RepositoryInput {
  url: string;
  branch?: string;
}

/** A clone in the workspace. */
export interface OpenClone {
  workTree: GitWorkTree;
  /** By this step, so that it may be made anew. */
  isNew: boolean;
}

/**
 * The clone in a folder of the workspace, which is made where it is not there yet: by an
 * earlier step, or by an earlier life of the task.
 *
 * @throws InputError where the folder holds another one
 */
export async function openClone(options: {
  workspacePath: string;
  path?: string;
  repository: RepositoryInput;
  remote: WorkTreeRemote;
  signal?: AbortSignal;
}): Promise<OpenClone> {
  const { workspacePath, path = '.', repository, remote, signal } = options;
  const folder = resolveSafeChildPath(workspacePath, path);
  const workTree = await GitWorkTree.open(folder, signal);
  if (!workTree) {
    const { branch } = repository;
    const cloned = await GitWorkTree.clone({ folder, remote, branch, signal });
    return { workTree: cloned, isNew: true };
  }
  checkSame(workTree, repository);
  return { workTree, isNew: false };
}

/** Empties the folder of a clone, so that it can be made anew. */
export async function discardClone(
  workspacePath: string,
  path = '.',
): Promise<void> {
  const folder = resolveSafeChildPath(workspacePath, path);
  for (const name of await readdir(folder)) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

function checkSame(
  { origin, branch }: GitWorkTree,
  repository: RepositoryInput,
): void {
  const key = (url: string) => remoteKey(url, '');
  if (origin === undefined || key(origin) !== key(repository.url)) {
    throw new InputError(
      'repository.url: the folder holds a clone of another repository; name another folder with path',
    );
  }
  if (repository.branch !== undefined && repository.branch !== branch) {
    throw new InputError(
      `repository.branch: the clone in the folder is at ${
        branch ?? 'no branch'
      }; name another folder with path`,
    );
  }
}
