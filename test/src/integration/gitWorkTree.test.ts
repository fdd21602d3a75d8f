import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BranchMovedError,
  createHttpTransport,
  GitAuthError,
  GitUnreachableError,
  GitWorkTree,
  hasArrived,
  PushRefusedError,
  UnsupportedRepositoryError,
} from 'backstage-plugin-image-scan-node';
import type {
  HttpTransport,
  WorkTreeRemote,
} from 'backstage-plugin-image-scan-node';
import { BentGitServer } from '../servers/BentGitServer';
import { GitServer } from '../servers/GitServer';
import { cpuOfThisThread } from './stopwatch';

jest.setTimeout(120_000);

const author = { name: 'Someone', email: 'someone@example.com' };
const time = new Date(1_700_000_000_000);
const binary = Buffer.from([0, 1, 2, 0xff, 0xfe, 0x0d, 0x0a, 0, 0xc3, 0x28]);

let root: string;
let git: GitServer;
let transport: HttpTransport;
let folders = 0;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'image-scan-worktree-'));
  git = await GitServer.start({ directory: join(root, 'server') });
  transport = createHttpTransport({
    hosts: [{ host: git.host, insecure: true }],
  });
});

afterAll(async () => {
  transport?.close();
  await git?.stop();
  rmSync(root, { recursive: true, force: true });
});

const remoteOf = (repository: string): WorkTreeRemote => ({
  url: git.url(repository),
  transport,
});

function newFolder(): string {
  folders += 1;
  return join(root, `work-${folders}`);
}

const clone = (
  repository: string,
  options: { folder?: string; branch?: string; signal?: AbortSignal } = {},
) =>
  GitWorkTree.clone({
    folder: newFolder(),
    remote: remoteOf(repository),
    ...options,
  });

const gitIn = (folder: string, ...args: string[]) =>
  execFileSync('git', ['-C', folder, ...args], {
    env: {
      PATH: process.env.PATH,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
    },
  }).toString();

/** Puts an object with any bytes into a repository, as no client of git would. */
function putObject(
  repository: string,
  type: 'blob' | 'tree' | 'commit',
  content: Buffer,
): string {
  return execFileSync(
    'git',
    [
      ...['-C', join(root, 'server', `${repository}.git`), 'hash-object'],
      ...['-t', type, '--literally', '-w', '--stdin'],
    ],
    { input: content, maxBuffer: 1024 },
  )
    .toString()
    .trim();
}

type Entry = [mode: string, name: string | Buffer, oid: string];

function putTree(repository: string, entries: readonly Entry[]): string {
  const content = entries.flatMap(([mode, name, oid]) => [
    Buffer.from(`${mode} `),
    Buffer.from(name),
    Buffer.from([0]),
    Buffer.from(oid, 'hex'),
  ]);
  return putObject(repository, 'tree', Buffer.concat(content));
}

/** A repository whose only branch is a commit with this tree. */
async function createWithTree(
  repository: string,
  makeTree: () => string,
): Promise<void> {
  await git.createRepository(repository, {});
  // Else git would look for what large contents have in common.
  await git.run(repository, 'config', 'core.bigFileThreshold', '1m');
  const person = 'A <a@example.com> 1700000000 +0000';
  const commit = putObject(
    repository,
    'commit',
    Buffer.from(
      `tree ${makeTree()}\nauthor ${person}\ncommitter ${person}\n\nx\n`,
    ),
  );
  await git.run(repository, 'update-ref', 'refs/heads/main', commit);
}

