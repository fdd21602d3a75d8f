import {
  BranchMovedError,
  BranchNotFoundError,
  createHttpTransport,
  EmptyRepositoryError,
  GitAuthError,
  GitUnreachableError,
  HttpGitRemote,
  PushRefusedError,
} from 'backstage-plugin-image-scan-node';
import type {
  GitSearch,
  HttpGitRemoteOptions,
  HttpTransport,
} from 'backstage-plugin-image-scan-node';
import {
  BentGitServer,
  pkt,
  withCapabilities,
  withoutBands,
} from '../servers/BentGitServer';
import type { BentRequest, Bends } from '../servers/BentGitServer';
import type { GitServerOptions } from '../servers/GitServer';
import { leadLife } from './gitLife';
import { startWatch } from './stopwatch';

jest.setTimeout(120_000);

const author = { name: 'foo', email: 'foo@bar.com' };
const search: GitSearch = {
  includes: path => path.endsWith('.yaml'),
  always: () => false,
  matches: content => content.includes('MARK'),
};
const RESULT = {
  'content-type': 'application/x-git-receive-pack-result',
};

describe('git servers of many kinds', () => {
  const servers: BentGitServer[] = [];
  const transports: HttpTransport[] = [];

  async function start(
    bends: Bends = {},
    options?: GitServerOptions,
  ): Promise<BentGitServer> {
    const server = await BentGitServer.start(options);
    servers.push(server);
    await server.git.createRepository('repo', {
      'app.yaml': 'MARK 0\n',
      other: '',
    });
    server.bends = bends;
    return server;
  }

  function remoteOf(
    url: string,
    options: Partial<HttpGitRemoteOptions> = {},
  ): HttpGitRemote {
    const transport = createHttpTransport({
      hosts: [{ host: new URL(url).host, insecure: true }],
    });
    transports.push(transport);
    return new HttpGitRemote({ url, transport, ...options });
  }

  afterEach(async () => {
    transports.splice(0).forEach(transport => transport.close());
    await Promise.all(servers.splice(0).map(server => server.stop()));
  });

  /** The whole life of a git repo over some rounds, with a lost race in each. */
  async function live(server: BentGitServer, url = server.url('repo')) {
    await leadLife(remoteOf(url), {
      path: 'app.yaml',
      pushBetween: async round => {
        await server.git.commitFiles('repo', { other: round }, round);
      },
    });
    await server.git.fsck('repo');
  }

  /** Opens, commits and pushes once. */
  async function write(remote: HttpGitRemote, content: string) {
    const snapshot = await remote.open();
    const commit = await snapshot.commit({
      author,
      message: content,
      files: new Map([['app.yaml', Buffer.from(content)]]),
    });
    await snapshot.push(commit);
    return commit.oid;
  }

  const say = (status: number, words: string) => ({
    status,
    headers: { 'content-type': 'text/plain' },
    body: Buffer.from(words),
  });

  describe('a URL that is redirected', () => {
    const at = '/group/project';
    const redirected = (
      request: BentRequest,
      status: number,
      post: () => ReturnType<NonNullable<Bends['before']>>,
    ) => {
      if (!request.path.startsWith(`${at}/`)) {
        return undefined;
      }
      return request.method === 'GET'
        ? {
            status,
            headers: { location: request.path.replace(at, '/repo.git') },
          }
        : post();
    };

    it.each([301, 302, 307, 308])(
      'for info/refs alone (%p) is worked with',
      async status => {
        for (const post of [404, 422, 403]) {
          const server = await start({
            before: request =>
              redirected(request, status, () => say(post, 'no')),
          });
          await live(server, `http://${server.host}${at}`);
        }
      },
    );

    it('and whose requests are sent to a page to sign in at is worked with', async () => {
      const server = await start({
        before: request =>
          redirected(request, 301, () => ({
            status: 302,
            headers: { location: '/users/sign_in' },
          })),
      });
      await live(server, `http://${server.host}${at}`);
    });

    it('is found anew when it leads nowhere any more', async () => {
      const server = await start();
      await server.git.createRepository('new', { 'app.yaml': 'MARK new\n' });
      let target = '/repo.git';
      server.bends.before = request => {
        const old =
          target !== '/repo.git' && request.path.startsWith('/repo.git');
        return old
          ? say(404, 'gone')
          : redirected(request, 301, () => say(404, 'no')) && {
              ...(request.method === 'GET'
                ? {
                    status: 301,
                    headers: { location: request.path.replace(at, target) },
                  }
                : say(404, 'no')),
            };
      };
      const remote = remoteOf(`http://${server.host}${at}`);
      const before = await remote.head();
      expect(await remote.head()).toEqual(before);
      target = '/new.git';
      const after = await remote.head();
      expect(after).not.toEqual(before);
      await write(remote, 'MARK 1');
      await expect(server.git.log('new')).resolves.toHaveLength(2);
    });
  });

  describe('protocol 0', () => {
    /** A server of protocol 0 that is strict about what a fetch asks for. */
    const strict = (
      offered: string,
      demanded: readonly string[] = [],
      band = (answer: Parameters<NonNullable<Bends['after']>>[1]) => answer,
    ): Bends => ({
      before: ({ kind, body }) => {
        if (kind === 'version 2') {
          return say(400, 'TF401041: The Git protocol sent is not as expected');
        }
        if (kind !== 'version 0') {
          return undefined;
        }
        const [, list = ''] =
          /^[0-9a-f]{4}want [0-9a-f]{40}([^\n]*)\n/.exec(
            body.toString('latin1'),
          ) ?? [];
        const asked = list.split(' ').filter(Boolean);
        const extra = asked.find(name => !offered.split(' ').includes(name));
        const missing = demanded.find(
          names => !names.split('|').some(name => asked.includes(name)),
        );
        return extra || missing
          ? say(500, `asked for ${asked}, not as wanted: ${extra ?? missing}`)
          : undefined;
      },
      after: ({ kind }, answer) => {
        if (kind === 'look') {
          return withCapabilities(answer, offered);
        }
        return kind === 'version 0' ? band(answer) : answer;
      },
    });
    const symref = 'symref=HEAD:refs/heads/main';

    it.each([
      [
        'Azure Repos',
        `multi_ack thin-pack side-band side-band-64k no-progress multi_ack_detailed no-done shallow allow-tip-sha1-in-want filter ${symref}`,
        ['multi_ack|multi_ack_detailed'],
      ],
      [
        'dulwich',
        `multi_ack_detailed multi_ack side-band-64k thin-pack ofs-delta no-progress include-tag shallow no-done ${symref}`,
        ['thin-pack', 'ofs-delta', 'side-band-64k'],
      ],
      [
        'CodeCommit',
        'multi_ack_detailed shallow side-band-64k thin-pack allow-tip-sha1-in-want allow-reachable-sha1-in-want',
        [],
      ],
      [
        'a server without multi_ack_detailed',
        `multi_ack side-band-64k ${symref}`,
        ['multi_ack'],
      ],
      [
        'a server with the small band',
        `shallow side-band ${symref}`,
        ['side-band'],
      ],
      [
        'a server that cannot cut history off',
        `side-band-64k ofs-delta ${symref}`,
        [],
      ],
    ])('is asked as %s wants it', async (_, offered, demanded) => {
      await live(await start(strict(offered, demanded), { protocolV2: false }));
    });

    it('is read without any band', async () => {
      const server = await start(strict(`shallow ofs-delta ${symref}`), {
        protocolV2: false,
      });
      await live(server);
    });
  });

  describe('a server that does not speak protocol 2', () => {
    it.each([
      ['never answers it', () => 'silence' as const],
      ['cuts the connection', () => 'reset' as const],
      [
        'answers nothing',
        () => ({
          headers: { 'content-type': 'application/x-git-upload-pack-result' },
        }),
      ],
      ['answers 400', () => say(400, 'wants expected.')],
      ['answers 401', () => say(401, 'no')],
      ['answers 403', () => say(403, 'blocked')],
      ['answers 404', () => say(404, 'no')],
      ['answers 500', () => say(500, 'oops')],
      [
        'answers with a page',
        () => ({
          headers: { 'content-type': 'text/html' },
          body: Buffer.from('<html>'),
        }),
      ],
    ])('and %s is found out once', async (_, answer) => {
      const server = await start(
        { before: ({ kind }) => (kind === 'version 2' ? answer() : undefined) },
        { protocolV2: false },
      );
      const remote = remoteOf(server.url('repo'));
      const watch = startWatch();
      await remote.head();
      expect(watch()).toBeLessThan(10_000);
      expect(server.takeKinds()).toEqual(['look']);
      await remote.head();
      expect(server.takeKinds()).toEqual(['look']);
      await write(remote, 'MARK 1');
      await expect(server.git.log('repo')).resolves.toHaveLength(2);
    });

    it.each([
      ['refused', () => say(403, 'blocked')],
      ['not answered', () => 'silence' as const],
    ])(
      'because a gateway keeps it away is worked with: %s',
      async (_, answer) => {
        const server = await start({
          before: ({ kind }) => (kind === 'version 2' ? answer() : undefined),
        });
        const remote = remoteOf(server.url('repo'));
        await write(remote, 'MARK 1');
        await server.git.commitFiles('repo', { other: '1' }, 'theirs');
        server.takeKinds();
        await write(remote, 'MARK 2');
        expect(server.takeKinds()).not.toContain('version 2');
        await expect(server.git.log('repo')).resolves.toHaveLength(4);
      },
    );

    it('any more is asked anew', async () => {
      const server = await start();
      const remote = remoteOf(server.url('repo'));
      await write(remote, 'MARK 1');
      server.bends.before = request => {
        delete request.headers['git-protocol'];
        return undefined;
      };
      await write(remote, 'MARK 2');
      await server.git.commitFiles('repo', { other: '1' }, 'theirs');
      server.takeKinds();
      await write(remote, 'MARK 3');
      expect(server.takeKinds()).toContain('version 0');
      server.bends = {};
      await server.git.commitFiles('repo', { other: '2' }, 'theirs');
      await write(remote, 'MARK 4');
      expect(server.takeKinds()).not.toContain('version 0');
      await expect(server.git.log('repo')).resolves.toHaveLength(7);
    });
  });

  it.each([429, 503])('is left alone when it answers %p', async status => {
    const server = await start({ before: () => say(status, 'slow down') });
    await expect(remoteOf(server.url('repo')).head()).rejects.toMatchObject({
      status,
    });
    expect(server.requests).toHaveLength(1);
  });

  it.each([429, 503])(
    'is not asked in another protocol when it answers %p',
    async status => {
      const server = await start({
        before: ({ kind }) =>
          kind === 'version 2' ? say(status, 'slow down') : undefined,
      });
      await expect(remoteOf(server.url('repo')).open()).rejects.toMatchObject({
        status,
      });
      expect(server.takeKinds()).toEqual(['look', 'version 2']);
    },
  );

  describe('single contents that are refused', () => {
    const refused = (request: BentRequest) =>
      request.kind === 'version 2' &&
      request.body.includes('command=fetch') &&
      !request.body.includes('deepen')
        ? {
            headers: { 'content-type': 'application/x-git-upload-pack-result' },
            body: pkt(`ERR upload-pack: not our ref ${'a'.repeat(40)}`),
          }
        : undefined;

    it.each([1, 2])(
      '%p times by one that gives them come back',
      async times => {
        const server = await start();
        const remote = remoteOf(server.url('repo'));
        const look = async (round: string) => {
          await server.git.commitFiles(
            'repo',
            { 'app.yaml': `MARK ${round}` },
            round,
          );
          server.takeKinds();
          const snapshot = await remote.open();
          const [{ content }] = await snapshot.find(search);
          expect(content.toString()).toBe(`MARK ${round}`);
          return server.requests.some(({ body }) =>
            body.includes('filter blob:none'),
          );
        };
        await look('a');
        let left = times;
        server.bends.before = request => {
          const answer = left > 0 ? refused(request) : undefined;
          left -= answer ? 1 : 0;
          return answer;
        };
        await look('b');
        expect(left).toBe(0);
        await look('c');
        await expect(look('d')).resolves.toBe(true);
      },
    );

    it('always are asked for ever more seldom', async () => {
      const server = await start({ before: refused });
      const remote = remoteOf(server.url('repo'));
      const asked: number[] = [];
      for (let round = 1; round <= 12; round++) {
        await server.git.commitFiles(
          'repo',
          { 'app.yaml': `MARK ${round}` },
          'm',
        );
        server.takeKinds();
        const snapshot = await remote.open();
        await expect(snapshot.find(search)).resolves.toHaveLength(1);
        if (server.requests.some(({ body }) => body.includes('filter'))) {
          asked.push(round);
        }
      }
      expect(asked).toEqual([1, 3, 6, 11]);
    });
  });

  describe('a push', () => {
    const report = (...lines: string[]) => ({
      headers: RESULT,
      body: Buffer.concat([
        pkt(
          Buffer.concat([
            Buffer.from([1]),
            ...lines.map(line => pkt(`${line}\n`)),
            Buffer.from('0000'),
          ]),
        ),
        Buffer.from('0000'),
      ]),
    });
    const ng = (words: string) =>
      report('unpack ok', `ng refs/heads/main ${words}`);
    const onPush = (
      answer: ReturnType<NonNullable<Bends['before']>>,
    ): Bends => ({
      before: ({ kind }) => (kind === 'push' ? answer : undefined),
    });

    it.each([
      'invalid old id sent',
      "TF401028: The reference 'refs/heads/main' has already been updated by another client, so you cannot update it. Please try again.",
      'lock failure',
      'pre-receive hook declined',
      'was man nicht versteht',
    ])(
      'that is refused with "%s" lost a race where the branch moved',
      async words => {
        const server = await start();
        const remote = remoteOf(server.url('repo'));
        const snapshot = await remote.open();
        const commit = await snapshot.commit({
          author,
          message: 'm',
          files: new Map([['app.yaml', Buffer.from('MARK 1')]]),
        });
        server.bends.before = async ({ kind }) => {
          if (kind !== 'push') {
            return undefined;
          }
          await server.git.commitFiles('repo', { other: '1' }, 'theirs');
          return ng(words);
        };
        const error = await snapshot.push(commit).catch(reason => reason);
        expect(error).toBeInstanceOf(BranchMovedError);
        expect(error.isSeen).toBe(true);
        await expect(server.git.log('repo')).resolves.toHaveLength(2);
      },
    );

    it.each([
      ['invalid old id sent', BranchMovedError, { isSeen: false }],
      [
        "TF401028: The reference 'refs/heads/main' has already been updated by another client, so you cannot update it.",
        BranchMovedError,
        { isSeen: false },
      ],
      ['failed to update ref', PushRefusedError, { isTemporary: true }],
      ['lock failure', PushRefusedError, { isTemporary: true }],
      [
        'protected branch hook declined',
        PushRefusedError,
        { isTemporary: false },
      ],
      [
        'TF402455: Pushes to this branch are not permitted; you must use a pull request to update this branch.',
        PushRefusedError,
        { isTemporary: false },
      ],
      ['no words anybody knows', PushRefusedError, { isTemporary: false }],
    ])(
      'that is refused with "%s" while the branch stays',
      async (words, type, rest) => {
        const server = await start(onPush(ng(words)));
        const error = await write(remoteOf(server.url('repo')), 'MARK').catch(
          reason => reason,
        );
        expect(error).toBeInstanceOf(type);
        expect(error).toMatchObject(rest);
        await expect(server.git.log('repo')).resolves.toHaveLength(1);
      },
    );

    it('that a stale lock stops is the trouble of the server', async () => {
      const server = await start();
      await server.git.lockBranch('repo', 'main');
      const error = await write(remoteOf(server.url('repo')), 'MARK').catch(
        reason => reason,
      );
      expect(error).toBeInstanceOf(PushRefusedError);
      expect(error.isTemporary).toBe(true);
      expect(error.message).toContain('main.lock');
    });

    it.each([
      ['without a band although asked for', undefined, true],
      ['without a band', 'report-status delete-refs ofs-delta', true],
      ['of version 2', 'report-status-v2 side-band-64k ofs-delta', false],
      ['that does not come', 'side-band-64k ofs-delta', false],
    ])('is known from a report %s', async (_, offered, isBare) => {
      const server = await start({
        after: ({ kind }, answer) => {
          if (kind === 'look to push' && offered) {
            return withCapabilities(answer, offered);
          }
          return kind === 'push' && isBare && !offered
            ? withoutBands(answer)
            : answer;
        },
      });
      await live(server);
    });

    it('that is taken and answered with nonsense has arrived', async () => {
      const server = await start({
        after: ({ kind }, answer) =>
          kind === 'push' ? { ...answer, ...say(502, 'bad gateway') } : answer,
      });
      const oid = await write(remoteOf(server.url('repo')), 'MARK');
      const [head] = await server.git.log('repo');
      expect(head.oid).toBe(oid);
    });

    it('claims nothing where it is not known whether it arrived', async () => {
      const server = await start(onPush(say(502, 'bad gateway')));
      const error = await write(remoteOf(server.url('repo')), 'MARK').catch(
        reason => reason,
      );
      expect(error).toBeInstanceOf(GitUnreachableError);
      expect(error.status).toBe(502);
    });

    it('asks anew what a server can do that refuses what it could', async () => {
      const server = await start();
      const remote = remoteOf(server.url('repo'));
      await write(remote, 'MARK 1');
      server.takeKinds();
      await write(remote, 'MARK 2');
      expect(server.takeKinds()).not.toContain('look to push');
      server.bends = {
        before: ({ kind, body }) =>
          kind === 'push' && body.includes('quiet')
            ? say(400, 'quiet is not supported')
            : undefined,
        after: ({ kind }, answer) =>
          kind === 'look to push'
            ? withCapabilities(answer, 'report-status')
            : answer,
      };
      await write(remote, 'MARK 3');
      await write(remote, 'MARK 4');
      await expect(server.git.log('repo')).resolves.toHaveLength(5);
      await server.git.fsck('repo');
    });

    it('survives kept connections that are reset', async () => {
      const server = await start();
      const remote = remoteOf(server.url('repo'));
      await write(remote, 'MARK 1');
      for (const kind of ['version 2', 'push']) {
        let left = 1;
        server.bends.before = request => {
          left -= request.kind === kind ? 1 : 0;
          return request.kind === kind && left === 0 ? 'reset' : undefined;
        };
        await write(remote, `MARK 2 ${kind}`);
        expect(left).toBeLessThan(0);
      }
      await expect(server.git.log('repo')).resolves.toHaveLength(4);
    });
  });

  describe('a page to sign in at', () => {
    it('in place of an answer (203) means wrong credentials', async () => {
      const server = await start({
        before: () => ({
          status: 203,
          headers: { 'content-type': 'text/html' },
          body: Buffer.from('<html>Sign In</html>'),
        }),
      });
      const url = server.url('repo');
      await expect(remoteOf(url).head()).rejects.toThrow(GitAuthError);
      const credentials = async () => ({ username: 'u', password: 'secret' });
      await expect(remoteOf(url, { credentials }).open()).rejects.toThrow(
        /sign in at; the credentials are wrong or have expired/,
      );
    });

    it('on another host means wrong credentials', async () => {
      const server = await start({
        before: () => ({
          status: 302,
          headers: {
            location: 'https://login.example.com/_signin?reply=secret',
          },
        }),
      });
      const error = await remoteOf(server.url('repo'))
        .open()
        .catch(reason => reason);
      expect(error).toBeInstanceOf(GitAuthError);
      expect(error.message).toContain('https://login.example.com');
      expect(error.message).not.toContain('secret');
    });
  });

  it.each([true, false])(
    'tells a HEAD that names no branch (protocol 2: %p)',
    async protocolV2 => {
      const server = await start({}, { protocolV2 });
      const { git } = server;
      await git.run('repo', 'symbolic-ref', 'HEAD', 'refs/heads/gone');
      for (const name of ['a', 'b', 'c', 'd', 'e']) {
        await git.run('repo', 'branch', name, 'main');
      }
      const url = server.url('repo');
      const error = await remoteOf(url)
        .open()
        .catch(reason => reason);
      expect(error).toBeInstanceOf(BranchNotFoundError);
      expect(error.message).toBe(
        `The HEAD of ${url} stands for a branch that is not there; name the branch to use: its branches are a, b, c, d, e and 1 more`,
      );
      await expect(remoteOf(url, { branch: 'nope' }).head()).rejects.toThrow(
        'has no branch nope; its branches are a, b, c, d, e and 1 more',
      );
      await expect(
        remoteOf(url, { branch: 'b' }).head(),
      ).resolves.toMatchObject({ branch: 'b' });
      await git.createRepository('empty', {});
      await expect(remoteOf(server.url('empty')).head()).rejects.toThrow(
        EmptyRepositoryError,
      );
    },
  );
});
