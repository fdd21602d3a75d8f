import { InputError } from '@backstage/errors';
import { isAlias, isCollection, isMap, isScalar, isSeq, visit } from 'yaml';
import type { Alias, Document, LineCounter, Node, Scalar, YAMLMap } from 'yaml';

/** How deep merges may refer to merges, and how many fields all of them may bring. */
const MAX_MERGE_DEPTH = 20;
const MAX_FIELDS = 100_000;

/** A key of a map and what stands there, aliases followed. */
export interface Field {
  key: string;
  /** Absent for a key without a value. */
  value?: Node;
  /** From 1. */
  line?: number;
}

/**
 * A YAML document with its lines, aliases and merge keys.
 *
 * The `yaml` package's own `toJS` knows no lines, follows merge keys without a limit,
 * and needs a tree walk for each alias.
 */
export class DefinitionDocument {
  readonly #targets = new Map<Alias, Node>();
  #fieldsLeft = MAX_FIELDS;
  /** The first alias that no anchor stands above. */
  unresolved: Alias | undefined;

  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;

  constructor(document: Document.Parsed, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;

    const anchors = new Map<string, Node>();
    visit(document, {
      Alias: (_, alias) => {
        const target = anchors.get(alias.source);
        if (target) {
          this.#targets.set(alias, target);
        } else {
          this.unresolved ??= alias;
        }
      },
      Value: (_, node) => {
        if (node.anchor) {
          anchors.set(node.anchor, node);
        }
      },
    });
  }

  get root(): Node | undefined {
    return this.resolve(this.#document.contents);
  }

  /** The node itself, or what its alias stands for; undefined for nothing and null. */
  resolve(node: unknown): Node | undefined {
    if (isAlias(node)) {
      return this.resolve(this.#targets.get(node));
    }
    if (isCollection(node)) {
      return node;
    }
    return isScalar(node) && !isNull(node) ? node : undefined;
  }

  /** The line that a node begins on, from 1. */
  lineOf(node: unknown): number | undefined {
    const range =
      isAlias(node) || isScalar(node) || isCollection(node)
        ? node.range
        : undefined;
    return range ? this.#lines.linePos(range[0]).line : undefined;
  }

  /**
   * All fields of a map, those of its merge keys included.
   *
   * @throws InputError for a duplicate key and for merges that bring too much
   */
  fieldsOf(map: YAMLMap): Map<string, Field> {
    return this.#collect(map, 0);
  }

  #collect(map: YAMLMap, depth: number): Map<string, Field> {
    if (depth > MAX_MERGE_DEPTH) {
      throw new InputError(
        'its merge keys (<<) refer to each other too deeply',
      );
    }
    const fields = new Map<string, Field>();
    const merged: unknown[] = [];
    for (const { key, value } of map.items) {
      this.#count();
      const name = textOf(this.resolve(key)) ?? '';
      const line = this.lineOf(key);
      if (name === '<<') {
        merged.push(value);
      } else if (fields.has(name)) {
        const first = fields.get(name)?.line;
        throw new InputError(
          `the key ${name} is there twice, on lines ${first} and ${line}`,
        );
      } else {
        fields.set(name, { key: name, value: this.resolve(value), line });
      }
    }
    for (const source of merged) {
      this.#merge(source, fields, depth);
    }
    return fields;
  }

  #merge(source: unknown, fields: Map<string, Field>, depth: number): void {
    const node = this.resolve(source);
    const maps = isSeq(node) ? node.items : [node];
    for (const item of maps) {
      const map = this.resolve(item);
      if (!isMap(map)) {
        throw new InputError('its merge key (<<) does not refer to a map');
      }
      for (const [name, field] of this.#collect(map, depth + 1)) {
        this.#count();
        if (!fields.has(name)) {
          fields.set(name, field);
        }
      }
    }
  }

  #count(): void {
    this.#fieldsLeft -= 1;
    if (this.#fieldsLeft < 0) {
      throw new InputError(
        `the merge keys (<<) of the file bring more than ${MAX_FIELDS} fields`,
      );
    }
  }
}

/** The text of a scalar as it is written, so that `1.20` keeps its zero. */
export function textOf(node: Node | undefined): string | undefined {
  return isScalar(node) ? String(node.value) : undefined;
}

function isNull(node: Scalar): boolean {
  // What begins with ! is read as a tag in front of nothing: no null, but a mistake.
  return (
    node.type === 'PLAIN' &&
    !node.tag &&
    /^(?:|~|null|Null|NULL)$/.test(String(node.value))
  );
}