describe('GitWorkTree.clone', () => {
  it('brings one commit with the exact bytes, which git takes for its own', async () => {
    await git.createRepository('plain', { 'a.yaml': 'old: 1\n' });
    await git.commitFiles(
      'plain',
      {
        'a.yaml': 'a: 1\r\n',
        'bin/run.sh': { executable: true, content: '#!/bin/sh\n' },
        'data.bin': binary,
        'grüße/ünïcode.yaml': 'x: ä\n',
        'grüße/link.yaml': { symlink: '../a.yaml' },
      },
      'Second',
    );
    const folder = newFolder();
    const workTree = await clone('plain', { folder });
    const [head] = await git.log('plain');
    expect(workTree).toMatchObject({
      branch: 'main',
      head: head.oid,
      origin: git.url('plain'),
      omittedLinks: [],
    });
    expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe('a: 1\r\n');
    expect(readFileSync(join(folder, 'data.bin')).equals(binary)).toBe(true);
    expect(lstatSync(join(folder, 'bin/run.sh')).mode % 0o1000).toBe(0o755);
    expect(readFileSync(join(folder, 'grüße/link.yaml'), 'utf8')).toBe(
      'a: 1\r\n',
    );
    expect(gitIn(folder, 'status', '--porcelain')).toBe('');
    expect(gitIn(folder, 'log', '--format=%H')).toBe(`${head.oid}\n`);
    expect(gitIn(folder, 'fsck')).toBe('');
    expect(readdirSync(folder).sort()).toEqual(
      ['.git', 'a.yaml', 'bin', 'data.bin', 'grüße'].sort(),
    );
  });

  it('takes the branch that is named, and says which is not there', async () => {
    await git.createRepository('branches', { 'a.yaml': 'a: 1\n' });
    await git.commitFiles('branches', { 'a.yaml': 'a: 2\n' }, 'Next', {
      branch: 'next/one',
    });
    const folder = newFolder();
    const workTree = await clone('branches', { folder, branch: 'next/one' });
    expect(workTree.branch).toBe('next/one');
    expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe('a: 2\n');
    const other = newFolder();
    await expect(
      clone('branches', { folder: other, branch: 'none' }),
    ).rejects.toThrow(`${git.url('branches')} has no branch none`);
    expect(readdirSync(other)).toEqual([]);
    await git.createRepository('empty', {});
    await expect(clone('empty')).rejects.toThrow(/no commit yet/);
    await expect(clone('missing')).rejects.toThrow(/There is no repository/);
  });

  it('asks for an empty folder, and clears away what a crash left in it', async () => {
    await git.createRepository('folders', { 'a.yaml': 'a: 1\n' });
    const folder = newFolder();
    mkdirSync(join(folder, '.image-scan-clone-old'), { recursive: true });
    await clone('folders', { folder });
    expect(readdirSync(folder).sort()).toEqual(['.git', 'a.yaml']);
    await expect(clone('folders', { folder })).rejects.toThrow(
      'holds files already',
    );
  });

  it('sends credentials, and says where they are wrong', async () => {
    const credentials = { username: 'bot', password: 's3cret-of-the-bot' };
    const closed = await GitServer.start({ credentials });
    const guarded = createHttpTransport({
      hosts: [{ host: closed.host, insecure: true }],
    });
    try {
      await closed.createRepository('closed', { 'a.yaml': 'a: 1\n' });
      const remote = { url: closed.url('closed'), transport: guarded };
      const cloned = await GitWorkTree.clone({
        folder: newFolder(),
        remote: { ...remote, credentials: async () => credentials },
      });
      expect(cloned.branch).toBe('main');
      const wrong = GitWorkTree.clone({
        folder: newFolder(),
        remote: {
          ...remote,
          credentials: async () => ({ ...credentials, password: 'wr0ng' }),
        },
      });
      await expect(wrong).rejects.toThrow(GitAuthError);
      await expect(wrong).rejects.not.toThrow(/wr0ng/);
    } finally {
      guarded.close();
      await closed.stop();
    }
  });

  it('asks once more where remembered credentials were refused', async () => {
    const credentials = { username: 'bot', password: 's3cret-of-the-bot' };
    const closed = await GitServer.start({ credentials });
    const guarded = createHttpTransport({
      hosts: [{ host: closed.host, insecure: true }],
    });
    let passwords: string[] = [];
    let forgotten = 0;
    const remote: WorkTreeRemote = {
      url: closed.url('closed'),
      transport: guarded,
      credentials: async () => ({
        ...credentials,
        password: passwords.shift() ?? credentials.password,
      }),
      forget: () => {
        forgotten += 1;
        return true;
      },
    };
    try {
      await closed.createRepository('closed', { 'a.yaml': 'a: 1\n' });
      const folder = newFolder();
      passwords = ['revoked'];
      const workTree = await GitWorkTree.clone({ folder, remote });
      expect(readdirSync(folder).sort()).toEqual(['.git', 'a.yaml']);
      writeFileSync(join(folder, 'a.yaml'), 'a: 2\n');
      const files = ['a.yaml'];
      const commit = await workTree.commit({
        files,
        message: 'm',
        author,
        time,
      });
      passwords = ['revoked'];
      await workTree.push(commit!, remote, 'main');
      expect(forgotten).toBe(2);
      passwords = ['revoked', 'revoked as well'];
      await expect(
        GitWorkTree.clone({ folder: newFolder(), remote }),
      ).rejects.toThrow(GitAuthError);
      expect(forgotten).toBe(3);
    } finally {
      guarded.close();
      await closed.stop();
    }
  });

  it('reaches no private address that is not listed', async () => {
    const narrow = createHttpTransport();
    const url = `https://127.0.0.1:${git.host.split(':')[1]}/plain.git`;
    await expect(
      GitWorkTree.clone({
        folder: newFolder(),
        remote: { url, transport: narrow },
      }),
    ).rejects.toThrow(/private, local or reserved address/);
    narrow.close();
  });

  it('ends with its signal', async () => {
    const controller = new AbortController();
    git.intercept = () => {
      controller.abort();
      return true;
    };
    try {
      await expect(
        clone('plain', { signal: controller.signal }),
      ).rejects.toThrow(/abort/);
    } finally {
      git.intercept = undefined;
    }
  });

  it('notices an answer that is cut short', async () => {
    git.intercept = (request, response) => {
      if (request.method !== 'GET') {
        return false;
      }
      response.setHeader(
        'content-type',
        'application/x-git-upload-pack-advertisement',
      );
      response.end('001e# service=git-upload-pack\n');
      return true;
    };
    try {
      await expect(clone('plain')).rejects.toThrow(GitUnreachableError);
    } finally {
      git.intercept = undefined;
    }
  });
});

