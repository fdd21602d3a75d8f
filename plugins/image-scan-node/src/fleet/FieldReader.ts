import { toError } from '@backstage/errors';
import { isMap } from 'yaml';
import type { Node } from 'yaml';
import { textOf } from './DefinitionDocument';
import type { DefinitionDocument, Field } from './DefinitionDocument';
import type { DefinitionError } from './imageScans';
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

/** Reads fields of one entry and collects an error for each that cannot be used. */
export class FieldReader {
  readonly errors: DefinitionError[] = [];
  /** Named in all errors once it is known. */
  tagName: string | undefined;

  constructor(
    private readonly document: DefinitionDocument,
    private readonly place: EntryPlace,
  ) {}

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
      this.fail(name, `must be a map, such as ${example}`, field);
      return undefined;
    }
    return this.attempt(name, field, () => this.document.fieldsOf(node));
  }

  checkKeys(fields: Fields, name: string, keys: readonly string[]): void {
    const unknown = [...fields.values()].filter(
      ({ key }) => !keys.includes(key),
    );
    for (const field of unknown.slice(0, MAX_UNKNOWN_KEYS)) {
      const meant = suggest(field.key, keys);
      const path = name ? `${name}.${field.key}` : field.key;
      this.fail(
        path.slice(0, 100),
        meant
          ? `this key is unknown; is ${meant} meant?`
          : `this key is unknown; allowed are ${keys.join(', ')}`,
        field,
      );
    }
  }

  /** Empty where it is missing, with an error. */
  requireText(field: Field | undefined, name: string, what: string): string {
    const errorsBefore = this.errors.length;
    const text = this.optionalText(field, name);
    if (!text && this.errors.length === errorsBefore) {
      this.fail(name, `is missing; write ${what}`, field);
    }
    return text ?? '';
  }

  optionalText(field: Field | undefined, name: string): string | undefined {
    if (!field?.value) {
      return undefined;
    }
    const text = textOf(field.value);
    if (text === undefined) {
      this.fail(name, 'must be a text, not a map or list', field);
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
    const { file, index } = this.place;
    const line = field?.line ?? this.place.line;
    const place = [
      ...(file === undefined ? [] : [`${file}:`]),
      `imageScans[${index}]`,
      ...(this.tagName ? [`(${this.tagName.slice(0, 100)})`] : []),
      `on line ${line}`,
    ].join(' ');
    this.errors.push({
      ...(file !== undefined && { file }),
      line,
      entry: index,
      ...(this.tagName && { tagName: this.tagName }),
      ...(name && { field: name }),
      message: `${place}${name ? `, ${name}` : ''}: ${reason}`,
    });
  }
}
