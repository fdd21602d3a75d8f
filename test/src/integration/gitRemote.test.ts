import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  BranchMovedError,
  BranchNotFoundError,
  createHttpTransport,
  EmptyRepositoryError,
  GitAuthError,
  GitTimeoutError,
  GitUnreachableError,
  HttpGitRemote,
  PushRefusedError,
  RepositoryNotFoundError,
  UnsupportedRepositoryError,
} from 'backstage-plugin-image-scan-node';
import type {
  GitSnapshot,
  HttpGitRemoteOptions,
  HttpTransport,
} from 'backstage-plugin-image-scan-node';
import { GitServer } from '../servers/GitServer';
import type { GitServerOptions } from '../servers/GitServer';
import { eventually } from './eventually';

jest.setTimeout(60_000);

const author = { name: 'foo', email: 'foo@bar.com' };
const binary = Buffer.from([0, 1, 2, 0xff, 0xfe, 0x0d, 0x0a, 0, 0xc3, 0x28]);
const seed = {
  'README.md': '# Manifests\n',
  'apps/redis/deployment.yaml': 'image: redis:7.0.0\r\n# end\r\n',
  'apps/redis/fleet.yaml': 'imageScans: []\n',
  'apps/web/a/b/deep.yml': 'tag: 1.0.0\n',
  'apps-b.yaml': 'a: b\n',
  'bin/run.sh': { executable: true as const, content: '#!/bin/sh\n' },
  'data.bin': binary,
  'grüße/ünïcode.yaml': 'x: ä\n',
  'link.yaml': { symlink: 'apps/redis/deployment.yaml' },
};
const seededPaths = [
  'README.md',
  'apps-b.yaml',
  'apps/redis/deployment.yaml',
  'apps/redis/fleet.yaml',
  'apps/web/a/b/deep.yml',
  'bin/run.sh',
  'data.bin',
  'grüße/ünïcode.yaml',
];

async function readPath(snapshot: GitSnapshot, path: string): Promise<Buffer> {
  const file = (await snapshot.files()).find(entry => entry.path === path);
  if (!file) {
    throw new Error(`No file ${path}`);
  }
  return snapshot.read(file);
}

