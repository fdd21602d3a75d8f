import type { TokenKind } from './TokenReader';

type Level = 'map-key' | 'map-value' | 'seq-item' | 'seq-key' | 'seq-value';

/** Follows where in nested flow collections, `{ }` and `[ ]`, the tokens stand. */
export class FlowContext {
  readonly #levels: Level[] = [];

  get inside(): boolean {
    return this.#levels.length > 0;
  }

  /** Whether a scalar that comes next is a key, be it one without a value. */
  get atKey(): boolean {
    const level = this.#levels[this.#levels.length - 1];
    return level === 'map-key' || level === 'seq-key';
  }

  read(kind: TokenKind): void {
    switch (kind) {
      case 'flow-map-start':
        this.#levels.push('map-key');
        break;
      case 'flow-seq-start':
        this.#levels.push('seq-item');
        break;
      case 'flow-map-end':
      case 'flow-seq-end':
        this.#levels.pop();
        break;
      case 'flow-error-end':
        this.#levels.length = 0;
        break;
      case 'explicit-key-ind':
        this.#become('map-key', 'seq-key');
        break;
      case 'map-value-ind':
        this.#become('map-value', 'seq-value');
        break;
      case 'comma':
        this.#become('map-key', 'seq-item');
        break;
      default:
    }
  }

  #become(inMap: Level, inSequence: Level): void {
    const top = this.#levels.length - 1;
    if (top >= 0) {
      this.#levels[top] = this.#levels[top].startsWith('map')
        ? inMap
        : inSequence;
    }
  }
}
