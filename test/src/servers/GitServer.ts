import { execFileSync, spawn } from 'node:child_process';
import type {
  ChildProcess,
  ChildProcessWithoutNullStreams,
} from 'node:child_process';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { answerByCgi } from './answerByCgi';
import { type GitFileContent, importOfCommit } from './importOfCommit';

export interface GitServerOptions {
  /** Default: any free one. */
  port?: number;
  /** Asks for Basic auth with exactly these. */
  credentials?: { username: string; password: string };
  /** Whether protocol 2 is spoken; default true. */
  protocolV2?: boolean;
  /** Whether a fetch may leave out contents, as the big hosts allow; default true. */
  filters?: boolean;
  /** Kept on `stop`, where given; default a temporary directory. */
  directory?: string;
}

/** A request as it arrived. */
export interface GitServerRequest {
  method: string;
  /** With the query. */
  path: string;
  /** `git-upload-pack` or `git-receive-pack`, where it names one. */
  service?: string;
  /** The Authorization header. */
  authorization?: string;
  /** Status of the answer, once it has begun. */
  status?: number;
}

export interface GitServerCommit {
  oid: string;
  parents: string[];
  authorName: string;
  authorEmail: string;
  committerName: string;
  committerEmail: string;
  message: string;
}

// Nothing of the user's own settings.
const isolation = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  HOME: '/nonexistent',
};

/**
 * Real git over smart HTTP on loopback: `git http-backend` behind a small server,
 * with bare repositories on disk. The user's own git configuration is not read.
 */
export class GitServer {
  /** What arrived since the start or the last `requests.length = 0`. */
  readonly requests: GitServerRequest[] = [];

  /**
   * Awaited before a push (the POST, not the look before it) goes on to git:
   * the place to move a branch at the worst moment.
   */
  beforePush?: (repository: string) => Promise<void>;

  /** Answers a request instead of git when it returns true: failures to order. */
  intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;

  readonly #children = new Set<ChildProcess>();
  readonly #answerDelays = new Map<string, number>();

  readonly #server: Server;
  readonly #directory: string;
  readonly #options: GitServerOptions;

  private constructor(
    server: Server,
    directory: string,
    options: GitServerOptions,
  ) {
    this.#server = server;
    this.#directory = directory;
    this.#options = options;
  }

