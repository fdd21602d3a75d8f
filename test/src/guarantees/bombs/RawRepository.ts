import { spawnSync } from 'node:child_process';

/** What a folder holds, by name: a file's or folder's object. */
export type Entries = Record<string, GitObjectName>;

/** An object that is in the repository. */
export interface GitObjectName {
  type: 'blob' | 'tree';
  oid: string;
}

/** A bare repository that is made object by object, as no work tree could hold it. */
export class RawRepository {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  file(content: string | Buffer): GitObjectName {
    const oid = this.#git(['hash-object', '-w', '--stdin'], content);
    return { type: 'blob', oid };
  }

  folder(entries: Entries): GitObjectName {
    const lines = Object.entries(entries).map(([name, { type, oid }]) => {
      const mode = type === 'tree' ? '040000' : '100644';
      return `${mode} ${type} ${oid}\t${name}\n`;
    });
    return { type: 'tree', oid: this.#git(['mktree'], lines.join('')) };
  }

  /** Folders in folders. */
  nested(name: string, depth: number, inner: GitObjectName): GitObjectName {
    let folder = inner;
    for (let level = 0; level < depth; level += 1) {
      folder = this.folder({ [name]: folder });
    }
    return folder;
  }

  /** Makes it the only commit of the branch, in one small pack. */
  commit(entries: Entries): void {
    const { oid } = this.folder(entries);
    const commit = this.#git(['commit-tree', oid, '-m', 'bomb']);
    this.#git(['update-ref', 'refs/heads/main', commit]);
    this.#git(['repack', '-adq', '--window=0']);
  }

  #git(args: string[], input?: string | Buffer): string {
    const { status, stdout, stderr } = spawnSync('git', args, {
      cwd: this.#directory,
      input,
      env: {
        PATH: process.env.PATH,
        HOME: this.#directory,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_AUTHOR_NAME: 'a',
        GIT_AUTHOR_EMAIL: 'a@example.com',
        GIT_COMMITTER_NAME: 'a',
        GIT_COMMITTER_EMAIL: 'a@example.com',
      },
    });
    if (status !== 0) {
      throw new Error(`git ${args.join(' ')}: ${stderr}`);
    }
    return stdout.toString().trim();
  }
}
