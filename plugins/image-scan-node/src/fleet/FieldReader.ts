import { toError } from '@backstage/errors';
import { isMap, isScalar, isSeq } from 'yaml';
import type { Node } from 'yaml';
import { textOf } from './DefinitionDocument';
import type { DefinitionDocument, Field } from './DefinitionDocument';
import type { DefinitionError } from './ImageScanDefinition';
import { isPrintable, printable, quote } from './printable';
import { suggest } from './suggest';

/** Fields by name. */
export type Fields = ReadonlyMap<string, Field>;

/** Where an entry stands. */
export interface EntryPlace {
  file?: string;
  /** From 0. */
  index: number;
  /** From 1. */
  line: number;
}

/** Enough to see what is wrong with a map. */
const MAX_UNKNOWN_KEYS = 10;

const NO_FIELDS: Fields = new Map();

/** Where a key that is written one or two levels too high belongs. */
const PLACES: ReadonlyMap<string, string> = new Map([
  ['semver', 'policy: {semver: {range: "^1.2"}}'],
  ['range', 'policy: {semver: {range: "^1.2"}}'],
  ['alphabetical', 'policy: {alphabetical: {order: desc}}'],
  ['order', 'policy: {alphabetical: {order: desc}}'],
  ['numerical', 'policy: {numerical: {order: asc}}'],
  ['newest', 'policy: {newest: {}}'],
  ['strict', 'policy: {semver: {range: "^1.2", strict: true}}'],
  ['maxStep', 'policy: {semver: {range: "^1.2", maxStep: minor}}'],
  [
    'filterTags',
    'filterTags: {pattern: "^v(.*)$", extract: "$1"} beside policy',
  ],
  ['pattern', 'filterTags: {pattern: "^v(.*)$", extract: "$1"} beside policy'],
  ['extract', 'filterTags: {pattern: "^v(.*)$", extract: "$1"} beside policy'],
  ['exclusionList', 'exclusionList: ["-debug$"] beside policy'],
  ['platforms', 'platforms: [linux/amd64, linux/arm64] beside policy'],
  ['minimumAge', 'minimumAge: 72h beside policy'],
]);

/** Tags that YAML gives to what is written without one, or with one that changes nothing. */
const PLAIN_TAGS = /^tag:yaml\.org,2002:(?:str|int|float|bool)$/;

/** Reads fields of one entry and collects an error for each that cannot be used. */
export class FieldReader {
  readonly errors: DefinitionError[] = [];
  /** Named in all errors once it is known. */
  tagName: string | undefined;
  /** Fields whose names are misspelt, so that nobody is told that they are missing. */
  readonly #misspelt = new Set<string>();

  readonly #document: DefinitionDocument;
  readonly #place: EntryPlace;

  constructor(document: DefinitionDocument, place: EntryPlace) {
    this.#document = document;
    this.#place = place;
  }

  optionalMap(
    field: Field | undefined,
    name: string,
    keys: readonly string[],
    example: string,
  ): Fields {
    const fields =
      field?.value && this.fieldsOf(field.value, name, example, field);
    if (!fields) {
      return NO_FIELDS;
    }
    this.checkKeys(fields, name, keys);
    return fields;
  }

