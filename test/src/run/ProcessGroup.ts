import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const TERM_LIMIT_MS = 10_000;
const KILL_LIMIT_MS = 2_000;

/** What `ProcessGroup.start` runs. */
export interface Command {
  program: string;
  args: string[];
  cwd: string;
  /** Added to this process's own environment. */
  env?: Record<string, string>;
  /** Gets what the program prints; without it that goes where this process prints. */
  print?: (chunk: Buffer) => void;
}

/**
 * A program and everything that it starts, ended together.
 *
 * @remarks
 * The group is a session of its own: a Ctrl-C reaches only this process, which
 * then decides when the others end, and a program that dies early cannot leave
 * its children behind. Standard input is closed, so nothing can wait for a key.
 */
export class ProcessGroup {
  /**
   * Settles when the program itself has ended: its exit code, 1 after a signal.
   * Rejects when it could not be started.
   */
  readonly exited: Promise<number>;
  readonly #child: ChildProcess;

  static start({ program, args, cwd, env, print }: Command): ProcessGroup {
    const output = print ? 'pipe' : 'inherit';
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', output, output],
      detached: true,
    });
    if (print) {
      child.stdout?.on('data', print);
      child.stderr?.on('data', print);
    }
    // All that it prints has arrived only when its streams are closed.
    return new ProcessGroup(child, print ? 'close' : 'exit');
  }

  private constructor(child: ChildProcess, end: 'close' | 'exit') {
    this.#child = child;
    this.exited = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once(end, (code: number | null) => resolve(code ?? 1));
    });
    // Whoever waits for it sees the failure; nobody may be waiting after a stop.
    this.exited.catch(() => {});
  }

  /** Asks every process of the group to end, insists after a while. */
  async stop(): Promise<void> {
    if (!(await this.#signal('SIGTERM', TERM_LIMIT_MS))) {
      await this.#signal('SIGKILL', KILL_LIMIT_MS);
    }
  }

  /** @returns whether the group is empty within the limit */
  async #signal(signal: NodeJS.Signals, limitMs: number): Promise<boolean> {
    const deadline = Date.now() + limitMs;
    if (!this.#send(signal)) {
      return true;
    }
    while (Date.now() < deadline) {
      await sleep(50);
      if (!this.#send(0)) {
        return true;
      }
    }
    return false;
  }

  /** @returns false when no process of the group is left */
  #send(signal: NodeJS.Signals | 0): boolean {
    const { pid } = this.#child;
    if (pid === undefined) {
      return false;
    }
    try {
      process.kill(-pid, signal);
      return true;
    } catch {
      // ESRCH; EPERM stands for members that were never ours to end.
      return false;
    }
  }
}
