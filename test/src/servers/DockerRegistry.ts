// Needs: docker-registry
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  access,
  mkdir,
  mkdtemp,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createCertificates } from './certificates';
import type { Certificates } from './certificates';
import { findProgram, isExecutable } from './findProgram';
import { imageContent, MANIFEST_TYPE } from './imageContent';
import { checkProvided } from './provided';

/** The one user of a registry that wants credentials. */
export const dockerRegistryUser = {
  username: 'scanner',
  password: 'image-scan-test',
};

// bcrypt, cost 5, of the password above: the only form the registry reads.
const htpasswd = `${dockerRegistryUser.username}:$2b$05$imagescantestsaltabcdeQ2EhJ0PwCbDMtyOAJ17pxqPp5egK5ui\n`;

export interface DockerRegistryOptions {
  /** Wants Basic auth as `dockerRegistryUser`. */
  htpasswd?: boolean;
  /** Speaks TLS with a certificate of a private CA; needs the `openssl` command. */
  tls?: boolean;
}

/** Path of the registry: `IMAGE_SCAN_TEST_DOCKER_REGISTRY`, else from the PATH. */
export function findDockerRegistry(): string | undefined {
  checkProvided('docker-registry');
  const configured = process.env.IMAGE_SCAN_TEST_DOCKER_REGISTRY;
  if (configured) {
    return isExecutable(configured) ? configured : undefined;
  }
  return findProgram('docker-registry');
}

/** For `describeWith`. */
export function noRegistry(): string | false {
  return !findDockerRegistry() && 'docker-registry is not installed';
}

/**
 * Debian's `docker-registry` (the distribution project's, 2.8) on an ephemeral
 * loopback port, with its files in a temporary folder.
 */
export class DockerRegistry {
  #child?: ChildProcess;
  #port = 0;
  readonly #agent: HttpAgent;

  readonly #program: string;
  readonly #folder: string;
  readonly #options: DockerRegistryOptions;
  readonly #certificates: Certificates | undefined;

  private constructor(
    program: string,
    folder: string,
    options: DockerRegistryOptions,
    certificates?: Certificates,
  ) {
    this.#program = program;
    this.#folder = folder;
    this.#options = options;
    this.#certificates = certificates;

    const pool = { keepAlive: true, maxSockets: 8 };
    this.#agent = certificates
      ? new HttpsAgent({ ...pool, ca: certificates.ca })
      : new HttpAgent(pool);
  }

  static async start(
    options: DockerRegistryOptions = {},
  ): Promise<DockerRegistry> {
    const program = findDockerRegistry();
    if (!program) {
      throw new Error('docker-registry is not installed');
    }
    const certificates = options.tls ? createCertificates() : undefined;
    const folder = await mkdtemp(join(tmpdir(), 'image-scan-registry-'));
    await writeFile(join(folder, 'htpasswd'), htpasswd);
    if (certificates) {
      await writeFile(join(folder, 'server.key'), certificates.key);
      await writeFile(join(folder, 'server.pem'), certificates.cert);
    }
    const registry = new DockerRegistry(program, folder, options, certificates);
    await registry.#run();
    return registry;
  }

  /** `127.0.0.1:port`, the first part of an image's name. */
  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get url(): string {
    return `${this.#certificates ? 'https' : 'http'}://${this.host}`;
  }

  /** PEM of the private CA, with `tls`. */
  get ca(): string | undefined {
    return this.#certificates?.ca;
  }

  /**
   * Pushes one image under many tags, eight at a time.
   *
   * @returns the digest they all have
   */
  async pushTags(repository: string, tags: readonly string[]): Promise<string> {
    return this.#push(repository, tags, 'one image for all tags');
  }

  /**
   * Pushes an image under a tag; other content has another digest.
   *
   * @returns the digest
   */
  async pushImage(
    repository: string,
    tag: string,
    content: string,
  ): Promise<string> {
    return this.#push(repository, [tag], content);
  }

