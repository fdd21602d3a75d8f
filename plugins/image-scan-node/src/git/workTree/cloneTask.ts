import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  Errors,
  addRemote,
  checkout,
  currentBranch,
  fetch,
  getConfig,
  init,
  resolveRef,
  writeRef,
} from 'isomorphic-git';
import { BranchNotFoundError, EmptyRepositoryError } from '../errors';
import { checkTree } from './checkTree';
import { filesAtOnce } from './limits';
import type { CloneTask, HoldsTask, Look } from './messages';
import type { PackStore } from './PackStore';
import type { PortHttp } from './portHttp';
import { readContent, type Repository, treeOf } from './repository';

/** A clone of one commit of one branch, without tags. */
export async function cloneTask(
  { folder, url, branch }: CloneTask,
  repository: Repository,
  { http, packs }: { http: PortHttp; packs: PackStore },
): Promise<Look> {
  await init({ ...repository, defaultBranch: branch ?? 'main' });
  await addRemote({ ...repository, remote: 'origin', url });
  const { defaultBranch, fetchHead } = await fetchBranch();
  if (fetchHead === null) {
    throw new EmptyRepositoryError(`${url} has no commit yet`);
  }
  await packs.index();
  const fetched = branch ?? defaultBranch?.replace(/^refs\/heads\//, '');
  if (fetched === undefined) {
    throw noBranch(url, branch);
  }
  await checkTree(await treeOf(repository, fetchHead), {
    readTree: oid => readContent(repository, oid),
    ignoresCase: await ignoresCase(folder),
  });
  const moved = { ...repository, value: fetchHead, force: true };
  await writeRef({ ...moved, ref: `refs/remotes/origin/${fetched}` });
  await writeRef({ ...moved, ref: `refs/heads/${fetched}` });
  // A later push then knows what the server has, whatever branch it is for.
  await writeRef({
    ...repository,
    ref: 'refs/remotes/origin/HEAD',
    value: `refs/remotes/origin/${fetched}`,
    symbolic: true,
    force: true,
  });
  await checkout({
    ...repository,
    ref: fetched,
    remote: 'origin',
    // Contents are in memory until they are written: some at a time, not all.
    nonBlocking: true,
    batchSize: filesAtOnce(http.largestObject),
  });
  return lookTask(repository);

  async function fetchBranch() {
    try {
      return await fetch({
        ...repository,
        http,
        url,
        remote: 'origin',
        ref: branch,
        remoteRef: branch === undefined ? 'HEAD' : `refs/heads/${branch}`,
        depth: 1,
        singleBranch: true,
        tags: false,
      });
    } catch (error) {
      throw error instanceof Errors.NotFoundError
        ? noBranch(url, branch)
        : error;
    }
  }
}

function noBranch(url: string, branch: string | undefined): Error {
  return new BranchNotFoundError(
    branch === undefined
      ? `HEAD of ${url} names no branch that is there; name one with repository.branch`
      : `${url} has no branch ${branch}`,
  );
}

/** Where a clone stands. */
export async function lookTask(repository: Repository): Promise<Look> {
  const branch = await currentBranch(repository);
  const origin: unknown = await getConfig({
    ...repository,
    path: 'remote.origin.url',
  });
  return {
    commit: await resolveRef({ ...repository, ref: 'HEAD' }),
    ...(branch ? { branch } : {}),
    ...(typeof origin === 'string' ? { origin } : {}),
    omittedLinks: [...repository.fs.omittedLinks],
  };
}

/** Whether a commit is in the clone. */
export async function holdsTask(
  { commit }: HoldsTask,
  repository: Repository,
): Promise<boolean> {
  try {
    await readContent(repository, commit);
    return true;
  } catch (error) {
    if (error instanceof Errors.NotFoundError) {
      return false;
    }
    throw error;
  }
}

/** Whether the disk takes `.GIT` for `.git`. */
async function ignoresCase(folder: string): Promise<boolean> {
  try {
    await lstat(join(folder, '.GIT'));
    return true;
  } catch {
    // Mostly ENOENT; where it is something else, the clone meets it as well.
    return false;
  }
}
