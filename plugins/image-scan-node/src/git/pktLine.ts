import { BrokenAnswerError } from './errors';

/**
 * One packet of git's wire format: a line of data, or one of the marks that
 * stand between lines (`flush` 0000, `delimiter` 0001, `end` 0002).
 */
export type Packet =
  | { kind: 'data'; data: Buffer }
  | { kind: 'flush' }
  | { kind: 'delimiter' }
  | { kind: 'end' }
  /** All the rest, where a pack is sent as it is. */
  | { kind: 'pack'; data: Buffer };

export const flushPacket = Buffer.from('0000');
export const delimiterPacket = Buffer.from('0001');

const marks = ['flush', 'delimiter', 'end'] as const;

/** A line of data as a packet. */
export function packet(line: string): Buffer {
  return framed(Buffer.from(line));
}

/** Bytes as a packet. */
export function framed(data: Buffer): Buffer {
  const length = (data.length + 4).toString(16).padStart(4, '0');
  return Buffer.concat([Buffer.from(length), data]);
}

/**
 * Takes an answer apart.
 *
 * @param remote - names the remote in errors
 * @throws GitUnreachableError - bytes that are no packets, or an end inside one
 */
export function* readPackets(
  answer: Buffer,
  remote: string,
): Generator<Packet> {
  let offset = 0;
  while (offset < answer.length) {
    const digits = answer.toString('latin1', offset, offset + 4);
    if (digits === 'PACK') {
      yield { kind: 'pack', data: answer.subarray(offset) };
      return;
    }
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
      throw digits.length < 4
        ? cutShort(remote)
        : new BrokenAnswerError(
            `${remote} gave an answer that is not git's protocol`,
          );
    }
    const length = parseInt(digits, 16);
    if (length < marks.length) {
      yield { kind: marks[length] };
      offset += 4;
    } else if (length === 3) {
      throw new BrokenAnswerError(
        `${remote} gave an answer that is not git's protocol`,
      );
    } else if (offset + length > answer.length) {
      throw cutShort(remote);
    } else {
      yield {
        kind: 'data',
        data: answer.subarray(offset + 4, offset + length),
      };
      offset += length;
    }
  }
}

/** The text of a line, without the line break that it may end with. */
export function lineText(data: Buffer): string {
  return data.toString().replace(/\n$/, '');
}

/** An answer that ends before it is complete. */
export function cutShort(remote: string): BrokenAnswerError {
  return new BrokenAnswerError(
    `${remote} broke off its answer; it is tried again`,
  );
}
