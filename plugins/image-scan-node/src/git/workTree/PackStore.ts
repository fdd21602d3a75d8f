import { indexPack } from 'isomorphic-git';
import type { Repository } from './repository';

/** Keeps the packs that a clone brings, and makes their objects known. */
export class PackStore {
  readonly #repository: Repository;
  readonly #packs: string[] = [];

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  async store(pack: Buffer): Promise<void> {
    const name = pack.toString('hex', pack.length - 20);
    const filepath = `.git/objects/pack/pack-${name}.pack`;
    const { fs, dir } = this.#repository;
    await fs.promises.writeFile(`${dir}/${filepath}`, pack);
    this.#packs.push(filepath);
  }

  async index(): Promise<void> {
    for (const filepath of this.#packs.splice(0)) {
      await indexPack({ ...this.#repository, filepath });
    }
  }
}
