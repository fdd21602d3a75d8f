/** Small pieces are copied together into blocks of this size, or less for a short body. */
const BLOCK_BYTES = 64 * 1024;

/**
 * Collects a body. A server that sends it byte by byte makes millions of pieces,
 * each of which costs a hundred times its content; so small ones are not kept.
 */
export class PieceList {
  size = 0;
  readonly #pieces: Buffer[] = [];
  #block = Buffer.alloc(0);
  #filled = 0;

  add(piece: Buffer): void {
    this.size += piece.length;
    if (piece.length >= BLOCK_BYTES / 4) {
      this.#endBlock();
      this.#pieces.push(piece);
      return;
    }
    if (this.#filled + piece.length > this.#block.length) {
      this.#endBlock();
      const wanted = Math.min(Math.max(this.size, 1024), BLOCK_BYTES);
      this.#block = Buffer.allocUnsafe(Math.max(piece.length, wanted));
    }
    piece.copy(this.#block, this.#filled);
    this.#filled += piece.length;
  }

  join(): Buffer {
    this.#endBlock();
    return Buffer.concat(this.#pieces, this.size);
  }

  #endBlock(): void {
    if (this.#filled > 0) {
      this.#pieces.push(this.#block.subarray(0, this.#filled));
      this.#block = this.#block.subarray(this.#filled);
      this.#filled = 0;
    }
  }
}
