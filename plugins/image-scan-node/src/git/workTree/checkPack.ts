import { readDeltaHeader } from '../delta';
import { GitUnreachableError } from '../errors';
import { DamagedPackError, PackFile, PackTooLargeError } from '../PackFile';
import type { PackEntryHeader } from '../PackFile';
import { readPackets } from '../pktLine';
import { MAX_OBJECT_BYTES, MAX_UNPACKED_BYTES, tooLarge } from './limits';

/** What an object costs at most, whenever isomorphic-git unpacks it anew. */
const MAX_CHAIN_BYTES = 16 * MAX_UNPACKED_BYTES;

/**
 * Looks through the pack in the answer of `git-upload-pack` before isomorphic-git
 * unpacks all of it: no object may be larger than is cloned, nor all together.
 *
 * @throws UnsupportedRepositoryError, GitUnreachableError
 */
export async function checkUploadedPack(
  answer: Buffer,
  remote: string,
): Promise<void> {
  const pieces: Buffer[] = [];
  for (const next of readPackets(answer, remote)) {
    if (next.kind === 'data' && next.data[0] === 1) {
      pieces.push(next.data.subarray(1));
    }
  }
  if (pieces.length === 0) {
    // Words alone, which isomorphic-git reads.
    return;
  }
  try {
    await checkEntries(await PackFile.open(Buffer.concat(pieces)));
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

async function checkEntries(pack: PackFile): Promise<void> {
  // What unpacking an entry takes, through all that its delta stands on.
  const costs = new Map<number, number>();
  let unpacked = 0;
  let cost = 0;
  let offset = pack.start;
  for (let index = 0; index < pack.count; index += 1) {
    const header = pack.readHeader(offset);
    checkSize(header.size);
    const { data, consumed } = await pack.inflate(header);
    const size = sizeOf(header, data);
    checkSize(size);
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
}

function sizeOf(header: PackEntryHeader, data: Buffer): number {
  return header.type === 'delta'
    ? readDeltaHeader(data).resultSize
    : header.size;
}

function checkSize(size: number): void {
  if (size > MAX_OBJECT_BYTES) {
    throw objectTooLarge();
  }
}

function objectTooLarge(): Error {
  return tooLarge('One of its files has', MAX_OBJECT_BYTES, 'bytes');
}
