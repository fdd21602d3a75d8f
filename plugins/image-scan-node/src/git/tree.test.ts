import { parseTree, toObject } from './objects';
import type { GitObject } from './objects';
import { editTree, listFiles } from './tree';

/** Trees that hold what no git would write. */
class Trees {
  readonly #contents = new Map<string, Buffer>();

  readonly read = async (oid: string): Promise<Buffer> => {
    const content = this.#contents.get(oid);
    if (!content) {
      throw new Error(`No tree ${oid}`);
    }
    return content;
  };

  add(...entries: Array<[mode: string, name: string | Buffer, oid: string]>) {
    const content = Buffer.concat(
      entries.flatMap(([mode, name, oid]) => [
        Buffer.from(`${mode} `),
        Buffer.from(name),
        Buffer.from([0]),
        Buffer.from(oid, 'hex'),
      ]),
    );
    const { oid } = toObject('tree', content);
    this.#contents.set(oid, content);
    return oid;
  }

  addAll(objects: readonly GitObject[]) {
    for (const { type, oid, content } of objects) {
      if (type === 'tree') {
        this.#contents.set(oid, content);
      }
    }
  }
}

const blob = toObject('blob', Buffer.from('old')).oid;
const notUtf8 = Buffer.from([0x61, 0xff, 0x62]);

describe('listFiles', () => {
  it('leaves out links, submodules and names that are not safe', async () => {
    const trees = new Trees();
    const inner = trees.add(['100644', 'config', blob]);
    const root = trees.add(
      ['100644', '', blob],
      ['100644', '.', blob],
      ['100644', '..', blob],
      ['40000', '.git', inner],
      ['40000', '.GIT', inner],
      ['40000', '..', inner],
      ['100644', 'a/b', blob],
      ['120000', 'link', blob],
      ['160000', 'module', blob],
      ['100644', notUtf8, blob],
      ['100664', 'old-mode', blob],
      ['100755', 'run', blob],
      ['40000', 'dir', inner],
      ['100644', 'a..b', blob],
      ['100644', '.gitignore', blob],
    );
    await expect(listFiles(root, trees.read)).resolves.toEqual([
      { path: '.gitignore', oid: blob, executable: false },
      { path: 'a..b', oid: blob, executable: false },
      { path: 'dir/config', oid: blob, executable: false },
      { path: 'old-mode', oid: blob, executable: false },
      { path: 'run', oid: blob, executable: true },
    ]);
  });

  it('stops at trees that multiply', async () => {
    const trees = new Trees();
    let oid = trees.add(['100644', 'file', blob]);
    const names = 'abcdefghij'.split('');
    for (let level = 0; level < 8; level++) {
      const below = oid;
      oid = trees.add(
        ...names.map((name): [string, string, string] => [
          '40000',
          name,
          below,
        ]),
      );
    }
    await expect(listFiles(oid, trees.read)).rejects.toThrow('more than');
    // Two million entries are looked at before that, on a busy machine as well.
  }, 30_000);

  it.each(['100644', '100644 name', '100644 name\0short'])(
    'refuses the damaged tree %j',
    async tree => {
      await expect(
        listFiles('', async () => Buffer.from(tree)),
      ).rejects.toThrow('damaged');
    },
  );
});

describe('editTree', () => {
  it('changes object names and nothing else', async () => {
    const trees = new Trees();
    const inner = trees.add(['100755', 'run', blob], ['100664', 'ü', blob]);
    // Out of order, with an old mode and a name that is not UTF-8: as it was.
    const root = trees.add(
      ['100644', 'z', blob],
      ['040000', 'dir', inner],
      ['100644', notUtf8, blob],
      ['120000', 'link', blob],
    );
    const edited = await editTree(
      root,
      new Map([
        ['dir/run', Buffer.from('new')],
        ['dir/ü', Buffer.from('new')],
        ['z', Buffer.from('old')],
      ]),
      trees.read,
    );
    const newBlob = toObject('blob', Buffer.from('new')).oid;
    trees.addAll(edited.objects);

    expect(edited.changedPaths).toEqual(['dir/run', 'dir/ü']);
    const before = await trees.read(root);
    const after = await trees.read(edited.oid);
    const [, dir] = parseTree(after);
    expect(after.length).toBe(before.length);
    expect(after.toString('hex').replace(dir.oid, inner)).toBe(
      before.toString('hex'),
    );
    expect(parseTree(await trees.read(dir.oid))).toEqual([
      { mode: '100755', name: 'run', oid: newBlob, oidOffset: 11 },
      expect.objectContaining({ mode: '100664', oid: newBlob }),
    ]);
  });

  it('makes nothing where nothing changes', async () => {
    const trees = new Trees();
    const root = trees.add([
      '40000',
      'dir',
      trees.add(['100644', 'file', blob]),
    ]);
    await expect(
      editTree(root, new Map([['dir/file', Buffer.from('old')]]), trees.read),
    ).resolves.toEqual({ oid: root, objects: [], changedPaths: [] });
  });

  it('refuses a path that is a file and a directory', async () => {
    const trees = new Trees();
    const root = trees.add(['100644', 'a', blob]);
    await expect(
      editTree(
        root,
        new Map([
          ['a', Buffer.from('new')],
          ['a/b', Buffer.from('new')],
        ]),
        trees.read,
      ),
    ).rejects.toThrow('not a regular file');
  });
});
