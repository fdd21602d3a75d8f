import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { runAtOnce } from '../inTurns';
import type { PausingWork } from '../inTurns';
import type { GitObject } from './objects';

const typeNumbers = { commit: 1, tree: 2, blob: 3 };

/**
 * A pack (version 2) of whole objects, without deltas: right for the few objects
 * of one commit, and readable by every server.
 */
export function writePack(objects: readonly GitObject[]): Buffer {
  return runAtOnce(writePackInTurns(objects));
}

/** {@link writePack}, with pauses. */
export function* writePackInTurns(
  objects: readonly GitObject[],
): PausingWork<Buffer> {
  const header = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');
  header.writeUInt32BE(objects.length, 8);
  const parts: Buffer[] = [header];
  const hash = createHash('sha1').update(header);
  for (const { type, content } of objects) {
    const entry = [
      entryHeader(typeNumbers[type], content.length),
      deflateSync(content),
    ];
    entry.forEach(part => hash.update(part));
    parts.push(...entry);
    yield;
  }
  return Buffer.concat([...parts, hash.digest()]);
}

// Three bits of type and four of size, then seven bits of size a byte; the top
// bit says that more follows.
function entryHeader(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size & 0x0f)];
  for (
    let rest = Math.floor(size / 16);
    rest > 0;
    rest = Math.floor(rest / 128)
  ) {
    bytes[bytes.length - 1] |= 0x80;
    bytes.push(rest & 0x7f);
  }
  return Buffer.from(bytes);
}
