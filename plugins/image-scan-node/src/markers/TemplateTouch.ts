import type { ManifestText } from './manifestText';

/** Tells which values hold or touch a template action, for growing offsets. */
export class TemplateTouch {
  readonly #manifest: Pick<ManifestText, 'raw' | 'masks'>;
  /** The first mask that the next value may touch. */
  #next = 0;

  constructor(manifest: Pick<ManifestText, 'raw' | 'masks'>) {
    this.#manifest = manifest;
  }

  touches(start: number, end: number): boolean {
    const { masks, raw } = this.#manifest;
    while (this.#next < masks.length && masks[this.#next].end < start) {
      this.#next += 1;
    }
    const mask = masks[this.#next];
    // Actions over several lines are not masked.
    const around = raw.slice(Math.max(0, start - 2), end + 2);
    return (
      (mask !== undefined && mask.start <= end) ||
      around.includes('{{') ||
      around.includes('}}')
    );
  }
}
