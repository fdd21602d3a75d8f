import { runAtOnce } from '../inTurns';
import type { PausingWork } from '../inTurns';
import { DamagedPackError } from './PackFile';

/** Instructions, and copied bytes, between two pauses: about a millisecond each. */
const INSTRUCTIONS_AT_ONCE = 10_000;
const BYTES_AT_ONCE = 4 * 1024 * 1024;

/** The two lengths that a delta begins with, in bytes. */
export interface DeltaHeader {
  baseSize: number;
  resultSize: number;
  /** Where the instructions begin. */
  offset: number;
}

export function readDeltaHeader(delta: Buffer): DeltaHeader {
  const base = readSize(delta, 0);
  const result = readSize(delta, base.offset);
  return {
    baseSize: base.size,
    resultSize: result.size,
    offset: result.offset,
  };
}

/**
 * Makes an object from another one and git's list of differences: instructions
 * that copy a stretch of the base (top bit set; the other bits say which bytes of
 * its offset and length follow) or take the bytes that follow.
 *
 * @throws DamagedPackError
 */
export function applyDelta(base: Buffer, delta: Buffer): Buffer {
  return runAtOnce(applyDeltaInTurns(base, delta));
}

/** {@link applyDelta}, with pauses. */
export function* applyDeltaInTurns(
  base: Buffer,
  delta: Buffer,
): PausingWork<Buffer> {
  const { baseSize, resultSize, offset } = readDeltaHeader(delta);
  if (baseSize !== base.length) {
    throw new DamagedPackError('The delta is for another base');
  }
  const result = Buffer.allocUnsafe(resultSize);
  let from = offset;
  let to = 0;
  let instructions = 0;
  let pauseAt = BYTES_AT_ONCE;
  while (from < delta.length) {
    instructions += 1;
    if (instructions % INSTRUCTIONS_AT_ONCE === 0 || to >= pauseAt) {
      pauseAt = to + BYTES_AT_ONCE;
      yield;
    }
    const instruction = delta[from];
    from += 1;
    if (instruction & 0x80) {
      let start = 0;
      let length = 0;
      for (let bit = 0; bit < 4; bit += 1) {
        if (instruction & (1 << bit)) {
          start += byteAt(delta, from) * 2 ** (8 * bit);
          from += 1;
        }
      }
      for (let bit = 0; bit < 3; bit += 1) {
        if (instruction & (0x10 << bit)) {
          length += byteAt(delta, from) * 2 ** (8 * bit);
          from += 1;
        }
      }
      length ||= 0x10000;
      if (start + length > base.length || to + length > resultSize) {
        throw new DamagedPackError('The delta copies more than there is');
      }
      copyBytes(base, start, result, to, length);
      to += length;
    } else if (instruction > 0) {
      if (from + instruction > delta.length || to + instruction > resultSize) {
        throw new DamagedPackError('The delta ends in the middle');
      }
      copyBytes(delta, from, result, to, instruction);
      from += instruction;
      to += instruction;
    } else {
      throw new DamagedPackError('The delta has an instruction 0');
    }
  }
  if (to !== resultSize) {
    throw new DamagedPackError('The delta makes less than it says');
  }
  return result;
}

/** A call out of the engine costs more than a few bytes by hand. */
function copyBytes(
  source: Buffer,
  from: number,
  target: Buffer,
  to: number,
  length: number,
): void {
  if (length > 32) {
    source.copy(target, to, from, from + length);
    return;
  }
  for (let index = 0; index < length; index += 1) {
    target[to + index] = source[from + index];
  }
}

/** Seven bits a byte, the lowest first; the top bit says that more follows. */
function readSize(
  delta: Buffer,
  start: number,
): { size: number; offset: number } {
  let size = 0;
  let offset = start;
  for (let factor = 1; ; factor *= 128) {
    const byte = byteAt(delta, offset);
    offset += 1;
    size += (byte & 0x7f) * factor;
    if (!Number.isSafeInteger(size)) {
      throw new DamagedPackError('The delta has an impossible size');
    }
    if (byte < 0x80) {
      return { size, offset };
    }
  }
}

function byteAt(delta: Buffer, offset: number): number {
  if (offset >= delta.length) {
    throw new DamagedPackError('The delta ends in the middle');
  }
  return delta[offset];
}
