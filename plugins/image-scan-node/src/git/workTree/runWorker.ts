import { parentPort, workerData } from 'node:worker_threads';
import {
  InputError,
  NotAllowedError,
  NotFoundError,
  toError,
} from '@backstage/errors';
import { GitUnreachableError, UnsupportedRepositoryError } from '../errors';
import { cloneTask, holdsTask, lookTask } from './cloneTask';
import type { Repository } from './repository';
import { commitTask, moveTask, pushTask } from './commitTask';
import { ConfinedFileSystem } from './ConfinedFileSystem';
import type { FromWorker, GitTask, TaskFailure } from './messages';
import { PackStore } from './PackStore';
import { createPortHttp, type PortHttp, RemoteFailure } from './portHttp';

/** Does the one task of this thread, and tells the other side what became of it. */
export async function runWorker(): Promise<void> {
  if (!parentPort) {
    throw new Error('This file is run as a worker thread');
  }
  const port = parentPort;
  const tell = (message: FromWorker) => port.postMessage(message);
  const task: GitTask = workerData;
  const fs = new ConfinedFileSystem(task.folder);
  try {
    const repository = { fs, dir: task.folder, cache: {} };
    const packs = new PackStore(repository);
    const http = createPortHttp(
      port,
      'url' in task ? task.url : task.folder,
      pack => packs.store(pack),
    );
    const result = await perform(task, repository, { http, packs });
    tell({ type: 'done', result });
  } catch (error) {
    const failure = toFailure(fs.failure ?? toError(error), 'url' in task);
    tell({ type: 'failed', failure });
  }
}

function perform(
  task: GitTask,
  repository: Repository,
  remote: { http: PortHttp; packs: PackStore },
) {
  switch (task.kind) {
    case 'clone':
      return cloneTask(task, repository, remote);
    case 'look':
      return lookTask(repository);
    case 'commit':
      return commitTask(task, repository);
    case 'holds':
      return holdsTask(task, repository);
    case 'push':
      return pushTask(task, repository, remote.http);
    default:
      return moveTask(task, repository);
  }
}

function toFailure(error: Error, asksServer: boolean): TaskFailure {
  const { message, name } = error;
  if (error instanceof RemoteFailure) {
    return { kind: 'remote', message };
  }
  if (error instanceof UnsupportedRepositoryError) {
    return { kind: 'unsupported', message };
  }
  if (error instanceof GitUnreachableError) {
    return { kind: 'unreachable', message };
  }
  if (error instanceof NotAllowedError) {
    return { kind: 'refused-path', message };
  }
  if (error instanceof NotFoundError) {
    return { kind: 'not-found', message };
  }
  if (error instanceof InputError) {
    return { kind: 'input', message };
  }
  // isomorphic-git quotes parts of what a server sent: one half of a credential is not
  // recognised any more.
  return asksServer && !isSystemError(error)
    ? { kind: 'unusable', message: name }
    : { kind: 'other', message: `${name}: ${message}` };
}

/** Such as a full disk, in words of Node.js alone. */
function isSystemError(error: Error): boolean {
  return 'syscall' in error && typeof error.syscall === 'string';
}
