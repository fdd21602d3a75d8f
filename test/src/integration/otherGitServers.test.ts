import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Git as NodeGitServer } from 'node-git-server';
import { hasDulwich, startDulwich } from '../servers/dulwich';
import { describeWith } from './describeWith';
import { liveAt, type ServedGit } from './liveAt';

jest.setTimeout(120_000);

/** npm's node-git-server, which leaves questions of protocol 2 unanswered. */
async function startNodeGitServer(directory: string): Promise<ServedGit> {
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

describe('git servers that are not C git', () => {
  it('of npm, which does not answer what it does not know', () =>
    liveAt(startNodeGitServer));
});

describeWith([!hasDulwich() && 'python3-dulwich is not installed'])(
  'git servers in Python',
  () => {
    it('as dulwich are worked with', () => liveAt(startDulwich));
  },
);
