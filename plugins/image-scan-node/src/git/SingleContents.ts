/** As many snapshots at most go by before single contents are asked for again. */
const LONGEST_REST = 64;

/**
 * Whether a server that offers to leave out contents gives them away afterwards,
 * as far as it has shown.
 *
 * Some never do, and each question costs a request. Others refuse once, because
 * what answers lags behind or the branch was thrown away meanwhile: to fetch
 * everything for ever after that would cost far more. So the question is put
 * again after one snapshot, and after twice as many with each refusal in a row.
 */
export class SingleContents {
  #isProven = false;
  #refusals = 0;
  #rest = 0;

  /** Whether the server has given what it was asked for last. */
  get isProven(): boolean {
    return this.#isProven;
  }

  /** Whether the next snapshot asks for single contents; counts the snapshot. */
  next(): boolean {
    if (this.#rest === 0) {
      return true;
    }
    this.#rest -= 1;
    return false;
  }

  /** What was asked for came. */
  given(): void {
    this.#isProven = true;
    this.#refusals = 0;
  }

  /** It did not come. */
  refused(): void {
    this.#isProven = false;
    this.#rest = Math.min(2 ** this.#refusals, LONGEST_REST);
    this.#refusals += 1;
  }
}
