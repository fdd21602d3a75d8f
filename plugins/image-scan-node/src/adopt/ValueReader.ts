import type { ManifestText } from '../markers/manifestText';
import { readScalar } from '../markers/scalarText';
import { isUnset, readImage, readTag } from './imageText';
import type { ImageText } from './imageText';
import type { Value } from './tree';

/** Longer values are no images, whatever they go on with. */
const MAX_VALUE_BYTES = 4096;

/** Reads what the values of a manifest say of images. */
export class ValueReader {
  readonly #manifest: ManifestText;

  constructor(manifest: ManifestText) {
    this.#manifest = manifest;
  }

  /** The text of a value; undefined for one that is too long to be an image. */
  textOf({ kind, start, end, style }: Value): string | undefined {
    if (kind !== 'scalar' || end - start > MAX_VALUE_BYTES) {
      return undefined;
    }
    return readScalar(
      Buffer.from(this.rawOf({ start, end }), 'latin1').toString(),
      style,
    );
  }

  /** Its bytes, quotes included. */
  rawOf({ start, end }: Pick<Value, 'start' | 'end'>): string {
    return this.#manifest.raw.slice(start, end);
  }

  /** The text at a key; empty where there is none. */
  textAt(values: ReadonlyMap<string, Value>, key: string): string {
    const value = values.get(key);
    return (value && this.textOf(value)) ?? '';
  }

  /** Whether nothing is set there: no value, an empty one or null. */
  isUnset(value: Value): boolean {
    return (
      value.kind === 'empty' ||
      (value.kind === 'scalar' && isUnset(this.textOf(value) ?? ' '))
    );
  }

  readImage(value: Value): ImageText {
    return this.#unreadable(value) ?? readImage(this.textOf(value) ?? ' ');
  }

  readTag(value: Value): ImageText {
    return (
      this.#unreadable(value) ??
      readTag(value.kind === 'empty' ? '' : this.textOf(value) ?? ' ')
    );
  }

  /** Why the text of a value says nothing. */
  #unreadable({
    kind,
    touchesTemplate,
    tag,
    isMultiLine,
  }: Value): ImageText | undefined {
    if (kind === 'alias') {
      return { reason: 'alias' };
    }
    if (kind === 'block' || (isMultiLine && kind === 'scalar')) {
      return { reason: touchesTemplate ? 'template' : 'embedded-text' };
    }
    if (touchesTemplate) {
      return { reason: 'template' };
    }
    // Whoever knows a tag of their own puts something else there.
    return tag && !/^!(?:!str$|<tag:yaml\.org,2002:str>$|$)/.test(tag)
      ? { reason: 'substitution' }
      : undefined;
  }
}
