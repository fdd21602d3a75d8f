/** Lets so many work at the same time; the others wait in the order they came. */
export class Places {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(places: number) {
    this.#free = places;
  }

  /** @returns gives the place back; rejects with the reason of the signal */
  async enter(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
    } else {
      await this.#wait(signal);
    }
    return () => this.#leave();
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    let go = () => {};
    let giveUp = (_reason: unknown) => {};
    const turn = new Promise<void>((resolve, reject) => {
      go = resolve;
      giveUp = reject;
    });
    const onAbort = () => {
      this.#waiting.splice(this.#waiting.indexOf(go), 1);
      giveUp(signal?.reason);
    };
    this.#waiting.push(go);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await turn;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) {
      next();
    } else {
      this.#free += 1;
    }
  }
}
