import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createHttpTransport,
  HttpGitRemote,
} from 'backstage-plugin-image-scan-node';
import type {
  HttpGitRemoteOptions,
  HttpTransport,
} from 'backstage-plugin-image-scan-node';
import { GitServer } from '../servers/GitServer';
import type { GitServerOptions } from '../servers/GitServer';

jest.setTimeout(120_000);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const now = Date.now();
const absent = '1'.repeat(40);

describe('what lies behind the head of a branch', () => {
  const closers: Array<() => unknown> = [];
  const transports: HttpTransport[] = [];
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'image-scan-history-'));
  });

  afterEach(async () => {
    transports.splice(0).forEach(transport => transport.close());
    await Promise.all(closers.splice(0).map(close => close()));
    await rm(directory, { recursive: true, force: true });
  });

  async function start(options: GitServerOptions = {}): Promise<GitServer> {
    const git = await GitServer.start({ ...options, directory });
    closers.push(() => git.stop());
    await git.createRepository('repo', { 'a.yaml': 'MARK' });
    return git;
  }

  /**
   * Puts commits on top of a branch, each made at its time.
   *
   * @returns their names, the oldest first
   */
  function addCommits(
    times: readonly number[],
    { branch = 'main', from = 'main', merge = '' } = {},
  ): string[] {
    const commits = times.map((time, index) => {
      const person = `Somebody <else@example.com> ${Math.floor(
        time / 1000,
      )} +0000`;
      const content = `${branch} ${time} ${index}`;
      return [
        `commit refs/heads/${branch}`,
        `mark :${index + 1}`,
        `committer ${person}`,
        'data 1',
        'm',
        ...(index === 0 ? [`from refs/heads/${from}^0`] : []),
        ...(index === 0 && merge ? [`merge refs/heads/${merge}^0`] : []),
        'M 100644 inline b.yaml',
        `data ${content.length}`,
        content,
        '',
      ].join('\n');
    });
    const marks = times.map((_, index) => `get-mark :${index + 1}\n`);
    const output = execFileSync(
      'git',
      ['-C', join(directory, 'repo.git'), 'fast-import', '--quiet', '--done'],
      { input: [...commits, ...marks, 'done\n'].join('') },
    );
    return output.toString().trim().split('\n');
  }

  /** Merges `main` and `side` into each other: 2 to the power of `rounds` ways lead back. */
  function mergeAcross(rounds: number): void {
    const merges = Array.from({ length: 2 * rounds }, (_, index) => {
      const [own, other] = index % 2 ? ['side', 'main'] : ['main', 'side'];
      const parent = (branch: string, before: number) =>
        index < 2 ? `refs/heads/${branch}^0` : `:${index + 1 - before}`;
      return [
        `commit refs/heads/${own}`,
        `mark :${index + 1}`,
        `committer Somebody <else@example.com> ${Math.floor(now / 1000)} +0000`,
        'data 1',
        'm',
        `from ${parent(own, 2)}`,
        `merge ${parent(other, index % 2 ? 3 : 1)}`,
        '',
      ].join('\n');
    });
    execFileSync(
      'git',
      ['-C', join(directory, 'repo.git'), 'fast-import', '--quiet', '--done'],
      { input: [...merges, 'done\n'].join('') },
    );
  }

  /** As many commits, the newest made now and each so much after the one before. */
  const every = (time: number, count: number) =>
    Array.from({ length: count }, (_, index) => now - (count - index) * time);

  function remoteOf(
    git: GitServer,
    options: Partial<HttpGitRemoteOptions> = {},
  ): HttpGitRemote {
    const transport = createHttpTransport({
      hosts: [{ host: git.host, insecure: true }],
    });
    transports.push(transport);
    return new HttpGitRemote({
      url: git.url('repo'),
      branch: 'main',
      transport,
      ...options,
    });
  }

  /** What a remote answers, and how many fetches that took. */
  async function ask(
    git: GitServer,
    commit: string,
    since?: number,
    remote = remoteOf(git),
  ): Promise<{ contains: boolean; fetches: number }> {
    await remote.open(); // asks what the server can do
    git.requests.length = 0;
    const contains = await remote.contains(commit, {
      since: since === undefined ? undefined : new Date(since),
    });
    // One request has asked where the branch is.
    return { contains, fetches: git.requests.length - 1 };
  }

  const servers: GitServerOptions[] = [
    {},
    { filters: false },
    { protocolV2: false },
  ];

  describe.each(servers)('on a server with %p', options => {
    /** Where files cannot be left out, it is asked twice at most and nothing is fetched. */
    const requests = (search: number) =>
      options === servers[0] ? search : Math.min(search, 2);

    it('is found where a weekend has brought hundreds of commits', async () => {
      const git = await start(options);
      const commits = addCommits(every(HOUR / 10, 600));
      const since = (back: number) => now - (back + 1) * (HOUR / 10);
      const at = (back: number) => commits[commits.length - 1 - back];

      const found = (fetches: number) => ({ contains: true, fetches });
      expect(await ask(git, at(0), since(0))).toEqual(found(0));
      expect(await ask(git, at(1), since(1))).toEqual(found(1));
      expect(await ask(git, at(50), since(50))).toEqual(found(1));
      expect(await ask(git, at(51), since(51))).toEqual(found(2));
      expect(await ask(git, at(400), since(400))).toEqual(found(2));
      expect(await ask(git, at(599), since(599))).toEqual(found(requests(3)));
    });

    it('is not there where it is nowhere', async () => {
      const git = await start(options);
      addCommits(every(HOUR, 600));
      const missing = (fetches: number) => ({ contains: false, fetches });
      expect(await ask(git, absent, now - 90 * DAY)).toEqual(
        missing(requests(3)),
      );
      expect(await ask(git, absent)).toEqual(missing(requests(3)));
    });

    it('is looked for 5,000 steps back and no further', async () => {
      const git = await start(options);
      const commits = addCommits(every(1000, 5_100)).reverse();
      const since = now - 90 * DAY;
      const fetches = requests(3);
      expect(await ask(git, commits[5_000], since)).toEqual({
        contains: true,
        fetches,
      });
      expect(await ask(git, commits[5_001], since)).toEqual({
        contains: false,
        fetches,
      });
    });

    it('is found on branches that took each other in again and again', async () => {
      const git = await start(options);
      const [commit] = addCommits(every(1000, 1), { branch: 'side' });
      addCommits(every(1000, 1));
      mergeAcross(40);
      expect(await ask(git, commit)).toEqual({ contains: true, fetches: 1 });
      expect(await ask(git, absent)).toMatchObject({ contains: false });
    });
  });

  it('is not looked for in what is too old', async () => {
    const git = await start();
    addCommits(every(HOUR, 600));
    const missing = (fetches: number) => ({ contains: false, fetches });
    // 50 commits are two days, 500 are 20.
    expect(await ask(git, absent, now)).toEqual(missing(1));
    expect(await ask(git, absent, now - DAY)).toEqual(missing(1));
    expect(await ask(git, absent, now - 10 * DAY)).toEqual(missing(2));
    expect(await ask(git, absent, now - 90 * DAY)).toEqual(missing(3));
  });

  it('is looked for to the end of a short history, in one fetch', async () => {
    const git = await start();
    addCommits(every(1000, 49));
    expect(await ask(git, absent, now - 90 * DAY)).toEqual({
      contains: false,
      fetches: 1,
    });
  });

  it('is found behind clocks that are wrong by hours', async () => {
    const git = await start();
    const [commit] = addCommits(every(1000, 100));
    // As from a machine that takes its local time for UTC.
    addCommits(every(1000, 60).map(time => time - 13 * HOUR));
    expect(await ask(git, commit, now)).toEqual({
      contains: true,
      fetches: 2,
    });
  });

  it('is found behind some commits that kept dates of old', async () => {
    const git = await start();
    const [commit] = addCommits(every(1000, 20));
    addCommits(every(DAY, 9).map(time => time - 300 * DAY));
    addCommits(every(1000, 45));
    expect(await ask(git, commit, now - HOUR)).toEqual({
      contains: true,
      fetches: 2,
    });
  });

  it('is found on branches that were merged', async () => {
    const git = await start();
    const [commit] = addCommits(every(1000, 80), { branch: 'side' });
    addCommits(every(DAY, 200));
    addCommits(every(1000, 2), { merge: 'side' });
    expect(await ask(git, commit, now - HOUR)).toEqual({
      contains: true,
      fetches: 2,
    });
  });

  it('is not looked for behind a branch that was merged and is old too', async () => {
    const git = await start();
    addCommits(every(DAY, 200));
    addCommits(every(1000, 30), { branch: 'side' });
    addCommits(every(DAY, 100));
    addCommits(every(1000, 2), { merge: 'side' });
    expect(await ask(git, absent, now)).toEqual({
      contains: false,
      fetches: 1,
    });
  });

  it('comes at once from a server that cannot cut history off', async () => {
    const git = await start();
    const commits = addCommits(every(1000, 5_100)).reverse();
    const line = (text: string) =>
      `${(text.length + 4).toString(16).padStart(4, '0')}${text}`;
    const service = line('# service=git-upload-pack\n');
    const features = ['version 2\n', 'ls-refs\n', 'fetch=filter\n'];
    git.intercept = ({ method }, response) => {
      if (method !== 'GET') {
        return false;
      }
      response.writeHead(200, {
        'content-type': 'application/x-git-upload-pack-advertisement',
      });
      response.end(`${service}0000${features.map(line).join('')}0000`);
      return true;
    };
    const found = { contains: true, fetches: 1 };
    expect(await ask(git, commits[400], now)).toEqual(found);
    expect(await ask(git, commits[5_000], now)).toEqual(found);
    const missing = { contains: false, fetches: 1 };
    expect(await ask(git, commits[5_001], now)).toEqual(missing);
    expect(await ask(git, absent, now - 90 * DAY)).toEqual(missing);
  });

  it('is asked for once in a way that a server refuses', async () => {
    const git = await start();
    const commits = addCommits(every(1000, 600)).reverse();
    for (const [filter, allowed] of [
      ['', 'false'],
      ['blob:none.', 'true'],
    ]) {
      const key = `uploadpackfilter.${filter}allow`;
      await git.run('repo', 'config', key, allowed);
    }
    expect(await ask(git, commits[550], now - 90 * DAY)).toEqual({
      contains: true,
      fetches: 4,
    });
  });

  it('is asked for where so much would be larger than is read', async () => {
    const git = await start();
    const commits = addCommits(every(1000, 600)).reverse();
    const remote = remoteOf(git, { maxPackBytes: 30_000 });
    const found = (fetches: number) => ({ contains: true, fetches });
    expect(await ask(git, commits[50], now, remote)).toEqual(found(1));
    expect(await ask(git, commits[60], now, remote)).toEqual(found(4));
    const small = remoteOf(git, { maxPackBytes: 2_000 });
    expect(await ask(git, commits[50], now, small)).toEqual(found(2));
    expect(await ask(git, absent, now, small)).toEqual({
      contains: false,
      fetches: 3,
    });
  });
});
