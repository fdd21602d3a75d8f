import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** What the server's process says: where it listens, or an answer. */
export type GitServerMessage = { host: string } | { requests: number };

/** A git server in another process. */
export class GitServerProcess {
  readonly host: string;
  readonly #child: ChildProcess;

  private constructor(
    /** `host:port` */
    host: string,
    child: ChildProcess,
  ) {
    this.host = host;
    this.#child = child;
  }

  /** @param directory - of the repositories, which whoever shares it may change */
  static async start(directory: string): Promise<GitServerProcess> {
    const child = fork(require.resolve('./gitServerMain.ts'), [directory], {
      execArgv: [
        '--require',
        require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      ],
    });
    const answer = await nextMessage(child);
    if (!('host' in answer)) {
      throw new Error('The git server did not say where it listens');
    }
    return new GitServerProcess(answer.host, child);
  }

  url(repository: string): string {
    return `http://${this.host}/${repository}.git`;
  }

  /** How many requests arrived since the last time this was asked. */
  async countRequests(): Promise<number> {
    this.#child.send('count');
    const answer = await nextMessage(this.#child);
    if (!('requests' in answer)) {
      throw new Error('The git server did not say how often it was asked');
    }
    return answer.requests;
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }
}

/** The loader of TypeScript sends messages of its own, which are left out. */
async function nextMessage(child: ChildProcess): Promise<GitServerMessage> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('The git server ended');
  });
  // Later it ends because it is stopped.
  ended.catch(() => undefined);
  for (;;) {
    const [message] = await Promise.race([once(child, 'message'), ended]);
    if ('host' in message || 'requests' in message) {
      return message;
    }
  }
}