describe('a hostile repository', () => {
  const names: [string, string][] = [
    ['.git in capitals', '.GIT'],
    ['a step up', '..'],
    ['a path', '../../out'],
  ];

  it.each(names)('cannot write %s', async (_, name) => {
    const repository = `name-${names.findIndex(([, other]) => other === name)}`;
    await createWithTree(repository, () => {
      const blob = putObject(repository, 'blob', Buffer.from('[core]\n'));
      const inner = putTree(repository, [['100644', 'config', blob]]);
      return putTree(repository, [['40000', name, inner]]);
    });
    const folder = newFolder();
    await expect(clone(repository, { folder })).rejects.toThrow(
      `holds the name ${JSON.stringify(name)}`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('has its links left out where they lead out', async () => {
    const links = {
      absolute: '/etc/passwd',
      'd/up': '../../outside',
      'd/in': '../a.yaml',
      'd/again': '../d/../../outside',
      self: '.',
      config: '.git/config',
    };
    await git.createRepository('links', {
      'a.yaml': 'a: 1\n',
      ...Object.fromEntries(
        Object.entries(links).map(([path, symlink]) => [path, { symlink }]),
      ),
    });
    const folder = newFolder();
    const workTree = await clone('links', { folder });
    expect([...workTree.omittedLinks].sort()).toEqual([
      'absolute',
      'config',
      'd/again',
      'd/up',
    ]);
    expect(readdirSync(join(folder, 'd'))).toEqual(['in']);
    expect(readFileSync(join(folder, 'd/in'), 'utf8')).toBe('a: 1\n');
  });

  it('cannot write through a link of its own', async () => {
    const outside = newFolder();
    mkdirSync(outside);
    await createWithTree('through', () => {
      const blob = putObject('through', 'blob', Buffer.from('x'));
      const link = putObject('through', 'blob', Buffer.from(outside));
      const inner = putTree('through', [['100644', 'file', blob]]);
      return putTree('through', [
        ['120000', 'out', link],
        ['40000', 'out', inner],
      ]);
    });
    await clone('through').catch(() => undefined);
    expect(readdirSync(outside)).toEqual([]);
  });

  it('leaves submodules alone', async () => {
    await createWithTree('submodule', () => {
      const blob = putObject('submodule', 'blob', Buffer.from('a: 1\n'));
      return putTree('submodule', [
        ['100644', 'a.yaml', blob],
        ['160000', 'module', '1'.repeat(40)],
      ]);
    });
    const folder = newFolder();
    await clone('submodule', { folder });
    expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe('a: 1\n');
    expect(readdirSync(join(folder, 'module'))).toEqual([]);
  });

  const zeros = (megabytes: number, last: number) =>
    Buffer.concat([Buffer.alloc(megabytes * 1024 * 1024), Buffer.from([last])]);
  const name = 'n'.repeat(200);
  const bombs: [string, RegExp, (repository: string) => string][] = [
    [
      'contents of 100 MB in a small pack',
      /One of its files has more than 24 MiB/,
      repository =>
        putTree(
          repository,
          Array.from(
            { length: 3 },
            (_, n): Entry => [
              '100644',
              `f${n}.yaml`,
              putObject(repository, 'blob', zeros(100, n)),
            ],
          ),
        ),
    ],
    [
      'many contents that are each below the limit',
      /Unpacked it has more than 512 MiB/,
      repository =>
        putTree(
          repository,
          Array.from(
            { length: 23 },
            (_, n): Entry => [
              '100644',
              `f${String(n).padStart(2, '0')}.yaml`,
              putObject(repository, 'blob', zeros(23, n)),
            ],
          ),
        ),
    ],
    [
      'one content in many files',
      /Its files have more than 256 MiB/,
      repository => {
        const blob = putObject(repository, 'blob', zeros(20, 1));
        return putTree(
          repository,
          Array.from(
            { length: 20 },
            (_, n): Entry => [
              '100644',
              `f${String(n).padStart(2, '0')}.yaml`,
              blob,
            ],
          ),
        );
      },
    ],
    [
      'trees that hold each other many times over',
      /It has more than 100,000 files and folders/,
      repository => {
        const blob = putObject(repository, 'blob', Buffer.from('a'));
        let tree = putTree(repository, [['100644', 'a.yaml', blob]]);
        for (let level = 0; level < 20; level += 1) {
          tree = putTree(repository, [
            ['40000', 'a', tree],
            ['40000', 'b', tree],
          ]);
        }
        return tree;
      },
    ],
    [
      'the same under long names',
      /The paths of its files have more than 16 MiB/,
      repository => {
        const blob = putObject(repository, 'blob', Buffer.from('a'));
        let tree = putTree(repository, [['100644', 'a.yaml', blob]]);
        for (let level = 0; level < 14; level += 1) {
          tree = putTree(repository, [
            ['40000', `${name}a`, tree],
            ['40000', `${name}b`, tree],
          ]);
        }
        return tree;
      },
    ],
    [
      'folders without an end',
      /more than 100 folders deep/,
      repository => {
        const blob = putObject(repository, 'blob', Buffer.from('a'));
        let tree = putTree(repository, [['100644', 'a.yaml', blob]]);
        for (let level = 0; level < 150; level += 1) {
          tree = putTree(repository, [['40000', 'd', tree]]);
        }
        return tree;
      },
    ],
  ];

  it.each(bombs)(
    'with %s is refused, and nothing else waits for it',
    async (_, message, makeTree) => {
      const repository = createHash('sha1')
        .update(String(message))
        .digest('hex');
      await createWithTree(repository, () => makeTree(repository));
      const folder = newFolder();
      const before = cpuOfThisThread();
      const cloning = clone(repository, { folder });
      await expect(cloning).rejects.toThrow(message);
      await expect(cloning).rejects.toThrow(UnsupportedRepositoryError);
      expect(cpuOfThisThread() - before).toBeLessThan(1_000);
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});

describe('a commit and its push', () => {
  async function cloned(repository: string) {
    await git.createRepository(repository, {
      'a.yaml': 'a: 1\n',
      'd/b.yaml': 'b: 1\n',
      'd/run.sh': { executable: true, content: 'run\n' },
    });
    const folder = newFolder();
    const workTree = await clone(repository, { folder });
    const write = (file: string, content: string) =>
      writeFileSync(join(folder, file), content);
    const commit = async (...files: string[]) => {
      const made = await workTree.commit({
        files,
        message: 'Message\n\nwith two parts',
        author,
        time,
      });
      if (!made) {
        throw new Error('Nothing was committed');
      }
      return made;
    };
    return { folder, workTree, write, commit, remote: remoteOf(repository) };
  }

  it('writes the files that are named and nothing else', async () => {
    const { folder, workTree, write, commit, remote } = await cloned('commit');
    write('a.yaml', 'a: 2\r\n');
    write('d/run.sh', 'run fast\n');
    write('d/b.yaml', 'b: 2\n');
    write('new.yaml', 'new: 1\n');
    gitIn(folder, 'add', 'new.yaml');
    const made = await commit('a.yaml', 'd/run.sh');
    expect(made.changedPaths).toEqual(['a.yaml', 'd/run.sh']);
    await workTree.push(made, remote, 'main');
    await workTree.moveTo(made, 'main');
    const [head, seed] = await git.log('commit');
    expect(head).toMatchObject({
      oid: made.oid,
      parents: [seed.oid],
      authorName: author.name,
      committerEmail: author.email,
      message: 'Message\n\nwith two parts',
    });
    expect(await git.run('commit', 'ls-tree', '-r', 'main')).toContain(
      '100755 blob',
    );
    expect((await git.readFile('commit', 'a.yaml')).toString()).toBe(
      'a: 2\r\n',
    );
    expect((await git.readFile('commit', 'd/b.yaml')).toString()).toBe(
      'b: 1\n',
    );
    await git.fsck('commit');
    expect(gitIn(folder, 'status', '--porcelain').split('\n').sort()).toEqual([
      '',
      ' M d/b.yaml',
      'A  new.yaml',
    ]);
    const again = await GitWorkTree.open(folder);
    expect(again).toMatchObject({ head: made.oid, branch: 'main' });
  });

  it('is nothing where nothing changed, and refuses what HEAD does not have', async () => {
    const { workTree, write } = await cloned('nothing');
    const request = { message: 'm', author, time };
    expect(
      await workTree.commit({ ...request, files: ['a.yaml'] }),
    ).toBeUndefined();
    write('new.yaml', 'new: 1\n');
    await expect(
      workTree.commit({ ...request, files: ['new.yaml'] }),
    ).rejects.toThrow('"new.yaml" is not a regular file of the repository');
  });

  it('makes a branch that is absent, and keeps one that is no ancestor', async () => {
    const { workTree, write, commit, remote } = await cloned('new-branch');
    write('a.yaml', 'a: 2\n');
    const made = await commit('a.yaml');
    await workTree.push(made, remote, 'update/images');
    expect((await git.log('new-branch', 'update/images'))[0].oid).toBe(
      made.oid,
    );
    expect(await git.log('new-branch', 'main')).toHaveLength(1);
    // Once more is no harm.
    await workTree.push(made, remote, 'update/images');
    const other = await git.commitFiles('new-branch', { x: 'x' }, 'Other', {
      branch: 'other',
    });
    await expect(workTree.push(made, remote, 'other')).rejects.toThrow(
      BranchMovedError,
    );
    expect((await git.log('new-branch', 'other'))[0].oid).toBe(other);
  });

  it('loses no push that came first, before the look at the branch or after it', async () => {
    const { workTree, write, commit, remote } = await cloned('race');
    write('a.yaml', 'a: 2\n');
    const made = await commit('a.yaml');
    let first: string | undefined;
    git.beforePush = async repository => {
      first ??= await git.commitFiles(repository, { x: 'x' }, 'First');
    };
    try {
      await expect(workTree.push(made, remote, 'main')).rejects.toThrow(
        BranchMovedError,
      );
      await expect(workTree.push(made, remote, 'main')).rejects.toThrow(
        BranchMovedError,
      );
    } finally {
      git.beforePush = undefined;
    }
    expect((await git.log('race'))[0].oid).toBe(first);
  });

  it('repeats the words of a hook', async () => {
    const { workTree, write, commit, remote } = await cloned('hook');
    write('a.yaml', 'a: 2\n');
    const made = await commit('a.yaml');
    await git.refusePushes('hook', 'Ask the platform team first');
    const push = workTree.push(made, remote, 'main');
    await expect(push).rejects.toThrow(PushRefusedError);
    await expect(push).rejects.toThrow('Ask the platform team first');
  });

  it('finds out whether a push was taken whose answer was lost', async () => {
    const bent = await BentGitServer.start();
    const near = createHttpTransport({
      hosts: [{ host: bent.host, insecure: true }],
    });
    try {
      await bent.git.createRepository('lost', { 'a.yaml': 'a: 1\n' });
      const there = { url: bent.url('lost'), transport: near };
      const folder = newFolder();
      const workTree = await GitWorkTree.clone({ folder, remote: there });
      writeFileSync(join(folder, 'a.yaml'), 'a: 2\n');
      const files = ['a.yaml'];
      const made = await workTree.commit({ files, message: 'm', author, time });
      const failure = { status: 502, headers: {}, body: Buffer.alloc(0) };
      bent.bends = {
        before: ({ kind }) => (kind === 'push' ? failure : undefined),
      };
      await expect(workTree.push(made!, there, 'main')).rejects.toThrow('502');
      expect(await bent.git.log('lost')).toHaveLength(1);
      bent.bends = {
        after: ({ kind }, answer) => (kind === 'push' ? failure : answer),
      };
      await workTree.push(made!, there, 'main');
      expect((await bent.git.log('lost'))[0].oid).toBe(made!.oid);
      // Others go on meanwhile.
      await bent.git.commitFiles('lost', { x: 'x' }, 'On top');
      expect(await hasArrived(made!.oid, there, 'main')).toBe(true);
      expect(await hasArrived('1'.repeat(40), there, 'main')).toBe(false);
      expect(await hasArrived(made!.oid, there, 'none')).toBe(false);
    } finally {
      near.close();
      await bent.stop();
    }
  });

  it('takes a refusal for a success where the branch is at the commit', async () => {
    const { workTree, write, commit, remote } = await cloned('there');
    write('a.yaml', 'a: 2\n');
    const made = await commit('a.yaml');
    await workTree.push(made, remote, 'main');
    await git.refusePushes('there', 'Nothing new');
    await workTree.push(made, remote, 'main');
    expect(await git.log('there')).toHaveLength(2);
  });

  it('knows which commits it has', async () => {
    const { workTree, write, commit } = await cloned('holds');
    write('a.yaml', 'a: 2\n');
    expect(await workTree.holds((await commit('a.yaml')).oid)).toBe(true);
    expect(await workTree.holds('1'.repeat(40))).toBe(false);
  });

  it('carries commits along that are not on the server yet', async () => {
    const { folder, workTree, write, commit, remote } = await cloned('two');
    write('a.yaml', 'a: 2\n');
    await workTree.moveTo(await commit('a.yaml'), 'main');
    write('d/b.yaml', 'b: 2\n');
    const opened = await GitWorkTree.open(folder);
    const second = await opened!.commit({
      files: ['d/b.yaml'],
      message: 'Second',
      author,
      time,
    });
    await opened!.push(second!, remote, 'main');
    expect(await git.log('two')).toHaveLength(3);
    await git.fsck('two');
  });
});

describe('GitWorkTree.open', () => {
  it('finds no clone where there is none, or where .git leads elsewhere', async () => {
    const real = newFolder();
    await git.createRepository('real', { 'a.yaml': 'a: 1\n' });
    await clone('real', { folder: real });
    const [none, link, file] = [newFolder(), newFolder(), newFolder()];
    [none, link, file].forEach(folder => mkdirSync(folder));
    symlinkSync(join(real, '.git'), join(link, '.git'));
    writeFileSync(join(file, '.git'), `gitdir: ${join(real, '.git')}\n`);
    for (const folder of [none, link, file]) {
      expect(await GitWorkTree.open(folder)).toBeUndefined();
    }
  });

  it('follows no link inside .git', async () => {
    const [real, outside] = [newFolder(), newFolder()];
    await clone('real', { folder: real });
    mkdirSync(outside);
    rmSync(join(real, '.git/refs'), { recursive: true });
    symlinkSync(outside, join(real, '.git/refs'));
    await expect(GitWorkTree.open(real)).rejects.toThrow(
      '.git/refs is a symbolic link',
    );
  });
});