describe('HttpGitRemote', () => {
  const servers: GitServer[] = [];
  const others: Server[] = [];
  const transports: HttpTransport[] = [];

  async function startGit(options?: GitServerOptions): Promise<GitServer> {
    const server = await GitServer.start(options);
    servers.push(server);
    return server;
  }

  /** A server that is not git; answers its `host:port`. */
  async function startOther(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    others.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  function remoteOf(
    url: string,
    options: Partial<HttpGitRemoteOptions> = {},
    ...moreHosts: string[]
  ): HttpGitRemote {
    const hosts = [new URL(url).host, ...moreHosts];
    const transport = createHttpTransport({
      hosts: hosts.map(host => ({ host, insecure: true })),
    });
    transports.push(transport);
    return new HttpGitRemote({ url, transport, ...options });
  }

  async function seeded(options?: GitServerOptions) {
    const git = await startGit(options);
    await git.createRepository('org/repo', seed);
    git.requests.length = 0;
    return { git, url: git.url('org/repo') };
  }

  afterEach(async () => {
    transports.splice(0).forEach(transport => transport.close());
    await Promise.all(servers.splice(0).map(server => server.stop()));
    for (const server of others.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  describe('head', () => {
    it('asks once, from the first time on', async () => {
      const { git, url } = await seeded();
      const [{ oid }] = await git.log('org/repo');
      const remote = remoteOf(url, { branch: 'main' });

      await expect(remote.head()).resolves.toEqual({
        branch: 'main',
        commit: oid,
      });
      expect(git.requests).toHaveLength(1);
      await remote.head();
      expect(git.requests).toHaveLength(2);
    });

    it('takes the default branch where none is named', async () => {
      const git = await startGit();
      await git.createRepository('repo', seed, { branch: 'trunk/1' });
      const [{ oid }] = await git.log('repo');
      git.requests.length = 0;

      await expect(remoteOf(git.url('repo')).head()).resolves.toEqual({
        branch: 'trunk/1',
        commit: oid,
      });
      expect(git.requests).toHaveLength(1);
    });

    it('does not take a longer name or a tag for the branch', async () => {
      const { git, url } = await seeded();
      const [{ oid }] = await git.log('org/repo');
      await git.commitFiles('org/repo', { other: '1' }, 'other', {
        branch: 'main-2',
      });
      await git.run('org/repo', 'tag', 'main', 'main-2');

      const remote = remoteOf(url, { branch: 'main' });
      await expect(remote.head()).resolves.toEqual({
        branch: 'main',
        commit: oid,
      });
      const snapshot = await remote.open();
      expect(snapshot.head.commit).toBe(oid);
    });

    it('works with a server of protocol 0, found out once', async () => {
      const { git, url } = await seeded({ protocolV2: false });
      const [{ oid }] = await git.log('org/repo');
      const remote = remoteOf(url);

      await expect(remote.head()).resolves.toEqual({
        branch: 'main',
        commit: oid,
      });
      git.requests.length = 0;
      await remote.head();
      expect(git.requests.map(({ method }) => method)).toEqual(['GET']);
    });
  });

  describe.each([{}, { filters: false }, { protocolV2: false }])(
    'with %p',
    options => {
      it('reads all regular files, byte for byte', async () => {
        const { git, url } = await seeded(options);
        const snapshot = await remoteOf(url).open();

        const files = await snapshot.files();
        expect(files.map(({ path }) => path)).toEqual(seededPaths);
        expect(
          files.filter(({ executable }) => executable).map(({ path }) => path),
        ).toEqual(['bin/run.sh']);
        for (const file of files) {
          await expect(snapshot.read(file)).resolves.toEqual(
            await git.readFile('org/repo', file.path),
          );
        }
        await expect(readPath(snapshot, 'data.bin')).resolves.toEqual(binary);
        await snapshot.close();
        await expect(snapshot.read(files[0])).rejects.toThrow('closed');
      });

      it('commits and pushes exactly the files', async () => {
        const { git, url } = await seeded(options);
        const snapshot = await remoteOf(url, { branch: 'main' }).open();
        git.requests.length = 0;
        const time = new Date('2026-01-02T03:04:05.678Z');
        const request = {
          author: { name: 'Jürgen Ößner', email: 'j@example.com' },
          message: 'update image\n\n- redis: 7.0.0 → 7.0.1\n',
          time,
          files: new Map([
            ['bin/run.sh', Buffer.from('#!/bin/sh\nexit 1\n')],
            ['apps/web/a/b/deep.yml', Buffer.from('tag: 1.0.1\n')],
            [
              'apps/redis/deployment.yaml',
              Buffer.from('image: redis:7.0.1\r\n'),
            ],
            ['grüße/ünïcode.yaml', binary],
            ['README.md', Buffer.from('# Manifests\n')],
          ]),
        };
        const commit = await snapshot.commit(request);
        expect(git.requests).toHaveLength(0);
        expect(commit).toEqual({
          oid: expect.stringMatching(/^[0-9a-f]{40}$/),
          parent: snapshot.head.commit,
          branch: 'main',
          changedPaths: [
            'apps/redis/deployment.yaml',
            'apps/web/a/b/deep.yml',
            'bin/run.sh',
            'grüße/ünïcode.yaml',
          ],
        });
        await expect(snapshot.commit(request)).resolves.toEqual(commit);

        await snapshot.push(commit);
        expect(git.requests).toHaveLength(2);

        await git.fsck('org/repo');
        const raw = await git.run('org/repo', 'cat-file', 'commit', 'main');
        expect(raw.split('\n').slice(1).join('\n')).toBe(
          `parent ${commit.parent}
author Jürgen Ößner <j@example.com> 1767323045 +0000
committer Jürgen Ößner <j@example.com> 1767323045 +0000

update image

- redis: 7.0.0 → 7.0.1
`,
        );
        expect(
          await git.run('org/repo', 'diff', '--raw', '-z', 'main~', 'main'),
        ).toMatch(
          /^:100644 100644 \w+ \w+ M\0apps\/redis\/deployment.yaml\0:100644 100644 \w+ \w+ M\0apps\/web\/a\/b\/deep.yml\0:100755 100755 \w+ \w+ M\0bin\/run.sh\0:100644 100644 \w+ \w+ M\0grüße\/ünïcode.yaml\0$/,
        );
        for (const path of commit.changedPaths) {
          await expect(git.readFile('org/repo', path)).resolves.toEqual(
            request.files.get(path),
          );
        }
        const [{ oid }] = await git.log('org/repo');
        expect(oid).toBe(commit.oid);
        await snapshot.close();
      });

      it('finds a commit at and behind the head, and no other', async () => {
        const { git, url } = await seeded(options);
        const [first] = await git.log('org/repo');
        const side = await git.commitFiles('org/repo', { x: 'x' }, 'side', {
          branch: 'side',
        });
        let second = '';
        for (let number = 0; number < 3; number++) {
          const oid = await git.commitFiles(
            'org/repo',
            { 'README.md': `${number}` },
            `${number}`,
          );
          second ||= oid;
        }
        const [head] = await git.log('org/repo');
        const remote = remoteOf(url, { branch: 'main' });

        await expect(remote.contains(head.oid)).resolves.toBe(true);
        await expect(remote.contains(second)).resolves.toBe(true);
        await expect(remote.contains(first.oid)).resolves.toBe(true);
        await expect(remote.contains(side)).resolves.toBe(false);
        await expect(remote.contains('0'.repeat(40))).resolves.toBe(false);
        await expect(remote.contains('main')).rejects.toThrow('full name');
      });

      it('tells a missing branch, an empty and a missing repository', async () => {
        const { git, url } = await seeded(options);
        await git.createRepository('empty', {});

        const missing = remoteOf(url, { branch: 'nope' });
        await expect(missing.open()).rejects.toThrow(BranchNotFoundError);
        await expect(missing.head()).rejects.toThrow(
          `${url} has no branch nope; its default branch is main`,
        );
        for (const branch of [undefined, 'main']) {
          const empty = remoteOf(git.url('empty'), { branch });
          await expect(empty.head()).rejects.toThrow(EmptyRepositoryError);
          await expect(empty.open()).rejects.toThrow(
            `${git.url('empty')} is empty`,
          );
        }
        const absent = remoteOf(git.url('absent'));
        await expect(absent.head()).rejects.toThrow(RepositoryNotFoundError);
      });

      it('refuses a repository with SHA-256 names', async () => {
        const git = await startGit(options);
        await git.createRepository('sha256', seed, { objectFormat: 'sha256' });
        for (const branch of [undefined, 'main']) {
          const remote = remoteOf(git.url('sha256'), { branch });
          await expect(remote.head()).rejects.toThrow(
            UnsupportedRepositoryError,
          );
          await expect(remote.open()).rejects.toThrow('SHA-256');
        }
      });

      it('opens the head that is there when the one asked for is gone', async () => {
        const { git, url } = await seeded(options);
        const remote = remoteOf(url, { branch: 'main' });
        const head = await remote.head();
        const moved = await git.commitFiles('org/repo', { a: '1' }, 'moved');
        const snapshot = await remote.open({
          head: { ...head, commit: '1'.repeat(40) },
        });
        expect(snapshot.head.commit).toBe(moved);
      });
    },
  );

  it('asks once what a server can do, and for no commit twice', async () => {
    const { git, url } = await seeded();
    const remote = remoteOf(url);
    const head = await remote.head();
    const requestsOf = async (known: typeof head) => {
      git.requests.length = 0;
      const snapshot = await remote.open({ head: known });
      expect(snapshot.head).toEqual(known);
      await expect(snapshot.files()).resolves.toHaveLength(seededPaths.length);
      return git.requests.map(({ method }) => method);
    };
    await expect(requestsOf(head)).resolves.toEqual(['GET', 'POST']);
    await expect(requestsOf(head)).resolves.toEqual([]);
    const commit = await git.commitFiles('org/repo', { 'data.bin': '' }, 'm');
    await expect(requestsOf({ ...head, commit })).resolves.toEqual(['POST']);
  });

  it('refuses to commit what is no file or no change', async () => {
    const { url } = await seeded();
    const snapshot = await remoteOf(url).open();
    const commit = (path: string, content = 'new', message = 'm') =>
      snapshot.commit({
        author,
        message,
        files: new Map([[path, Buffer.from(content)]]),
      });

    for (const path of [
      'link.yaml',
      'apps',
      'apps/redis/none.yaml',
      'README.md/x',
      'link.yaml/x',
      '',
      '/README.md',
      'apps/../README.md',
    ]) {
      await expect(commit(path)).rejects.toThrow(
        `${JSON.stringify(path)} is not a regular file`,
      );
    }
    await expect(commit('README.md', '# Manifests\n')).rejects.toThrow(
      'change nothing',
    );
    await expect(commit('README.md', 'x', ' ')).rejects.toThrow('message');
    const parent = snapshot.head.commit;
    await expect(
      snapshot.push({ oid: parent, parent, branch: 'main', changedPaths: [] }),
    ).rejects.toThrow('not made from this snapshot');
  });

  describe('push', () => {
    async function prepared(options?: GitServerOptions) {
      const { git, url } = await seeded(options);
      const remote = remoteOf(url);
      const snapshot = await remote.open();
      const commit = await snapshot.commit({
        author,
        message: 'update image',
        files: new Map([
          ['apps/redis/deployment.yaml', Buffer.from('image: redis:7.0.1\r\n')],
        ]),
      });
      return { git, url, remote, snapshot, commit };
    }

    it('keeps what was pushed between the read and the push', async () => {
      const { git, snapshot, commit, remote } = await prepared();
      const theirs = await git.commitFiles('org/repo', { new: '1' }, 'theirs');

      await expect(snapshot.push(commit)).rejects.toThrow(BranchMovedError);
      const [head] = await git.log('org/repo');
      expect(head.oid).toBe(theirs);
      await expect(remote.contains(commit.oid)).resolves.toBe(false);

      const again = await remote.open();
      const redone = await again.commit({
        author,
        message: 'update image',
        files: new Map([
          ['apps/redis/deployment.yaml', Buffer.from('image: redis:7.0.1\r\n')],
        ]),
      });
      await again.push(redone);
      expect((await git.log('org/repo')).map(({ message }) => message)).toEqual(
        ['update image', 'theirs', 'Initial commit'],
      );
      await expect(git.readFile('org/repo', 'new')).resolves.toEqual(
        Buffer.from('1'),
      );
    });

    it('keeps what was pushed in the middle of the push', async () => {
      const { git, snapshot, commit } = await prepared();
      let theirs = '';
      git.beforePush = async repository => {
        git.beforePush = undefined;
        theirs = await git.commitFiles(repository, { new: '1' }, 'theirs');
      };

      await expect(snapshot.push(commit)).rejects.toThrow(BranchMovedError);
      const [head] = await git.log('org/repo');
      expect(head.oid).toBe(theirs);
    });

    it("repeats a hook's own words", async () => {
      const { git, snapshot, commit } = await prepared();
      await git.refusePushes(
        'org/repo',
        `GH006: Protected branch \u001b[31mmain\u001b[0m isn't yours\n${'x'.repeat(
          3000,
        )}`,
      );

      const error = await snapshot.push(commit).catch(reason => reason);
      expect(error).toBeInstanceOf(PushRefusedError);
      expect(error.reason).toBe('pre-receive hook declined');
      expect(error.remoteMessage).toMatch(
        /^GH006: Protected branch main isn't yours xxx+…$/,
      );
      expect(Buffer.byteLength(error.remoteMessage)).toBeLessThanOrEqual(1024);
      expect(error.message).toContain(error.remoteMessage);
      await expect(git.log('org/repo')).resolves.toHaveLength(1);

      await git.allowPushes('org/repo');
      await snapshot.push(commit);
      await expect(git.log('org/repo')).resolves.toHaveLength(2);
    });

    it('does not take a deleted branch for its own', async () => {
      const { git, snapshot, commit } = await prepared();
      await git.run('org/repo', 'update-ref', '-d', 'refs/heads/main');
      await expect(snapshot.push(commit)).rejects.toThrow(BranchNotFoundError);
    });

    it('waits for an answer that is late', async () => {
      const { git, snapshot, commit } = await prepared();
      await git.delayAfterPush('org/repo', 2);
      let isDone = false;
      const pushed = snapshot.push(commit).then(() => {
        isDone = true;
      });
      let head = commit.parent;
      while (head === commit.parent) {
        head = (await git.log('org/repo'))[0].oid;
      }
      expect(head).toBe(commit.oid);
      expect(isDone).toBe(false);
      await pushed;
    });

    it('claims nothing when the answer is cut off', async () => {
      const { git, snapshot, commit, remote } = await prepared();
      git.intercept = (request, response) => {
        const isPush = request.method === 'POST';
        if (isPush) {
          response.writeHead(200, {
            'content-type': 'application/x-git-receive-pack-result',
          });
          request.resume().on('end', () => response.end());
        }
        return isPush;
      };
      await expect(snapshot.push(commit)).rejects.toThrow(
        'did not say what became of the push',
      );
      git.intercept = undefined;
      await expect(remote.contains(commit.oid)).resolves.toBe(false);
    });
  });

  describe('credentials', () => {
    const credentials = { username: 'git', password: 'correct horse/9' };

    it('are sent at once and looked up for each piece of work', async () => {
      const { git, url } = await seeded({ credentials });
      const lookUp = jest.fn(async () => credentials);
      const remote = remoteOf(url, { credentials: lookUp });
      await remote.head();
      expect(git.requests).toHaveLength(1);
      const snapshot = await remote.open();
      await snapshot.push(
        await snapshot.commit({
          author,
          message: 'm',
          files: new Map([['README.md', Buffer.from('new')]]),
        }),
      );
      expect(lookUp).toHaveBeenCalledTimes(3);
      expect(git.requests.filter(({ status }) => status === 401)).toEqual([]);
    });

    it('can be headers', async () => {
      const { url } = await seeded({ credentials });
      const { username, password } = credentials;
      const basic = Buffer.from(`${username}:${password}`).toString('base64');
      const remote = remoteOf(url, {
        credentials: async () => ({
          headers: { Authorization: `Basic ${basic}` },
        }),
      });
      await expect(remote.head()).resolves.toMatchObject({ branch: 'main' });
    });

    it('are in no error', async () => {
      const { git, url } = await seeded({ credentials });
      const wrong = { username: 'git', password: 'wr0ng-secret' };
      const basic = Buffer.from('git:wr0ng-secret').toString('base64');
      const remote = remoteOf(url, { credentials: async () => wrong });
      const denied = await remote.open().catch(reason => reason);
      expect(denied).toBeInstanceOf(GitAuthError);
      expect(denied.message).toContain(url);
      expect(denied.message).toContain('wrong or have expired');

      git.intercept = (request, response) => {
        response.writeHead(403, { 'content-type': 'text/plain' });
        response.end(
          `Go away with wr0ng-secret and ${request.headers.authorization}`,
        );
        return true;
      };
      const echoed = await remote.head().catch(reason => reason);
      expect(echoed).toBeInstanceOf(GitAuthError);
      expect(echoed.message).toContain('Go away with *** and ***');
      for (const { message, stack } of [denied, echoed]) {
        expect(`${message}${stack}`).not.toContain('wr0ng');
        expect(`${message}${stack}`).not.toContain(basic);
      }

      const none = remoteOf(url);
      git.intercept = undefined;
      await expect(none.head()).rejects.toThrow(
        'Sign in to read and write; name credentials',
      );
    });

    it('stay with the host they are for', async () => {
      const { git, url } = await seeded();
      const seen: Array<string | undefined> = [];
      const from = await startOther((request, response) => {
        seen.push(request.headers.authorization);
        response.writeHead(301, {
          location: `http://${git.host}${request.url}`,
        });
        response.end();
      });
      const remote = remoteOf(
        url.replace(git.host, from),
        { credentials: async () => credentials },
        git.host,
      );
      const snapshot = await remote.open();
      await expect(snapshot.files()).resolves.toHaveLength(seededPaths.length);
      expect(seen.length).toBeGreaterThan(0);
      expect(seen.every(Boolean)).toBe(true);
      expect(git.requests.length).toBeGreaterThan(0);
      expect(git.requests.filter(({ authorization }) => authorization)).toEqual(
        [],
      );
    });
  });

  it('follows a renamed repository, also when pushing', async () => {
    const { git, url } = await seeded({
      credentials: { username: 'git', password: 'pass' },
    });
    git.intercept = (request, response) => {
      const isOld = request.url?.startsWith('/old/name');
      if (isOld) {
        response.writeHead(301, {
          location: request.url?.replace('/old/name', '/org/repo.git'),
        });
        request.resume().on('end', () => response.end());
      }
      return Boolean(isOld);
    };
    const remote = remoteOf(`http://${git.host}/old/name/`, {
      credentials: async () => ({ username: 'git', password: 'pass' }),
    });
    expect(new URL(url).pathname).toBe('/org/repo.git');
    await expect(remote.head()).resolves.toMatchObject({ branch: 'main' });
    const snapshot = await remote.open();
    const commit = await snapshot.commit({
      author,
      message: 'm',
      files: new Map([['README.md', Buffer.from('new')]]),
    });
    await snapshot.push(commit);
    await expect(remote.contains(commit.oid)).resolves.toBe(true);
    const [{ oid }] = await git.log('org/repo');
    expect(oid).toBe(commit.oid);
  });

  describe('when the remote fails', () => {
    it('tells an unreachable port', async () => {
      const host = await startOther(() => {});
      const [server] = others.splice(0);
      server.close();
      await once(server, 'close');
      const error = await remoteOf(`http://${host}/org/repo`)
        .head()
        .catch(reason => reason);
      expect(error).toBeInstanceOf(GitUnreachableError);
      expect(error.message).toMatch(
        /^The git remote http:\/\/127.*ECONNREFUSED[^;]*$/,
      );
    });

    it.each(['before it answers', 'within its answer'])(
      'is ended by the signal %s',
      async when => {
        const host = await startOther((_, response) => {
          if (when === 'within its answer') {
            response.writeHead(200, {
              'content-type': 'application/x-git-upload-pack-advertisement',
            });
            response.write('0032');
          }
        });
        const abort = new AbortController();
        const opened = remoteOf(`http://${host}/org/repo`)
          .open({ signal: abort.signal })
          .catch(reason => reason);
        await new Promise(resolve => setTimeout(resolve, 200));
        // The server goes on, and would for long.
        abort.abort();
        await expect(opened).resolves.toMatchObject({
          name: 'HttpError',
          category: 'aborted',
        });
      },
    );

    it.each([
      ['an answer', ''],
      ['an answer that has begun', '001e# service=git-upload-pack\n0000'],
      ['the words of an error', 'x'],
    ])('ends %s that drips without end', async (_, begin) => {
      let dripping = 0;
      const host = await startOther((request, response) => {
        dripping++;
        response.on('close', () => dripping--);
        const type = `application/x-git-upload-pack-${
          request.method === 'GET' ? 'advertisement' : 'result'
        }`;
        response.writeHead(begin === 'x' ? 500 : 200, {
          'content-type': begin === 'x' ? 'text/plain' : type,
        });
        response.write(`${begin}0`);
        const drip = setInterval(() => response.write('0'), 20);
        response.on('close', () => clearInterval(drip));
      });
      const remote = remoteOf(`http://${host}/org/repo`, { timeout: 300 });
      const error = await remote.head().catch(reason => reason);
      expect(error).toBeInstanceOf(GitUnreachableError);
      // Of an error page what has come is enough.
      const words =
        begin === 'x'
          ? ''
          : ' took longer than 0.3 s for one request, the most that it may take; a slow git host can be given more time';
      expect(error instanceof GitTimeoutError).toBe(begin !== 'x');
      expect(error.message).toMatch(`http://${host}/org/repo${words}`);
      await eventually(() => expect(dripping).toBe(0));
    });

    it('notices an answer that was cut short, wherever', async () => {
      const { git, url } = await seeded();
      const whole: Record<string, Buffer> = {};
      const remote = remoteOf(url, { branch: 'main' });
      const head = await remote.head();
      const { transport } = recordingTransport(git.host, whole);
      await new HttpGitRemote({ url, branch: 'main', transport }).open();

      const { refs, pack } = whole;
      expect(pack.length).toBeGreaterThan(500);
      const answerWith = (body: Buffer) => {
        git.intercept = ({ method }, response) => {
          if (method === 'GET') {
            return false;
          }
          response.writeHead(200, {
            'content-type': 'application/x-git-upload-pack-result',
          });
          response.end(body);
          return true;
        };
      };
      for (let cut = 0; cut < pack.length; cut += 41) {
        answerWith(pack.subarray(0, cut));
        await expect(remote.open({ head })).rejects.toThrow(
          GitUnreachableError,
        );
      }
      for (let cut = 0; cut < refs.length; cut++) {
        answerWith(refs.subarray(0, cut));
        await expect(remote.head()).rejects.toThrow(GitUnreachableError);
      }
    });

    it('refuses a pack over the limit', async () => {
      const { url } = await seeded();
      await expect(remoteOf(url, { maxPackBytes: 300 }).open()).rejects.toThrow(
        UnsupportedRepositoryError,
      );
    });

    it('takes a web page for none of its answers', async () => {
      const host = await startOther((request, response) => {
        if (request.url?.startsWith('/moved')) {
          response.writeHead(302, { location: '/login?next=secret' });
        } else {
          response.writeHead(200, { 'content-type': 'text/html' });
        }
        response.end('<html>Sign in</html>');
      });
      await expect(remoteOf(`http://${host}/org/repo`).head()).rejects.toThrow(
        /not as a git server \(content type text\/html\)/,
      );
      const error = await remoteOf(`http://${host}/moved`)
        .head()
        .catch(reason => reason);
      expect(error).toBeInstanceOf(GitUnreachableError);
      expect(error.message).toContain('not to a git repository');
      expect(error.message).not.toContain('secret');
    });

    it('leaves a server alone that asks for it', async () => {
      let requests = 0;
      const host = await startOther((_, response) => {
        requests++;
        response.writeHead(429, { 'content-type': 'text/plain' });
        response.end('slow down');
      });
      await expect(
        remoteOf(`http://${host}/org/repo`).head(),
      ).rejects.toMatchObject({
        status: 429,
        message: expect.stringContaining('slow down'),
      });
      expect(requests).toBe(1);
    });
  });

  it('reads 2,000 files', async () => {
    const git = await startGit();
    const files: Record<string, string> = {};
    for (let number = 0; number < 2000; number++) {
      const folder = `apps/team-${number % 40}/app-${number % 400}`;
      files[
        `${folder}/file-${number}.yaml`
      ] = `number: ${number}\n${'# padding\n'.repeat(number % 200)}`;
    }
    await git.createRepository('large', files);

    const snapshot = await remoteOf(git.url('large')).open();
    const list = await snapshot.find({
      includes: () => true,
      always: () => false,
      matches: () => true,
    });
    const bytes = list.reduce((sum, { content }) => sum + content.length, 0);
    const commit = await snapshot.commit({
      author,
      message: 'all',
      files: new Map(list.map(({ path }) => [path, Buffer.from(path)])),
    });
    await snapshot.push(commit);
    expect(list).toHaveLength(2000);
    expect(bytes).toBe(
      Object.values(files).reduce((sum, content) => sum + content.length, 0),
    );
    await git.fsck('large');
    const [{ oid }] = await git.log('large');
    expect(oid).toBe(commit.oid);
  });

  /** Keeps what the server answers to ls-refs and fetch. */
  function recordingTransport(host: string, whole: Record<string, Buffer>) {
    const transport = createHttpTransport({
      hosts: [{ host, insecure: true }],
    });
    transports.push(transport);
    const recording: HttpTransport = {
      async request(request) {
        const response = await transport.request(request);
        const kind = String(request.body).includes('ls-refs') ? 'refs' : 'pack';
        const chunks: Buffer[] = [];
        for await (const chunk of response.body) {
          chunks.push(chunk);
        }
        whole[kind] = Buffer.concat(chunks);
        return {
          ...response,
          body: (async function* replay() {
            yield whole[kind];
          })(),
        };
      },
      close: () => transport.close(),
    };
    return { transport: recording };
  }
});
