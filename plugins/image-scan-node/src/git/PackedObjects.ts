import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { applyDelta, readDeltaHeader } from './delta';
import { GitUnreachableError, UnsupportedRepositoryError } from './errors';
import { objectName } from './objects';
import type { GitObjectType } from './objects';
import {
  checkObjectSize,
  DamagedPackError,
  PackFile,
  PackTooLargeError,
} from './PackFile';
import type { PackEntryHeader } from './PackFile';

/** A pack that is damaged, not whole, or stands on objects that are not here. */
export class UnreadablePackError extends GitUnreachableError {}

/** Content of an object, and what it is. */
export interface ObjectContent {
  type: GitObjectType | 'tag';
  content: Buffer;
}

export interface PackOptions {
  /** Names the remote in errors. */
  remote: string;
  /** Objects outside of the pack, which the deltas of a thin one stand on. */
  baseOf?: (oid: string) => ObjectContent | undefined;
}

/** An entry, and what its object is, also where the pack holds a delta. */
interface Entry {
  header: PackEntryHeader;
  type: ObjectContent['type'];
}

// A small pack can unfold into far more than any machine wants to go through.
const maxUnpackedBytes = 8 * 1024 * 1024 * 1024;
// Contents that are kept as they pass by; others are inflated again when read.
const maxKeptBytes = 48 * 1024 * 1024;
// How long the event loop is held at a stretch.
const turnMs = 8;

/**
 * The objects of one pack, each under the name that its content gives it, so
 * that nothing in it can pass for something else.
 */
export class PackedObjects {
  readonly #entries = new Map<number, Entry>();
  readonly #offsets = new Map<string, number>();
  readonly #kept = new Map<number, Buffer>();
  #keptBytes = 0;
  #unpackedBytes = 0;

  private constructor(
    private readonly pack: PackFile,
    private readonly options: PackOptions,
  ) {}

  /**
   * Unpacks and names every object, in turns that leave room for other work.
   *
   * @throws UnreadablePackError
   * @throws UnsupportedRepositoryError - one too large to be unpacked
   */
  static async read(
    bytes: Buffer,
    options: PackOptions,
  ): Promise<PackedObjects> {
    try {
      const packed = new PackedObjects(new PackFile(bytes), options);
      await packed.#readEntries();
      return packed;
    } catch (error) {
      throw toGitError(error, options.remote);
    }
  }

  has(oid: string): boolean {
    return this.#offsets.has(oid);
  }

  /** Names of all objects of a type. */
  *namesOf(type: ObjectContent['type']): Generator<string> {
    for (const [oid, offset] of this.#offsets) {
      if (this.#entries.get(offset)?.type === type) {
        yield oid;
      }
    }
  }

  /** The content of an object; throws `GitUnreachableError` where the pack lacks it. */
  async read(oid: string, type: GitObjectType): Promise<Buffer> {
    const { remote } = this.options;
    const offset = this.#offsets.get(oid);
    const entry = offset === undefined ? undefined : this.#entries.get(offset);
    if (offset === undefined || !entry) {
      throw new GitUnreachableError(
        `${remote} left the ${type} ${oid} out of its answer`,
      );
    }
    if (entry.type !== type) {
      throw new GitUnreachableError(
        `${remote} sent ${oid} as a ${entry.type}, not as a ${type}`,
      );
    }
    try {
      return await this.#contentAt(offset);
    } catch (error) {
      throw toGitError(error, remote);
    }
  }

  async #readEntries(): Promise<void> {
    const { start, end, count } = this.pack;
    let waiting = new Map<number, PackEntryHeader>();
    let offset = start;
    let turnEnds = performance.now() + turnMs;
    for (let index = 0; index < count; index += 1) {
      const header = this.pack.readHeader(offset);
      const { data, consumed } = await this.pack.inflate(header);
      if (!(await this.#place(offset, header, data))) {
        waiting.set(offset, header);
      }
      offset = header.dataOffset + consumed;
      if (performance.now() > turnEnds) {
        await setImmediate();
        turnEnds = performance.now() + turnMs;
      }
    }
    if (offset !== end) {
      throw new DamagedPackError('There are bytes after the last entry');
    }
    // Deltas may stand on objects that come later in the pack.
    while (waiting.size > 0) {
      const before = waiting.size;
      waiting = await this.#placeWaiting(waiting);
      if (waiting.size === before) {
        throw new DamagedPackError(
          'Deltas stand on objects that are not there',
        );
      }
    }
  }

