import { randomBytes } from 'node:crypto';
import {
  BranchMovedError,
  createHttpTransport,
  HttpGitRemote,
} from 'backstage-plugin-image-scan-node';
import type {
  GitSnapshot,
  HttpTransport,
} from 'backstage-plugin-image-scan-node';
import { BentGitServer, packetsOf, pkt } from '../servers/BentGitServer';
import type { BentRequest } from '../servers/BentGitServer';
import type { GitServerOptions } from '../servers/GitServer';

jest.setTimeout(60_000);

/** The newest commit fits, and a few more; fifteen never. */
const MAX_PACK_BYTES = 200_000;
const FILE_BYTES = 20_000;

describe('whether a commit has arrived, where fifteen are larger than is read', () => {
  const servers: BentGitServer[] = [];
  const transports: HttpTransport[] = [];

  afterEach(async () => {
    transports.splice(0).forEach(transport => transport.close());
    await Promise.all(servers.splice(0).map(server => server.stop()));
  });

  /** A repository with a long history of large files, and what looks at it. */
  async function start(options: GitServerOptions) {
    const server = await BentGitServer.start(options);
    servers.push(server);
    const { git } = server;
    const transport = createHttpTransport({
      hosts: [{ host: server.host, insecure: true }],
    });
    transports.push(transport);
    await git.createRepository('repo', { 'app.yaml': '1', large: 'first' });
    /** Others push commits of their own. */
    const others = async (count: number) => {
      for (let index = 0; index < count; index += 1) {
        const large = randomBytes(FILE_BYTES);
        await git.commitFiles('repo', { large }, `other ${index}`);
      }
    };
    await others(15);
    const remote = new HttpGitRemote({
      url: server.url('repo'),
      transport,
      maxPackBytes: MAX_PACK_BYTES,
    });
    return { server, git, remote, others };
  }

  const commitOf = (snapshot: GitSnapshot) =>
    snapshot.commit({
      files: new Map([['app.yaml', Buffer.from('2')]]),
      message: 'Update',
      author: { name: 'Bot', email: 'bot@example.com' },
    });

  const withoutFilters: GitServerOptions[] = [
    { filters: false },
    { protocolV2: false },
  ];

  it.each(withoutFilters)('is told by a server with %p', async options => {
    const { git, remote, others } = await start(options);
    const snapshot = await remote.open();
    const commit = await commitOf(snapshot);
    const { oid } = commit;
    await expect(remote.contains(oid)).resolves.toBe(false);

    await snapshot.push(commit);
    await expect(remote.contains(oid)).resolves.toBe(true);

    await others(1);
    await expect(remote.contains(oid)).resolves.toBe(true);
    await git.commitFiles('repo', { 'app.yaml': '1' }, 'Revert "Update"');
    await expect(remote.contains(oid)).resolves.toBe(true);
    await others(15);
    await expect(remote.contains(oid)).resolves.toBe(true);

    // The server keeps the commit, on no branch.
    await git.run('repo', 'update-ref', 'refs/heads/main', `${oid}^`);
    await expect(remote.contains(oid)).resolves.toBe(false);
    await others(1);
    await expect(remote.contains(oid)).resolves.toBe(false);
    await git.run('repo', 'cat-file', '-e', oid);
  });

  it.each(withoutFilters)('is told after a lost race at %p', async options => {
    const { remote, others } = await start(options);
    const snapshot = await remote.open();
    const commit = await commitOf(snapshot);
    await others(1);
    await expect(snapshot.push(commit)).rejects.toThrow(BranchMovedError);
    await expect(remote.contains(commit.oid)).resolves.toBe(false);
    await expect(remote.contains(commit.parent)).resolves.toBe(true);
  });

  /** Ends of histories that a question names. */
  const endsOf = ({ body }: BentRequest) =>
    packetsOf(body)
      .map(String)
      .filter(line => line.startsWith('shallow '))
      .map(line => line.trim().slice('shallow '.length));

  const answers: Array<[string, (ends: string[]) => string[]]> = [
    ['nothing', () => []],
    ['all that it is told', ends => ends.map(end => `unshallow ${end}\n`)],
    ['an error', () => ['ERR upload-pack: not so\n']],
  ];

  it.each(answers)('is not believed to who answers %s', async (_, answer) => {
    const { server, remote, others } = await start({ protocolV2: false });
    let asked = 0;
    server.bends = {
      before(request) {
        const ends = endsOf(request);
        if (ends.length === 0) {
          return undefined;
        }
        asked += 1;
        const lines = answer(ends).map(line => pkt(line));
        return {
          headers: { 'content-type': 'application/x-git-upload-pack-result' },
          body: Buffer.concat([...lines, Buffer.from('0000')]),
        };
      },
    };
    const snapshot = await remote.open();
    const commit = await commitOf(snapshot);
    await expect(remote.contains(commit.oid)).resolves.toBe(false);
    await snapshot.push(commit);
    await others(1);
    // No further than the parents of the newest commit can be looked.
    await expect(remote.contains(commit.oid)).resolves.toBe(true);
    await expect(remote.contains(commit.parent)).resolves.toBe(false);
    expect(asked).toBe(3);
  });
});
