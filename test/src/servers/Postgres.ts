// Needs: postgresql
import {
  type ChildProcess,
  execFile,
  execFileSync,
  spawn,
} from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { isExecutable, pathFolders } from './findProgram';
import { checkProvided } from './provided';
import { freePort } from './freePort';

const run = promisify(execFile);

/** Where Debian keeps one folder per major version, none of them on the PATH. */
const DEBIAN_ROOT = '/usr/lib/postgresql';

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 15_000;

/** A PostgreSQL that is installed on this machine. */
export interface PostgresInstallation {
  /** Folder of `initdb` and `postgres`. */
  binDir: string;
  /** Such as 15. */
  majorVersion: number;
}

/**
 * How a server is ended: `fast` rolls back and shuts down cleanly, `immediate`
 * is a crash, after which the next start has to recover.
 */
export type PostgresStopMode = 'fast' | 'immediate';

interface Account {
  uid: number;
  gid: number;
}

interface ClusterOptions {
  installation: PostgresInstallation;
  directory: string;
  port: number;
  password: string;
  account?: Account;
}

/**
 * Finds the newest PostgreSQL server, in Debian's folders or on the PATH.
 *
 * @returns undefined where there is none
 */
export function findPostgres(): PostgresInstallation | undefined {
  checkProvided('postgresql');
  const candidates = [...debianFolders(), ...pathFolders()];
  const binDir = candidates.find(
    folder =>
      isExecutable(join(folder, 'initdb')) &&
      isExecutable(join(folder, 'postgres')),
  );
  if (!binDir) {
    return undefined;
  }
  const text = execFileSync(join(binDir, 'postgres'), ['--version'], {
    encoding: 'utf8',
  });
  const majorVersion = Number(/\) (\d+)/.exec(text)?.[1]);
  if (!majorVersion) {
    throw new Error(`${binDir}/postgres --version answered: ${text.trim()}`);
  }
  return { binDir, majorVersion };
}

/**
 * A throw-away PostgreSQL cluster on a free loopback port.
 *
 * @remarks
 * It lives in a temporary folder that `stop` removes, has no unix socket, a
 * random password and never waits for the disk: what was committed survives a
 * crash of the server, not one of the machine. PostgreSQL refuses to run as root, so root runs it as `postgres` or `nobody`.
 */
export class PostgresServer {
  readonly majorVersion: number;
  readonly #options: ClusterOptions;
  #child: ChildProcess;

  /** @throws Error when PostgreSQL is not installed or does not start */
  static async start(
    installation?: PostgresInstallation,
  ): Promise<PostgresServer> {
    const found = installation ?? findPostgres();
    if (!found) {
      throw new Error('No PostgreSQL is installed');
    }
    const options: ClusterOptions = {
      installation: found,
      directory: await mkdtemp(join(tmpdir(), 'image-scan-postgres-')),
      port: await freePort(),
      password: randomBytes(16).toString('hex'),
      account: await unprivilegedAccount(),
    };
    try {
      await initialize(options);
      return new PostgresServer(options, await launch(options));
    } catch (error) {
      await rm(options.directory, { recursive: true, force: true });
      throw error;
    }
  }

  private constructor(options: ClusterOptions, child: ChildProcess) {
    this.majorVersion = options.installation.majorVersion;
    this.#options = options;
    this.#child = child;
  }

  /** For `pg`, knex and Backstage's `TestDatabases`; a superuser's. */
  get connectionString(): string {
    return connectionString(this.#options);
  }

  /**
   * Ends the server and starts it again on the same data and port.
   *
   * @throws Error when it does not start again; its data stays until `stop`
   */
  async restart(mode: PostgresStopMode = 'fast'): Promise<void> {
    await end(this.#child, mode);
    this.#child = await launch(this.#options);
  }

  /** Ends the server and removes its data. A second call does nothing. */
  async stop(): Promise<void> {
    await end(this.#child, 'fast');
    await rm(this.#options.directory, { recursive: true, force: true });
  }
}

function debianFolders(): string[] {
  let versions: string[];
  try {
    versions = readdirSync(DEBIAN_ROOT);
  } catch {
    // Not Debian, or nothing of PostgreSQL installed there.
    return [];
  }
  return versions
    .filter(name => /^\d+$/.test(name))
    .sort((a, b) => Number(b) - Number(a))
    .map(name => join(DEBIAN_ROOT, name, 'bin'));
}

async function unprivilegedAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const accounts = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .map(line => line.split(':'));
  const fields =
    accounts.find(([name]) => name === 'postgres') ??
    accounts.find(([name]) => name === 'nobody');
  if (!fields) {
    throw new Error(
      'PostgreSQL does not run as root, and there is no user postgres or nobody',
    );
  }
  return { uid: Number(fields[2]), gid: Number(fields[3]) };
}

async function initialize(options: ClusterOptions): Promise<void> {
  const { installation, directory, password, account } = options;
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account) {
    await chown(directory, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  await run(
    join(installation.binDir, 'initdb'),
    [
      `--pgdata=${join(directory, 'data')}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ],
    { cwd: directory, ...account },
  );
}

async function launch(options: ClusterOptions): Promise<ChildProcess> {
  const { installation, directory, port, account } = options;
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'fsync=off',
    'full_page_writes=off',
    'max_connections=200',
  ];
  const child = spawn(
    join(installation.binDir, 'postgres'),
    ['-D', join(directory, 'data'), ...settings.flatMap(s => ['-c', s])],
    { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'], ...account },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4_000);
  });
  // Without a listener a program that cannot be started would end this process.
  let failure: Error | undefined;
  child.on('error', error => {
    failure = error;
  });

  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await answers(connectionString(options)))) {
    if (failure || hasEnded(child) || Date.now() > deadline) {
      await end(child, 'immediate');
      throw new Error(
        `PostgreSQL did not start on 127.0.0.1:${port}: ${failure ?? log}`,
      );
    }
    await sleep(50);
  }
  return child;
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 2_000,
  });
  try {
    await client.connect();
    return true;
  } catch {
    // Not listening yet, or still recovering: the caller tries again.
    return false;
  } finally {
    await client.end();
  }
}

async function end(child: ChildProcess, mode: PostgresStopMode): Promise<void> {
  if (hasEnded(child)) {
    return;
  }
  const ended = once(child, 'exit');
  child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(timer);
}

function hasEnded(child: ChildProcess): boolean {
  return (
    child.pid === undefined ||
    child.exitCode !== null ||
    child.signalCode !== null
  );
}

function connectionString({ port, password }: ClusterOptions): string {
  return `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
}
