import { runInTurns } from '../inTurns';
import { formatBytes, formatLimit, REPOSITORY_LIMITS } from '../limits';
import type { RepositoryLimits } from '../limits';
import { pause } from '../turns';
import { applyDelta, applyDeltaInTurns, readDeltaHeader } from './delta';
import { GitUnreachableError, UnsupportedRepositoryError } from './errors';
import { objectName, objectNameInTurns } from './objects';
import type { GitObjectType } from './objects';
import { DamagedPackError, PackFile, PackTooLargeError } from './PackFile';
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
  limits?: Readonly<RepositoryLimits>;
}

/** What of a pack was sent and not read. */
export interface UnreadEntries {
  /** How many entries are too large, or stand on such. */
  skipped: number;
  /** Whether nobody knows what stands at the end of the pack. */
  cutOff: boolean;
  /** Why, in words that go after the name of a file. */
  reason: string;
}

/** An entry, and where it begins. */
interface WaitingEntry {
  offset: number;
  header: PackEntryHeader;
}

/** An entry, and what its object is, also where the pack holds a delta. */
interface Entry {
  header: PackEntryHeader;
  type: ObjectContent['type'];
}

// Contents that are kept as they pass by; others are inflated again when read.
const MAX_KEPT_BYTES = 48 * 1024 * 1024;
// Small ones between two pauses: half a millisecond.
const ENTRIES_AT_ONCE = 20;
// What is longer is worked on with pauses.
const LARGE_BYTES = 256 * 1024;
// How often everything may be unfolded again: whoever reads in the order of the pack
// does so once, and another order costs the deltas that each object stands on.
const MAX_REREADS = 4;

/**
 * The objects of one pack, each under the name that its content gives it, so
 * that nothing in it can pass for something else.
 */
export class PackedObjects {
  readonly #entries = new Map<number, Entry>();
  readonly #offsets = new Map<string, number>();
  readonly #kept = new Map<number, Buffer>();
  /** Deltas by what they stand on, which comes later in the pack. */
  readonly #waiting = new Map<number | string, WaitingEntry[]>();
  /** Where entries begin that were gone over. */
  readonly #skipped = new Set<number>();
  readonly #limits: Readonly<RepositoryLimits>;
  readonly #maxUnfolded: number;
  #keptBytes = 0;
  #unfolded = 0;
  #reread = 0;
  #cutOff = false;

  readonly #pack: PackFile;
  readonly #options: PackOptions;

  private constructor(pack: PackFile, options: PackOptions) {
    this.#pack = pack;
    this.#options = options;

    this.#limits = options.limits ?? REPOSITORY_LIMITS;
    const { unfoldedBytes, unfoldedPerByte } = this.#limits;
    this.#maxUnfolded = unfoldedBytes + unfoldedPerByte * pack.length;
  }

  /**
   * Unpacks and names every object, in turns that leave room for other work. What is
   * too large is gone over; `unread` tells, and to read it is an error.
   *
   * @throws UnreadablePackError
   * @throws UnsupportedRepositoryError - more objects than are read
   */
  static async read(
    bytes: Buffer,
    options: PackOptions,
  ): Promise<PackedObjects> {
    try {
      const packed = new PackedObjects(await PackFile.open(bytes), options);
      await packed.#readEntries();
      return packed;
    } catch (error) {
      throw toGitError(error, options.remote);
    }
  }

  has(oid: string): boolean {
    return this.#offsets.has(oid);
  }

