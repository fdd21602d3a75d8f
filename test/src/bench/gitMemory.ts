import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GitServer } from '../servers/GitServer';
import type { Bench, BenchResult } from './Bench';
import { repositoryFiles, type RepositorySize } from './gitRepositories';
import { GitServerProcess } from './GitServerProcess';
import { growthResult } from './growth';

const run = promisify(execFile);

const MEGABYTE = 1024 * 1024;

/** What the measured process does. */
export interface GitMemoryTask {
  /** `host:port` of the git server. */
  host: string;
  /** URL of a small repository that is updated first. */
  warmUp: string;
  /** URLs of what is then updated, one after the other. */
  repositories: string[];
  /** How many files each update changes. */
  marked: number;
}

/** In bytes. */
export interface GitMemoryFigures {
  /** The most that the process grew while it worked. */
  working: number;
  /** What it still held afterwards. */
  idle: number;
  /** The largest that the process was. */
  rssPeak: number;
}

async function measure(task: GitMemoryTask): Promise<GitMemoryFigures> {
  const { stdout } = await run(process.execPath, [
    '--expose-gc',
    '--require',
    require.resolve('@backstage/cli/config/nodeTransform.cjs'),
    require.resolve('./gitMemoryMain.ts'),
    JSON.stringify(task),
  ]);
  return JSON.parse(stdout);
}

function toResult(path: string, bytes: number, limit: number): BenchResult {
  return {
    path,
    figure: formatBytes(bytes),
    target: `at most ${limit} MiB`,
    met: bytes <= limit * MEGABYTE,
  };
}

function formatBytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(0)} MiB`;
}

/** The memory of updates, above that of a process that has made a small one. */
export const gitMemory: Bench = {
  name: 'git-memory',
  async run({ short }) {
    const directory = await mkdtemp(join(tmpdir(), 'image-scan-bench-'));
    const git = await GitServer.start({ directory });
    const server = await GitServerProcess.start(directory);
    const create = async (name: string, size: RepositorySize) => {
      await git.createRepository(name, repositoryFiles(size));
      await git.run(name, 'repack', '-adq');
      return server.url(name);
    };
    try {
      const { host } = server;
      const warmUp = await create('small', { files: 100, marked: 1 });
      const sizes = short ? [100, 200, 400] : [1_000, 10_000, 100_000];
      const grown: GitMemoryFigures[] = [];
      for (const files of sizes) {
        const marked = files / 100;
        const repository = await create(`of-${files}`, { files, marked });
        grown.push(
          await measure({ host, warmUp, marked, repositories: [repository] }),
        );
      }
      const [, files] = sizes;
      const [, one] = grown;

      const otherMegabytes = short ? 2 : 200;
      const other = await create('other', {
        files: 100,
        marked: 100,
        otherMegabytes,
      });
      const beside = await measure({
        host,
        warmUp,
        marked: 100,
        repositories: [other],
      });

      const count = short ? 5 : 200;
      const team = await create('team', { files: 1_000, marked: 10 });
      const many = await measure({
        host,
        warmUp,
        marked: 10,
        // The same one under many names: each git repo is remembered apart.
        repositories: Array.from({ length: count }, () => team),
      });
      return [
        toResult(
          `memory above idle, working on ${files} files`,
          one.working,
          150,
        ),
        toResult('memory kept for them when idle', one.idle, 20),
        growthResult({
          path: `memory above idle, working on ${sizes.join(', ')} files`,
          sizes,
          values: grown.map(({ working }) => working),
          format: formatBytes,
          atMost: 1.1,
        }),
        growthResult({
          path: `memory kept for ${sizes.join(', ')} files`,
          sizes,
          values: grown.map(({ idle }) => idle),
          format: formatBytes,
          atMost: 1.1,
        }),
        toResult(
          `memory of the process, ${otherMegabytes} MiB of other files`,
          beside.rssPeak,
          200,
        ),
        toResult(
          `memory kept for ${count} git repos of 1000 files`,
          many.idle,
          100,
        ),
      ];
    } finally {
      await server.stop();
      await git.stop();
      await rm(directory, { recursive: true, force: true });
    }
  },
};
