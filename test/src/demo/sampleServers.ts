import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { GitServer } from '../servers/GitServer';
import { MemoryRegistry } from '../servers/MemoryRegistry';
import { demoPorts } from './addresses';
import { gitUser, registryUser } from './credentials';
import { answerAsGitea, DEMO_OWNER } from './giteaPages';
import { demoImages } from './samples';

/**
 * Runs the registry and the git server of the demo, filled with its samples, for
 * as long as `use` takes.
 *
 * @param repositories - a folder of folders: each becomes a git repository
 */
export async function withSampleServers(
  repositories: string,
  use: () => Promise<void>,
): Promise<void> {
  const registry = await MemoryRegistry.start({
    port: demoPorts.registry,
    credentials: registryUser,
  });
  try {
    for (const [image, tags] of Object.entries(demoImages)) {
      registry.pushTags(image, tags);
    }
    const git = await GitServer.start({
      port: demoPorts['git server'],
      credentials: gitUser,
    });
    git.intercept = (request, response) =>
      answerAsGitea(git, request, response);
    try {
      for (const name of await readdir(repositories)) {
        const files = await readFolder(join(repositories, name));
        await git.createRepository(`${DEMO_OWNER}/${name}`, files);
      }
      await use();
    } finally {
      await git.stop();
    }
  } finally {
    await registry.stop();
  }
}

/** The files of a folder and its folders, by path with slashes. */
async function readFolder(folder: string): Promise<Record<string, Buffer>> {
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  });
  const files: Record<string, Buffer> = {};
  for (const entry of entries.filter(candidate => candidate.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files[relative(folder, path).split(sep).join('/')] = await readFile(path);
  }
  return files;
}