  /** What was sent and not read; undefined where that is nothing. */
  get unread(): UnreadEntries | undefined {
    const skipped = this.#skipped.size;
    if (!this.#cutOff) {
      const limit = formatLimit('objectBytes', this.#limits);
      const reason = `is larger than ${limit}, the most that is read of a file`;
      return skipped > 0 ? { skipped, cutOff: false, reason } : undefined;
    }
    const reason = `was sent among files that unfold from ${formatBytes(
      this.#pack.length,
    )} to more than ${formatBytes(
      this.#maxUnfolded,
    )}, the most that is read of so little; remove the files that were made large`;
    return { skipped, cutOff: true, reason };
  }

  /** Those of some names that are here, in the order in which they are read best. */
  *inOrder(oids: ReadonlySet<string>): Generator<string> {
    for (const oid of this.#offsets.keys()) {
      if (oids.has(oid)) {
        yield oid;
      }
    }
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
    const { remote } = this.#options;
    const offset = this.#offsets.get(oid);
    const entry = offset === undefined ? undefined : this.#entries.get(offset);
    if (offset === undefined || !entry) {
      const { unread } = this;
      if (unread) {
        throw new UnsupportedRepositoryError(
          `The ${type} ${oid} of ${remote} ${unread.reason}`,
        );
      }
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
    const { start, end, count } = this.#pack;
    if (count > this.#limits.packObjects) {
      const limit = formatLimit('packObjects', this.#limits);
      throw new PackTooLargeError(
        `sends ${count} objects at once, and at most ${limit} are read; divide the repository`,
      );
    }
    let offset = start;
    for (let index = 0; index < count && !this.#cutOff; index += 1) {
      const header = this.#pack.readHeader(offset);
      if (!this.#count(header.size)) {
        return;
      }
      const consumed =
        header.size > this.#limits.objectBytes
          ? await this.#skipEntry(offset, header)
          : await this.#readEntry(offset, header);
      offset = header.dataOffset + consumed;
      if (index % ENTRIES_AT_ONCE === 0 || header.size > LARGE_BYTES) {
        await pause();
      }
    }
    if (this.#cutOff) {
      return;
    }
    if (offset !== end) {
      throw new DamagedPackError('There are bytes after the last entry');
    }
    // What they stand on may be what was gone over.
    if (this.#waiting.size > 0 && this.#skipped.size === 0) {
      throw new DamagedPackError('Deltas stand on objects that are not there');
    }
    for (const entries of this.#waiting.values()) {
      entries.forEach(entry => this.#skipped.add(entry.offset));
    }
    this.#waiting.clear();
  }

  async #skipEntry(offset: number, header: PackEntryHeader): Promise<number> {
    const consumed = await this.#pack.skip(header);
    this.#skipped.add(offset);
    return consumed;
  }

  /** Places an entry, and every delta that has waited for it. */
  async #readEntry(offset: number, header: PackEntryHeader): Promise<number> {
    const { data, consumed } = await this.#pack.inflate(header);
    const ready = await this.#place({ offset, header }, data);
    for (let next = ready.pop(); next; next = ready.pop()) {
      if (!this.#count(next.header.size)) {
        break;
      }
      const delta = await this.#pack.inflate(next.header);
      ready.push(...(await this.#place(next, delta.data)));
      await pause();
    }
    return consumed;
  }

  /**
   * Names an object, or lets it wait for what it stands on.
   *
   * @returns what has waited for it
   */
  async #place(entry: WaitingEntry, data: Buffer): Promise<WaitingEntry[]> {
    const { offset, header } = entry;
    const object =
      header.type === 'delta'
        ? await this.#objectOf(entry, data)
        : { type: header.type, content: data };
    if (!object) {
      return [];
    }
    const { type, content } = object;
    const oid =
      content.length > LARGE_BYTES
        ? await runInTurns(objectNameInTurns(type, content))
        : objectName(type, content);
    this.#entries.set(offset, { header, type });
    this.#offsets.set(oid, offset);
    this.#keep(offset, content);
    return [...this.#takeWaiting(offset), ...this.#takeWaiting(oid)];
  }

  /** The object of a delta; undefined while, or because, it cannot be made. */
  async #objectOf(
    entry: WaitingEntry,
    delta: Buffer,
  ): Promise<ObjectContent | undefined> {
    const { offset, header } = entry;
    const { base: name } = header;
    const { resultSize } = readDeltaHeader(delta);
    if (
      resultSize > this.#limits.objectBytes ||
      (typeof name === 'number' && this.#skipped.has(name))
    ) {
      this.#skipped.add(offset);
      return undefined;
    }
    const base = await this.#baseOf(header);
    if (!base) {
      if (name !== undefined) {
        const waiting = this.#waiting.get(name) ?? [];
        waiting.push(entry);
        this.#waiting.set(name, waiting);
      }
      return undefined;
    }
    if (!this.#count(resultSize)) {
      return undefined;
    }
    return { type: base.type, content: await apply(delta, base.content) };
  }

  #takeWaiting(base: number | string): WaitingEntry[] {
    const waiting = this.#waiting.get(base) ?? [];
    this.#waiting.delete(base);
    return waiting;
  }

  async #baseOf({ base }: PackEntryHeader): Promise<ObjectContent | undefined> {
    const offset = this.#offsetOf(base);
    const entry = offset === undefined ? undefined : this.#entries.get(offset);
    if (offset !== undefined && entry) {
      return { type: entry.type, content: await this.#contentAt(offset) };
    }
    return typeof base === 'string' ? this.#options.baseOf?.(base) : undefined;
  }

  #offsetOf(base: PackEntryHeader['base']): number | undefined {
    return typeof base === 'string' ? this.#offsets.get(base) : base;
  }

  /** The content of an entry, through as many deltas as it stands on. */
  async #contentAt(offset: number): Promise<Buffer> {
    const kept = this.#kept.get(offset);
    if (kept) {
      // Used last, so it goes last.
      this.#kept.delete(offset);
      this.#kept.set(offset, kept);
      return kept;
    }
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
          ? this.#options.baseOf?.(base)?.content
          : undefined);
      if (!content) {
        if (!header) {
          throw new DamagedPackError('A delta stands on nothing');
        }
        const { data } = await this.#pack.inflate(header);
        this.#countAgain(data.length);
        await pause();
        if (header.type === 'delta') {
          deltas.push(data);
          base = header.base;
        } else {
          content = data;
        }
      }
    }
    for (const delta of deltas.reverse()) {
      content = await apply(delta, content);
      this.#countAgain(content.length);
      await pause();
    }
    this.#keep(offset, content);
    return content;
  }

  /** Answers false, and ends the reading, where there is no room for so much. */
  #count(bytes: number): boolean {
    this.#cutOff ||= this.#unfolded + bytes > this.#maxUnfolded;
    if (!this.#cutOff) {
      this.#unfolded += bytes;
    }
    return !this.#cutOff;
  }

  #countAgain(bytes: number): void {
    this.#reread += bytes;
    if (this.#reread > MAX_REREADS * this.#maxUnfolded) {
      throw new PackTooLargeError(
        `sends deltas that unfold to more than ${formatBytes(
          MAX_REREADS * this.#maxUnfolded,
        )}; repack the repository`,
      );
    }
  }

  #keep(offset: number, content: Buffer): void {
    if (content.length > MAX_KEPT_BYTES / 2 || this.#kept.has(offset)) {
      return;
    }
    this.#kept.set(offset, content);
    this.#keptBytes += content.length;
    for (const [oldest, { length }] of this.#kept) {
      if (this.#keptBytes <= MAX_KEPT_BYTES) {
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
    return new UnsupportedRepositoryError(`${remote} ${error.message}`);
  }
  return error;
}

async function apply(delta: Buffer, base: Buffer): Promise<Buffer> {
  return delta.length + readDeltaHeader(delta).resultSize > LARGE_BYTES
    ? runInTurns(applyDeltaInTurns(base, delta))
    : applyDelta(base, delta);
}
