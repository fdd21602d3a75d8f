import { readObject } from 'isomorphic-git';
import { parseCommit } from '../objects';
import type { ConfinedFileSystem } from './ConfinedFileSystem';

/** What every call of isomorphic-git is given. */
export interface Repository {
  fs: ConfinedFileSystem;
  dir: string;
  /** Holds the packs of this task. */
  cache: object;
}

/** The tree of a commit. */
export async function treeOf(
  repository: Repository,
  commit: string,
): Promise<string> {
  return parseCommit(await readContent(repository, commit)).tree;
}

/** The bytes of an object. */
export async function readContent(
  repository: Repository,
  oid: string,
): Promise<Buffer> {
  const { object } = await readObject({
    ...repository,
    oid,
    format: 'content',
  });
  if (!(object instanceof Uint8Array)) {
    throw new Error(`isomorphic-git did not read the bytes of ${oid}`);
  }
  return Buffer.from(object.buffer, object.byteOffset, object.byteLength);
}
