import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';

/** What a policy that takes the newest version chooses at a good host. */
export const GOOD_TAG = '1.19.0';

/** The same at the host with 100,000 tags. */
export const LARGE_TAG = '1.0.99999';

/** `host:port` of each registry. */
export interface LoadHosts {
  /** They answer at once. */
  good: string[];
  /** They take requests and never answer; more than there are places for scans. */
  hanging: string[];
  /** Answers 429 with Retry-After. */
  refusing: string;
  /** Has 100,000 tags, in pages. */
  large: string;
  /** Sends a byte each 200 ms, without an end. */
  slow: string;
}

/** What the registries saw. */
export interface LoadReport {
  /** Scans that the good hosts answered to the end. */
  answered: number;
  /** Requests that hang now. */
  hanging: number;
  /** Answers that go on a byte at a time now. */
  trickling: number;
  refused: number;
  /** Pages of tags that the large host sent. */
  pages: number;
}

/** The registries of the load test, in a process of their own. */
export class LoadRegistries {
  readonly #child: ChildProcess;
  readonly hosts: LoadHosts;

  private constructor(child: ChildProcess, hosts: LoadHosts) {
    this.#child = child;
    this.hosts = hosts;
  }

  static async start(): Promise<LoadRegistries> {
    const child = fork(require.resolve('./loadRegistriesMain.ts'), {
      execArgv: [
        '--require',
        require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      ],
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error('The registries ended at their start');
    });
    const hosts = await Promise.race([nextMessage(child, 'hosts'), ended]);
    // Later they end because the test wants it.
    ended.catch(() => {});
    return new LoadRegistries(child, hosts);
  }

  /** The hosts that misbehave. */
  get bad(): string[] {
    const { hanging, refusing, large, slow } = this.hosts;
    return [...hanging, refusing, large, slow];
  }

  get all(): string[] {
    return [...this.hosts.good, ...this.bad];
  }

  async report(): Promise<LoadReport> {
    const answered = nextMessage(this.#child, 'report');
    this.#child.send('report');
    return answered;
  }

  async stop(): Promise<void> {
    if (this.#child.connected) {
      const exited = once(this.#child, 'exit');
      this.#child.disconnect();
      await exited;
    }
  }
}

interface Messages {
  hosts: LoadHosts;
  report: LoadReport;
}

/** What compiles the child's TypeScript sends messages of its own. */
async function nextMessage<K extends keyof Messages>(
  child: ChildProcess,
  name: K,
): Promise<Messages[K]> {
  for await (const [message] of on(child, 'message')) {
    if (name in message) {
      return message[name];
    }
  }
  throw new Error('The registries say nothing more');
}
