import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A git server that is not C git, in a process of its own. */
export class OtherGitServer {
  readonly #child: ChildProcess;
  readonly #port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#port = port;
  }

  /** Runs a program that serves on loopback and prints its port as the first line. */
  static async start(program: string, args: string[]): Promise<OtherGitServer> {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`${program} ended with ${code} before it listened`);
    });
    const [line] = await Promise.race([
      once(createInterface(child.stdout), 'line'),
      ended,
    ]);
    ended.catch(() => undefined);
    return new OtherGitServer(child, Number(line));
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  url(repository: string): string {
    return `http://${this.host}/${repository}.git`;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
