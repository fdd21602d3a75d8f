import { REPOSITORY_LIMITS } from '../limits';
import type { RepositoryLimits } from '../limits';
import type { GitSearch } from './GitRemote';
import { toObject } from './objects';
import type { GitObject } from './objects';
import { writePack } from './pack';
import { PackedObjects } from './PackedObjects';
import { RepositoryMemory } from './RepositoryMemory';
import { searchFiles } from './searchFiles';
import { addTrees, SnapshotObjects } from './SnapshotObjects';

const REMOTE = 'https://host/repo';

interface Tree {
  [name: string]: string | Tree;
}

/** The objects of nested folders, each once; the last one is the root. */
function objectsOf(tree: Tree): GitObject[] {
  const objects = new Map<string, GitObject>();
  const entries = Object.entries(tree).map(([name, held]) => {
    const below =
      typeof held === 'string'
        ? [toObject('blob', Buffer.from(held))]
        : objectsOf(held);
    below.forEach(object => objects.set(object.oid, object));
    const mode = typeof held === 'string' ? '100644' : '40000';
    const { oid } = below[below.length - 1];
    return Buffer.concat([
      Buffer.from(`${mode} ${name}\0`),
      Buffer.from(oid, 'hex'),
    ]);
  });
  const root = toObject('tree', Buffer.concat(entries));
  objects.delete(root.oid);
  return [...objects.values(), root];
}

/** Looks for files with MARK, and for whatever is called fleet.yaml. */
const search: GitSearch = {
  includes: path => path.endsWith('.yaml'),
  always: path => /(^|\/)fleet\.yaml$/.test(path),
  tells: content => content.includes('TELL'),
  matches: content => content.includes('MARK'),
};

/** A remote that holds one commit after the other. */
class Remote {
  readonly memory: RepositoryMemory;
  /** Contents that were asked for, in the order in which they were. */
  readonly asked: string[] = [];

  readonly limits: Readonly<RepositoryLimits>;

  constructor(limits: Readonly<RepositoryLimits>) {
    this.limits = limits;

    this.memory = new RepositoryMemory(limits);
  }

  async find(tree: Tree, sought: GitSearch = search) {
    const all = objectsOf(tree);
    const root = all[all.length - 1].oid;
    const packed = await PackedObjects.read(writePack(all), { remote: REMOTE });
    const { memory, asked } = this;
    await addTrees(packed, memory);
    const objects = new SnapshotObjects({
      commit: { oid: root, content: Buffer.alloc(0), tree: root },
      memory,
      features: { protocol: 2, filter: true, shallow: true },
      remote: REMOTE,
      fetch: async ({ wants }) => {
        for (const { oid, content } of all) {
          if (wants.includes(oid)) {
            asked.push(content.toString());
          }
        }
        return packed;
      },
    });
    const { found, leftOut } = await searchFiles(
      root,
      sought,
      objects,
      memory,
      this.limits,
    );
    return {
      found: Object.fromEntries(
        found.map(({ path, content }) => [path, content.toString()]),
      ),
      leftOut: leftOut.map(({ path, reason }) => `${path} ${reason}`),
    };
  }
}

function remoteWith(limits: Partial<RepositoryLimits> = {}): Remote {
  return new Remote({ ...REPOSITORY_LIMITS, ...limits });
}

