import { Worker } from 'node:worker_threads';
import {
  InputError,
  isError,
  NotAllowedError,
  NotFoundError,
  toError,
} from '@backstage/errors';
import {
  GitTimeoutError,
  GitUnreachableError,
  UnsupportedRepositoryError,
} from '../errors';
import type { GitHttp } from '../GitHttp';
import { DEADLINE_MS, MAX_HEAP_MIB, THREADS_AT_ONCE } from './limits';
import type {
  FromWorker,
  GitTask,
  GitTaskResults,
  TaskFailure,
  ToWorker,
} from './messages';
import { Places } from './Places';
import { answerLimit } from './portHttp';

const places = new Places(THREADS_AT_ONCE);

/** What stands between a task and the network. */
export interface GitTaskOptions {
  /** Opened once the task has its place, so that credentials are fresh. */
  connect?: (signal: AbortSignal) => Promise<GitHttp>;
  /** Milliseconds for one exchange with the server, where that is not the default. */
  timeout?: number;
  signal?: AbortSignal;
}

class GitThread<K extends GitTask['kind']> {
  readonly result: Promise<GitTaskResults[K]>;
  readonly #worker: Worker;
  readonly #http?: GitHttp;
  readonly #answers = new Map<number, AsyncGenerator<Buffer, void>>();
  /** What the network failed with, which the thread is only told in words. */
  #remoteError?: Error;

  constructor(
    task: GitTask & { kind: K },
    http: GitHttp | undefined,
    signal: AbortSignal,
  ) {
    const worker = new Worker(workerFile(), {
      ...workerOptions(),
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
      // isomorphic-git prints what it also throws.
      stdout: true,
      stderr: true,
    });
    this.#worker = worker;
    this.#http = http;
    worker.stdout.resume();
    worker.stderr.resume();
    this.result = new Promise<GitTaskResults[K]>((resolve, reject) => {
      signal.throwIfAborted();
      const onAbort = () => reject(toError(signal.reason));
      signal.addEventListener('abort', onAbort, { once: true });
      worker.on('message', (message: FromWorker) => {
        if (message.type === 'done') {
          // Our own code at the other end answers what its task is for.
          resolve(message.result as GitTaskResults[K]);
        } else if (message.type === 'failed') {
          reject(this.#toError(message.failure));
        } else {
          this.#answer(message).catch(reject);
        }
      });
      worker.on('error', error => reject(this.#toCrash(error)));
      worker.on('exit', code =>
        reject(new Error(`The git thread ended early, with ${code}`)),
      );
    }).finally(() => this.#end());
  }

  async #answer(
    message: FromWorker & { type: 'request' | 'pull' },
  ): Promise<void> {
    const { id } = message;
    if (message.type === 'request') {
      this.#answers.set(id, this.#ask(message.service, message.body));
    }
    const answer = this.#answers.get(id);
    try {
      const next = await answer?.next();
      this.#tell(
        next?.value
          ? { type: 'piece', id, piece: next.value }
          : { type: 'end', id },
      );
    } catch (error) {
      this.#remoteError = toError(error);
      this.#tell({ type: 'broken', id, message: this.#remoteError.message });
    }
  }

  #ask(
    service: (FromWorker & { type: 'request' })['service'],
    body: Uint8Array | undefined,
  ): AsyncGenerator<Buffer, void> {
    if (!this.#http) {
      throw new Error('This task has nothing to ask of the network');
    }
    const maxBytes = answerLimit(service, body);
    return this.#http.stream({ service, maxBytes }, body && Buffer.from(body));
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  async #end(): Promise<void> {
    await this.#worker.terminate();
    // Else a connection would be held by an answer that nobody reads.
    await Promise.all(
      [...this.#answers.values()].map(answer => answer.return()),
    );
  }

  #toError({ kind, message }: TaskFailure): Error {
    const words = this.#clean(message);
    switch (kind) {
      case 'remote':
        return this.#remoteError ?? new GitUnreachableError(words);
      case 'input':
        return new InputError(words);
      case 'not-found':
        return new NotFoundError(words);
      case 'refused-path':
        return new NotAllowedError(words);
      case 'unsupported':
        return new UnsupportedRepositoryError(words);
      case 'unreachable':
        return new GitUnreachableError(words);
      case 'unusable':
        return new GitUnreachableError(
          `${
            this.#http?.remote
          } gave an answer that isomorphic-git cannot use (${words})`,
        );
      default:
        return new Error(`isomorphic-git failed: ${words}`);
    }
  }

  /** An error that nobody caught in the thread. */
  #toCrash(error: unknown): Error {
    if (isError(error) && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
      return new UnsupportedRepositoryError(
        `The repository takes more than ${MAX_HEAP_MIB} MiB of memory beside its files, the most that a clone into a workspace may take; use a smaller one, or configure it as a git repo, which is not cloned`,
      );
    }
    // Without its cause, which may hold what the server said.
    return new Error(
      `The git thread failed: ${this.#clean(toError(error).message)}`,
    );
  }

  /**
   * The thread knows no credentials and cannot take them out, and a server may repeat
   * them in whatever it says: in any failure.
   */
  #clean(message: string): string {
    return this.#http?.clean(message) ?? message;
  }
}

/**
 * Runs a piece of work with isomorphic-git in a thread of its own. All it asks of the
 * network is asked here, through the guarded transport.
 *
 * @throws the errors of `GitRemote`, and `NotAllowedError` for what leads out of the folder
 */
export async function runGitTask<K extends GitTask['kind']>(
  task: GitTask & { kind: K },
  { connect, timeout = 0, signal: outer }: GitTaskOptions,
): Promise<GitTaskResults[K]> {
  const leave = await places.enter(outer);
  // Each has two exchanges with a server: a look, and a transfer.
  const time = Math.max(DEADLINE_MS, 2 * timeout);
  const deadline = AbortSignal.timeout(time);
  const signal = outer ? AbortSignal.any([outer, deadline]) : deadline;
  try {
    const http = await connect?.(signal);
    return await new GitThread<K>(task, http, signal).result;
  } catch (error) {
    if (deadline.aborted && !outer?.aborted) {
      throw new GitTimeoutError(
        `The work in the clone ${
          'url' in task ? `of ${task.url} ` : ''
        }took longer than ${time / 60_000} minutes, the most that it may take`,
      );
    }
    throw error;
  } finally {
    leave();
  }
}

/** The entry point of the package, under the name that it has in `exports`. */
function workerFile(): string {
  return require.resolve('backstage-plugin-image-scan-node/gitWorker');
}

/** Where the sources are run as they are, their types are taken off on the way. */
function workerOptions(): { execArgv?: string[] } {
  return workerFile().endsWith('.ts')
    ? {
        execArgv: [
          '--require',
          require.resolve('@backstage/cli/config/nodeTransform.cjs'),
        ],
      }
    : {};
}
