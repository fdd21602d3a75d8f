import {
  BranchMovedError,
  createHttpTransport,
  type GitCommit,
  type GitSnapshot,
  HttpGitRemote,
  type HttpTransport,
  PushRefusedError,
} from 'backstage-plugin-image-scan-node';
import { GitServer } from '../servers/GitServer';

jest.setTimeout(60_000);

const BRANCH = 'image-scan/my-repo';
const author = { name: 'foo', email: 'foo@bar.com' };

let git: GitServer;
let transport: HttpTransport;
let remote: HttpGitRemote;
let count = 0;
let repository: string;

beforeAll(async () => {
  git = await GitServer.start();
  transport = createHttpTransport({
    hosts: [{ host: git.host, insecure: true }],
  });
});

afterAll(async () => {
  transport.close();
  await git.stop();
});

beforeEach(async () => {
  git.intercept = undefined;
  count += 1;
  repository = `own-branch-${count}`;
  await git.createRepository(repository, { 'a.yaml': 'tag: 1\n' });
  remote = new HttpGitRemote({
    url: git.url(repository),
    branch: 'main',
    transport,
  });
});

/** Builds a commit on the base. */
async function build(
  content: string,
): Promise<{ snapshot: GitSnapshot; commit: GitCommit }> {
  const snapshot = await remote.open();
  const commit = await snapshot.commit({
    files: new Map([['a.yaml', Buffer.from(content)]]),
    message: `write ${content}`,
    author,
  });
  return { snapshot, commit };
}

async function push(content: string, expected?: string): Promise<string> {
  const { snapshot, commit } = await build(content);
  await snapshot.pushTo(commit, { branch: BRANCH, expected });
  return commit.oid;
}

const read = async (ref: string) =>
  String(await git.readFile(repository, 'a.yaml', ref));

it('makes a branch, rebuilds it on a newer base and deletes it', async () => {
  expect(await remote.branchHead(BRANCH)).toBeUndefined();
  const first = await push('tag: 2\n');
  expect(await remote.branchHead(BRANCH)).toBe(first);
  expect(await read(BRANCH)).toBe('tag: 2\n');
  expect(await read('main')).toBe('tag: 1\n');

  await git.commitFiles(repository, { 'b.yaml': 'x: 1\n' }, 'another');
  const second = await push('tag: 3\n', first);
  expect(await remote.branchHead(BRANCH)).toBe(second);
  const [rebuilt, base] = await git.log(repository, BRANCH);
  expect(rebuilt.parents).toEqual([base.oid]);
  expect(base.message).toBe('another');
  await git.fsck(repository);

  await remote.deleteBranch(BRANCH, second);
  expect(await remote.branchHead(BRANCH)).toBeUndefined();
  expect(await read('main')).toBe('tag: 1\n');
});

it('makes the same move twice without harm', async () => {
  const { snapshot, commit } = await build('tag: 2\n');
  await snapshot.pushTo(commit, { branch: BRANCH });
  await snapshot.pushTo(commit, { branch: BRANCH });
  await remote.deleteBranch(BRANCH, commit.oid);
  await remote.deleteBranch(BRANCH, commit.oid);
  expect(await remote.branchHead(BRANCH)).toBeUndefined();
});

it('goes over nothing that somebody else pushed', async () => {
  const first = await push('tag: 2\n');
  const theirs = await git.commitFiles(
    repository,
    { 'a.yaml': 'tag: theirs\n' },
    'fix',
    { branch: BRANCH },
  );
  await expect(push('tag: 3\n', first)).rejects.toThrow(BranchMovedError);
  await expect(push('tag: 3\n')).rejects.toThrow(BranchMovedError);
  await expect(remote.deleteBranch(BRANCH, first)).rejects.toThrow(
    BranchMovedError,
  );
  expect(await remote.branchHead(BRANCH)).toBe(theirs);
});

it('goes over nothing that somebody pushes at the last moment', async () => {
  const first = await push('tag: 2\n');
  let theirs = '';
  git.beforePush = async () => {
    git.beforePush = undefined;
    theirs = await git.commitFiles(repository, { 'c.yaml': 'c' }, 'fix', {
      branch: BRANCH,
    });
  };
  await expect(push('tag: 3\n', first)).rejects.toThrow(BranchMovedError);
  expect(await remote.branchHead(BRANCH)).toBe(theirs);
});

it('does not make anew what somebody deleted', async () => {
  const first = await push('tag: 2\n');
  await git.run(repository, 'update-ref', '-d', `refs/heads/${BRANCH}`);
  await expect(push('tag: 3\n', first)).rejects.toThrow(BranchMovedError);
  expect(await remote.branchHead(BRANCH)).toBeUndefined();
});

it('says which setting forbids to rebuild and to delete', async () => {
  const first = await push('tag: 2\n');
  await git.run(repository, 'config', 'receive.denyNonFastForwards', 'true');
  await git.run(repository, 'config', 'receive.denyDeletes', 'true');
  const refused = await push('tag: 3\n', first).catch(error => error);
  expect(refused).toBeInstanceOf(PushRefusedError);
  expect(refused.message).toMatch(/non-fast-forward.*force pushes.*allowed/);
  await expect(remote.deleteBranch(BRANCH, first)).rejects.toThrow(
    /deletion.*must be allowed/,
  );
  expect(await remote.branchHead(BRANCH)).toBe(first);
});

it('tells the words of a hook', async () => {
  await git.refusePushes(repository, 'no bots here');
  await expect(push('tag: 2\n')).rejects.toThrow(/no bots here/);
  expect(await remote.branchHead(BRANCH)).toBeUndefined();
});

it('names the branch that is in the way', async () => {
  await git.run(repository, 'branch', 'image-scan', 'main');
  await expect(push('tag: 2\n')).rejects.toThrow(
    /there is a branch image-scan, and git keeps no branch inside of another/,
  );
});

it('finds out that a push arrived whose answer was lost', async () => {
  const { snapshot, commit } = await build('tag: 2\n');
  await snapshot.pushTo(commit, { branch: BRANCH });
  await remote.deleteBranch(BRANCH, commit.oid);
  git.intercept = (request, response) => {
    if (request.method !== 'POST' || !request.url?.includes('receive-pack')) {
      return false;
    }
    git.intercept = undefined;
    git
      .run(repository, 'update-ref', `refs/heads/${BRANCH}`, commit.oid)
      .then(() => response.writeHead(502).end())
      .catch(error => response.destroy(error));
    return true;
  };
  await snapshot.pushTo(commit, { branch: BRANCH });
  expect(await remote.branchHead(BRANCH)).toBe(commit.oid);
});

it('tells that a push failed which did not arrive', async () => {
  git.intercept = (request, response) => {
    if (request.method !== 'POST' || !request.url?.includes('receive-pack')) {
      return false;
    }
    response.writeHead(502).end();
    return true;
  };
  await expect(push('tag: 2\n')).rejects.toMatchObject({ status: 502 });
});

it('takes only names of branches', async () => {
  await expect(remote.branchHead('a b')).rejects.toThrow(/name of a branch/);
  await expect(remote.deleteBranch('-x', 'a')).rejects.toThrow(
    /name of a branch/,
  );
});