describe('searchFiles', () => {
  it('finds files by their path or their content', async () => {
    const { found, leftOut } = await remoteWith().find({
      'a.yaml': 'MARK',
      'b.yaml': 'plain',
      'note.md': 'MARK',
      app: { 'fleet.yaml': 'TELL' },
    });
    expect(found).toEqual({ 'a.yaml': 'MARK', 'app/fleet.yaml': 'TELL' });
    expect(leftOut).toEqual([]);
  });

  it('finds a file that tells nothing empty, and asks for it once', async () => {
    const git = remoteWith();
    const apps = { one: { 'fleet.yaml': 'dull' }, 'x.yaml': 'MARK' };
    const found = { 'one/fleet.yaml': '', 'x.yaml': 'MARK' };
    expect((await git.find(apps)).found).toEqual(found);
    expect((await git.find({ ...apps, new: {} })).found).toEqual(found);
    expect(git.asked.filter(content => content === 'dull')).toHaveLength(1);
  });

  it('asks again for a content that lay elsewhere before', async () => {
    const git = remoteWith();
    await git.find({ 'a.yaml': 'TELL' });
    const { found } = await git.find({ 'fleet.yaml': 'TELL' });
    expect(found).toEqual({ 'fleet.yaml': 'TELL' });
  });

  it('counts no content that tells nothing', async () => {
    const { found, leftOut } = await remoteWith({ definitionBytes: 8 }).find({
      a: { 'fleet.yaml': 'dull '.repeat(100) },
      b: { 'fleet.yaml': 'TELL' },
      c: { 'fleet.yaml': `${'MARK '.repeat(100)}` },
    });
    expect(Object.keys(found)).toEqual([
      'a/fleet.yaml',
      'b/fleet.yaml',
      'c/fleet.yaml',
    ]);
    expect(leftOut).toEqual([]);
  });

  it('leaves out definitions that are too many bytes, and no manifest', async () => {
    const { found, leftOut } = await remoteWith({ definitionBytes: 1024 }).find(
      {
        a: { 'fleet.yaml': `TELL ${'a'.repeat(1000)}` },
        b: { 'fleet.yaml': `TELL ${'b'.repeat(1000)}` },
        'm.yaml': 'MARK',
      },
    );
    expect(Object.keys(found)).toEqual(['a/fleet.yaml', 'm.yaml']);
    expect(leftOut).toEqual([
      'b/fleet.yaml is one too many: at most 1 KiB are read of all files with definitions (limit definitionBytes); narrow spec.paths',
    ]);
  });

  it('leaves out manifests that are too many bytes, and no definition', async () => {
    const { found, leftOut } = await remoteWith({ contentBytes: 1024 }).find({
      'a.yaml': `MARK ${'a'.repeat(1000)}`,
      'b.yaml': `MARK ${'b'.repeat(1000)}`,
      'c.yaml': 'MARK',
      'fleet.yaml': 'TELL',
    });
    expect(Object.keys(found)).toEqual(['a.yaml', 'c.yaml', 'fleet.yaml']);
    expect(leftOut).toEqual([
      'b.yaml is one too many: at most 1 KiB are read of all files with markers (limit contentBytes); narrow spec.paths',
    ]);
  });

  it('counts one content under many names once', async () => {
    const content = `MARK ${'a'.repeat(1000)}`;
    const tree = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [`${index + 10}.yaml`, content]),
    );
    const { found } = await remoteWith({ contentBytes: 1024 }).find(tree);
    expect(Object.keys(found)).toHaveLength(50);
  });

  it('leaves out a file that is too large, again and again', async () => {
    const git = remoteWith({ fileBytes: 1024 });
    const tree = { 'a.yaml': `MARK ${'a'.repeat(2000)}`, 'b.yaml': 'MARK' };
    const expected = {
      found: { 'b.yaml': 'MARK' },
      leftOut: [
        'a.yaml has 1 KiB, and at most 1 KiB are read of a file (limit fileBytes); divide it',
      ],
    };
    expect(await git.find(tree)).toEqual(expected);
    expect(await git.find(tree)).toEqual(expected);
    expect(git.asked.filter(({ length }) => length > 1000)).toHaveLength(1);
  });

  it.each([
    [
      'entries',
      5,
      'more than 5 files and folders, the most that is gone through (limit entries)',
    ],
    [
      'places',
      5,
      'more than 5 folders and files to look into, the most that is gone through (limit places)',
    ],
    [
      'pathBytes',
      1024,
      'more than 1 KiB of paths, the most that is gone through (limit pathBytes)',
    ],
  ] as const)(
    'says which limit a tree is over: %s',
    async (limit, figure, words) => {
      const name = 'n'.repeat(200);
      const tree = Object.fromEntries(
        Array.from({ length: 6 }, (_, index) => [`${name}${index}.yaml`, 'x']),
      );
      await expect(remoteWith({ [limit]: figure }).find(tree)).rejects.toThrow(
        `The repository has ${words}; narrow spec.paths or divide the repository`,
      );
    },
  );

  it('says so where the directories alone are too much', async () => {
    const tree = { a: { 'a.yaml': '1' }, b: { 'b.yaml': '2' } };
    await expect(remoteWith({ treeBytes: 40 }).find(tree)).rejects.toThrow(
      'The directories of the repository need 124 bytes, and at most 40 bytes are kept (limit treeBytes); divide the repository',
    );
  });

  it('counts nothing in folders that it does not enter', async () => {
    const { found } = await remoteWith({ entries: 3, places: 3 }).find(
      {
        deploy: { 'a.yaml': 'MARK' },
        other: Object.fromEntries(
          Array.from({ length: 50 }, (_, index) => [`${index}.yaml`, 'MARK']),
        ),
      },
      { ...search, enters: folder => folder === 'deploy' },
    );
    expect(found).toEqual({ 'deploy/a.yaml': 'MARK' });
  });
});
