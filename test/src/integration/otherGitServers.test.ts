import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Git as NodeGitServer } from 'node-git-server';
import {
  createHttpTransport,
  HttpGitRemote,
} from 'backstage-plugin-image-scan-node';
import { GitServer } from '../servers/GitServer';
import { hasDulwich, OtherGitServer } from '../servers/OtherGitServer';
import { describeWith } from './describeWith';
import { leadLife } from './gitLife';

jest.setTimeout(120_000);

interface Served {
  url(repository: string): string;
  stop(): Promise<void>;
}

/** npm's node-git-server, which leaves questions of protocol 2 unanswered. */
async function startNodeGitServer(directory: string): Promise<Served> {
  const git = new NodeGitServer(directory, { autoCreate: false });
  const server = createServer((request, response) =>
    git.handle(request, response),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: repository => `http://127.0.0.1:${port}/${repository}.git`,
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Leads the life of a git repo at a server; C git looks at the result. */
async function liveAt(
  start: (directory: string) => Promise<Served>,
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

describe('git servers that are not C git', () => {
  it('of npm, which does not answer what it does not know', () =>
    liveAt(startNodeGitServer));
});

describeWith([!hasDulwich() && 'python3-dulwich is not installed'])(
  'git servers in Python',
  () => {
    it('as dulwich are worked with', () =>
      liveAt(directory => OtherGitServer.start('dulwich', directory)));
  },
);
