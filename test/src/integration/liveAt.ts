import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createHttpTransport,
  HttpGitRemote,
} from 'backstage-plugin-image-scan-node';
import { GitServer } from '../servers/GitServer';
import { leadLife } from './gitLife';

/** A server of bare repositories. */
export interface ServedGit {
  url(repository: string): string;
  stop(): Promise<void>;
}

/**
 * Leads the life of a git repo at a server; C git looks at the result.
 *
 * @param start - serves the repositories `NAME.git` of a folder
 */
export async function liveAt(
  start: (directory: string) => Promise<ServedGit>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'image-scan-other-git-'));
  const git = await GitServer.start({ directory });
  await git.createRepository('repo', { 'app.yaml': 'MARK 0\n', other: '' });
  const served = await start(directory);
  const url = served.url('repo');
  const transport = createHttpTransport({
    hosts: [{ host: new URL(url).host, insecure: true }],
  });
  try {
    await leadLife(new HttpGitRemote({ url, transport }), {
      path: 'app.yaml',
      pushBetween: async round => {
        await git.commitFiles('repo', { other: round }, round);
      },
    });
    await git.fsck('repo');
    const commits = await git.log('repo');
    expect(commits.map(({ message }) => message)).toEqual([
      ...['MARK 3', '3', 'MARK 2', '2', 'MARK 1', '1', 'Initial commit'],
    ]);
  } finally {
    transport.close();
    await served.stop();
    await git.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
