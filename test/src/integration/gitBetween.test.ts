import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createHttpTransport,
  HttpGitRemote,
  type HttpTransport,
} from 'backstage-plugin-image-scan-node';
import { GitServer, type GitServerOptions } from '../servers/GitServer';

jest.setTimeout(120_000);

const servers: GitServerOptions[] = [
  {},
  { filters: false },
  { protocolV2: false },
];

describe.each(servers)('who came between two commits, with %p', options => {
  let directory: string;
  let git: GitServer;
  let transport: HttpTransport;
  let remote: HttpGitRemote;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'image-scan-between-'));
    git = await GitServer.start({ ...options, directory });
    await git.createRepository('repo', { 'a.yaml': 'a' });
    transport = createHttpTransport({
      hosts: [{ host: git.host, insecure: true }],
    });
    remote = new HttpGitRemote({ url: git.url('repo'), transport });
  });

  afterEach(async () => {
    transport.close();
    await git.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const head = async (branch = 'main') =>
    (await git.run('repo', 'rev-parse', branch)).trim();

  /** Makes a commit on top of others, and moves a branch there. */
  async function commit(
    message: string,
    { author = 'Ada', branch = 'main', parents = ['main'] } = {},
  ): Promise<string> {
    const oids = await Promise.all(parents.map(parent => head(parent)));
    const oid = await git.run(
      'repo',
      ...['-c', `user.name=${author}`, '-c', 'user.email=ada@example.com'],
      ...['commit-tree', `${await head()}^{tree}`, '-m', message],
      ...oids.flatMap(parent => ['-p', parent]),
    );
    await git.run('repo', 'update-ref', `refs/heads/${branch}`, oid.trim());
    return oid.trim();
  }

  it('is the author of each commit, in one fetch', async () => {
    const before = await head();
    const first = await commit('Roll back web to 1.4.0\n\nIt broke checkout.');
    await remote.open();
    git.requests.length = 0;
    expect(await remote.commitsBetween(before, first)).toEqual({
      isBehind: true,
      commits: [
        {
          oid: first,
          author: 'Ada',
          subject: 'Roll back web to 1.4.0',
          reverts: [],
        },
      ],
    });
    expect(git.requests).toHaveLength(1);

    const second = await commit(
      `Revert "Update web"\n\nThis reverts commit ${first}, reversing\nchanges.`,
      { author: 'Grace' },
    );
    expect(await remote.commitsBetween(before, second)).toMatchObject({
      commits: [
        { author: 'Grace', reverts: [first] },
        { author: 'Ada', reverts: [] },
      ],
    });
  });

  it('is on branches that were merged, and not on what was there before', async () => {
    const old = await commit('Old', { branch: 'side' });
    const before = await commit('Before');
    const side = await commit('Side', { branch: 'side', parents: [old] });
    const merge = await commit('Merge', { parents: [before, side] });
    const { isBehind, commits } = await remote.commitsBetween(before, merge);
    expect(isBehind).toBe(true);
    expect(commits.map(({ oid }) => oid).sort()).toEqual(
      [old, side, merge].sort(),
    );
  });

  it('is nobody where the branch was moved, or nothing lies between', async () => {
    const base = await head();
    const before = await commit('Before');
    const after = await commit('After', { parents: [base] });
    expect(await remote.commitsBetween(before, after)).toEqual({
      isBehind: false,
      commits: [],
    });
    expect(await remote.commitsBetween(after, after)).toEqual({
      isBehind: true,
      commits: [],
    });
  });

  it('is shown in clean words that are not too long', async () => {
    const before = await head();
    const after = await commit(`\u001b[31mRed\u202e\t${'x'.repeat(5000)}`, {
      author: `A\u202eda ${'é'.repeat(200)}`,
    });
    const { commits } = await remote.commitsBetween(before, after);
    const [{ author, subject }] = commits;
    expect(author).toBe(`Ada ${'é'.repeat(95)}…`);
    expect(subject).toBe(`Red ${'x'.repeat(195)}…`);
  });

  it('is left open where the remote gives nothing away', async () => {
    const before = await head();
    const gone = '1'.repeat(40);
    await expect(remote.commitsBetween(before, gone)).rejects.toThrow(
      'does not give away',
    );
    await expect(remote.commitsBetween('HEAD', gone)).rejects.toThrow(
      '"HEAD" is not the full name',
    );
  });
});

it('is left open where the older commit lies too far back', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'image-scan-between-'));
  const git = await GitServer.start({ filters: false, directory });
  await git.createRepository('repo', { 'a.yaml': 'a' });
  const transport = createHttpTransport({
    hosts: [{ host: git.host, insecure: true }],
  });
  try {
    const remote = new HttpGitRemote({ url: git.url('repo'), transport });
    const before = (await git.run('repo', 'rev-parse', 'main')).trim();
    let after = before;
    for (let count = 0; count < 8; count += 1) {
      const args = ['commit-tree', `${before}^{tree}`, '-m', 'm', '-p', after];
      after = (
        await git.run(
          'repo',
          ...['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'],
          ...args,
        )
      ).trim();
    }
    await git.run('repo', 'update-ref', 'refs/heads/main', after);
    expect(await remote.commitsBetween(before, after)).toEqual({
      isBehind: undefined,
      commits: [],
    });
  } finally {
    transport.close();
    await git.stop();
    await rm(directory, { recursive: true, force: true });
  }
});
