import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createMockDirectory } from '@backstage/backend-test-utils';
import { InputError, NotAllowedError } from '@backstage/errors';
import { Workspace } from './Workspace';

const directory = createMockDirectory();

beforeEach(() => {
  directory.setContent({
    'outside/secret.yaml': 'outside',
    'task/a.yaml': 'a',
    'task/note.txt': 'no manifest',
    'task/repo/b.yml': 'b',
    'task/repo/deep/er/c.yaml': 'c',
    'task/repo/.git/config.yaml': 'git',
  });
});

const task = () => directory.resolve('task');

describe('Workspace', () => {
  it('lists manifests at any depth, in order, and passes links and .git over', async () => {
    symlinkSync(directory.resolve('outside'), directory.resolve('task/out'));
    symlinkSync(
      directory.resolve('outside/secret.yaml'),
      directory.resolve('task/link.yaml'),
    );
    symlinkSync('deep', directory.resolve('task/repo/inside'));
    const workspace = await Workspace.open(task());
    expect(await workspace.list()).toEqual({
      files: ['a.yaml', 'repo/b.yml', 'repo/deep/er/c.yaml'],
      links: ['link.yaml', 'out', 'repo/inside'],
    });
  });

  it('names files from the workspace', async () => {
    const workspace = await Workspace.open(task(), './repo/deep/');
    expect(await workspace.list()).toEqual({ files: ['er/c.yaml'], links: [] });
    expect(workspace.nameOf('er/c.yaml')).toBe('repo/deep/er/c.yaml');
  });

  it.each(['..', '../outside', 'repo/../../outside'])(
    'refuses the path %s',
    async path => {
      await expect(Workspace.open(task(), path)).rejects.toThrow(
        NotAllowedError,
      );
    },
  );

  it('refuses an absolute path', async () => {
    await expect(
      Workspace.open(task(), directory.resolve('outside')),
    ).rejects.toThrow(NotAllowedError);
  });

  it('refuses a path through a link, outside or inside', async () => {
    symlinkSync(directory.resolve('outside'), directory.resolve('task/out'));
    symlinkSync('repo', directory.resolve('task/in'));
    for (const path of ['out', 'in', 'in/deep']) {
      await expect(Workspace.open(task(), path)).rejects.toThrow(
        NotAllowedError,
      );
    }
  });

  it('says that a path is missing or a file', async () => {
    await expect(Workspace.open(task(), 'none')).rejects.toThrow(InputError);
    await expect(Workspace.open(task(), 'a.yaml')).rejects.toThrow(
      'path: a.yaml is a file; name its folder',
    );
  });

  it('works in a workspace that itself is reached through a link', async () => {
    symlinkSync(task(), directory.resolve('alias'));
    const workspace = await Workspace.open(directory.resolve('alias'), 'repo');
    await workspace.replace('b.yml', Buffer.from('new'));
    expect((await workspace.read('b.yml')).toString()).toBe('new');
  });

  it.each([0o644, 0o600, 0o755, 0o444])(
    'replaces a file, keeps its mode %i and leaves nothing else',
    async mode => {
      const file = directory.resolve('task/repo/b.yml');
      chmodSync(file, mode);
      const workspace = await Workspace.open(task());
      await workspace.replace('repo/b.yml', Buffer.from('new'));
      expect(readFileSync(file, 'utf8')).toBe('new');
      // eslint-disable-next-line no-bitwise
      expect(statSync(file).mode & 0o7777).toBe(mode);
      expect(readdirSync(directory.resolve('task/repo')).sort()).toEqual([
        '.git',
        'b.yml',
        'deep',
      ]);
    },
  );

  it('neither reads nor writes through links and folders, and not outside', async () => {
    symlinkSync(directory.resolve('outside'), directory.resolve('task/out'));
    symlinkSync(
      directory.resolve('outside/secret.yaml'),
      directory.resolve('task/link.yaml'),
    );
    mkdirSync(directory.resolve('task/folder.yaml'));
    const workspace = await Workspace.open(task());
    for (const file of [
      'link.yaml',
      'out/secret.yaml',
      'folder.yaml',
      '../outside/secret.yaml',
    ]) {
      await expect(workspace.read(file)).rejects.toThrow(NotAllowedError);
      await expect(workspace.replace(file, Buffer.from('bad'))).rejects.toThrow(
        NotAllowedError,
      );
    }
    expect(readFileSync(directory.resolve('outside/secret.yaml'), 'utf8')).toBe(
      'outside',
    );
    expect(
      lstatSync(directory.resolve('task/link.yaml')).isSymbolicLink(),
    ).toBe(true);
  });

  it('lists files of every kind', async () => {
    const workspace = await Workspace.open(task());
    expect((await workspace.listAll()).files).toEqual([
      'a.yaml',
      'note.txt',
      'repo/b.yml',
      'repo/deep/er/c.yaml',
    ]);
    expect(await workspace.sizeOf('a.yaml')).toBe(1);
  });

  it('creates a file and leaves nothing else', async () => {
    const workspace = await Workspace.open(task(), 'repo/deep');
    await workspace.create('er/new.yaml', Buffer.from('new'));
    const folder = directory.resolve('task/repo/deep/er');
    expect(readdirSync(folder).sort()).toEqual(['c.yaml', 'new.yaml']);
    expect(readFileSync(`${folder}/new.yaml`, 'utf8')).toBe('new');
    // eslint-disable-next-line no-bitwise
    expect(statSync(`${folder}/new.yaml`).mode & 0o7777).toBe(0o644);
  });

  it('creates nothing over what is there, through links and outside', async () => {
    symlinkSync(directory.resolve('outside'), directory.resolve('task/out'));
    symlinkSync('nowhere', directory.resolve('task/link.yaml'));
    const workspace = await Workspace.open(task());
    for (const file of [
      'a.yaml',
      'repo',
      'link.yaml',
      'out/new.yaml',
      '../outside/new.yaml',
    ]) {
      await expect(workspace.create(file, Buffer.from('bad'))).rejects.toThrow(
        NotAllowedError,
      );
    }
    expect(readdirSync(directory.resolve('outside'))).toEqual(['secret.yaml']);
    expect(readFileSync(directory.resolve('task/a.yaml'), 'utf8')).toBe('a');
  });
});
