import { InputError } from '@backstage/errors';

/** The forms in which SSH writes keys and signatures (RFC 4251 §5). */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function sshString(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** A positive number without leading zeros, but for one where it would seem negative. */
export function sshNumber(bytes: Buffer): Buffer {
  const start = bytes.findIndex(byte => byte !== 0);
  const digits = start < 0 ? Buffer.alloc(0) : bytes.subarray(start);
  return sshString(
    digits[0] >= 0x80 ? Buffer.concat([Buffer.alloc(1), digits]) : digits,
  );
}

/** Takes apart what {@link sshString} and {@link uint32} put together. */
export class SshReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  uint32(): number {
    return this.#take(4).readUInt32BE();
  }

  string(): Buffer {
    return this.#take(this.uint32());
  }

  text(): string {
    return this.string().toString('latin1');
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) {
      throw new InputError('ends too early; it may have been cut');
    }
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
