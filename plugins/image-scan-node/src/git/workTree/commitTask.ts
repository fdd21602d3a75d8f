import {
  Errors,
  add,
  push,
  resolveRef,
  writeObject,
  writeRef,
} from 'isomorphic-git';
import type { HttpClient } from 'isomorphic-git';
import { toCommit } from '../commitObject';
import { editTree } from '../tree';
import { readContent, type Repository, treeOf } from './repository';
import type {
  CommitResult,
  CommitTask,
  MoveTask,
  PushResult,
  PushTask,
} from './messages';

/**
 * A commit on top of HEAD, of exactly these files: nothing else that stands in the work
 * tree or the index. No branch is moved.
 */
export async function commitTask(
  { folder, files, message, author, time }: CommitTask,
  repository: Repository,
): Promise<CommitResult> {
  const parent = await resolveRef({ ...repository, ref: 'HEAD' });
  const contents = new Map<string, Buffer>();
  for (const file of files) {
    contents.set(
      file,
      await repository.fs.promises.readFile(`${folder}/${file}`),
    );
  }
  const edited = await editTree(
    await treeOf(repository, parent),
    contents,
    oid => readContent(repository, oid),
  );
  const { changedPaths } = edited;
  if (changedPaths.length === 0) {
    return { parent, changedPaths };
  }
  const request = { files: contents, message, author, time: new Date(time) };
  const commit = await toCommit(request, edited.oid, parent);
  for (const { type, content } of [...edited.objects, commit]) {
    await writeObject({
      ...repository,
      type,
      object: content,
      format: 'content',
    });
  }
  return { commit: commit.oid, parent, changedPaths };
}

/**
 * Pushes a commit to a branch that is absent or an ancestor of it: the server compares
 * and sets, so no other push is lost.
 */
export async function pushTask(
  { url, commit, branch }: PushTask,
  repository: Repository,
  http: HttpClient,
): Promise<PushResult> {
  const words: string[] = [];
  let expected: string | undefined;
  try {
    await push({
      ...repository,
      http,
      url,
      // Else a workspace could name another host.
      corsProxy: '',
      remote: 'origin',
      ref: commit,
      remoteRef: `refs/heads/${branch}`,
      onPrePush: ({ remoteRef }) => {
        expected = /^0+$/.test(remoteRef.oid) ? undefined : remoteRef.oid;
        return true;
      },
      onMessage: line => {
        words.push(line);
      },
    });
    return { outcome: 'pushed' };
  } catch (error) {
    if (error instanceof Errors.PushRejectedError) {
      return { outcome: 'no-descendant' };
    }
    if (error instanceof Errors.GitPushError) {
      return {
        outcome: 'refused',
        reason: error.data.prettyDetails,
        words: words.join(' '),
        expected,
      };
    }
    throw error;
  }
}

/** Makes HEAD and a branch stand at a commit, whose files the work tree has. */
export async function moveTask(
  { branch, commit, files }: MoveTask,
  repository: Repository,
): Promise<null> {
  const ref = `refs/heads/${branch}`;
  await writeRef({ ...repository, ref, value: commit, force: true });
  await writeRef({
    ...repository,
    ref: 'HEAD',
    value: ref,
    symbolic: true,
    force: true,
  });
  await add({ ...repository, filepath: files });
  return null;
}