  async #placeWaiting(
    entries: ReadonlyMap<number, PackEntryHeader>,
  ): Promise<Map<number, PackEntryHeader>> {
    const left = new Map<number, PackEntryHeader>();
    for (const [offset, header] of entries) {
      const { data } = await this.pack.inflate(header);
      if (!(await this.#place(offset, header, data))) {
        left.set(offset, header);
      }
    }
    return left;
  }

  /** Names an object; false while what its delta stands on is not there. */
  async #place(
    offset: number,
    header: PackEntryHeader,
    data: Buffer,
  ): Promise<boolean> {
    let object: ObjectContent;
    if (header.type === 'delta') {
      const base = await this.#baseOf(header);
      if (!base) {
        return false;
      }
      const content = this.#apply(data, base.content);
      object = { type: base.type, content };
    } else {
      object = { type: header.type, content: data };
    }
    const { type, content } = object;
    this.#count(content.length);
    this.#entries.set(offset, { header, type });
    this.#offsets.set(objectName(type, content), offset);
    this.#keep(offset, content);
    return true;
  }

  async #baseOf({ base }: PackEntryHeader): Promise<ObjectContent | undefined> {
    const offset = this.#offsetOf(base);
    const entry = offset === undefined ? undefined : this.#entries.get(offset);
    if (offset !== undefined && entry) {
      return { type: entry.type, content: await this.#contentAt(offset) };
    }
    return typeof base === 'string' ? this.options.baseOf?.(base) : undefined;
  }

  #offsetOf(base: PackEntryHeader['base']): number | undefined {
    return typeof base === 'string' ? this.#offsets.get(base) : base;
  }

  /** The content of an entry, through as many deltas as it stands on. */
  async #contentAt(offset: number): Promise<Buffer> {
    const deltas: Buffer[] = [];
    let content: Buffer | undefined;
    let base: PackEntryHeader['base'] = offset;
    while (!content) {
      const at = this.#offsetOf(base);
      const header: PackEntryHeader | undefined =
        at === undefined ? undefined : this.#entries.get(at)?.header;
      content =
        (at === undefined ? undefined : this.#kept.get(at)) ??
        (typeof base === 'string' && !header
          ? this.options.baseOf?.(base)?.content
          : undefined);
      if (!content) {
        if (!header) {
          throw new DamagedPackError('A delta stands on nothing');
        }
        const { data } = await this.pack.inflate(header);
        this.#count(data.length);
        if (header.type === 'delta') {
          deltas.push(data);
          base = header.base;
        } else {
          content = data;
        }
      }
    }
    for (const delta of deltas.reverse()) {
      content = this.#apply(delta, content);
      this.#count(content.length);
    }
    this.#keep(offset, content);
    return content;
  }

  #apply(delta: Buffer, base: Buffer): Buffer {
    checkObjectSize(readDeltaHeader(delta).resultSize);
    return applyDelta(base, delta);
  }

  #count(bytes: number): void {
    this.#unpackedBytes += bytes;
    if (this.#unpackedBytes > maxUnpackedBytes) {
      throw new PackTooLargeError('The pack unfolds into more than is read');
    }
  }

  #keep(offset: number, content: Buffer): void {
    if (content.length > maxKeptBytes / 2 || this.#kept.has(offset)) {
      return;
    }
    this.#kept.set(offset, content);
    this.#keptBytes += content.length;
    for (const [oldest, { length }] of this.#kept) {
      if (this.#keptBytes <= maxKeptBytes) {
        break;
      }
      this.#kept.delete(oldest);
      this.#keptBytes -= length;
    }
  }
}

function toGitError(error: unknown, remote: string): unknown {
  if (error instanceof DamagedPackError) {
    return new UnreadablePackError(
      `${remote} sent a pack that is damaged or broken off`,
    );
  }
  if (error instanceof PackTooLargeError) {
    return new UnsupportedRepositoryError(
      `${remote} holds more, or larger files, than can be read`,
    );
  }
  return error;
}