  static async start(options: GitServerOptions = {}): Promise<GitServer> {
    const directory =
      options.directory ?? (await mkdtemp(join(tmpdir(), 'image-scan-git-')));
    await mkdir(directory, { recursive: true });
    const http = createServer();
    const server = new GitServer(http, directory, options);
    http.on('request', (request, response) => {
      server.#answer(request, response).catch((error: Error) => {
        if (!response.headersSent) {
          response.writeHead(500, { 'content-type': 'text/plain' });
        }
        response.end(error.message);
      });
    });
    http.listen(options.port ?? 0, '127.0.0.1');
    await once(http, 'listening');
    return server;
  }

  /** `host:port`, as the transport's list of hosts wants it. */
  get host(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `127.0.0.1:${port}`;
  }

  /** The URL of a repository, without credentials. */
  url(repository: string): string {
    return `http://${this.host}/${repository}.git`;
  }

  /** Creates a repository; without files it has no commit. */
  async createRepository(
    repository: string,
    files: Record<string, GitFileContent>,
    { branch = 'main', objectFormat = 'sha1' } = {},
  ): Promise<void> {
    const path = this.#path(repository);
    await mkdir(dirname(path), { recursive: true });
    await this.#git([
      'init',
      '--quiet',
      '--bare',
      `--initial-branch=${branch}`,
      `--object-format=${objectFormat}`,
      path,
    ]);
    const { filters = true } = this.#options;
    await this.#git(['-C', path, 'config', 'http.receivepack', 'true']);
    await this.#git([
      '-C',
      path,
      'config',
      'uploadpack.allowFilter',
      String(filters),
    ]);
    if (Object.keys(files).length > 0) {
      await this.commitFiles(repository, files, 'Initial commit', {
        branch,
        author: { name: 'Seed', email: 'seed@example.com' },
      });
    }
  }

  /**
   * Commits files to a branch as somebody else; null removes a file. A branch
   * that does not exist begins at HEAD. No hook is asked. Where a push moves the
   * branch in between, the commit is made anew upon it.
   *
   * @returns the commit's name
   */
  async commitFiles(
    repository: string,
    files: Record<string, GitFileContent | null>,
    message: string,
    {
      branch = 'main',
      author = { name: 'Somebody Else', email: 'else@example.com' },
    } = {},
  ): Promise<string> {
    const path = this.#path(repository);
    const ref = `refs/heads/${branch}`;
    for (;;) {
      const [parent] = (
        await this.#git(['-C', path, 'rev-parse', '--revs-only', ref, 'HEAD'])
      ).split('\n');
      try {
        const output = await this.#gitBytes(
          ['-C', path, 'fast-import', '--quiet', '--done'],
          importOfCommit({ ref, parent, author, message, files }),
        );
        return output.toString().trim();
      } catch (error) {
        // git has no exit code of its own for a branch that moved.
        if (!/Not updating refs|cannot lock ref/.test(String(error))) {
          throw error;
        }
      }
    }
  }

  /** The bytes of a file. */
  async readFile(
    repository: string,
    path: string,
    ref = 'HEAD',
  ): Promise<Buffer> {
    return this.#gitBytes([
      ...['-C', this.#path(repository), 'cat-file', 'blob'],
      `${ref}:${path}`,
    ]);
  }

  /** The commits of a branch, newest first. */
  async log(repository: string, ref = 'HEAD'): Promise<GitServerCommit[]> {
    const format = ['%H', '%P', '%an', '%ae', '%cn', '%ce', '%B'].join('%x00');
    const output = await this.#git([
      ...['-C', this.#path(repository), 'log', '-z'],
      `--format=${format}`,
      ref,
    ]);
    // The message is the last of seven fields, and -z ends it with a NUL too.
    const fields = output.split('\0');
    const commits: GitServerCommit[] = [];
    for (let at = 0; at + 6 < fields.length; at += 7) {
      const [oid, parents, authorName, authorEmail] = fields.slice(at, at + 4);
      commits.push({
        oid,
        parents: parents.split(' ').filter(Boolean),
        authorName,
        authorEmail,
        committerName: fields[at + 4],
        committerEmail: fields[at + 5],
        message: fields[at + 6].replace(/\n$/, ''),
      });
    }
    return commits;
  }

  /** A tar.gz of the files of a branch, under one folder, as git hosts make it. */
  async archive(repository: string, ref: string): Promise<Buffer> {
    const path = this.#path(repository);
    const prefix = `${repository.split('/').pop()}/`;
    return this.#gitBytes([
      ...['-C', path, 'archive', '--format=tar.gz', `--prefix=${prefix}`],
      ref,
    ]);
  }

  /** Throws what `git fsck` finds wrong. */
  async fsck(repository: string): Promise<void> {
    const path = this.#path(repository);
    await this.#git(['-C', path, 'fsck', '--strict', '--no-dangling']);
  }

  /** Runs git in a repository and answers what it prints. */
  async run(repository: string, ...args: string[]): Promise<string> {
    return this.#git(['-C', this.#path(repository), ...args]);
  }

  /** Leaves the lock file of a branch behind, as git does when it is killed. */
  async lockBranch(repository: string, branch: string): Promise<void> {
    const folder = join(this.#path(repository), 'refs', 'heads');
    await writeFile(join(folder, `${branch}.lock`), '');
  }

  /** Every push is refused with these words, as by a protected branch. */
  async refusePushes(repository: string, message: string): Promise<void> {
    const hook = join(this.#path(repository), 'hooks', 'pre-receive');
    const words = `'${message.replace(/'/g, `'\\''`)}'`;
    await mkdir(dirname(hook), { recursive: true });
    await writeFile(hook, `#!/bin/sh\nprintf '%s\\n' ${words} >&2\nexit 1\n`);
    await chmod(hook, 0o755);
  }

  /**
   * git holds every push that arrives, also when its client is gone meanwhile.
   * `allowPushes` ends it for those to come.
   *
   * @returns lets go of the held ones, which git then takes
   */
  async holdPushes(repository: string): Promise<() => Promise<void>> {
    const path = this.#path(repository);
    const hook = join(path, 'hooks', 'pre-receive');
    const gate = join(path, `go-${randomBytes(4).toString('hex')}`);
    // A sign of life to a client that is gone would end git.
    await this.#git(['-C', path, 'config', 'receive.keepAlive', '0']);
    await mkdir(dirname(hook), { recursive: true });
    await writeFile(
      hook,
      `#!/bin/sh\nwhile [ ! -e '${gate}' ]; do sleep 0.05; done\n`,
    );
    await chmod(hook, 0o755);
    return () => writeFile(gate, '');
  }

  async allowPushes(repository: string): Promise<void> {
    const hook = join(this.#path(repository), 'hooks', 'pre-receive');
    await rm(hook, { force: true });
  }

  /**
   * Holds the answer to every push back for some seconds while git writes it:
   * the time to end a client that cannot know yet. 0 ends it.
   */
  async delayAfterPush(repository: string, seconds: number): Promise<void> {
    this.#answerDelays.set(repository, seconds);
  }

  /** Ends the server, what it has started, and its temporary directory. */
  async stop(): Promise<void> {
    for (const child of this.#children) {
      child.kill('SIGKILL');
    }
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    if (this.#options.directory === undefined) {
      await rm(this.#directory, { recursive: true, force: true });
    }
  }

  #path(repository: string): string {
    return join(this.#directory, `${repository}.git`);
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const entry: GitServerRequest = {
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      service: /git-(upload|receive)-pack/.exec(request.url ?? '')?.[0],
      authorization: request.headers.authorization,
    };
    this.requests.push(entry);
    response.on('close', () => {
      entry.status = response.statusCode;
    });
    if (this.intercept?.(request, response)) {
      return;
    }
    if (!this.#mayEnter(request)) {
      response.writeHead(401, {
        'www-authenticate': 'Basic realm="git"',
        'content-type': 'text/plain',
      });
      response.end('Sign in to read and write');
      return;
    }
    let delay = 0;
    if (request.method === 'POST' && entry.service === 'git-receive-pack') {
      const [, repository] =
        /^\/(.*?)(?:\.git)?\/git-/.exec(url.pathname) ?? [];
      await this.beforePush?.(repository);
      delay = this.#answerDelays.get(repository) ?? 0;
    }
    this.#passToGit(request, response, url, delay);
  }

  #mayEnter({ headers }: IncomingMessage): boolean {
    const { credentials } = this.#options;
    if (!credentials) {
      return true;
    }
    const { username, password } = credentials;
    const expected = Buffer.from(
      `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    );
    const given = Buffer.from(headers.authorization ?? '');
    return expected.length === given.length && timingSafeEqual(expected, given);
  }

  #passToGit(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    delay: number,
  ): void {
    const { headers, method = 'GET' } = request;
    const protocol = headers['git-protocol'];
    const child = this.#spawnProgram(httpBackend(), [], {
      GIT_PROJECT_ROOT: this.#directory,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: method,
      CONTENT_TYPE: headers['content-type'] ?? '',
      ...(headers['content-length']
        ? { CONTENT_LENGTH: headers['content-length'] }
        : {}),
      ...(headers['content-encoding']
        ? { HTTP_CONTENT_ENCODING: headers['content-encoding'] }
        : {}),
      ...(typeof protocol === 'string' && this.#options.protocolV2 !== false
        ? { GIT_PROTOCOL: protocol }
        : {}),
      REMOTE_USER: this.#options.credentials?.username ?? 'anonymous',
      REMOTE_ADDR: '127.0.0.1',
    });
    answerByCgi(child, request, response, delay);
  }

  #spawnProgram(
    program: string,
    args: string[],
    env: Record<string, string> = {},
  ): ChildProcessWithoutNullStreams {
    const child = spawn(program, args, {
      cwd: this.#directory,
      env: { PATH: process.env.PATH, ...isolation, ...env },
    });
    this.#children.add(child);
    child.on('close', () => this.#children.delete(child));
    return child;
  }

  async #git(args: string[]): Promise<string> {
    return (await this.#gitBytes(args)).toString();
  }

  #gitBytes(args: string[], input?: Buffer): Promise<Buffer> {
    const child = this.#spawnProgram('git', args);
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', chunk => output.push(chunk));
    child.stderr.on('data', chunk => errors.push(chunk));
    child.stdin.on('error', () => {
      // git ended without reading; its exit code says why.
    });
    child.stdin.end(input);
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', code => {
        if (code === 0) {
          resolve(Buffer.concat(output));
        } else {
          const words = Buffer.concat(errors).toString().trim();
          reject(
            new Error(`git ${args.join(' ')} ended with ${code}: ${words}`),
          );
        }
      });
    });
  }
}

let backend: string | undefined;

/**
 * Path of `git-http-backend`. Started by `git`, it would outlive that one's end,
 * and where its client has gone in the middle of a request it then reads for ever.
 */
function httpBackend(): string {
  backend ??= join(
    execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(),
    'git-http-backend',
  );
  return backend;
}
