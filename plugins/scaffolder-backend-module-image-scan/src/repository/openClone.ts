import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, isError } from '@backstage/errors';
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
 * The clone in a folder, which is made where it is not there yet: by an earlier step, or
 * by an earlier life of the task.
 *
 * @throws InputError where the folder holds another one
 */
export async function openClone(
  folder: string,
  repository: RepositoryInput,
  remote: WorkTreeRemote,
  signal?: AbortSignal,
): Promise<OpenClone> {
  const workTree = await GitWorkTree.open(folder, signal);
  if (!workTree) {
    const { branch } = repository;
    const cloned = await GitWorkTree.clone({ folder, remote, branch, signal });
    return { workTree: cloned, isNew: true };
  }
  checkSame(workTree, repository);
  return { workTree, isNew: false };
}

/**
 * The clone that an earlier step has left in a folder.
 *
 * @throws InputError where there is none
 */
export async function findClone(
  folder: string,
  signal?: AbortSignal,
): Promise<OpenClone> {
  const workTree = await GitWorkTree.open(folder, signal);
  if (!workTree) {
    throw new InputError(
      'commit: the folder is no clone; name the repository to clone with repository.url',
    );
  }
  return { workTree, isNew: false };
}

/** @throws InputError where a clone does not say what it was made of */
export function originOf({ origin }: GitWorkTree): string {
  if (origin === undefined) {
    throw new InputError(
      'commit: the clone has no remote called origin; name its URL with repository.url',
    );
  }
  return origin;
}

/** Whether a folder holds a clone, be it one that can be used. */
export async function holdsClone(folder: string): Promise<boolean> {
  try {
    await lstat(join(folder, '.git'));
    return true;
  } catch (error) {
    if (isError(error) && ['ENOENT', 'ENOTDIR'].includes(String(error.code))) {
      return false;
    }
    throw error;
  }
}

/** Empties the folder of a clone, so that it can be made anew. */
export async function discardClone(folder: string): Promise<void> {
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