  /**
   * Deletes a tag. The API of 2.8 deletes by digest only, and with it every tag of
   * that digest, so this removes the link in the storage, which is what newer
   * registries do for `DELETE …/manifests/<tag>`.
   */
  async deleteTag(repository: string, tag: string): Promise<void> {
    const link = join(this.#folderOf(repository), '_manifests/tags', tag);
    await access(link);
    await rm(link, { recursive: true });
  }

  /**
   * Puts an image that was pushed under more tags, by what the registry would
   * write itself: thousands of pushes take minutes.
   */
  async linkTags(
    repository: string,
    tags: readonly string[],
    digest: string,
  ): Promise<void> {
    const folder = join(this.#folderOf(repository), '_manifests/tags');
    for (const tag of tags) {
      await mkdir(join(folder, tag, 'current'), { recursive: true });
      await writeFile(join(folder, tag, 'current/link'), digest);
    }
  }

  /** Makes a repository that has what another one has, now and later. */
  async linkRepository(repository: string, target: string): Promise<void> {
    await symlink(this.#folderOf(target), this.#folderOf(repository));
  }

  /** Stops it and removes its files; a second call does nothing. */
  async stop(): Promise<void> {
    await this.#end();
    this.#agent.destroy();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Stops it and starts it again, on the same port and with the same content. */
  async restart(): Promise<void> {
    await this.#end();
    await this.#run();
  }

  #folderOf(repository: string): string {
    return join(
      this.#folder,
      'data/docker/registry/v2/repositories',
      repository,
    );
  }

  async #run(): Promise<void> {
    const configFile = join(this.#folder, 'config.json'); // JSON is YAML, too
    await writeFile(configFile, JSON.stringify(this.#config()));
    const child = spawn(this.#program, ['serve', configFile], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: 'none' },
    });
    this.#child = child;
    const lines: string[] = [];
    const port = await new Promise<number>((resolve, reject) => {
      const fail = (reason: string) =>
        reject(
          new Error(`docker-registry ${reason}: ${lines.slice(-5).join('\n')}`),
        );
      child.on('error', error => fail(`did not start (${error.message})`));
      child.on('exit', code => fail(`ended with ${code}`));
      // It is read to the end, else the registry would stand still.
      createInterface({ input: child.stderr }).on('line', line => {
        const listening = /listening on 127\.0\.0\.1:(\d+)/.exec(line);
        if (listening) {
          resolve(Number(listening[1]));
        } else if (lines.length < 100) {
          lines.push(line);
        }
      });
    });
    this.#port = port;
  }

  #config() {
    const { htpasswd: withAuth } = this.#options;
    return {
      version: '0.1',
      log: { level: 'info', accesslog: { disabled: true } },
      storage: {
        filesystem: { rootdirectory: join(this.#folder, 'data') },
        delete: { enabled: true },
        maintenance: { uploadpurging: { enabled: false } },
      },
      http: {
        addr: `127.0.0.1:${this.#port}`,
        secret: 'only for tests',
        ...(this.#certificates
          ? {
              tls: {
                certificate: join(this.#folder, 'server.pem'),
                key: join(this.#folder, 'server.key'),
              },
            }
          : {}),
      },
      ...(withAuth
        ? {
            auth: {
              htpasswd: {
                realm: 'tests',
                path: join(this.#folder, 'htpasswd'),
              },
            },
          }
        : {}),
    };
  }

  async #end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  }

  async #push(
    repository: string,
    tags: readonly string[],
    content: string,
  ): Promise<string> {
    const { config, configDigest, manifest, digest } = imageContent(content);
    const upload = await this.#send('POST', `/v2/${repository}/blobs/uploads/`);
    const location = new URL(upload.headers.location ?? '', this.url);
    location.searchParams.set('digest', configDigest);
    await this.#send(
      'PUT',
      `${location.pathname}${location.search}`,
      config,
      'application/octet-stream',
    );
    const waiting = [...tags];
    const worker = async () => {
      for (let tag = waiting.pop(); tag !== undefined; tag = waiting.pop()) {
        const path = `/v2/${repository}/manifests/${encodeURIComponent(tag)}`;
        await this.#send('PUT', path, manifest, MANIFEST_TYPE);
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    return digest;
  }

  async #send(
    method: string,
    path: string,
    body?: Buffer,
    type?: string,
  ): Promise<IncomingMessage> {
    const { username, password } = dockerRegistryUser;
    const send = this.#certificates ? httpsRequest : httpRequest;
    const request = send(new URL(path, this.url), {
      method,
      agent: this.#agent,
      headers: type ? { 'content-type': type } : {},
      ...(this.#options.htpasswd ? { auth: `${username}:${password}` } : {}),
    });
    request.end(body);
    const [response]: IncomingMessage[] = await once(request, 'response');
    let answer = '';
    for await (const chunk of response) {
      answer += chunk;
    }
    if (response.statusCode === undefined || response.statusCode >= 300) {
      throw new Error(
        `${method} ${path} answered ${response.statusCode}: ${answer}`,
      );
    }
    return response;
  }
}
