import { createHash } from 'node:crypto';
import { indexPack, readObject } from 'isomorphic-git';
import { createFsFromVolume, Volume } from 'memfs';
import { GitUnreachableError } from './errors';
import type { GitObjectType } from './objects';

const gitdir = '/git';
const packFile = 'objects/pack/pack-fetched.pack';

/**
 * The objects of one fetched pack, in memory. isomorphic-git indexes the pack,
 * naming every object by its content, and undoes its deltas.
 */
export class ObjectStore {
  private constructor(
    private readonly fs: ReturnType<typeof createFsFromVolume>,
    private readonly objects: Set<string>,
    private readonly remote: string,
  ) {}

  // Holds the parsed index and the pack for as long as the store is used:
  // without it every single read would parse both again.
  private cache: object | undefined = {};

  /** @param remote - names the remote in errors */
  static async open(pack: Buffer, remote: string): Promise<ObjectStore> {
    const end = pack.length - 20;
    const whole =
      end >= 12 &&
      pack.toString('latin1', 0, 4) === 'PACK' &&
      createHash('sha1')
        .update(pack.subarray(0, end))
        .digest()
        .equals(pack.subarray(end));
    if (!whole) {
      throw new GitUnreachableError(
        `${remote} sent a pack that is damaged or broken off`,
      );
    }
    const fs = createFsFromVolume(Volume.fromJSON({}));
    await fs.promises.mkdir(`${gitdir}/objects/pack`, { recursive: true });
    await fs.promises.writeFile(`${gitdir}/${packFile}`, pack);
    const { oids } = await indexPack({
      fs,
      dir: gitdir,
      gitdir,
      filepath: packFile,
    });
    return new ObjectStore(fs, new Set(oids), remote);
  }

  has(oid: string): boolean {
    return this.objects.has(oid);
  }

  /** The content of an object; throws `GitUnreachableError` where the pack lacks it. */
  async read(oid: string, type: GitObjectType): Promise<Buffer> {
    if (!this.cache) {
      throw new Error('The git snapshot has been closed');
    }
    if (!this.has(oid)) {
      throw new GitUnreachableError(
        `${this.remote} left the ${type} ${oid} out of its answer`,
      );
    }
    const found = await readObject({
      fs: this.fs,
      gitdir,
      oid,
      format: 'content',
      cache: this.cache,
    });
    if (found.type !== type || !(found.object instanceof Uint8Array)) {
      throw new GitUnreachableError(
        `${this.remote} sent ${oid} as a ${found.type}, not as a ${type}`,
      );
    }
    const { buffer, byteOffset, byteLength } = found.object;
    return Buffer.from(buffer, byteOffset, byteLength);
  }

  close(): void {
    this.cache = undefined;
    this.objects.clear();
    this.fs.rmSync(gitdir, { recursive: true });
  }
}
