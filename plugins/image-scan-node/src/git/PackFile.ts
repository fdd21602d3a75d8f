import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { createInflate, inflate, inflateSync } from 'node:zlib';
import type { ZlibOptions } from 'node:zlib';
import { formatBytes } from '../limits';
import { pause } from '../turns';
import type { GitObjectType } from './objects';

/** Bytes that are no pack, or not the whole of one. */
export class DamagedPackError extends Error {}

/** A pack, or an object in it, that is larger than is read; says so after the remote's name. */
export class PackTooLargeError extends Error {}

/** What stands before an entry's compressed bytes. */
export interface PackEntryHeader {
  /** What the bytes are once inflated: an object, or a delta. */
  type: GitObjectType | 'tag' | 'delta';
  /** Of the inflated bytes. */
  size: number;
  /** Where the compressed bytes begin. */
  dataOffset: number;
  /** What a delta stands on: an entry by its offset, or an object by its name. */
  base?: number | string;
}

const types: Readonly<Record<number, GitObjectType | 'tag'>> = {
  1: 'commit',
  2: 'tree',
  3: 'blob',
  4: 'tag',
};
const OFFSET_DELTA = 6;
const REFERENCE_DELTA = 7;

const HEADER_BYTES = 12;
const CHECKSUM_BYTES = 20;
// What can be gone over; what can be kept is far less.
const MAX_ENTRY_BYTES = 4 * 1024 * 1024 * 1024;
// Larger ones are inflated on another thread.
const LARGE_BYTES = 512 * 1024;
// About two milliseconds.
const HASHED_AT_ONCE = 1024 * 1024;

const inflateAside = promisify(inflate) as (
  data: Buffer,
  options: ZlibOptions,
) => Promise<unknown>;

/** A pack as it lies on the wire: entries one after the other. */
export class PackFile {
  /** Where the first entry begins. */
  readonly start = HEADER_BYTES;
  /** Where the last one ends. */
  readonly end: number;
  /** How many entries it says there are. */
  readonly count: number;

  readonly #pack: Buffer;

  private constructor(pack: Buffer) {
    this.#pack = pack;

    this.end = pack.length - CHECKSUM_BYTES;
    this.count = pack.readUInt32BE(8);
  }

  /** @throws DamagedPackError where the bytes are not what their checksum says. */
  static async open(pack: Buffer): Promise<PackFile> {
    const end = pack.length - CHECKSUM_BYTES;
    const isWhole =
      end >= HEADER_BYTES &&
      pack.toString('latin1', 0, 4) === 'PACK' &&
      [2, 3].includes(pack.readUInt32BE(4)) &&
      (await checksumOf(pack.subarray(0, end))).equals(pack.subarray(end));
    if (!isWhole) {
      throw new DamagedPackError('The bytes are no whole pack');
    }
    return new PackFile(pack);
  }

  /** Of the whole pack, in bytes. */
  get length(): number {
    return this.#pack.length;
  }

  /** @throws DamagedPackError, PackTooLargeError */
  readHeader(offset: number): PackEntryHeader {
    let at = offset;
    const next = () => {
      if (at >= this.end) {
        throw new DamagedPackError('An entry ends in its header');
      }
      at += 1;
      return this.#pack[at - 1];
    };
    // Three bits of type and four of size, then seven bits of size a byte.
    let byte = next();
    const kind = Math.floor(byte / 16) % 8;
    let size = byte % 16;
    for (let factor = 16; byte >= 0x80; factor *= 128) {
      byte = next();
      size += (byte % 128) * factor;
      checkEntrySize(size);
    }
    if (kind === REFERENCE_DELTA) {
      const base = this.#pack.toString('hex', at, at + 20);
      return { type: 'delta', size, dataOffset: at + 20, base };
    }
    if (kind === OFFSET_DELTA) {
      // Each further byte counts one more than its bits say, so that no distance
      // can be written in two ways.
      byte = next();
      let distance = byte % 128;
      while (byte >= 0x80) {
        byte = next();
        distance = (distance + 1) * 128 + (byte % 128);
        if (distance > offset) {
          throw new DamagedPackError('A delta stands on nothing');
        }
      }
      return { type: 'delta', size, dataOffset: at, base: offset - distance };
    }
    if (!types[kind]) {
      throw new DamagedPackError(`There is no entry of type ${kind}`);
    }
    return { type: types[kind], size, dataOffset: at };
  }

  /**
   * Unpacks an entry, and tells how many bytes of the pack it took: a pack does
   * not say where an entry ends.
   *
   * @throws DamagedPackError
   */
  async inflate({
    dataOffset,
    size,
  }: PackEntryHeader): Promise<{ data: Buffer; consumed: number }> {
    const rest = this.#pack.subarray(dataOffset, this.end);
    const options = {
      info: true,
      maxOutputLength: Math.max(size, 1),
      chunkSize: Math.max(Math.min(size, LARGE_BYTES), 64),
    };
    let inflated: unknown;
    try {
      inflated =
        size > LARGE_BYTES
          ? await inflateAside(rest, options)
          : inflateSync(rest, options);
    } catch (error) {
      throw isInflateError(error)
        ? new DamagedPackError('An entry cannot be inflated')
        : error;
    }
    if (!isInflated(inflated) || inflated.buffer.length !== size) {
      throw new DamagedPackError('An entry is not as long as it says');
    }
    return { data: inflated.buffer, consumed: inflated.engine.bytesWritten };
  }

  /**
   * Goes over an entry without keeping it, on another thread and in little memory;
   * answers how many bytes of the pack it took.
   *
   * @throws DamagedPackError
   */
  async skip({ dataOffset, size }: PackEntryHeader): Promise<number> {
    const inflater = createInflate({ chunkSize: LARGE_BYTES });
    let inflated = 0;
    try {
      inflater.end(this.#pack.subarray(dataOffset, this.end));
      for await (const chunk of inflater) {
        inflated += Buffer.isBuffer(chunk) ? chunk.length : 0;
        if (inflated > size) {
          break;
        }
      }
    } catch (error) {
      throw isInflateError(error)
        ? new DamagedPackError('An entry cannot be inflated')
        : error;
    }
    if (inflated !== size) {
      throw new DamagedPackError('An entry is not as long as it says');
    }
    return inflater.bytesWritten;
  }
}

function checkEntrySize(size: number): void {
  if (size > MAX_ENTRY_BYTES) {
    throw new PackTooLargeError(
      `holds an object of more than ${formatBytes(
        MAX_ENTRY_BYTES,
      )}; remove it from the branch`,
    );
  }
}

async function checksumOf(bytes: Buffer): Promise<Buffer> {
  const hash = createHash('sha1');
  for (let start = 0; start < bytes.length; start += HASHED_AT_ONCE) {
    hash.update(bytes.subarray(start, start + HASHED_AT_ONCE));
    await pause();
  }
  return hash.digest();
}

/** What zlib answers with the option `info`, which its types do not know. */
function isInflated(
  value: unknown,
): value is { buffer: Buffer; engine: { bytesWritten: number } } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'buffer' in value &&
    Buffer.isBuffer(value.buffer) &&
    'engine' in value &&
    typeof value.engine === 'object' &&
    value.engine !== null &&
    'bytesWritten' in value.engine
  );
}

/** Bytes that do not inflate, or to more than the entry says. */
function isInflateError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) {
    return false;
  }
  const code = String(error.code);
  return code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE';
}
