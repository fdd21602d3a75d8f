import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GitServer } from '../../servers/GitServer';
import type { CloneFigures, CloneTask } from './cloneMain';
import { type Entries, RawRepository } from './RawRepository';

jest.setTimeout(240_000);

const MIB = 1024 * 1024;
const run = promisify(execFile);

/** What a clone into a workspace may need above what the process had before. */
const MOST_BYTES = 256 * MIB;

let directory: string;
let git: GitServer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'image-scan-clones-'));
  git = await GitServer.start({ directory: join(directory, 'server') });
  await git.createRepository('small', { 'a.yaml': 'a: b\n' });
});

afterAll(async () => {
  await git?.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** In a process of its own: memory is not given back by one that has grown. */
async function clone(name: string): Promise<CloneFigures> {
  const to = (repository: string) => ({
    url: git.url(repository),
    folder: join(directory, `${name}-${repository}`),
  });
  const task: CloneTask = {
    host: git.host,
    warmUp: to('small'),
    clone: to(name),
  };
  const { stdout } = await run(process.execPath, [
    '--require',
    require.resolve('@backstage/cli/config/nodeTransform.cjs'),
    require.resolve('./cloneMain'),
    JSON.stringify(task),
  ]);
  const figures: CloneFigures = JSON.parse(stdout);
  console.info(`${name}: ${(figures.bytes / MIB).toFixed(0)} MiB`);
  return figures;
}

async function repositoryOf(
  name: string,
  build: (repository: RawRepository) => Entries,
): Promise<void> {
  await git.createRepository(name, { x: 'x' });
  const repository = new RawRepository(
    join(directory, 'server', `${name}.git`),
  );
  repository.commit(build(repository));
}

/** Files, and each of their contents under several names. */
function files(
  count: number,
  content: (index: number) => Buffer,
  names = 1,
): (repository: RawRepository) => Entries {
  return repository => {
    const contents = Array.from({ length: count }, (_, index) =>
      repository.file(content(index)),
    );
    return Object.fromEntries(
      Array.from({ length: count * names }, (_, index) => [
        `f${index}`,
        contents[index % count],
      ]),
    );
  };
}

describe('a clone into a workspace', () => {
  it.each([
    [
      'large files of nothing',
      files(10, index => Buffer.alloc(24 * MIB, index)),
    ],
    ['a large pack', files(39, () => randomBytes(MIB))],
    ['many small files', files(20, index => Buffer.from(`a: ${index}`), 1_000)],
  ])('holds little memory for %s', async (what, build) => {
    const name = what.replace(/ /g, '-');
    await repositoryOf(name, build);
    const { bytes, error } = await clone(name);
    expect(error).toBeUndefined();
    expect(bytes).toBeLessThan(MOST_BYTES);
  });

  it.each([
    [
      'a file that is too large',
      files(1, index => Buffer.alloc(40 * MIB, index)),
      /One of its files has more than 24 MiB/,
    ],
    [
      'a pack that is too large',
      files(70, () => randomBytes(MIB)),
      /more than 40 MiB/,
    ],
  ])('refuses %s before it costs much', async (what, build, says) => {
    const name = what.replace(/ /g, '-');
    await repositoryOf(name, build);
    const { bytes, error } = await clone(name);
    expect(error).toMatch(says);
    expect(bytes).toBeLessThan(MOST_BYTES);
  });
});
