import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  createHttpTransport,
  GitMemory,
  HttpGitRemote,
} from 'backstage-plugin-image-scan-node';
import type {
  GitHead,
  GitSearch,
  HttpTransport,
} from 'backstage-plugin-image-scan-node';
import { GitServer } from '../servers/GitServer';
import type { GitServerOptions } from '../servers/GitServer';
import type { GitFileContent } from '../servers/importOfCommit';

jest.setTimeout(120_000);

const author = { name: 'foo', email: 'foo@bar.com' };

/** YAML files with a marker's token, and whatever is called fleet.yaml. */
const search: GitSearch = {
  includes: path => path.endsWith('.yaml'),
  always: path => /(^|\/)fleet\.yaml$/.test(path),
  matches: content => content.includes('MARK'),
};

/** Numbers that look random and are the same in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('what is fetched', () => {
  const servers: GitServer[] = [];
  const transports: HttpTransport[] = [];

  async function startGit(options?: GitServerOptions): Promise<GitServer> {
    const git = await GitServer.start(options);
    servers.push(git);
    return git;
  }

  function remoteOf(git: GitServer, name: string, memory?: GitMemory) {
    const transport = createHttpTransport({
      hosts: [{ host: git.host, insecure: true }],
    });
    transports.push(transport);
    return new HttpGitRemote({
      url: git.url(name),
      branch: 'main',
      transport,
      memory,
    });
  }

  afterEach(async () => {
    transports.splice(0).forEach(transport => transport.close());
    await Promise.all(servers.splice(0).map(git => git.stop()));
  });

  // By name; git is asked once for each.
  const contents = new Map<string, string>();

  /** What the search wants of the branch, as git itself reads it. */
  async function expected(git: GitServer, name: string) {
    const listing = await git.run(name, 'ls-tree', '-r', '-z', 'main');
    const found = new Map<string, string>();
    for (const line of listing.split('\0').filter(Boolean)) {
      const [attributes, path] = line.split('\t');
      const [mode, , oid] = attributes.split(' ');
      if (mode.startsWith('100') && search.includes(path)) {
        const content =
          contents.get(oid) ?? (await git.run(name, 'cat-file', 'blob', oid));
        contents.set(oid, content);
        if (search.always(path) || content.includes('MARK')) {
          found.set(path, content);
        }
      }
    }
    return found;
  }

  async function find(remote: HttpGitRemote, head?: GitHead) {
    const snapshot = await remote.open({ head });
    try {
      const files = await snapshot.find(search);
      return new Map(
        files.map(({ path, content }) => [path, content.toString()]),
      );
    } finally {
      await snapshot.close();
    }
  }

  function sorted(files: ReadonlyMap<string, string>) {
    return [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  describe.each<GitServerOptions>([
    {},
    { filters: false },
    { protocolV2: false },
  ])('from a server with %p', options => {
    it('is what is there, however the branch moves', async () => {
      const git = await startGit(options);
      const random = randomNumbers(7);
      const folders = ['', 'a/', 'a/b/', 'a/b/c/', 'z/', 'apps/x/'];
      const names = ['fleet.yaml', '1.yaml', '2.yaml', '3.yaml', 'note.md'];
      const texts = ['', 'MARK 1', 'MARK 2', 'plain', 'plain too', 'x: MARK'];
      const pick = <T>(list: readonly T[]) => list[random(list.length)];
      const change = (count: number) => {
        const files: Record<string, GitFileContent | null> = {};
        for (let index = 0; index < count; index += 1) {
          const path = `${pick(folders)}${pick(names)}`;
          files[path] = random(4) === 0 ? null : pick(texts);
        }
        return files;
      };
      await git.createRepository('repo', { 'a/keep.yaml': 'MARK', keep: '' });
      await git.commitFiles('repo', change(30), 'many');
      const remote = remoteOf(git, 'repo');
      const commits: string[] = [];
      for (let round = 0; round < 20; round += 1) {
        if (round % 6 === 5) {
          // Somebody forces the branch back to what it was, or elsewhere.
          const old = pick(commits);
          await git.run('repo', 'update-ref', 'refs/heads/main', old);
        }
        for (let moves = random(3); moves >= 0; moves -= 1) {
          commits.push(await git.commitFiles('repo', change(4), 'some'));
        }
        expect(sorted(await find(remote))).toEqual(
          sorted(await expected(git, 'repo')),
        );
      }
    });

    it('has what was pushed before', async () => {
      const git = await startGit(options);
      await git.createRepository('repo', {
        'a/1.yaml': 'MARK 1',
        'a/2.yaml': 'MARK 2',
        'b/3.yaml': 'plain',
      });
      const remote = remoteOf(git, 'repo');
      for (const version of ['3', '4', '5']) {
        const snapshot = await remote.open();
        const found = await snapshot.find(search);
        const commit = await snapshot.commit({
          author,
          message: version,
          files: new Map(
            found.map(({ path }) => [path, Buffer.from(`MARK ${version}`)]),
          ),
        });
        await snapshot.push(commit);
        await snapshot.close();
        await git.commitFiles('repo', { 'c/4.yaml': version }, 'else');
      }
      expect(sorted(await find(remote))).toEqual([
        ['a/1.yaml', 'MARK 5'],
        ['a/2.yaml', 'MARK 5'],
      ]);
      await git.fsck('repo');
    });
  });

  it('is only what changed', async () => {
    const git = await startGit();
    const files = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [
        `apps/${index % 30}/${index}.yaml`,
        `number: ${index}\n${index % 10 === 0 ? 'MARK' : ''}`,
      ]),
    );
    await git.createRepository('repo', {
      ...files,
      'big.bin': Buffer.alloc(9e6),
    });
    const remote = remoteOf(git, 'repo');
    const wanted: number[] = [];
    git.intercept = request => {
      request.on('data', chunk => {
        const wants = String(chunk).match(/want [0-9a-f]{40}/g) ?? [];
        wanted.push(wants.length);
      });
      return false;
    };
    const look = async () => {
      wanted.length = 0;
      const head = await remote.head();
      const found = await find(remote, head);
      return { found, wanted: wanted.filter(count => count > 0) };
    };
    // Every file once, in one request after that for the directories.
    const first = await look();
    expect(first.found.size).toBe(30);
    expect(first.wanted).toEqual([1, 300]);
    // Nothing at all.
    await expect(look()).resolves.toEqual({ found: first.found, wanted: [] });

    // The new contents, and no content that is known under another name.
    await git.commitFiles(
      'repo',
      {
        'apps/1/1.yaml': 'MARK 1',
        'apps/2/2.yaml': 'plain',
        'new/copy.yaml': files['apps/0/0.yaml'],
        'new/other.yaml': files['apps/1/31.yaml'],
        'other.bin': Buffer.alloc(9e6, 1),
      },
      'change',
    );
    const second = await look();
    expect(second.wanted).toEqual([1, 2]);
    expect(sorted(second.found)).toEqual(sorted(await expected(git, 'repo')));
  });

  it('asks for many contents in several requests', async () => {
    const git = await startGit();
    const files = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index) => [
        `${index % 50}/${index}.yaml`,
        `MARK ${index}`,
      ]),
    );
    await git.createRepository('repo', files);
    const found = await find(remoteOf(git, 'repo'));
    expect(sorted(found)).toEqual(sorted(new Map(Object.entries(files))));
  });

  describe('when a server gives away less than it says', () => {
    const answerWith = (
      response: ServerResponse,
      type: string,
      ...lines: string[]
    ) => {
      response.writeHead(200, {
        'content-type': `application/x-git-upload-pack-${type}`,
      });
      const packets = lines.map(line =>
        line === ''
          ? '0000'
          : `${(line.length + 4).toString(16).padStart(4, '0')}${line}`,
      );
      response.end(packets.join(''));
      return true;
    };
    const bodyOf = async (request: IncomingMessage) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk);
      }
      return Buffer.concat(chunks).toString();
    };

    it('takes everything when single contents are refused', async () => {
      const git = await startGit();
      await git.createRepository('repo', { 'a.yaml': 'MARK', 'b.yaml': 'x' });
      const remote = remoteOf(git, 'repo');
      const snapshot = await remote.open();
      let refused = 0;
      git.intercept = (_, response) => {
        refused += 1;
        // Only the first question; JGit's words.
        git.intercept = undefined;
        return answerWith(
          response,
          'result',
          `ERR want ${'1'.repeat(40)} not valid`,
          '',
        );
      };
      const found = await snapshot.find(search);
      expect(found.map(({ path }) => path)).toEqual(['a.yaml']);
      expect(refused).toBe(1);
      // And does not ask that way again.
      await git.commitFiles('repo', { 'c.yaml': 'MARK' }, 'more');
      git.requests.length = 0;
      expect([...(await find(remote)).keys()]).toEqual(['a.yaml', 'c.yaml']);
      // Where the branch is, and everything.
      expect(git.requests).toHaveLength(2);
    });

    it('works without shallow fetches', async () => {
      const git = await startGit();
      await git.createRepository('repo', { 'a.yaml': 'MARK', 'b.yaml': 'x' });
      await git.commitFiles('repo', { 'b.yaml': 'MARK too' }, 'second');
      for (const features of ['fetch=filter', 'fetch']) {
        git.intercept = ({ method }, response) =>
          method === 'GET' &&
          answerWith(
            response,
            'advertisement',
            '# service=git-upload-pack\n',
            '',
            'version 2\n',
            'ls-refs\n',
            `${features}\n`,
            '',
          );
        const remote = remoteOf(git, 'repo');
        await expect(find(remote)).resolves.toEqual(
          await expected(git, 'repo'),
        );
        await git.commitFiles('repo', { 'c.yaml': 'MARK' }, features);
        await expect(find(remote)).resolves.toEqual(
          await expected(git, 'repo'),
        );
        const [head, parent] = await git.log('repo');
        await expect(remote.contains(parent.oid)).resolves.toBe(true);
        await expect(remote.contains(head.oid)).resolves.toBe(true);
        await expect(remote.contains('1'.repeat(40))).resolves.toBe(false);
      }
    });

    it('looks for a commit where only contents can be left out', async () => {
      const git = await startGit();
      await git.createRepository('repo', { 'a.yaml': 'MARK' });
      await git.run('repo', 'config', 'uploadpackfilter.allow', 'false');
      await git.run(
        'repo',
        'config',
        'uploadpackfilter.blob:none.allow',
        'true',
      );
      const [{ oid }] = await git.log('repo');
      await git.commitFiles('repo', { b: '' }, 'second');
      const remote = remoteOf(git, 'repo');
      await expect(remote.contains(oid)).resolves.toBe(true);
      await expect(find(remote)).resolves.toEqual(
        new Map([['a.yaml', 'MARK']]),
      );
    });

    it('repeats the words of a server that fails in the middle', async () => {
      const git = await startGit();
      await git.createRepository('repo', { 'a.yaml': 'MARK' });
      const remote = remoteOf(git, 'repo');
      const snapshot = await remote.open();
      git.intercept = (request, response) => {
        bodyOf(request).then(() =>
          answerWith(
            response,
            'result',
            'packfile\n',
            '\x02Counting objects\n',
            '\x01PACK',
            '\x03disk is full\n',
            '',
          ),
        );
        return true;
      };
      await expect(snapshot.find(search)).rejects.toThrow('disk is full');
      git.intercept = undefined;
      await expect(snapshot.find(search)).resolves.toHaveLength(1);
    });

    it('notices a content that is missing in the answer', async () => {
      const git = await startGit();
      await git.createRepository('repo', {
        'a.yaml': 'MARK',
        'b.yaml': 'MARK too',
      });
      const remote = remoteOf(git, 'repo');
      const snapshot = await remote.open();
      const transport = createHttpTransport({
        hosts: [{ host: git.host, insecure: true }],
      });
      transports.push(transport);
      // Answers for one content what was asked for two.
      git.intercept = (request, response) => {
        bodyOf(request).then(async body => {
          git.intercept = undefined;
          const [, first] = body.match(/want [0-9a-f]{40}\n/g) ?? [];
          const asked = body.replace(`0032${first}`, '');
          const answer = await transport.request({
            method: 'POST',
            url: new URL(`${git.url('repo')}/git-upload-pack`),
            headers: {
              'git-protocol': 'version=2',
              'content-type': 'application/x-git-upload-pack-request',
              'content-length': String(asked.length),
            },
            body: Buffer.from(asked),
            idleTimeout: 10_000,
          });
          response.writeHead(200, {
            'content-type': 'application/x-git-upload-pack-result',
          });
          for await (const chunk of answer.body) {
            response.write(chunk);
          }
          response.end();
        });
        return true;
      };
      await expect(snapshot.find(search)).rejects.toThrow('out of its answer');
    });
  });

  it('is limited over all remotes', async () => {
    const git = await startGit();
    const files = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [
        `${index}.yaml`,
        `MARK ${'x'.repeat(1000)}${index}`,
      ]),
    );
    const memory = new GitMemory({ maxBytes: 200_000 });
    const remotes: HttpGitRemote[] = [];
    for (let index = 0; index < 8; index += 1) {
      await git.createRepository(`repo-${index}`, files);
      remotes.push(remoteOf(git, `repo-${index}`, memory));
    }
    for (const remote of remotes) {
      await expect(find(remote)).resolves.toHaveProperty('size', 50);
      expect(memory.bytes).toBeLessThan(200_000);
    }
    // Some are still known, and those that are not are read again.
    expect(memory.bytes).toBeGreaterThan(50_000);
    for (const remote of remotes) {
      await expect(find(remote)).resolves.toHaveProperty('size', 50);
    }
  });

  it('serves two readers of one repository at a time', async () => {
    const git = await startGit();
    await git.createRepository('repo', { 'a.yaml': 'MARK 1' });
    const remote = remoteOf(git, 'repo');
    const before = await remote.open();
    await git.commitFiles(
      'repo',
      { 'a.yaml': 'MARK 2', 'b.yaml': 'MARK' },
      'm',
    );
    const after = await remote.open();
    const [old, now] = await Promise.all([
      before.find(search),
      after.find(search),
    ]);
    expect(old.map(({ content }) => content.toString())).toEqual(['MARK 1']);
    expect(now.map(({ content }) => content.toString())).toEqual([
      'MARK 2',
      'MARK',
    ]);
    await expect(before.find(search)).resolves.toEqual(old);
  });
});
