import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@backstage/types';
import { ImageScanClient } from 'backstage-plugin-image-scan-common';
import { bundleBackend } from './bundleBackend';
import { eventually } from './eventually';
import { freePort } from '../servers/freePort';

const START_LIMIT_MS = 60_000;
const TOKEN = 'integration-test-token';

/** A backend in a process of its own, which can be killed and started again. */
export class BackendProcess {
  readonly client: ImageScanClient;
  readonly #baseUrl: string;
  readonly #directory: string;
  readonly #configFile: string;
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(options: { baseUrl: string; directory: string }) {
    this.#baseUrl = options.baseUrl;
    this.#directory = options.directory;
    this.#configFile = join(options.directory, 'app-config.json');
    this.client = new ImageScanClient({
      discoveryApi: {
        getBaseUrl: async () => `${this.#baseUrl}/api/image-scan`,
      },
      fetchApi: {
        fetch: (input, init) =>
          fetch(input, {
            ...init,
            headers: { ...init?.headers, Authorization: `Bearer ${TOKEN}` },
          }),
      },
    });
  }

  /** Prepares a backend; `start` runs it. */
  static async create(options: {
    /** Value of `backend.database`; its `directory` is a new one where absent. */
    database: (directory: string) => JsonObject;
    imageScan: JsonObject;
  }): Promise<BackendProcess> {
    const directory = await mkdtemp(join(tmpdir(), 'image-scan-backend-'));
    const port = await freePort();
    const baseUrl = `http://127.0.0.1:${port}`;
    const backend = new BackendProcess({ baseUrl, directory });
    const config = {
      app: { baseUrl },
      backend: {
        baseUrl,
        listen: { host: '127.0.0.1', port },
        database: options.database(directory),
        auth: {
          externalAccess: [
            { type: 'static', options: { token: TOKEN, subject: 'test' } },
          ],
        },
      },
      imageScan: options.imageScan,
    };
    await writeFile(backend.#configFile, JSON.stringify(config));
    return backend;
  }

  /** Everything that was printed so far. */
  get output(): string {
    return this.#output;
  }

  /** Of the process that runs now. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the process; `start` also waits until it answers. */
  async launch(): Promise<ChildProcess> {
    const program = await bundleBackend();
    const child = spawn(
      process.execPath,
      [...program, '--config', this.#configFile],
      {
        env: { ...process.env, NODE_ENV: 'production' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.#child = child;
    child.stdout.on('data', chunk => {
      this.#output += chunk;
    });
    child.stderr.on('data', chunk => {
      this.#output += chunk;
    });
    return child;
  }

  async start(): Promise<void> {
    const child = await this.launch();
    const ended = once(child, 'exit').then(() => {
      throw new Error(`The backend ended at its start:\n${this.#output}`);
    });
    await Promise.race([
      ended,
      eventually(() => this.client.listGitRepos(), {
        timeout: START_LIMIT_MS,
      }),
    ]);
    // Later it ends because a test wants it to.
    ended.catch(() => {});
  }

  /** Ends it without a chance to clean up, and waits until it is gone. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    }
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
