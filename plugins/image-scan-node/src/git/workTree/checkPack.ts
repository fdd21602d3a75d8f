import { readDeltaHeader } from '../delta';
import { GitUnreachableError } from '../errors';
import { DamagedPackError, PackFile, PackTooLargeError } from '../PackFile';
import type { PackEntryHeader } from '../PackFile';
import { readPackets } from '../pktLine';
import { MAX_OBJECT_BYTES, MAX_UNPACKED_BYTES, tooLarge } from './limits';

/** Larger entries are gone over and not kept, which takes longer. */
const KEPT_BYTES = 512 * 1024;

/** What an object costs at most, whenever isomorphic-git unpacks it anew. */
const MAX_CHAIN_BYTES = 16 * MAX_UNPACKED_BYTES;

/** The answer of `git-upload-pack`, taken apart. */
export interface UploadedPack {
  /** What is said before the pack, such as `NAK` and what is shallow. */
  lines: Buffer[];
  /** In the memory of the answer; empty where there is none. */
  pack: Buffer;
}

/**
 * Takes an answer apart, and moves the pack together in its place: another copy of it
 * would be as large again. The answer cannot be used afterwards.
 */
export function takePack(answer: Buffer, remote: string): UploadedPack {
  const lines: Buffer[] = [];
  let end = 0;
  const append = (part: Buffer) => {
    // Only what was read already is written over.
    answer.set(part, end);
    end += part.length;
  };
  for (const next of readPackets(answer, remote)) {
    if (next.kind === 'pack') {
      append(next.data);
    } else if (next.kind === 'data' && next.data[0] === 1) {
      append(next.data.subarray(1));
    } else if (next.kind === 'data' && next.data[0] !== 2) {
      lines.push(Buffer.from(next.data));
    }
  }
  return { lines, pack: answer.subarray(0, end) };
}

/**
 * Looks through a pack before isomorphic-git unpacks all of it: no object may be larger
 * than is cloned, nor all together.
 *
 * @returns bytes of the largest object
 * @throws UnsupportedRepositoryError, GitUnreachableError
 */
export async function checkPack(pack: Buffer, remote: string): Promise<number> {
  try {
    return await checkEntries(await PackFile.open(pack));
  } catch (error) {
    if (error instanceof PackTooLargeError) {
      throw objectTooLarge();
    }
    throw error instanceof DamagedPackError
      ? new GitUnreachableError(
          `${remote} sent a pack that is damaged or broken off`,
        )
      : error;
  }
}

async function checkEntries(pack: PackFile): Promise<number> {
  // What unpacking an entry takes, through all that its delta stands on.
  const costs = new Map<number, number>();
  let unpacked = 0;
  let cost = 0;
  let largest = 0;
  let offset = pack.start;
  for (let index = 0; index < pack.count; index += 1) {
    const header = pack.readHeader(offset);
    checkSize(header.size);
    const { size, consumed } = await measure(pack, header);
    checkSize(size);
    largest = Math.max(largest, size);
    unpacked += size;
    if (unpacked > MAX_UNPACKED_BYTES) {
      throw tooLarge('Unpacked it has', MAX_UNPACKED_BYTES, 'bytes');
    }
    const below =
      typeof header.base === 'number' ? costs.get(header.base) ?? 0 : 0;
    costs.set(offset, below + size);
    cost += below + size;
    if (cost > MAX_CHAIN_BYTES) {
      throw tooLarge(
        'Unpacked through its chains of deltas it has',
        MAX_CHAIN_BYTES,
        'bytes',
      );
    }
    offset = header.dataOffset + consumed;
  }
  return largest;
}

/** How large an object becomes, and how many bytes its entry takes. */
async function measure(
  pack: PackFile,
  header: PackEntryHeader,
): Promise<{ size: number; consumed: number }> {
  if (header.type !== 'delta' && header.size > KEPT_BYTES) {
    return { size: header.size, consumed: await pack.skip(header) };
  }
  const { data, consumed } = await pack.inflate(header);
  const size =
    header.type === 'delta' ? readDeltaHeader(data).resultSize : header.size;
  return { size, consumed };
}

function checkSize(size: number): void {
  if (size > MAX_OBJECT_BYTES) {
    throw objectTooLarge();
  }
}

function objectTooLarge(): Error {
  return tooLarge('One of its files has', MAX_OBJECT_BYTES, 'bytes');
}