  fieldsOf(
    node: Node | undefined,
    name: string,
    example: string,
    field?: Field,
  ): Fields | undefined {
    if (!isMap(node)) {
      // `tagName:web` is a text to YAML.
      const blank = /^[A-Za-z]+:\S/.test(textOf(node) ?? '');
      this.fail(
        name,
        `must be a map, such as ${example}${
          blank ? '; there must be a blank behind each colon' : ''
        }`,
        field,
      );
      return undefined;
    }
    return this.attempt(name, field, () => this.#document.fieldsOf(node));
  }

  /** Reports keys that are not known; before anything is reported as missing. */
  checkKeys(
    fields: Fields,
    name: string,
    keys: readonly string[],
    ignored: readonly string[] = [],
  ): void {
    const unknown = [...fields.values()].filter(
      ({ key }) => !keys.includes(key) && !ignored.includes(key),
    );
    for (const field of unknown.slice(0, MAX_UNKNOWN_KEYS)) {
      const meant = suggest(field.key, keys);
      const path = name ? `${name}.${field.key}` : field.key;
      const place = PLACES.get(field.key);
      let hint = '';
      if (meant) {
        this.#misspelt.add(name ? `${name}.${meant}` : meant);
        hint = `is ${meant} meant? `;
      } else if (place) {
        hint = `write it as in ${place}; `;
      }
      this.fail(
        path.slice(0, 100),
        `this key is unknown; ${hint}allowed here: ${keys.join(', ')}`,
        field,
      );
    }
  }

  /** Empty where it is missing, with an error. */
  requireText(field: Field | undefined, name: string, what: string): string {
    const errorsBefore = this.errors.length;
    const text = this.optionalText(field, name, what);
    if (
      !text &&
      this.errors.length === errorsBefore &&
      !this.#misspelt.has(name)
    ) {
      this.fail(name, `is missing; write ${what}`, field);
    }
    return text ?? '';
  }

  /**
   * @param what - is allowed, for the error
   * @returns without blanks and line breaks at its ends; undefined for none
   */
  optionalText(
    field: Field | undefined,
    name: string,
    what: string,
  ): string | undefined {
    return this.#readText(field, name, what, text => text.trim()) || undefined;
  }

  /**
   * A text in which each blank counts, such as a pattern.
   *
   * @param what - is allowed, for the error
   * @returns undefined for none; it may be empty
   */
  optionalExactText(
    field: Field | undefined,
    name: string,
    what: string,
  ): string | undefined {
    return this.#readText(field, name, what, text => text);
  }

  /**
   * The items of a list, each as a field of its own.
   *
   * @param most - items; with more none is read
   */
  optionalList(
    field: Field | undefined,
    name: string,
    example: string,
    most: number,
  ): Field[] {
    const list = field?.value;
    if (!list) {
      return [];
    }
    if (!isSeq(list)) {
      this.fail(name, `must be a list, such as ${example}`, field);
      return [];
    }
    if (list.items.length > most) {
      this.fail(
        name,
        `has ${list.items.length} items, and at most ${most} are allowed`,
        field,
      );
      return [];
    }
    return list.items.map((item, index) => ({
      key: `${name}[${index}]`,
      value: this.#document.resolve(item),
      line: this.#document.lineOf(item) ?? field.line,
    }));
  }

  /** All words of YAML 1.1 for true and false, which Fleet reads. */
  optionalBoolean(field: Field | undefined, name: string): boolean {
    const text = this.optionalText(field, name, 'true or false');
    if (text && !/^(?:true|yes|on|false|no|off)$/i.test(text)) {
      this.fail(
        name,
        `${quote(text)} is not allowed; write true or false`,
        field,
      );
    }
    return text !== undefined && /^(?:true|yes|on)$/i.test(text);
  }

  #readText(
    field: Field | undefined,
    name: string,
    what: string,
    clean: (text: string) => string,
  ): string | undefined {
    const node = field?.value;
    if (!node) {
      return undefined;
    }
    const written = textOf(node);
    if (written === undefined) {
      // `{{ .Values.tag }}` is a map in a map to YAML.
      const template = isMap(node) && isMap(node.items[0]?.key);
      this.fail(
        name,
        `must be ${what}, not a map or list${
          template ? '; templates are not filled in here' : ''
        }`,
        field,
      );
      return undefined;
    }
    if (isScalar(node) && node.tag && !PLAIN_TAGS.test(node.tag)) {
      this.fail(
        name,
        `YAML reads ${printable(
          node.tag.slice(0, 40),
        )} as a tag in front of the value; write the whole value in quotes`,
        field,
      );
      return undefined;
    }
    const text = clean(written);
    if (!isPrintable(text)) {
      this.fail(
        name,
        'has a line break or control character in it; write it on one line',
        field,
      );
      return undefined;
    }
    return text;
  }

  attempt<T>(
    name: string,
    field: Field | undefined,
    read: () => T,
  ): T | undefined {
    try {
      return read();
    } catch (error) {
      this.fail(name, toError(error).message, field);
      return undefined;
    }
  }

  fail(name: string, reason: string, field?: Field): void {
    const { file, index } = this.#place;
    const line = field?.line ?? this.#place.line;
    const place = [
      ...(file === undefined ? [] : [`${file}:`]),
      `imageScans[${index}]`,
      ...(this.tagName ? [`(${printable(this.tagName.slice(0, 100))})`] : []),
      `on line ${line}`,
    ].join(' ');
    this.errors.push({
      ...(file !== undefined && { file }),
      line,
      entry: index,
      ...(this.tagName && { tagName: this.tagName }),
      ...(name && { field: name }),
      message: `${place}${name ? `, ${printable(name)}` : ''}: ${reason}`,
    });
  }
}
