// Needs: dulwich
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { findProgram } from './findProgram';
import { checkProvided } from './provided';

// Debian's Python, whose packages another one on the PATH does not have.
const PYTHON = '/usr/bin/python3';

const JAVA_FOLDER = '/usr/share/java';

const JARS = ['org.eclipse.jgit.jar', 'slf4j-api.jar', 'javaewah.jar'];

const folder = resolvePackagePath('image-scan-test', 'src/servers');

/** Whether Debian's `python3-dulwich` is there. */
export function hasDulwich(): boolean {
  checkProvided('dulwich');
  try {
    execFileSync(PYTHON, ['-c', 'import dulwich.web'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Whether Debian's `libjgit-java` is there. */
export function hasJGit(): boolean {
  return JARS.every(name => existsSync(join(JAVA_FOLDER, name)));
}

/** Whether there is a Java that compiles, as of `default-jdk-headless`. */
export function hasJdk(): boolean {
  return findProgram('javac') !== undefined;
}

/** A git server that is not C git, over the bare repositories of a folder. */
export class OtherGitServer {
  readonly #child: ChildProcess;
  readonly #port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#port = port;
  }

  /** @param directory - holds `NAME.git` */
  static async start(
    kind: 'dulwich' | 'jgit',
    directory: string,
  ): Promise<OtherGitServer> {
    const [program, args] =
      kind === 'dulwich'
        ? [PYTHON, [join(folder, 'DulwichServer.py'), directory]]
        : [
            'java',
            [
              '-Xmx256m',
              '-classpath',
              JARS.map(name => join(JAVA_FOLDER, name)).join(':'),
              join(folder, 'JGitServer.java'),
              directory,
            ],
          ];
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
