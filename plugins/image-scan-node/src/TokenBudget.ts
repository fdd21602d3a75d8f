/**
 * How many tokens of YAML (names, values, signs, line ends) the files of a repository
 * may have: to read them costs by the token, half a microsecond and more, and a file
 * of a few KiB in a pack can have millions. Each file has some of its own, so that
 * honest files pass however many they are; what is above that is shared.
 *
 * @public
 */
export class TokenBudget {
  readonly #ofFile: number;
  #left: number;

  constructor(shared: number, ofFile: number) {
    this.#left = shared;
    this.#ofFile = ofFile;
  }

  /** What the next file may have. */
  get allowed(): number {
    return this.#ofFile + this.#left;
  }

  /** Takes away what a file has had above its own. */
  spend(tokens: number): void {
    this.#left = Math.max(0, this.#left - Math.max(0, tokens - this.#ofFile));
  }
}
