import { namesRegistry, readImage } from './imageText';
import type { Condition, FoundImages } from './FoundImages';
import type { Level, Value } from './tree';
import type { UnwatchedShape } from './types';
import type { ValueReader } from './ValueReader';

const EMBEDDED_IMAGE = /^[ \t]*(?:- +)?image:[ \t]+[^ \t\r\n]/m;
const EMBEDDED_REPOSITORY = /^[ \t]*(?:- +)?repository:[ \t]+[^ \t\r\n]/m;
const EMBEDDED_TAG = /^[ \t]*(?:- +)?tag:[ \t]+[^ \t\r\n]/m;

/** Finds values that say themselves that they are images, wherever they stand. */
export class SingleImages {
  readonly #values: ValueReader;
  readonly #found: FoundImages;

  constructor(values: ValueReader, found: FoundImages) {
    this.#values = values;
    this.#found = found;
  }

  /** A text in a block that looks like a manifest. */
  readBlock(value: Value, top: Level): void {
    if (top.isMap && top.key === 'image') {
      return;
    }
    const text = this.#values.rawOf(value);
    if (
      EMBEDDED_IMAGE.test(text) ||
      (EMBEDDED_REPOSITORY.test(text) && EMBEDDED_TAG.test(text))
    ) {
      this.#found.add({
        shape: 'embedded',
        value,
        isTag: false,
        reason: 'embedded-text',
      });
    }
  }

  /** A value that is an image only if it says so itself, with a registry and a tag. */
  #addNamed(
    value: Value,
    shape: UnwatchedShape,
    condition: Condition,
    isNamed = false,
  ): void {
    const read = this.#values.readImage(value);
    if (
      read.image &&
      (read.tag || read.digest) &&
      (isNamed || namesRegistry(read.image))
    ) {
      this.#found.add({ shape, value, isTag: false, ...read, condition });
    }
  }

  /** An item of a list. */
  readItem(value: Value, levels: readonly Level[]): void {
    const list = levels[levels.length - 1];
    const key = levels[levels.length - 2]?.key;
    const isArgument = key === 'args' || key === 'command';
    const text = this.#values.textOf(value) ?? '';
    const equals = text.indexOf('=');
    const before = text.slice(0, equals);
    if (equals > 0 && /^[\w.-]+$/.test(before)) {
      this.#readJoined(value, before, text.slice(equals + 1), key);
      return;
    }
    const flag =
      isArgument && list.lastItem && this.#values.textOf(list.lastItem);
    const isNamed = /^-.*image[^=]*$/i.test(flag || '');
    this.#addNamed(value, isArgument ? 'arg' : 'list', 'list', isNamed);
  }

  /** `--x-image=acme/x:1.0` and `X_IMAGE=acme/x:1.0`. */
  #readJoined(
    value: Value,
    name: string,
    text: string,
    key: string | undefined,
  ): void {
    const { image, tag } = readImage(text);
    if (image && tag && (/image/i.test(name) || namesRegistry(image))) {
      const isLiteral = key === 'literals';
      const shape = name.startsWith('-') ? 'arg' : 'env';
      this.#found.add({
        shape: isLiteral ? 'literal' : shape,
        value,
        isTag: false,
        image,
        tag,
        reason: 'joined',
        condition: isLiteral ? 'kustomization' : 'list',
      });
    }
  }

  /** A variable of a container. */
  readVariable(values: ReadonlyMap<string, Value>): void {
    const value = values.get('value');
    if (!value || !/image/i.test(this.#values.textAt(values, 'name'))) {
      return;
    }
    const read = this.#values.readImage(value);
    if (read.image && (read.tag || read.digest)) {
      this.#found.add({ shape: 'env', value, isTag: false, ...read });
    }
  }

  /** A value behind a key that ends in `Image`, or in the data of a ConfigMap. */
  readEntry(value: Value, key: string, levels: readonly Level[]): void {
    if (/.Image$/.test(key)) {
      const read = this.#values.readImage(value);
      if (read.image && (read.tag || read.digest)) {
        this.#found.add({
          shape: 'values-image',
          value,
          isTag: false,
          ...read,
          condition: 'crd-or-values',
        });
      }
    } else if (levels.length === 2 && levels[0].key === 'data') {
      this.#addNamed(value, 'configmap', 'configmap');
    }
  }
}
